/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Extent trees: the node decoder and the walk. A node must lie one level below its parent, its
 * entries must ascend and stay in the part of the file its parent gives it; whatever does not is
 * left out and flagged. Every node is read once (mapwalk.h), so the walk ends on any input.
 */
#include "ldiskfs/extent.h"

#include "ldiskfs/mapwalk.h"

#define EXTENT_MAGIC 0xf30au

bool hs_extent_node_decode(const uint8_t *buf, size_t len, struct hs_extent_node *out)
{
	size_t places;

	if (len < HS_EXTENT_ENTRY)
		return false;
	places = len / HS_EXTENT_ENTRY - 1;
	out->entries = buf + HS_EXTENT_ENTRY;
	out->count = hs_get_le16(buf + 2);
	out->max = hs_get_le16(buf + 4);
	out->depth = hs_get_le16(buf + 6);
	return hs_get_le16(buf) == EXTENT_MAGIC && out->count <= out->max && out->max <= places &&
	       out->depth <= HS_EXTENT_MAX_DEPTH;
}

/* The checksum lies behind the last place for an entry. */
static bool csum_ok(const struct hs_mapwalk *w, const uint8_t *block,
		    const struct hs_extent_node *node)
{
	const struct hs_fs *fs = w->fs;
	size_t end = HS_EXTENT_ENTRY * (1 + (size_t)node->max);
	uint32_t seed;

	if (!fs->geo.has_metadata_csum)
		return true;
	if (end + 4 > fs->geo.block_size)
		return false;
	seed = hs_inode_csum_seed(fs, w->inode->ino, w->inode->generation);
	return fs->crc32c(seed, block, end) == hs_get_le32(block + end);
}

static errint_t walk_leaf(struct hs_mapwalk *w, const struct hs_extent_node *node, uint64_t low,
			  uint64_t high)
{
	for (uint32_t i = 0; i < node->count; i++) {
		const uint8_t *entry = hs_extent_entry(node, i);
		struct hs_extent e;
		errint_t err;

		e.logical = hs_extent_logical(entry);
		e.physical = hs_extent_physical(entry);
		e.count = hs_extent_count(entry, &e.unwritten);
		if (e.logical < low || !e.count || e.logical + e.count > high ||
		    !hs_fs_blocks_valid(w->fs, e.physical, e.count)) {
			w->map->flaws |= HS_MAPF_BAD;
			continue;
		}
		low = e.logical + e.count;
		err = hs_mapwalk_add(w, &e);
		if (err)
			return err;
	}
	return 0;
}

/* Logical blocks [low, high) are this node's part of the file. */
static errint_t walk_node(struct hs_mapwalk *w, const struct hs_extent_node *node, uint64_t low,
			  uint64_t high)
{
	if (node->depth == 0)
		return walk_leaf(w, node, low, high);
	for (uint32_t i = 0; i < node->count; i++) {
		const uint8_t *entry = hs_extent_entry(node, i);
		uint64_t first = hs_extent_logical(entry), end = high;
		struct hs_extent_node child;
		const uint8_t *block;
		errint_t err;

		if (i + 1 < node->count)
			end = hs_extent_logical(hs_extent_entry(node, i + 1));
		if (first < low || first >= end || end > high) {
			w->map->flaws |= HS_MAPF_BAD;
			continue;
		}
		low = first + 1;
		if (end <= w->from || first >= w->to)
			continue;
		block = hs_mapwalk_read(w, node->depth - 1u, hs_extent_child(entry), &err);
		if (err)
			return err;
		if (!block)
			continue;
		if (!hs_extent_node_decode(block, w->fs->geo.block_size, &child) ||
		    child.depth + 1 != node->depth) {
			w->map->flaws |= HS_MAPF_BAD;
			continue;
		}
		if (!csum_ok(w, block, &child))
			w->map->flaws |= HS_MAPF_BAD;
		err = walk_node(w, &child, first, end);
		if (err)
			return err;
	}
	return 0;
}

errint_t hs_extent_walk(struct hs_mapwalk *w)
{
	struct hs_extent_node root;

	if (!hs_extent_node_decode(w->inode->raw + 40, 60, &root)) {
		w->map->flaws |= HS_MAPF_BAD;
		return 0;
	}
	return walk_node(w, &root, 0, (uint64_t)UINT32_MAX + 1);
}
