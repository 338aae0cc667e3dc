/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Blocks and inodes on their way to the stage. Every change of an inode goes through
 * hs_edit_put_inode(): there its checksum is made, and what its owners are charged for follows.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "ldiskfs/edit_priv.h"

enum {
	I_BLOCKS = 28,
	I_BLOCKS_HI = 116,
	I_CSUM_LO = 124,
	I_EXTRA_ISIZE = 128,
	I_CSUM_HI = 130,
};

errint_t hs_edit_get_block(struct hs_edit *e, uint64_t block, uint8_t *buf)
{
	errint_t err;

	if (!hs_fs_blocks_valid(e->fs, block, 1))
		return hs_edit_fail(e, -EUCLEAN, "block %" PRIu64 " cannot hold metadata of a file",
				    block);
	err = hs_fs_read_block(e->fs, block, buf);
	return err ? hs_edit_fail(e, err, "cannot read block %" PRIu64 ": %s", block,
				  strerror(-err))
		   : 0;
}

errint_t hs_edit_put_block(struct hs_edit *e, uint64_t block, const uint8_t *buf)
{
	uint32_t bs = e->fs->geo.block_size;
	errint_t err;

	if (!hs_fs_blocks_valid(e->fs, block, 1))
		return hs_edit_fail(e, -EUCLEAN, "block %" PRIu64 " cannot hold metadata of a file",
				    block);
	err = hs_io_pwrite(e->stage, buf, bs, block * bs);
	return err ? hs_edit_fail(e, err, "cannot change block %" PRIu64 ": %s", block,
				  strerror(-err))
		   : 0;
}

errint_t hs_edit_get_inode(struct hs_edit *e, uint32_t ino, struct hs_edit_inode *x)
{
	int used;
	errint_t err;

	x->ino = ino;
	x->raw = malloc(e->fs->geo.inode_size);
	if (!x->raw)
		return hs_edit_fail(e, -ENOMEM, "out of memory");
	err = hs_inode_read(e->fs, ino, x->raw, &x->in);
	if (err)
		return hs_edit_fail(e, err, "cannot read inode %u: %s", ino, strerror(-err));
	used = hs_inode_in_use(e->fs, ino);
	if (used < 0)
		return hs_edit_fail(e, used, "cannot tell whether inode %u is in use", ino);
	if (!used)
		return hs_edit_fail(e, -EUCLEAN, "inode %u is free", ino);
	if (x->in.csum_bad)
		return hs_edit_fail(e, -EUCLEAN, "inode %u: its checksum is wrong", ino);
	return 0;
}

void hs_edit_inode_free(struct hs_edit_inode *x)
{
	free(x->raw);
	x->raw = NULL;
}

bool hs_edit_inode_has(const struct hs_edit *e, const struct hs_edit_inode *x, uint32_t off,
		       uint32_t len)
{
	uint32_t size = e->fs->geo.inode_size, extra;

	if (off + len <= HS_EXT4_GOOD_OLD_INODE)
		return true;
	if (size <= HS_EXT4_GOOD_OLD_INODE)
		return false;
	extra = hs_get_le16(x->raw + I_EXTRA_ISIZE);
	return extra <= size - HS_EXT4_GOOD_OLD_INODE &&
	       off + len <= HS_EXT4_GOOD_OLD_INODE + extra;
}

static void set_csum(const struct hs_edit *e, uint32_t ino, uint8_t *raw)
{
	uint32_t size = e->fs->geo.inode_size, crc;
	struct hs_edit_inode x = {.raw = raw};
	bool has_hi = hs_edit_inode_has(e, &x, I_CSUM_HI, 2);

	if (!e->fs->geo.has_metadata_csum)
		return;
	hs_put_le16(raw + I_CSUM_LO, 0);
	if (has_hi)
		hs_put_le16(raw + I_CSUM_HI, 0);
	crc = e->fs->crc32c(hs_inode_csum_seed(e->fs, ino, hs_get_le32(raw + 100)), raw, size);
	hs_put_le16(raw + I_CSUM_LO, (uint16_t)crc);
	if (has_hi)
		hs_put_le16(raw + I_CSUM_HI, (uint16_t)(crc >> 16));
}

errint_t hs_edit_store_inode(struct hs_edit *e, uint32_t ino, uint8_t *raw)
{
	const struct hs_fs_geo *geo = &e->fs->geo;
	uint32_t group = (ino - 1) / geo->inodes_per_group;
	uint32_t index = (ino - 1) % geo->inodes_per_group;
	uint64_t off = (e->fs->groups[group].inode_table << e->fs->block_shift) +
		       (uint64_t)index * geo->inode_size;
	errint_t err;

	set_csum(e, ino, raw);
	err = hs_io_pwrite(e->stage, raw, geo->inode_size, off);
	return err ? hs_edit_fail(e, err, "cannot change inode %u: %s", ino, strerror(-err)) : 0;
}

static struct hs_edit_usage usage(const struct hs_inode *in, int64_t inodes)
{
	return (struct hs_edit_usage){
		.uid = in->uid,
		.gid = in->gid,
		.projid = in->projid,
		.bytes = (int64_t)in->blocks * 512,
		.inodes = inodes,
	};
}

errint_t hs_edit_put_inode(struct hs_edit *e, struct hs_edit_inode *x)
{
	struct hs_edit_usage was, is;
	struct hs_inode now;
	int64_t inodes = 0;
	errint_t err;

	hs_inode_decode(e->fs, x->ino, x->raw, &now);
	if (now.uid != x->in.uid || now.gid != x->in.gid || now.projid != x->in.projid) {
		err = hs_edit_inodes_of(e, &x->in, &inodes);
		if (err)
			return err;
	}
	was = usage(&x->in, inodes);
	is = usage(&now, inodes);
	err = hs_edit_charge_move(e, x->ino, now.flags, &was, &is);
	if (err)
		return err;
	err = hs_edit_store_inode(e, x->ino, x->raw);
	hs_inode_decode(e->fs, x->ino, x->raw, &x->in);
	return err;
}

void hs_edit_add_iblocks(const struct hs_edit *e, struct hs_edit_inode *x, int64_t sectors)
{
	uint64_t blocks = hs_get_le32(x->raw + I_BLOCKS);

	if (e->fs->has_huge_file)
		blocks |= (uint64_t)hs_get_le16(x->raw + I_BLOCKS_HI) << 32;
	if (hs_get_le32(x->raw + 32) & HS_INODE_HUGE_FILE)
		sectors >>= e->fs->block_shift - 9;
	blocks += (uint64_t)sectors;
	hs_put_le32(x->raw + I_BLOCKS, (uint32_t)blocks);
	if (e->fs->has_huge_file)
		hs_put_le16(x->raw + I_BLOCKS_HI, (uint16_t)(blocks >> 32));
}

uint64_t hs_edit_goal(const struct hs_edit *e, uint32_t ino)
{
	const struct hs_fs_geo *geo = &e->fs->geo;
	uint32_t group = ino ? (ino - 1) / geo->inodes_per_group : 0;

	return geo->first_block + (uint64_t)group * e->e2->super->s_blocks_per_group;
}
