/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CRC-32C with the processor's instruction where there is one, with libext2fs where there is none.
 */
#include "ldiskfs/crc32c.h"

#include <ext2fs/ext2_fs.h>
#include <ext2fs/ext2fs.h>

#include "base/bytes.h"

uint32_t hs_crc32c_plain(uint32_t crc, const void *buf, size_t len)
{
	return ext2fs_crc32c_le(crc, buf, len);
}

#if defined(__x86_64__)

#include <immintrin.h>

#define CRC_TARGET __attribute__((target("sse4.2,pclmul")))

/*
 * The instruction takes three cycles and a new one can begin in each, so that three streams side by
 * side are nearly three times as fast as one. The checksum of a stream is then carried over the
 * bytes that follow it: multiplied by x^(8 * bytes). A product of two reflected polynomials, given
 * to the instruction as data, comes out multiplied by x^33; the constants make up for that.
 */
struct streams {
	size_t bytes;		 /* of one stream, a multiple of 8 */
	uint32_t over_1, over_2; /* x^(8 * bytes - 33), x^(16 * bytes - 33), reflected */
};

static const struct streams wide = {256, 0xb9e02b86u, 0xdd7e3b0cu};
static const struct streams narrow = {64, 0x9e4addf8u, 0x0d3b6092u};

CRC_TARGET static inline uint32_t carry_over(uint32_t crc, uint32_t constant)
{
	__m128i product = _mm_clmulepi64_si128(_mm_cvtsi32_si128((int)crc),
					       _mm_cvtsi32_si128((int)constant), 0);

	return (uint32_t)_mm_crc32_u64(0, (uint64_t)_mm_cvtsi128_si64(product));
}

/* Three streams from p on. */
CRC_TARGET static inline uint32_t crc_streams(uint32_t crc, const uint8_t *p,
					      const struct streams *s)
{
	uint64_t a = crc, b = 0, c = 0;

	for (size_t i = 0; i < s->bytes; i += 8) {
		a = _mm_crc32_u64(a, hs_get_le64(p + i));
		b = _mm_crc32_u64(b, hs_get_le64(p + s->bytes + i));
		c = _mm_crc32_u64(c, hs_get_le64(p + 2 * s->bytes + i));
	}
	return carry_over((uint32_t)a, s->over_2) ^ carry_over((uint32_t)b, s->over_1) ^
	       (uint32_t)c;
}

CRC_TARGET static uint32_t crc32c_sse42(uint32_t crc, const void *buf, size_t len)
{
	const uint8_t *p = buf;
	uint64_t c;

	for (; len >= 3 * wide.bytes; len -= 3 * wide.bytes, p += 3 * wide.bytes)
		crc = crc_streams(crc, p, &wide);
	for (; len >= 3 * narrow.bytes; len -= 3 * narrow.bytes, p += 3 * narrow.bytes)
		crc = crc_streams(crc, p, &narrow);
	c = crc;
	for (; len >= 8; len -= 8, p += 8)
		c = _mm_crc32_u64(c, hs_get_le64(p));
	crc = (uint32_t)c;
	for (; len; len--, p++)
		crc = _mm_crc32_u8(crc, *p);
	return crc;
}

hs_crc32c_fn *hs_crc32c_best(void)
{
	return __builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("pclmul")
		       ? crc32c_sse42
		       : hs_crc32c_plain;
}

#else

hs_crc32c_fn *hs_crc32c_best(void)
{
	return hs_crc32c_plain;
}

#endif
