/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The hash of a name in a hashed directory.
 */
#ifndef HS_LDISKFS_DIRHASH_H
#define HS_LDISKFS_DIRHASH_H

#include <stddef.h>
#include <stdint.h>

/*
 * version: 0 legacy, 1 half MD4, 2 TEA, plus 3 where bytes count as unsigned. Returns the major
 * hash, by which leaves are chosen, in the upper and the minor hash in the lower 32 bits.
 */
uint64_t hs_dirhash(uint8_t version, const uint8_t seed[16], const uint8_t *name, size_t len);

/*
 * The same for the n entries of a directory block that start at the given offsets, several at a
 * time. Entries are aligned to four bytes and their names lie inside the block, so that the last
 * word of a name can be read whole.
 */
void hs_dirhash_block(uint8_t version, const uint8_t seed[16], const uint8_t *block,
		      const uint16_t *offsets, size_t n, uint64_t *out);

/* The same on processors without AVX2, so that it can be tested on those that have it. */
void hs_dirhash_block_plain(uint8_t version, const uint8_t seed[16], const uint8_t *block,
			    const uint16_t *offsets, size_t n, uint64_t *out);

#endif
