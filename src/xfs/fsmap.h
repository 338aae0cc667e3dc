/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The map of what owns each part of the devices (GETFSMAP, format notes 2.7), streamed.
 */
#ifndef HS_XFS_FSMAP_H
#define HS_XFS_FSMAP_H

#include "xfs/fs.h"

/* Special owners; real ones are inode numbers. */
#define HS_XFS_OWN_FREE	     FMR_OWN_FREE
#define HS_XFS_OWN_UNKNOWN   FMR_OWN_UNKNOWN
#define HS_XFS_OWN_FS	     FMR_OWNER('X', 1)
#define HS_XFS_OWN_LOG	     FMR_OWNER('X', 2)
#define HS_XFS_OWN_AG	     FMR_OWNER('X', 3)
#define HS_XFS_OWN_INOBT     FMR_OWNER('X', 4)
#define HS_XFS_OWN_INODES    FMR_OWNER('X', 5)
#define HS_XFS_OWN_REFC	     FMR_OWNER('X', 6)
#define HS_XFS_OWN_COW	     FMR_OWNER('X', 7)
#define HS_XFS_OWN_DEFECTIVE FMR_OWNER('X', 8)

struct hs_xfs_range {
	uint32_t low_device, high_device;
	uint64_t low, high; /* bytes, inclusive */
};

/* A walk over the map. Belongs to one thread. */
struct hs_xfs_fsmap {
	const struct hs_xfs_fs *fs;
	struct fsmap_head *head; /* with room for the records */
	uint32_t at, n;
	bool first; /* nothing was asked since the seek */
	bool ended; /* the kernel has no more */
};

/* -ENOMEM. Nothing is returned before hs_xfs_fsmap_seek(). */
errint_t hs_xfs_fsmap_init(struct hs_xfs_fsmap *m, const struct hs_xfs_fs *fs);
void hs_xfs_fsmap_free(struct hs_xfs_fsmap *m);
void hs_xfs_fsmap_seek(struct hs_xfs_fsmap *m, const struct hs_xfs_range *range);

/* Nothing more is returned before the next seek. */
void hs_xfs_fsmap_end(struct hs_xfs_fsmap *m);

/*
 * The next extent that touches the range, in order of device and position: 1, 0 at the end, -EPROTO
 * when the kernel goes round in circles, else as the kernel says. Lengths and owners are the
 * kernel's words, not checked.
 */
int hs_xfs_fsmap_next(struct hs_xfs_fsmap *m, struct fsmap *rec);

/*
 * Calls fn for each extent that touches the range, in order of device and position, until it
 * returns other than 0, which is returned. -EPROTO when the kernel goes round in circles.
 */
int hs_xfs_each_extent(const struct hs_xfs_fs *fs, const struct hs_xfs_range *range,
		       int (*fn)(const struct fsmap *rec, void *arg), void *arg);

static inline bool hs_xfs_extent_is(const struct fsmap *rec, uint64_t special_owner)
{
	return (rec->fmr_flags & FMR_OF_SPECIAL_OWNER) && rec->fmr_owner == special_owner;
}

#endif
