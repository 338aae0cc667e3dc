/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fields of inodes. Times change only where they are what is asked for: a repair is no use of a
 * file, and Lustre reads meaning into them (format notes 3.2).
 */
#include "base/bytes.h"
#include "base/cleanup.h"
#include "ldiskfs/edit_priv.h"

enum {
	I_MODE = 0,
	I_UID = 2,
	I_ATIME = 8,
	I_CTIME = 12,
	I_MTIME = 16,
	I_GID = 24,
	I_NLINK = 26,
	I_FLAGS = 32,
	I_UID_HI = 120,
	I_GID_HI = 122,
	I_PROJID = 156,
	NLINK_MAX = 65000,
};

errint_t hs_edit_set_nlink(struct hs_edit *e, uint32_t ino, uint32_t nlink)
{
	hs_cleanup(hs_edit_inode_free) struct hs_edit_inode x = {0};
	errint_t err = hs_edit_get_inode(e, ino, &x);

	if (err)
		return err;
	if (nlink >= NLINK_MAX) {
		if (!hs_inode_is_dir(&x.in) || !(e->fs->geo.rocompat & 0x20))
			return hs_edit_fail(e, -EMLINK, "inode %u: %u links are too many", ino,
					    nlink);
		nlink = 1; /* not tracked any more */
	}
	hs_put_le16(x.raw + I_NLINK, (uint16_t)nlink);
	return hs_edit_put_inode(e, &x);
}

errint_t hs_edit_set_owner(struct hs_edit *e, uint32_t ino, uint32_t uid, uint32_t gid,
			   uint32_t projid)
{
	hs_cleanup(hs_edit_inode_free) struct hs_edit_inode x = {0};
	errint_t err = hs_edit_get_inode(e, ino, &x);

	if (err)
		return err;
	hs_put_le16(x.raw + I_UID, (uint16_t)uid);
	hs_put_le16(x.raw + I_UID_HI, (uint16_t)(uid >> 16));
	hs_put_le16(x.raw + I_GID, (uint16_t)gid);
	hs_put_le16(x.raw + I_GID_HI, (uint16_t)(gid >> 16));
	if (hs_edit_inode_has(e, &x, I_PROJID, 4))
		hs_put_le32(x.raw + I_PROJID, projid);
	else if (projid)
		return hs_edit_fail(e, -EOPNOTSUPP, "inode %u has no room for a project id", ino);
	return hs_edit_put_inode(e, &x);
}

errint_t hs_edit_set_mode(struct hs_edit *e, uint32_t ino, uint16_t mode)
{
	hs_cleanup(hs_edit_inode_free) struct hs_edit_inode x = {0};
	errint_t err = hs_edit_get_inode(e, ino, &x);

	if (err)
		return err;
	if ((mode & 0170000) != (x.in.mode & 0170000))
		return hs_edit_fail(e, -EINVAL, "inode %u: its type cannot change", ino);
	hs_put_le16(x.raw + I_MODE, mode);
	return hs_edit_put_inode(e, &x);
}

errint_t hs_edit_set_flags(struct hs_edit *e, uint32_t ino, uint32_t set, uint32_t clear)
{
	hs_cleanup(hs_edit_inode_free) struct hs_edit_inode x = {0};
	errint_t err = hs_edit_get_inode(e, ino, &x);

	if (err)
		return err;
	hs_put_le32(x.raw + I_FLAGS, (x.in.flags | set) & ~clear);
	return hs_edit_put_inode(e, &x);
}

errint_t hs_edit_set_times(struct hs_edit *e, uint32_t ino, uint32_t atime, uint32_t mtime,
			   uint32_t ctime)
{
	hs_cleanup(hs_edit_inode_free) struct hs_edit_inode x = {0};
	errint_t err = hs_edit_get_inode(e, ino, &x);

	if (err)
		return err;
	hs_put_le32(x.raw + I_ATIME, atime);
	hs_put_le32(x.raw + I_MTIME, mtime);
	hs_put_le32(x.raw + I_CTIME, ctime);
	return hs_edit_put_inode(e, &x);
}
