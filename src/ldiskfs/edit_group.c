/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Group descriptors and the free counts of the superblock (ext4 on-disk format). As the kernel
 * does, only the first copies are changed.
 */
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/bytes.h"
#include "ldiskfs/edit_priv.h"

enum {
	GD_BLOCK_BITMAP = 0,
	GD_INODE_BITMAP = 4,
	GD_FREE_BLOCKS = 12,
	GD_FREE_INODES = 14,
	GD_DIRS = 16,
	GD_FLAGS = 18,
	GD_BLOCK_BITMAP_CSUM = 24,
	GD_INODE_BITMAP_CSUM = 26,
	GD_UNUSED = 28,
	GD_CSUM = 30,
	GD_SMALL = 32,
	GD_HI = 32,	   /* the upper halves of the first fields stand here, in the same order */
	GD_HI_COUNTS = 44, /* free blocks, free inodes, directories, unused */
	GD_HI_CSUMS = 56,  /* of the block bitmap, of the inode bitmap */
	GD_LARGE = 64,

	SB_FREE_BLOCKS = 12,
	SB_FREE_INODES = 16,
	SB_FREE_BLOCKS_HI = 344,
	SB_CSUM = 1020,
	SB_OFFSET = 1024,

	INCOMPAT_64BIT = 0x80,
	ROCOMPAT_GDT_CSUM = 0x10,
};

/* CRC-16 with the polynomial x^16 + x^15 + x^2 + 1, reflected. */
static uint16_t crc16(uint16_t crc, const uint8_t *p, size_t len)
{
	for (; len; len--, p++) {
		crc ^= *p;
		for (int bit = 0; bit < 8; bit++)
			crc = (uint16_t)(crc & 1 ? crc >> 1 ^ 0xa001 : crc >> 1);
	}
	return crc;
}

static uint16_t group_csum(const struct hs_edit *e, const struct hs_edit_group *g)
{
	const struct hs_fs *fs = e->fs;
	static const uint8_t zero[2];
	uint8_t le[4];

	hs_put_le32(le, g->group);
	if (fs->geo.has_metadata_csum) {
		uint32_t crc = fs->crc32c(fs->csum_seed, le, sizeof(le));

		crc = fs->crc32c(crc, g->raw, GD_CSUM);
		crc = fs->crc32c(crc, zero, sizeof(zero));
		if (g->size > GD_SMALL)
			crc = fs->crc32c(crc, g->raw + GD_SMALL, g->size - GD_SMALL);
		return (uint16_t)crc;
	}
	if (fs->geo.rocompat & ROCOMPAT_GDT_CSUM) {
		uint16_t crc = crc16(0xffff, fs->geo.uuid, sizeof(fs->geo.uuid));

		crc = crc16(crc, le, sizeof(le));
		crc = crc16(crc, g->raw, GD_CSUM);
		return g->size > GD_SMALL ? crc16(crc, g->raw + GD_SMALL, g->size - GD_SMALL) : crc;
	}
	return 0;
}

errint_t hs_edit_get_group(struct hs_edit *e, uint32_t group, struct hs_edit_group *g)
{
	uint32_t bs = e->fs->geo.block_size, per_block;
	errint_t err;

	g->group = group;
	g->size = e->fs->geo.incompat & INCOMPAT_64BIT ? e->e2->super->s_desc_size : GD_SMALL;
	if (g->size < GD_SMALL || g->size > sizeof(g->raw) || g->size > bs)
		return hs_edit_fail(e, -EUCLEAN, "impossible size of group descriptors");
	per_block = bs / g->size;
	g->off = ext2fs_descriptor_block_loc2(e->e2, e->e2->super->s_first_data_block,
					      group / per_block) *
			 bs +
		 (uint64_t)(group % per_block) * g->size;
	err = hs_io_pread(e->stage, g->raw, g->size, g->off);
	if (err)
		return hs_edit_fail(e, err, "cannot read the descriptor of group %u: %s", group,
				    strerror(-err));
	if (hs_get_le16(g->raw + GD_CSUM) != group_csum(e, g) &&
	    e->fs->geo.rocompat & (ROCOMPAT_GDT_CSUM | 0x400))
		return hs_edit_fail(e, -EUCLEAN,
				    "the checksum of the descriptor of group %u is wrong", group);
	return 0;
}

