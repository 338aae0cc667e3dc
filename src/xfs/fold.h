/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which damage follows from which, and the findings that come of it: one a cause, its consequences
 * folded under it.
 *
 * The rules, in the order in which they are tried:
 *  - an inode follows from nothing; what hangs together in one inode is one finding;
 *  - in an AG or rtgroup, a structure whose header or base is damaged follows from it, and one that
 *    only disagrees with others follows from a damaged one of the same group;
 *  - a file whose parent pointers are bad, or could not be compared with their directories, follows
 *    from a damaged directory among its parents;
 *  - a directory whose entries are bad follows from a damaged child (inode, attribute fork);
 *  - directories that are wrong in the tree and are each other's parents are one cause;
 *  - metadata paths and the parent pointers of metadata files follow from a damaged metadata
 *    directory, else the latter from the former;
 *  - inodes that cannot be read follow from the first of those that lie together;
 *  - link counts follow from damaged directories, parent pointers and metadata paths, quota counts
 *    from damaged inodes, forks and quota files, both from inodes that cannot be read, summary
 *    counters from damaged groups, and inodes that only disagree with space metadata follow from
 *    damaged groups;
 *  - failed cross-references follow from a damaged group, else from an inode that cannot be loaded.
 *
 * Folding never hides damage: consequences are recorded with their cause, and a count that is
 * still wrong after the cause was repaired is found by the next run.
 */
#ifndef HS_XFS_FOLD_H
#define HS_XFS_FOLD_H

#include "xfs/scan.h"

/*
 * Bits of the types of an entry that are causes by themselves: of an inode one, of a group one or
 * more; none for an entry that is only incomplete or without cross-reference.
 */
uint64_t hs_xfs_entry_roots(const struct hs_xfs_entry *e);

/* Sorts the docket and sets the cause of every entry. Asks the kernel for parents. */
void hs_xfs_fold(struct hs_xfs_scan *scan);

/* Tells one entry, if it has not been told, and stages its findings as if nothing followed. */
void hs_xfs_record_alone(struct hs_xfs_scan *scan, struct hs_xfs_entry *e);

/* Folds, tells what has not been told, and stages one finding a cause. Once, at the end. */
void hs_xfs_settle(struct hs_xfs_scan *scan);

#endif
