/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Blocks of inodes, through libext2fs: it knows how extent trees and block maps grow. It works on
 * the stage, takes blocks from our allocator, and what it keeps in memory of bitmaps and counts is
 * never written.
 */
#include <stdlib.h>

#include "base/array.h"
#include "base/bytes.h"
#include "base/cleanup.h"
#include "ldiskfs/edit_priv.h"
#include "ldiskfs/extio.h"

static errcode_t give_block(ext2_filsys fs, blk64_t goal, blk64_t *block)
{
	struct hs_edit *e = fs->priv_data;
	uint64_t b = 0;
	errint_t err = hs_edit_alloc_block(e, goal, &b);

	*block = b;
	return err == -ENOSPC ? EXT2_ET_BLOCK_ALLOC_FAIL : (errcode_t)-err;
}

errint_t hs_edit_map_init(struct hs_edit *e)
{
	/* The features have been looked at; MMP is ours already. */
	errcode_t code = hs_extio_open(
		e->stage, EXT2_FLAG_RW | EXT2_FLAG_64BITS | EXT2_FLAG_FORCE | EXT2_FLAG_SKIP_MMP,
		&e->e2);

	if (code)
		return hs_edit_fail_ext2(e, code, "cannot open the file system", 0);
	e->e2->priv_data = e;
	ext2fs_set_alloc_block_callback(e->e2, give_block, NULL);
	return 0;
}

/* What the library has written of the inode is compared with what it was. */
static errint_t charge_growth(struct hs_edit *e, const struct hs_inode *before, uint8_t *raw)
{
	struct hs_edit_usage u = {
		.uid = before->uid,
		.gid = before->gid,
		.projid = before->projid,
	};
	struct hs_inode now;
	errint_t err = hs_inode_read(e->fs, before->ino, raw, &now);

	if (err)
		return hs_edit_fail(e, err, "cannot read inode %u: %s", before->ino,
				    strerror(-err));
	u.bytes = ((int64_t)now.blocks - (int64_t)before->blocks) * 512;
	return u.bytes ? hs_edit_charge(e, before->ino, now.flags, &u) : 0;
}

errint_t hs_edit_map_add(struct hs_edit *e, uint32_t ino, uint64_t logical, uint64_t *block)
{
	hs_cleanup(hs_edit_inode_free) struct hs_edit_inode x = {0};
	blk64_t physical = 0;
	errcode_t code;
	errint_t err = hs_edit_get_inode(e, ino, &x);

	if (err)
		return err;
	ext2fs_flush_icache(e->e2);
	hs_strbuf_reset(&e->why);
	code = ext2fs_bmap2(e->e2, ino, NULL, NULL, BMAP_ALLOC, logical, NULL, &physical);
	ext2fs_flush_icache(e->e2);
	if (code == EXT2_ET_BLOCK_ALLOC_FAIL && e->why.len)
		return -ENOSPC;
	if (code || !physical)
		return hs_edit_fail_ext2(e, code ? code : EXT2_ET_BLOCK_ALLOC_FAIL,
					 "cannot add a block", ino);
	*block = physical;
	return charge_growth(e, &x.in, x.raw);
}

struct blocks {
	uint64_t *v;
	size_t n, room;
	errint_t err;
};

static int note_block(ext2_filsys fs, blk64_t *block, e2_blkcnt_t count, blk64_t ref, int at,
		      void *arg)
{
	struct blocks *b = arg;

	(void)fs;
	(void)count;
	(void)ref;
	(void)at;
	b->err = hs_array_grow(&b->v, &b->room, b->n + 1);
	if (b->err)
		return BLOCK_ABORT;
	b->v[b->n++] = *block;
	return 0;
}

errint_t hs_edit_map_free(struct hs_edit *e, uint32_t ino)
{
	struct ext2_inode in;
	struct blocks b = {0};
	errcode_t code;
	errint_t err = 0;

	ext2fs_flush_icache(e->e2);
	code = ext2fs_read_inode(e->e2, ino, &in);
	if (code)
		return hs_edit_fail_ext2(e, code, "cannot read it", ino);
	if (!ext2fs_inode_has_valid_blocks2(e->e2, &in))
		return 0;
	code = ext2fs_block_iterate3(e->e2, ino, BLOCK_FLAG_READ_ONLY, NULL, note_block, &b);
	if (b.err)
		err = hs_edit_fail(e, b.err, "out of memory");
	else if (code)
		err = hs_edit_fail_ext2(e, code, "cannot find its blocks", ino);
	for (size_t i = 0; i < b.n && !err; i++)
		err = hs_edit_free_block(e, b.v[i]);
	free(b.v);
	return err;
}
