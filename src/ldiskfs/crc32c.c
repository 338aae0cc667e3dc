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

__attribute__((target("sse4.2"))) static uint32_t crc32c_sse42(uint32_t crc, const void *buf,
							       size_t len)
{
	const uint8_t *p = buf;
	uint64_t c = crc;

	for (; len >= 8; len -= 8, p += 8)
		c = __builtin_ia32_crc32di(c, hs_get_le64(p));
	crc = (uint32_t)c;
	for (; len; len--, p++)
		crc = __builtin_ia32_crc32qi(crc, *p);
	return crc;
}

hs_crc32c_fn *hs_crc32c_best(void)
{
	return __builtin_cpu_supports("sse4.2") ? crc32c_sse42 : hs_crc32c_plain;
}

#else

hs_crc32c_fn *hs_crc32c_best(void)
{
	return hs_crc32c_plain;
}

#endif
