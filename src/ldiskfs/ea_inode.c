/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading a value from an EA inode. Two generations are met: the shared form keeps a checksum of
 * the value in i_atime, the older Lustre form names its only owner in i_mtime and i_generation.
 */
#include "ldiskfs/ea_inode.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "ldiskfs/file.h"
#include "ldiskfs/fs_priv.h"

static bool value_fits(const struct hs_fs *fs, const struct hs_inode *owner,
		       const struct hs_inode *ea, const uint8_t *value, uint32_t len)
{
	if (fs->crc32c(fs->csum_seed, value, len) == ea->atime)
		return true;
	return ea->mtime == owner->ino && ea->generation == owner->generation;
}

errint_t hs_ea_inode_read(const struct hs_fs *fs, const struct hs_inode *owner, uint32_t ino,
			  uint8_t *buf, uint32_t len)
{
	hs_autofree uint8_t *raw = NULL;
	struct hs_inode ea;
	size_t got;
	errint_t err;

	if (ino < fs->geo.first_ino || ino > fs->geo.inodes || ino == owner->ino)
		return -EUCLEAN;
	raw = malloc(fs->geo.inode_size);
	if (!raw)
		return -ENOMEM;
	err = hs_inode_read(fs, ino, raw, &ea);
	if (err)
		return err;
	if (!(ea.flags & HS_INODE_EA_INODE) || !hs_inode_is_reg(&ea) || ea.size != len)
		return -EUCLEAN;
	err = hs_file_pread(fs, &ea, buf, len, 0, &got);
	if (err)
		return err;
	return got == len && value_fits(fs, owner, &ea, buf, len) ? 0 : -EUCLEAN;
}