static bool is_large(const struct hs_edit_group *g)
{
	return g->size >= GD_LARGE;
}

static uint64_t location(const struct hs_edit_group *g, unsigned off)
{
	return hs_get_le32(g->raw + off) |
	       (is_large(g) ? (uint64_t)hs_get_le32(g->raw + GD_HI + off) << 32 : 0);
}

/* The counts lie in steps of two bytes, the unused inodes behind the directories in the upper half.
 */
static unsigned count_hi(unsigned off)
{
	return off == GD_UNUSED ? GD_HI_COUNTS + 6 : GD_HI_COUNTS + (off - GD_FREE_BLOCKS);
}

static uint32_t count(const struct hs_edit_group *g, unsigned off)
{
	return hs_get_le16(g->raw + off) |
	       (is_large(g) ? (uint32_t)hs_get_le16(g->raw + count_hi(off)) << 16 : 0);
}

static void set_count(struct hs_edit_group *g, unsigned off, uint32_t n)
{
	hs_put_le16(g->raw + off, (uint16_t)n);
	if (is_large(g))
		hs_put_le16(g->raw + count_hi(off), (uint16_t)(n >> 16));
}

uint64_t hs_group_block_bitmap(const struct hs_edit_group *g)
{
	return location(g, GD_BLOCK_BITMAP);
}

uint64_t hs_group_inode_bitmap(const struct hs_edit_group *g)
{
	return location(g, GD_INODE_BITMAP);
}

uint32_t hs_group_free_blocks(const struct hs_edit_group *g)
{
	return count(g, GD_FREE_BLOCKS);
}

uint32_t hs_group_free_inodes(const struct hs_edit_group *g)
{
	return count(g, GD_FREE_INODES);
}

uint32_t hs_group_unused(const struct hs_edit_group *g)
{
	return count(g, GD_UNUSED);
}

uint16_t hs_group_flags(const struct hs_edit_group *g)
{
	return hs_get_le16(g->raw + GD_FLAGS);
}

static void add(struct hs_edit_group *g, unsigned off, int n)
{
	set_count(g, off, (uint32_t)((int64_t)count(g, off) + n));
}

void hs_group_add_free_blocks(struct hs_edit_group *g, int n)
{
	add(g, GD_FREE_BLOCKS, n);
}

void hs_group_add_free_inodes(struct hs_edit_group *g, int n)
{
	add(g, GD_FREE_INODES, n);
}

void hs_group_add_dirs(struct hs_edit_group *g, int n)
{
	add(g, GD_DIRS, n);
}

void hs_group_set_unused(struct hs_edit_group *g, uint32_t n)
{
	set_count(g, GD_UNUSED, n);
}

void hs_group_set_flags(struct hs_edit_group *g, uint16_t flags)
{
	hs_put_le16(g->raw + GD_FLAGS, flags);
}

void hs_group_set_bitmap_csum(const struct hs_edit *e, struct hs_edit_group *g, bool inodes,
			      const uint8_t *bitmap)
{
	uint32_t bits = inodes ? e->fs->geo.inodes_per_group : e->e2->super->s_clusters_per_group;
	uint32_t crc;

	if (!e->fs->geo.has_metadata_csum)
		return;
	crc = e->fs->crc32c(e->fs->csum_seed, bitmap, bits / 8);
	hs_put_le16(g->raw + (inodes ? GD_INODE_BITMAP_CSUM : GD_BLOCK_BITMAP_CSUM), (uint16_t)crc);
	if (is_large(g))
		hs_put_le16(g->raw + GD_HI_CSUMS + (inodes ? 2 : 0), (uint16_t)(crc >> 16));
}

