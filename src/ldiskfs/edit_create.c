/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * New inodes, as ext4 makes them, and freeing one.
 */
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "ldiskfs/edit_priv.h"

enum {
	I_MODE = 0,
	I_UID = 2,
	I_SIZE = 4,
	I_ATIME = 8,
	I_CTIME = 12,
	I_MTIME = 16,
	I_DTIME = 20,
	I_GID = 24,
	I_NLINK = 26,
	I_BLOCKS = 28,
	I_FLAGS = 32,
	I_BLOCK = 40,
	I_BLOCK_LEN = 60,
	I_GENERATION = 100,
	I_ACL = 104,
	I_SIZE_HI = 108,
	I_BLOCKS_HI = 116,
	I_ACL_HI = 118,
	I_UID_HI = 120,
	I_GID_HI = 122,
	I_EXTRA_ISIZE = 128,
	I_CRTIME = 144,
	I_PROJID = 156,
	EXTRA_ISIZE = 32, /* up to the project id */
	INCOMPAT_EXTENTS = 0x40,
};

static bool is_device(uint16_t mode)
{
	return (mode & 0170000) == 0020000 || (mode & 0170000) == 0060000;
}

static bool is_symlink(uint16_t mode)
{
	return (mode & 0170000) == 0120000;
}

static bool has_map(uint16_t mode)
{
	return (mode & 0170000) == 0100000 || (mode & 0170000) == 0040000;
}

static void fill(struct hs_edit *e, const struct hs_edit_new *n, uint32_t generation, uint8_t *raw)
{
	uint32_t size = e->fs->geo.inode_size, flags = n->flags, extra;
	struct hs_edit_inode x = {.raw = raw};

	memset(raw, 0, size);
	hs_put_le16(raw + I_MODE, n->mode);
	hs_put_le16(raw + I_UID, (uint16_t)n->uid);
	hs_put_le16(raw + I_UID_HI, (uint16_t)(n->uid >> 16));
	hs_put_le16(raw + I_GID, (uint16_t)n->gid);
	hs_put_le16(raw + I_GID_HI, (uint16_t)(n->gid >> 16));
	hs_put_le32(raw + I_ATIME, n->atime);
	hs_put_le32(raw + I_CTIME, n->ctime);
	hs_put_le32(raw + I_MTIME, n->mtime);
	hs_put_le16(raw + I_NLINK, (uint16_t)n->nlink);
	hs_put_le32(raw + I_GENERATION, generation);
	if (is_symlink(n->mode)) {
		hs_put_le32(raw + I_SIZE, (uint32_t)strlen(n->target));
		memcpy(raw + I_BLOCK, n->target, strlen(n->target));
	}
	if (is_device(n->mode))
		hs_put_le32(raw + I_BLOCK + (n->rdev > 0xffff ? 4 : 0), n->rdev);
	if (has_map(n->mode) && e->fs->geo.incompat & INCOMPAT_EXTENTS) {
		flags |= HS_INODE_EXTENTS;
		hs_put_le16(raw + I_BLOCK, 0xf30a);
		hs_put_le16(raw + I_BLOCK + 4, 4); /* entries that fit */
	}
	hs_put_le32(raw + I_FLAGS, flags);
	if (size <= HS_EXT4_GOOD_OLD_INODE)
		return;
	extra = e->e2->super->s_want_extra_isize;
	if (extra < EXTRA_ISIZE || extra > size - HS_EXT4_GOOD_OLD_INODE || extra % 4)
		extra = EXTRA_ISIZE;
	hs_put_le16(raw + I_EXTRA_ISIZE, (uint16_t)extra);
	if (hs_edit_inode_has(e, &x, I_CRTIME, 4))
		hs_put_le32(raw + I_CRTIME, e->now);
	if (hs_edit_inode_has(e, &x, I_PROJID, 4))
		hs_put_le32(raw + I_PROJID, n->projid);
}

/* The next one for this number, so that handles of the former inode stay stale. */
static errint_t next_generation(struct hs_edit *e, uint32_t ino, uint8_t *raw, uint32_t *generation)
{
	struct hs_inode old;
	errint_t err = hs_inode_read(e->fs, ino, raw, &old);

	if (err)
		return hs_edit_fail(e, err, "cannot read inode %u: %s", ino, strerror(-err));
	*generation = old.generation + 1;
	if (!*generation)
		*generation = 1;
	return 0;
}

