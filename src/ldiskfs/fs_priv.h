/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The inside of an opened target, for the files of this room. Constant after hs_fs_open(), so any
 * thread may read it.
 */
#ifndef HS_LDISKFS_FS_PRIV_H
#define HS_LDISKFS_FS_PRIV_H

#include "base/crc32c.h"
#include "ldiskfs/fs.h"
#include "ldiskfs/inode.h"

#define HS_INODE_CASEFOLD 0x40000000u

#define HS_EXT4_GOOD_OLD_INODE 128u /* bytes of an inode before the extra fields */

struct hs_group {
	uint64_t inode_bitmap; /* block */
	uint64_t inode_table;  /* first block */
	uint32_t inodes;       /* that can be in use: 0 if uninitialised, without the unused tail */
	uint32_t bitmap_csum;
};

struct hs_fs {
	struct hs_io *io;
	struct hs_log *log;
	struct hs_fs_geo geo;
	struct hs_group *groups;
	hs_crc32c_fn *crc32c;
	uint32_t csum_seed;
	uint32_t bitmap_csum_mask; /* small group descriptors hold 16 bits of it */
	unsigned block_shift;
	bool has_dirdata;
	bool has_largedir;
	bool has_huge_file;
	uint32_t *orphans; /* ascending */
	size_t n_orphans, orphans_room;
};

/* orphans.c: fills fs->orphans from the list that starts at `first` and from the orphan file. */
errint_t hs_orphans_load(struct hs_fs *fs, uint32_t first, uint32_t orphan_file);

/*
 * bitmap.c: whether the first bytes of `block` are what group `group` calls its inode bitmap.
 */
bool hs_bitmap_csum_ok(const struct hs_fs *fs, uint32_t group, const uint8_t *block);

/* The checksum seed of everything that belongs to one inode: extents, directory blocks. */
uint32_t hs_inode_csum_seed(const struct hs_fs *fs, uint32_t ino, uint32_t generation);

/* Whether `count` blocks from `block` on can hold something of a file. */
static inline bool hs_fs_blocks_valid(const struct hs_fs *fs, uint64_t block, uint64_t count)
{
	return block > fs->geo.first_block && block < fs->geo.blocks &&
	       count <= fs->geo.blocks - block;
}

static inline errint_t hs_fs_read_block(const struct hs_fs *fs, uint64_t block, uint8_t *buf)
{
	return hs_io_pread(fs->io, buf, fs->geo.block_size, block << fs->block_shift);
}

#endif
