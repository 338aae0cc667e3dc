/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Directory hashes. Half MD4, which is what everyone uses, is computed here: it is needed for every
 * name of every hashed directory, and a name of up to 32 bytes takes one turn of the function. The
 * others are left to libext2fs.
 */
#include "ldiskfs/dirhash.h"

#include <ext2fs/ext2_fs.h>
#include <ext2fs/ext2fs.h>

#include "base/bytes.h"

#define HASH_END 0xfffffffeu /* means the end of a directory to readers, so no name may have it */

enum {
	HALF_MD4 = 1,
	UNSIGNED = 3, /* added to a version */
	TURN = 32,    /* bytes of a name in one turn of half MD4 */
};

/* Entries hashed side by side; the compiler uses what vector registers there are. */
#define LANES 8
typedef uint32_t lanes_t __attribute__((vector_size(4 * LANES)));

/*
 * MD4 (RFC 1320) with half of the steps: two passes over (a, b, c, d) in each of three rounds.
 * Macros, because they serve single words and vectors of them.
 */
#define CHOOSE(x, y, z)	  ((z) ^ ((x) & ((y) ^ (z))))
#define MAJORITY(x, y, z) (((x) & (y)) + (((x) ^ (y)) & (z)))
#define PARITY(x, y, z)	  ((x) ^ (y) ^ (z))

#define STEP(f, a, b, c, d, x, s)                                                                  \
	do {                                                                                       \
		(a) += f(b, c, d) + (x);                                                           \
		(a) = (a) << (s) | (a) >> (32 - (s));                                              \
	} while (0)

#define ROUND(f, k, s0, s1, s2, s3, i0, i1, i2, i3, i4, i5, i6, i7)                                \
	do {                                                                                       \
		STEP(f, a, b, c, d, in[i0] + (k), s0);                                             \
		STEP(f, d, a, b, c, in[i1] + (k), s1);                                             \
		STEP(f, c, d, a, b, in[i2] + (k), s2);                                             \
		STEP(f, b, c, d, a, in[i3] + (k), s3);                                             \
		STEP(f, a, b, c, d, in[i4] + (k), s0);                                             \
		STEP(f, d, a, b, c, in[i5] + (k), s1);                                             \
		STEP(f, c, d, a, b, in[i6] + (k), s2);                                             \
		STEP(f, b, c, d, a, in[i7] + (k), s3);                                             \
	} while (0)

#define HALF_MD4_TURN()                                                                            \
	do {                                                                                       \
		ROUND(CHOOSE, 0u, 3, 7, 11, 19, 0, 1, 2, 3, 4, 5, 6, 7);                           \
		ROUND(MAJORITY, 0x5a827999u, 3, 5, 9, 13, 1, 3, 5, 7, 0, 2, 4, 6);                 \
		ROUND(PARITY, 0x6ed9eba1u, 3, 9, 11, 15, 3, 7, 2, 6, 1, 5, 0, 4);                  \
	} while (0)

static void half_md4(uint32_t state[4], const uint32_t in[8])
{
	uint32_t a = state[0], b = state[1], c = state[2], d = state[3];

	HALF_MD4_TURN();
	state[0] += a;
	state[1] += b;
	state[2] += c;
	state[3] += d;
}

/*
 * The vector code below exists once as text and twice as machine code: for the build's own target,
 * and for AVX2, with half as many instructions, where the processor has it.
 */
#define FOR_ANY_TARGET static inline __attribute__((always_inline))

/* `mask` has all bits set in the lanes that take part. */
FOR_ANY_TARGET void half_md4_lanes(lanes_t state[4], const lanes_t in[8], const lanes_t *mask)
{
	lanes_t a = state[0], b = state[1], c = state[2], d = state[3];

	HALF_MD4_TURN();
	state[0] += a & *mask;
	state[1] += b & *mask;
	state[2] += c & *mask;
	state[3] += d & *mask;
}

/* Bytes above 127 count as negative in the signed form, which carries into the bytes before. */
static uint32_t fold(uint32_t word, const uint8_t *p, size_t n, int is_unsigned)
{
	for (size_t i = 0; i < n; i++)
		word = (word << 8) + (is_unsigned ? p[i] : (uint32_t)(int32_t)(int8_t)p[i]);
	return word;
}

/* One turn's input: the bytes in big-endian words, the rest filled up with the length that is left.
 */
static void load_words(const uint8_t *p, size_t len, int is_unsigned, uint32_t in[8])
{
	uint32_t pad = (uint32_t)len | (uint32_t)len << 8;
	size_t n = len < TURN ? len : TURN;
	size_t i = 0;

	pad |= pad << 16;
	for (; n >= 4; n -= 4, p += 4) {
		uint32_t word = hs_get_be32(p);

		if (!is_unsigned && (word & 0x80808080u))
			word = fold(0, p, 4, 0);
		in[i++] = word;
	}
	if (n)
		in[i++] = fold(pad, p, n, is_unsigned);
	while (i < 8)
		in[i++] = pad;
}

/* The state a hash begins with: the file system's seed, or MD4's own if that is zero. */
static void half_md4_start(const uint8_t seed[16], uint32_t state[4])
{
	static const uint32_t plain[4] = {0x67452301u, 0xefcdab89u, 0x98badcfeu, 0x10325476u};
	uint32_t any = 0;

	for (size_t i = 0; i < 4; i++)
		any |= state[i] = hs_get_le32(seed + 4 * i);
	for (size_t i = 0; !any && i < 4; i++)
		state[i] = plain[i];
}

