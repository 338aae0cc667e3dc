/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One node of an extent tree, decoded: a pure function of the node's bytes.
 */
#ifndef HS_LDISKFS_EXTENT_H
#define HS_LDISKFS_EXTENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

#define HS_EXTENT_MAX_DEPTH 5u
#define HS_EXTENT_ENTRY	    12u /* bytes, and so is the header */

struct hs_extent_node {
	const uint8_t *entries;
	uint32_t count; /* lies inside the node */
	uint32_t max;
	uint16_t depth; /* 0: a leaf */
};

/* False when this is no extent node (magic, depth, counts); *out is then not to be used. */
bool hs_extent_node_decode(const uint8_t *buf, size_t len, struct hs_extent_node *out);

static inline const uint8_t *hs_extent_entry(const struct hs_extent_node *n, uint32_t i)
{
	return n->entries + (size_t)i * HS_EXTENT_ENTRY;
}

/* First logical block of an entry, leaf or index. */
static inline uint32_t hs_extent_logical(const uint8_t *entry)
{
	return hs_get_le32(entry);
}

/* Of a leaf entry. 1..32768; *unwritten if its blocks were never written. */
static inline uint32_t hs_extent_count(const uint8_t *entry, bool *unwritten)
{
	uint32_t len = hs_get_le16(entry + 4);

	*unwritten = len > 32768;
	return *unwritten ? len - 32768 : len;
}

static inline uint64_t hs_extent_physical(const uint8_t *entry)
{
	return (uint64_t)hs_get_le16(entry + 6) << 32 | hs_get_le32(entry + 8);
}

/* Of an index entry: the block of the node below. */
static inline uint64_t hs_extent_child(const uint8_t *entry)
{
	return (uint64_t)hs_get_le16(entry + 8) << 32 | hs_get_le32(entry + 4);
}

#endif
