/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every allocated inode of a file system, spread over workers by two bounded queues:
 *
 *	AGs --> readers (INUMBERS) --> inode-btree chunks --> workers (BULKSTAT, at most 64 inodes)
 *
 * A full second queue blocks the readers. A worker that finds no more chunks takes single inodes
 * from the batches of the others, so that a last chunk of few huge files idles nobody. With one
 * worker there are neither queues nor threads.
 *
 * An inode that changes while it is looked at is loaded again, up to HS_XFS_RELOADS times; then
 * only this one is given up, aloud. An AG whose inode btree cannot be read is reported and ends;
 * the others go on.
 */
#ifndef HS_XFS_INODES_H
#define HS_XFS_INODES_H

#include "xfs/check.h"
#include "xfs/scan.h"

#define HS_XFS_RELOADS 30

/*
 * Handles one inode; mode 0: the kernel could not load it. Returns 0, -ESTALE when there is no
 * inode of that number and generation (any more), or what ends the scan. Called by worker
 * 0..workers-1.
 */
typedef errint_t hs_xfs_inode_fn(unsigned worker, const struct hs_xfs_bstat *st, void *arg);

/*
 * The types to check of an inode, in dependency order: how many. Left out is what the kernel would
 * answer with "no such thing"; an inode that could not be loaded (mode 0) may have everything.
 */
unsigned hs_xfs_inode_types(const struct hs_xfs_fs *fs, const struct hs_xfs_bstat *st,
			    uint8_t types[HS_XFS_OBJECT_TYPES]);

/* Returns 0 at the end of all AGs, or what ended the scan. */
errint_t hs_xfs_each_inode(struct hs_xfs_scan *scan, hs_xfs_inode_fn *fn, void *arg);

#endif
