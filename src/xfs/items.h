/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is to be repaired: from what checks find to items of the repair scheduler, and what that
 * scheduler may do with them. One item is one object that the kernel locks by itself.
 *
 *	phase 2	AGI, inode btree and free inode btree at once: phase 3 needs them
 *	phase 3	what is wrong in an inode at once, if no space metadata wait for repair. But not
 *		entries and parent pointers where there are parent pointers: what is wrong there
 *		may be a child's, and rebuilding them reads every inode
 *	phase 4	everything that waits: space metadata, then inodes, then damaged entries, then
 *		parent pointers, then entries that only disagree with them, then counts. Parent
 *pointers and link counts only if all directories are right: they would be made to agree with what
 *is wrong there phase 5	link and quota counts at once; the directory tree when all of it has
 *been seen, and after it the counts that could not be repaired before phase 7	the summary counters
 *at once
 *
 * Optimisations always wait for phase 4, or for the end of the phase they are found in.
 */
#ifndef HS_XFS_ITEMS_H
#define HS_XFS_ITEMS_H

#include "xfs/scan.h"

errint_t hs_xfs_items_init(struct hs_xfs_scan *scan);

/*
 * Takes up what a check found of an object: the entry (damage of it goes to the docket), the types
 * that could be optimised, and those that are to be rebuilt although nothing is wrong. Repairs at
 * once what may be. Returns what ends the run. Any thread.
 */
errint_t hs_xfs_take_up(struct hs_xfs_scan *scan, const struct hs_xfs_entry *e, uint64_t better,
			uint64_t forced);

/*
 * A count that was found wrong before is right: phases 5 and 7 look again at what phase 4 could not
 * repair.
 */
void hs_xfs_count_is_right(struct hs_xfs_scan *scan, uint8_t type);

/* Brings everything that waits to its end. Between phases, or at the end of one. */
errint_t hs_xfs_repair_what_waits(struct hs_xfs_scan *scan);

/* Whether space metadata wait for repair. */
bool hs_xfs_space_waits(struct hs_xfs_scan *scan);

#endif
