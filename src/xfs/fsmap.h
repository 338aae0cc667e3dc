/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The map of what owns each part of the devices (GETFSMAP, format notes 2.7), streamed.
 */
#ifndef HS_XFS_FSMAP_H
#define HS_XFS_FSMAP_H

#include "xfs/fs.h"

/* Special owners; real ones are inode numbers. */
#define HS_XFS_OWN_FREE FMR_OWN_FREE
#define HS_XFS_OWN_LOG	FMR_OWNER('X', 2)

struct hs_xfs_range {
	uint32_t low_device, high_device;
	uint64_t low, high; /* bytes, inclusive */
};

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