static inline uint64_t join(uint32_t major, uint32_t minor)
{
	major &= ~1u;
	if (major == HASH_END)
		major -= 2;
	return (uint64_t)major << 32 | minor;
}

static uint64_t other_hash(uint8_t version, const uint8_t seed[16], const uint8_t *name, size_t len)
{
	ext2_dirhash_t major = 0, minor = 0;
	__u32 words[4];

	for (size_t i = 0; i < 4; i++)
		words[i] = hs_get_le32(seed + 4 * i);
	if (ext2fs_dirhash(version, (const char *)name, (int)len, words, &major, &minor))
		return 0;
	return join(major, minor);
}

uint64_t hs_dirhash(uint8_t version, const uint8_t seed[16], const uint8_t *name, size_t len)
{
	uint32_t state[4], in[8];

	if (version % UNSIGNED != HALF_MD4)
		return other_hash(version, seed, name, len);
	half_md4_start(seed, state);
	for (size_t done = 0; done < len; done += TURN) {
		load_words(name + done, len - done, version >= UNSIGNED, in);
		half_md4(state, in);
	}
	return join(state[1], state[2]);
}

/*
 * load_words() for one lane, whose words are all padding so far. Names lie in records, so that
 * their last word can be read whole.
 */
FOR_ANY_TARGET void load_lane(const uint8_t *p, uint32_t len, int is_unsigned, lanes_t in[8],
			      unsigned lane)
{
	uint32_t pad = len * 0x01010101u;
	uint32_t n = len < TURN ? len : TURN, i = 0;

	for (; n >= 4; n -= 4, p += 4) {
		uint32_t word = hs_get_be32(p);

		if (!is_unsigned && (word & 0x80808080u))
			word = fold(0, p, 4, 0);
		in[i++][lane] = word;
	}
	if (n) {
		uint32_t word = pad << 8 * n | hs_get_be32(p) >> (32 - 8 * n);

		if (!is_unsigned && (word & 0x80808080u))
			word = fold(pad, p, n, 0);
		in[i][lane] = word;
	}
}

/* Up to LANES entries. */
FOR_ANY_TARGET void half_md4_entries(int is_unsigned, const uint32_t start[4], const uint8_t *block,
				     const uint16_t *offsets, size_t n, uint64_t *out)
{
	lanes_t state[4], in[8], mask;
	uint32_t longest = 0;

	for (size_t i = 0; i < 4; i++)
		state[i] = (lanes_t){0} + start[i];
	for (size_t k = 0; k < n; k++)
		if (block[offsets[k] + 6] > longest)
			longest = block[offsets[k] + 6];
	for (uint32_t done = 0; done < longest; done += TURN) {
		lanes_t left = {0};

		for (unsigned k = 0; k < n; k++)
			if (block[offsets[k] + 6] > done)
				left[k] = block[offsets[k] + 6] - done;
		mask = (lanes_t)(left != 0);
		for (unsigned i = 0; i < 8; i++)
			in[i] = left * 0x01010101u;
		for (unsigned k = 0; k < n; k++)
			if (left[k])
				load_lane(block + offsets[k] + 8 + done, left[k], is_unsigned, in,
					  k);
		half_md4_lanes(state, in, &mask);
	}
	for (unsigned k = 0; k < n; k++)
		out[k] = join(state[1][k], state[2][k]);
}

FOR_ANY_TARGET void hash_block(uint8_t version, const uint8_t seed[16], const uint8_t *block,
			       const uint16_t *offsets, size_t n, uint64_t *out)
{
	uint32_t start[4];

	if (version % UNSIGNED != HALF_MD4) {
		for (size_t i = 0; i < n; i++) {
			const uint8_t *e = block + offsets[i];

			out[i] = other_hash(version, seed, e + 8, e[6]);
		}
		return;
	}
	half_md4_start(seed, start);
	for (size_t i = 0; i < n; i += LANES)
		half_md4_entries(version >= UNSIGNED, start, block, offsets + i,
				 n - i < LANES ? n - i : LANES, out + i);
}

void hs_dirhash_block_plain(uint8_t version, const uint8_t seed[16], const uint8_t *block,
			    const uint16_t *offsets, size_t n, uint64_t *out)
{
	hash_block(version, seed, block, offsets, n, out);
}

#if defined(__x86_64__)

__attribute__((target("avx2"))) static void hash_block_avx2(uint8_t version, const uint8_t seed[16],
							    const uint8_t *block,
							    const uint16_t *offsets, size_t n,
							    uint64_t *out)
{
	hash_block(version, seed, block, offsets, n, out);
}

void hs_dirhash_block(uint8_t version, const uint8_t seed[16], const uint8_t *block,
		      const uint16_t *offsets, size_t n, uint64_t *out)
{
	if (__builtin_cpu_supports("avx2"))
		hash_block_avx2(version, seed, block, offsets, n, out);
	else
		hs_dirhash_block_plain(version, seed, block, offsets, n, out);
}

#else

void hs_dirhash_block(uint8_t version, const uint8_t seed[16], const uint8_t *block,
		      const uint16_t *offsets, size_t n, uint64_t *out)
{
	hs_dirhash_block_plain(version, seed, block, offsets, n, out);
}

#endif
