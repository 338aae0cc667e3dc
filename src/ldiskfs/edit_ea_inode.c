/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Values in inodes of their own, and attribute blocks that several inodes share: both count their
 * users. The count of an EA inode has its upper half in i_ctime and its lower half in i_version;
 * i_atime holds the checksum of the value. Older Lustre wrote EA inodes without a count, whose
 * only user i_mtime and i_generation name.
 */
#include <stdlib.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "ldiskfs/edit_xattr.h"

enum {
	I_CTIME = 12,
	I_VERSION = 36,
	H_REFCOUNT = 4,
	H_CSUM = 16,
};

errint_t hs_edit_ea_inode_create(struct hs_edit *e, const struct hs_inode *owner, const void *value,
				 size_t len, uint32_t *ino)
{
	const struct hs_edit_new n = {
		.near = owner->ino,
		.mode = 0100600,
		.uid = owner->uid,
		.gid = owner->gid,
		.flags = HS_INODE_EA_INODE,
		.nlink = 1,
		.atime = e->fs->crc32c(e->fs->csum_seed, value, len),
		.mtime = e->now,
	};
	hs_cleanup(hs_edit_inode_free) struct hs_edit_inode x = {0};
	uint32_t generation;
	errint_t err = hs_edit_create(e, &n, ino, &generation);

	if (!err)
		err = hs_edit_write(e, *ino, value, len, 0);
	if (!err)
		err = hs_edit_get_inode(e, *ino, &x);
	if (err)
		return err;
	hs_put_le32(x.raw + I_VERSION, 1);
	return hs_edit_put_inode(e, &x);
}

/* Changes the number of users; *left is how many there are then. */
static errint_t add_users(struct hs_edit *e, uint32_t ino, int n, uint64_t *left)
{
	hs_cleanup(hs_edit_inode_free) struct hs_edit_inode x = {0};
	errint_t err = hs_edit_get_inode(e, ino, &x);
	uint64_t users;

	if (err)
		return err;
	if (!(x.in.flags & HS_INODE_EA_INODE))
		return hs_edit_fail(e, -EUCLEAN, "inode %u holds no attribute", ino);
	users = (uint64_t)x.in.ctime << 32 | hs_get_le32(x.raw + I_VERSION);
	if (n < 0 && users <= (uint64_t)-n) {
		*left = 0;
		return 0;
	}
	users += (uint64_t)(int64_t)n;
	*left = users;
	hs_put_le32(x.raw + I_CTIME, (uint32_t)(users >> 32));
	hs_put_le32(x.raw + I_VERSION, (uint32_t)users);
	return hs_edit_put_inode(e, &x);
}

errint_t hs_edit_ea_inode_put(struct hs_edit *e, uint32_t ino)
{
	uint64_t left;
	errint_t err = add_users(e, ino, -1, &left);

	return err || left ? err : hs_edit_free_inode(e, ino);
}

errint_t hs_edit_attr_block_put(struct hs_edit *e, uint64_t block,
				const struct hs_edit_attrs *copied)
{
	const struct hs_fs *fs = e->fs;
	uint32_t bs = fs->geo.block_size, users;
	hs_autofree uint8_t *buf = malloc(bs);
	uint8_t le[8];
	errint_t err;

	if (!buf)
		return hs_edit_fail(e, -ENOMEM, "out of memory");
	err = hs_edit_get_block(e, block, buf);
	if (err)
		return err;
	users = hs_get_le32(buf) == HS_XATTR_MAGIC ? hs_get_le32(buf + H_REFCOUNT) : 1;
	if (users <= 1)
		return hs_edit_free_block(e, block);
	for (unsigned i = 0; copied && i < copied->n && !err; i++) {
		uint64_t left;

		if (copied->v[i].place == HS_IN_BLOCK && copied->v[i].ea_ino)
			err = add_users(e, copied->v[i].ea_ino, 1, &left);
	}
	if (err)
		return err;
	hs_put_le32(buf + H_REFCOUNT, users - 1);
	if (fs->geo.has_metadata_csum) {
		hs_put_le64(le, block);
		hs_put_le32(buf + H_CSUM, 0);
		hs_put_le32(buf + H_CSUM, fs->crc32c(fs->crc32c(fs->csum_seed, le, 8), buf, bs));
	}
	return hs_edit_put_block(e, block, buf);
}
