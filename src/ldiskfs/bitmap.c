/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inode bitmaps: one block a group, with a checksum in the group descriptor.
 */
#include <stdlib.h>

#include "base/cleanup.h"
#include "ldiskfs/fs_priv.h"

bool hs_bitmap_csum_ok(const struct hs_fs *fs, uint32_t group, const uint8_t *block)
{
	uint32_t crc;

	if (!fs->geo.has_metadata_csum)
		return true;
	crc = fs->crc32c(fs->csum_seed, block, fs->geo.inodes_per_group / 8);
	return (crc & fs->bitmap_csum_mask) == fs->groups[group].bitmap_csum;
}

int hs_inode_in_use(const struct hs_fs *fs, uint32_t ino)
{
	hs_autofree uint8_t *block = NULL;
	uint32_t group, index;
	errint_t err;

	if (ino == 0 || ino > fs->geo.inodes)
		return -EINVAL;
	group = (ino - 1) / fs->geo.inodes_per_group;
	index = (ino - 1) % fs->geo.inodes_per_group;
	if (index >= fs->groups[group].inodes)
		return 0;
	block = malloc(fs->geo.block_size);
	if (!block)
		return -ENOMEM;
	err = hs_fs_read_block(fs, fs->groups[group].inode_bitmap, block);
	if (err)
		return err;
	if (!hs_bitmap_csum_ok(fs, group, block))
		return -EUCLEAN;
	return block[index / 8] >> (index % 8) & 1;
}
