/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The inodes of one inode-btree chunk, at most 64: one BULKSTAT for all of them, and one more for
 * each that it left out although the inode btree says it is allocated (format notes 2.5, 7.3).
 */
#ifndef HS_XFS_CHUNK_H
#define HS_XFS_CHUNK_H

#include <stdbool.h>

#include "xfs/fs.h"

/* Large (12 KiB): one a worker. */
struct hs_xfs_chunk {
	struct hs_xfs_bulk_head head; /* must precede the records */
	struct hs_xfs_bstat recs[HS_XFS_CHUNK_INODES];
	unsigned n;
};

/*
 * Loads every inode of the chunk's allocation mask, in order. An inode that the kernel cannot load
 * gets a record with its number, generation 0 and mode 0, so that its checks show what is wrong.
 */
errint_t hs_xfs_chunk_load(const struct hs_xfs_fs *fs, const struct hs_xfs_inogrp *grp,
			   struct hs_xfs_chunk *out);

/* One inode: -ENOENT when it is not there, or the kernel's reason why it cannot be loaded. */
errint_t hs_xfs_inode_load(const struct hs_xfs_fs *fs, uint64_t ino, struct hs_xfs_bstat *out);

/*
 * A file of the metadata directory tree: BULKSTAT tells no sizes of these, and every other inode
 * has a preferred I/O size (format notes 2.5).
 */
static inline bool hs_xfs_is_metafile(const struct hs_xfs_bstat *st)
{
	return st->mode && st->blksize == 0;
}

#endif
