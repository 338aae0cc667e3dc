/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Taking blocks and inodes from the bitmaps and giving them back: the first free one in the wanted
 * group, else in the next ones. Groups whose block bitmap has never been written are the last
 * choice; it is then made as the kernel would make it.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "ldiskfs/edit_priv.h"

static bool test_bit(const uint8_t *map, uint32_t i)
{
	return map[i / 8] >> (i % 8) & 1;
}

static void flip_bit(uint8_t *map, uint32_t i)
{
	map[i / 8] ^= (uint8_t)(1u << (i % 8));
}

/* Index of the first clear bit, n if there is none. */
static uint32_t first_clear(const uint8_t *map, uint32_t n)
{
	for (uint32_t i = 0; i < n; i += 8) {
		if (map[i / 8] == 0xff)
			continue;
		for (uint32_t k = i; k < i + 8 && k < n; k++)
			if (!test_bit(map, k))
				return k;
	}
	return n;
}

static uint32_t per_group(const struct hs_edit *e)
{
	return e->e2->super->s_blocks_per_group;
}

static uint64_t group_start(const struct hs_edit *e, uint32_t group)
{
	return e->fs->geo.first_block + (uint64_t)group * per_group(e);
}

static uint32_t blocks_in(const struct hs_edit *e, uint32_t group)
{
	uint64_t left = e->fs->geo.blocks - group_start(e, group);

	return left < per_group(e) ? (uint32_t)left : per_group(e);
}

static void mark(const struct hs_edit *e, uint8_t *map, uint32_t group, uint64_t from, uint64_t n)
{
	uint64_t start = group_start(e, group), end = start + blocks_in(e, group);

	for (uint64_t b = from; b < from + n; b++)
		if (b >= start && b < end && !test_bit(map, (uint32_t)(b - start)))
			flip_bit(map, (uint32_t)(b - start));
}

/* The bitmap of a group that holds nothing but metadata of the file system itself. */
static void make_bitmap(const struct hs_edit *e, uint32_t group, uint8_t *map)
{
	uint32_t bs = e->fs->geo.block_size;
	uint64_t table = (uint64_t)e->fs->geo.inodes_per_group * e->fs->geo.inode_size / bs;
	uint64_t desc_blocks = e->e2->desc_blocks + e->e2->super->s_reserved_gdt_blocks;
	blk64_t super, old_desc, new_desc;

	memset(map, 0, bs);
	for (uint32_t i = blocks_in(e, group); i < bs * 8; i++)
		flip_bit(map, i);
	ext2fs_super_and_bgd_loc2(e->e2, group, &super, &old_desc, &new_desc, NULL);
	if (super || group == 0)
		mark(e, map, group, super, 1);
	if (old_desc)
		mark(e, map, group, old_desc, desc_blocks);
	if (new_desc)
		mark(e, map, group, new_desc, 1);
	for (uint32_t g = 0; g < e->fs->geo.groups; g++) {
		mark(e, map, group, ext2fs_block_bitmap_loc(e->e2, g), 1);
		mark(e, map, group, e->fs->groups[g].inode_bitmap, 1);
		mark(e, map, group, e->fs->groups[g].inode_table, table);
	}
}

static errint_t load_blocks(struct hs_edit *e, const struct hs_edit_group *g, uint8_t *map)
{
	errint_t err;

	if (hs_group_flags(g) & HS_GROUP_BLOCK_UNINIT) {
		make_bitmap(e, g->group, map);
		return 0;
	}
	err = hs_edit_get_block(e, hs_group_block_bitmap(g), map);
	if (!err && !hs_group_block_bitmap_ok(e, g, map))
		err = hs_edit_fail(e, -EUCLEAN,
				   "the checksum of the block bitmap of group %u is wrong",
				   g->group);
	return err;
}

