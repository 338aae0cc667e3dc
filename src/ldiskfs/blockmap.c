/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Block maps of inodes without extents: twelve direct blocks, then one, two and three levels of
 * indirect blocks. Indirect blocks carry no checksum. Every indirect block is read once
 * (mapwalk.h), and an empty pointer costs one step whatever it spans.
 */
#include "base/bytes.h"
#include "ldiskfs/mapwalk.h"

#define DIRECT_BLOCKS 12u

static errint_t add_block(struct hs_mapwalk *w, uint64_t logical, uint32_t block)
{
	struct hs_extent e = {.logical = logical, .physical = block, .count = 1};

	if (!hs_fs_blocks_valid(w->fs, block, 1)) {
		w->map->flaws |= HS_MAPF_BAD;
		return 0;
	}
	return hs_mapwalk_add(w, &e);
}

/* `block` maps [logical, logical + span) by pointers that span span / pointers-a-block each. */
static errint_t walk_indirect(struct hs_mapwalk *w, uint32_t block, unsigned level,
			      uint64_t logical, uint64_t span)
{
	uint32_t n = w->fs->geo.block_size / 4;
	uint64_t each = span / n;
	const uint8_t *pointers;
	uint32_t i = 0;
	errint_t err;

	if (!block || logical >= w->to || logical + span <= w->from)
		return 0;
	pointers = hs_mapwalk_read(w, level, block, &err);
	if (!pointers)
		return err;
	if (logical < w->from)
		i = (uint32_t)((w->from - logical) / each);
	for (; i < n && logical + i * each < w->to; i++) {
		uint32_t next = hs_get_le32(pointers + (size_t)i * 4);

		if (!next)
			continue;
		err = level == 0 ? add_block(w, logical + i, next)
				 : walk_indirect(w, next, level - 1, logical + i * each, each);
		if (err)
			return err;
	}
	return 0;
}

errint_t hs_blockmap_walk(struct hs_mapwalk *w)
{
	const uint8_t *pointers = w->inode->raw + 40;
	uint64_t logical = DIRECT_BLOCKS, span = w->fs->geo.block_size / 4;
	errint_t err = 0;

	for (uint64_t i = w->from; !err && i < DIRECT_BLOCKS && i < w->to; i++) {
		uint32_t block = hs_get_le32(pointers + i * 4);

		if (block)
			err = add_block(w, i, block);
	}
	for (unsigned level = 0; !err && level < 3; level++) {
		uint32_t block = hs_get_le32(pointers + (size_t)(DIRECT_BLOCKS + level) * 4);

		err = walk_indirect(w, block, level, logical, span);
		logical += span;
		span *= w->fs->geo.block_size / 4;
	}
	return err;
}
