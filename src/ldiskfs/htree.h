/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The hash index of a directory: decoding its root and nodes. Pure functions of a block's bytes
 * (format notes, section 4: behind a `..` with a FID the root's fields lie 16 bytes further on).
 */
#ifndef HS_LDISKFS_HTREE_H
#define HS_LDISKFS_HTREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

struct hs_dx_node {
	const uint8_t *entries; /* pairs of hash and block; the first hash is the count's place */
	uint32_t count;		/* at least 1, lies inside the block */
	uint32_t limit;
};

struct hs_dx_root {
	uint8_t hash_version; /* 0 legacy, 1 half MD4, 2 TEA, as stored */
	uint8_t levels;	      /* of nodes between root and leaves */
	struct hs_dx_node node;
};

/* False when this is no index root or node, or its limit is not what the block gives. */
bool hs_dx_root_decode(const uint8_t *block, uint32_t len, bool dirdata, bool csum,
		       struct hs_dx_root *out);
bool hs_dx_node_decode(const uint8_t *block, uint32_t len, bool csum, struct hs_dx_node *out);

/* Where the checksum of such a block begins to be left out: behind the entries in use. */
static inline size_t hs_dx_csum_len(const uint8_t *block, const struct hs_dx_node *n)
{
	return (size_t)(n->entries - block) + (size_t)n->count * 8;
}

/* The tail: four bytes that are covered, then the checksum. */
static inline const uint8_t *hs_dx_tail(const struct hs_dx_node *n)
{
	return n->entries + (size_t)n->limit * 8;
}

/* Lowest hash of child i, which is the parent's for i = 0. Bit 0: it continues the one before. */
static inline uint32_t hs_dx_hash(const struct hs_dx_node *n, uint32_t i)
{
	return hs_get_le32(n->entries + (size_t)i * 8);
}

/* The upper bits of a block number are reserved. */
static inline uint32_t hs_dx_block(const struct hs_dx_node *n, uint32_t i)
{
	return hs_get_le32(n->entries + (size_t)i * 8 + 4) & 0x0fffffffu;
}

#endif