static errint_t first_block(struct hs_edit *e, uint32_t ino, const struct hs_edit_new *n)
{
	hs_cleanup(hs_edit_dir_close) struct hs_edit_dir d = {0};
	const struct hs_edit_dirent dot = {.ino = ino, .type = 2};
	const struct hs_edit_dirent dotdot = {
		.ino = n->parent ? n->parent : ino,
		.type = 2,
		.fid = e->fs->has_dirdata ? n->parent_fid : NULL,
	};
	uint32_t bs = (uint32_t)hs_edit_block_size(e);
	hs_autofree uint8_t *buf = calloc(1, bs);
	uint64_t logical;
	errint_t err = buf ? hs_edit_dir_open(e, ino, &d) : -ENOMEM;

	if (!err)
		err = hs_edit_dir_grow(e, &d, &logical);
	if (err)
		return err;
	hs_edit_leaf_init(e, buf, d.leaf_len);
	hs_edit_entry_encode(&(struct hs_edit_name){".", 1, &dot}, buf, 12, bs);
	hs_edit_entry_encode(&(struct hs_edit_name){"..", 2, &dotdot}, buf + 12, d.leaf_len - 12,
			     bs);
	return hs_edit_dir_put_leaf(e, &d, 0, buf);
}

errint_t hs_edit_create(struct hs_edit *e, const struct hs_edit_new *n, uint32_t *ino,
			uint32_t *generation)
{
	hs_autofree uint8_t *raw = malloc(e->fs->geo.inode_size);
	bool dir = (n->mode & 0170000) == 0040000;
	struct hs_edit_usage u = {n->uid, n->gid, n->projid, 0, 1};
	errint_t err;

	if (!raw)
		return hs_edit_fail(e, -ENOMEM, "out of memory");
	if (is_symlink(n->mode) && (!n->target || !*n->target || strlen(n->target) >= I_BLOCK_LEN))
		return hs_edit_fail(e, -EINVAL, "impossible target of a symlink");
	err = hs_edit_alloc_inode(e, n->near, dir, ino);
	if (!err)
		err = next_generation(e, *ino, raw, generation);
	if (err)
		return err;
	fill(e, n, *generation, raw);
	err = hs_edit_store_inode(e, *ino, raw);
	if (!err)
		err = hs_edit_charge(e, *ino, n->flags, &u);
	if (!err && dir)
		err = first_block(e, *ino, n);
	return err;
}

errint_t hs_edit_free_inode(struct hs_edit *e, uint32_t ino)
{
	hs_cleanup(hs_edit_inode_free) struct hs_edit_inode x = {0};
	struct hs_edit_usage u;
	errint_t err = hs_edit_get_inode(e, ino, &x);
	bool dir;

	if (err)
		return err;
	if (ino < e->fs->geo.first_ino)
		return hs_edit_fail(e, -EINVAL, "inode %u is reserved", ino);
	dir = hs_inode_is_dir(&x.in);
	u = (struct hs_edit_usage){
		.uid = x.in.uid,
		.gid = x.in.gid,
		.projid = x.in.projid,
		.bytes = -(int64_t)x.in.blocks * 512,
	};
	err = hs_edit_inodes_of(e, &x.in, &u.inodes);
	u.inodes = -u.inodes;
	if (!err)
		err = hs_edit_charge(e, ino, x.in.flags, &u);
	if (!err)
		err = hs_edit_map_free(e, ino);
	if (!err)
		err = hs_edit_drop_xattrs(e, &x);
	if (err)
		return err;
	hs_put_le16(x.raw + I_NLINK, 0);
	hs_put_le32(x.raw + I_DTIME, e->now ? e->now : 1);
	hs_put_le32(x.raw + I_SIZE, 0);
	hs_put_le32(x.raw + I_SIZE_HI, 0);
	hs_put_le32(x.raw + I_BLOCKS, 0);
	hs_put_le16(x.raw + I_BLOCKS_HI, 0);
	hs_put_le32(x.raw + I_ACL, 0);
	hs_put_le16(x.raw + I_ACL_HI, 0);
	memset(x.raw + I_BLOCK, 0, I_BLOCK_LEN);
	hs_put_le32(x.raw + I_FLAGS, hs_get_le32(x.raw + I_FLAGS) & ~HS_INODE_EXTENTS);
	err = hs_edit_store_inode(e, ino, x.raw);
	return err ? err : hs_edit_free_number(e, ino, dir);
}