bool hs_group_block_bitmap_ok(const struct hs_edit *e, const struct hs_edit_group *g,
			      const uint8_t *bitmap)
{
	struct hs_edit_group right = *g;

	hs_group_set_bitmap_csum(e, &right, false, bitmap);
	return !memcmp(right.raw, g->raw, g->size);
}

/* What the reader keeps of a group: where its bitmap's checksum is, and what may be in use. */
errint_t hs_edit_group_changed(struct hs_edit *e, uint32_t group)
{
	struct hs_group *known = &e->fs->groups[group];
	struct hs_edit_group g;
	errint_t err = hs_edit_get_group(e, group, &g);
	uint32_t unused;

	if (err)
		return err;
	known->bitmap_csum = hs_get_le16(g.raw + GD_INODE_BITMAP_CSUM);
	if (is_large(&g))
		known->bitmap_csum |= (uint32_t)hs_get_le16(g.raw + GD_HI_CSUMS + 2) << 16;
	known->inodes = e->fs->geo.inodes_per_group;
	if (!(e->fs->geo.rocompat & (ROCOMPAT_GDT_CSUM | 0x400)))
		return 0;
	unused = hs_group_unused(&g);
	if (hs_group_flags(&g) & HS_GROUP_INODE_UNINIT)
		known->inodes = 0;
	else if (unused <= known->inodes)
		known->inodes -= unused;
	return 0;
}

errint_t hs_edit_put_group(struct hs_edit *e, struct hs_edit_group *g)
{
	bool noted = false;
	errint_t err = 0;

	hs_put_le16(g->raw + GD_CSUM, group_csum(e, g));
	for (size_t i = 0; i < e->n_groups; i++)
		noted |= e->groups[i] == g->group;
	if (!noted)
		err = hs_array_grow(&e->groups, &e->groups_room, e->n_groups + 1);
	if (!err && !noted)
		e->groups[e->n_groups++] = g->group;
	if (!err)
		err = hs_io_pwrite(e->stage, g->raw, g->size, g->off);
	if (err)
		return hs_edit_fail(e, err, "cannot change the descriptor of group %u: %s",
				    g->group, strerror(-err));
	return hs_edit_group_changed(e, g->group);
}

errint_t hs_edit_count_free(struct hs_edit *e, int64_t blocks, int64_t inodes)
{
	uint8_t sb[1024];
	uint64_t free_blocks;
	errint_t err = hs_io_pread(e->stage, sb, sizeof(sb), SB_OFFSET);

	if (err)
		return hs_edit_fail(e, err, "cannot read the superblock: %s", strerror(-err));
	free_blocks = hs_get_le32(sb + SB_FREE_BLOCKS);
	if (e->fs->geo.incompat & INCOMPAT_64BIT)
		free_blocks |= (uint64_t)hs_get_le32(sb + SB_FREE_BLOCKS_HI) << 32;
	free_blocks += (uint64_t)blocks;
	hs_put_le32(sb + SB_FREE_BLOCKS, (uint32_t)free_blocks);
	if (e->fs->geo.incompat & INCOMPAT_64BIT)
		hs_put_le32(sb + SB_FREE_BLOCKS_HI, (uint32_t)(free_blocks >> 32));
	hs_put_le32(sb + SB_FREE_INODES,
		    (uint32_t)((int64_t)hs_get_le32(sb + SB_FREE_INODES) + inodes));
	if (e->fs->geo.has_metadata_csum)
		hs_put_le32(sb + SB_CSUM, e->fs->crc32c(~0u, sb, SB_CSUM));
	err = hs_io_pwrite(e->stage, sb, sizeof(sb), SB_OFFSET);
	return err ? hs_edit_fail(e, err, "cannot change the superblock: %s", strerror(-err)) : 0;
}