static errint_t store_blocks(struct hs_edit *e, struct hs_edit_group *g, const uint8_t *map,
			     int freed)
{
	errint_t err = hs_edit_put_block(e, hs_group_block_bitmap(g), map);

	if (err)
		return err;
	hs_group_set_flags(g, hs_group_flags(g) & (uint16_t)~HS_GROUP_BLOCK_UNINIT);
	hs_group_set_bitmap_csum(e, g, false, map);
	hs_group_add_free_blocks(g, freed);
	err = hs_edit_put_group(e, g);
	return err ? err : hs_edit_count_free(e, freed, 0);
}

/* 1 allocated, 0 the group has none. */
static int block_of_group(struct hs_edit *e, uint32_t group, bool uninit, uint8_t *map,
			  uint64_t *block)
{
	struct hs_edit_group g;
	errint_t err = hs_edit_get_group(e, group, &g);
	uint32_t n = blocks_in(e, group), i;

	if (err)
		return err;
	if (!hs_group_free_blocks(&g) || !(hs_group_flags(&g) & HS_GROUP_BLOCK_UNINIT) == uninit)
		return 0;
	err = load_blocks(e, &g, map);
	if (err)
		return err;
	i = first_clear(map, n);
	if (i == n)
		return 0;
	flip_bit(map, i);
	*block = group_start(e, group) + i;
	if (!hs_fs_blocks_valid(e->fs, *block, 1))
		return hs_edit_fail(e, -EUCLEAN, "the block bitmap of group %u is wrong", group);
	err = store_blocks(e, &g, map, -1);
	return err ? err : 1;
}

errint_t hs_edit_alloc_block(struct hs_edit *e, uint64_t goal, uint64_t *block)
{
	const struct hs_fs_geo *geo = &e->fs->geo;
	uint32_t first = goal > geo->first_block && goal < geo->blocks
				 ? (uint32_t)((goal - geo->first_block) / per_group(e))
				 : 0;
	hs_autofree uint8_t *map = malloc(geo->block_size);

	if (!map)
		return hs_edit_fail(e, -ENOMEM, "out of memory");
	for (int uninit = 0; uninit < 2; uninit++) {
		for (uint32_t i = 0; i < geo->groups; i++) {
			int ret = block_of_group(e, (first + i) % geo->groups, uninit, map, block);

			if (ret)
				return ret > 0 ? 0 : ret;
		}
	}
	return hs_edit_fail(e, -ENOSPC, "no free block is left");
}

errint_t hs_edit_free_block(struct hs_edit *e, uint64_t block)
{
	const struct hs_fs_geo *geo = &e->fs->geo;
	hs_autofree uint8_t *map = malloc(geo->block_size);
	struct hs_edit_group g;
	uint32_t bit;
	errint_t err;

	if (!map)
		return hs_edit_fail(e, -ENOMEM, "out of memory");
	if (!hs_fs_blocks_valid(e->fs, block, 1))
		return hs_edit_fail(e, -EUCLEAN, "block %" PRIu64 " cannot be freed", block);
	err = hs_edit_get_group(e, (uint32_t)((block - geo->first_block) / per_group(e)), &g);
	if (!err)
		err = load_blocks(e, &g, map);
	if (err)
		return err;
	bit = (uint32_t)((block - geo->first_block) % per_group(e));
	if (!test_bit(map, bit))
		return hs_edit_fail(e, -EUCLEAN, "block %" PRIu64 " is free already", block);
	flip_bit(map, bit);
	return store_blocks(e, &g, map, 1);
}

static errint_t load_inodes(struct hs_edit *e, const struct hs_edit_group *g, uint8_t *map)
{
	uint32_t n = e->fs->geo.inodes_per_group;

	if (!(hs_group_flags(g) & HS_GROUP_INODE_UNINIT)) {
		errint_t err = hs_edit_get_block(e, hs_group_inode_bitmap(g), map);

		if (!err && !hs_bitmap_csum_ok(e->fs, g->group, map))
			err = hs_edit_fail(e, -EUCLEAN,
					   "the checksum of the inode bitmap of group %u is wrong",
					   g->group);
		return err;
	}
	memset(map, 0xff, e->fs->geo.block_size);
	memset(map, 0, n / 8);
	return 0;
}

static errint_t store_inodes(struct hs_edit *e, struct hs_edit_group *g, const uint8_t *map,
			     int freed, bool dir)
{
	errint_t err = hs_edit_put_block(e, hs_group_inode_bitmap(g), map);

	if (err)
		return err;
	hs_group_set_flags(g, hs_group_flags(g) & (uint16_t)~HS_GROUP_INODE_UNINIT);
	hs_group_set_bitmap_csum(e, g, true, map);
	hs_group_add_free_inodes(g, freed);
	if (dir)
		hs_group_add_dirs(g, -freed);
	err = hs_edit_put_group(e, g);
	return err ? err : hs_edit_count_free(e, 0, freed);
}

static int inode_of_group(struct hs_edit *e, uint32_t group, bool dir, uint8_t *map, uint32_t *ino)
{
	uint32_t n = e->fs->geo.inodes_per_group, first = 0, i;
	struct hs_edit_group g;
	errint_t err = hs_edit_get_group(e, group, &g);

	if (err)
		return err;
	if (!hs_group_free_inodes(&g))
		return 0;
	err = load_inodes(e, &g, map);
	if (err)
		return err;
	/* Reserved inodes are marked as used; where they are not, they are still reserved. */
	if (group == 0)
		for (; first + 1 < e->fs->geo.first_ino; first++)
			if (!test_bit(map, first))
				return hs_edit_fail(e, -EUCLEAN, "reserved inode %u is not in use",
						    first + 1);
	i = first_clear(map, n);
	if (i == n)
		return 0;
	/* The block bitmap of a group that begins to hold inodes must exist. */
	if (hs_group_flags(&g) & HS_GROUP_INODE_UNINIT &&
	    hs_group_flags(&g) & HS_GROUP_BLOCK_UNINIT) {
		hs_autofree uint8_t *blocks = malloc(e->fs->geo.block_size);

		if (!blocks)
			return hs_edit_fail(e, -ENOMEM, "out of memory");
		make_bitmap(e, group, blocks);
		err = store_blocks(e, &g, blocks, 0);
		if (err)
			return err;
	}
	flip_bit(map, i);
	if (hs_group_flags(&g) & HS_GROUP_INODE_UNINIT)
		hs_group_set_unused(&g, n);
	if (e->fs->geo.rocompat & (0x10 | 0x400) && hs_group_unused(&g) > n - i - 1)
		hs_group_set_unused(&g, n - i - 1);
	*ino = group * n + i + 1;
	err = store_inodes(e, &g, map, -1, dir);
	return err ? err : 1;
}

errint_t hs_edit_alloc_inode(struct hs_edit *e, uint32_t near, bool dir, uint32_t *ino)
{
	const struct hs_fs_geo *geo = &e->fs->geo;
	uint32_t first = near && near <= geo->inodes ? (near - 1) / geo->inodes_per_group : 0;
	hs_autofree uint8_t *map = malloc(geo->block_size);

	if (!map)
		return hs_edit_fail(e, -ENOMEM, "out of memory");
	for (uint32_t i = 0; i < geo->groups; i++) {
		int ret = inode_of_group(e, (first + i) % geo->groups, dir, map, ino);

		if (ret)
			return ret > 0 ? 0 : ret;
	}
	return hs_edit_fail(e, -ENOSPC, "no free inode is left");
}

errint_t hs_edit_free_number(struct hs_edit *e, uint32_t ino, bool dir)
{
	const struct hs_fs_geo *geo = &e->fs->geo;
	hs_autofree uint8_t *map = malloc(geo->block_size);
	uint32_t bit = (ino - 1) % geo->inodes_per_group;
	struct hs_edit_group g;
	errint_t err;

	if (!map)
		return hs_edit_fail(e, -ENOMEM, "out of memory");
	err = hs_edit_get_group(e, (ino - 1) / geo->inodes_per_group, &g);
	if (!err)
		err = load_inodes(e, &g, map);
	if (err)
		return err;
	if (!test_bit(map, bit))
		return hs_edit_fail(e, -EUCLEAN, "inode %u is free already", ino);
	flip_bit(map, bit);
	return store_inodes(e, &g, map, 1, dir);
}
