/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the file system says it uses, and what is found when everything is counted.
 */
#ifndef HS_XFS_TOTALS_H
#define HS_XFS_TOTALS_H

#include "xfs/scan.h"

struct hs_xfs_totals {
	uint64_t data; /* bytes */
	uint64_t rt;   /* bytes */
	uint64_t inodes;
};

/* From the kernel's counters, without what it has only reserved. */
errint_t hs_xfs_totals_used(struct hs_xfs_scan *scan, uint64_t reserved_blocks,
			    struct hs_xfs_totals *out);

/*
 * From the extent map and the inode btrees, AGs in parallel. *reserved_blocks: free blocks that
 * the AGs keep back for their btrees.
 */
errint_t hs_xfs_totals_found(struct hs_xfs_scan *scan, struct hs_xfs_totals *out,
			     uint64_t *reserved_blocks);

/* Equal within xfs_scrub's tolerance: less than `slack` apart, or at most 10 %. */
bool hs_xfs_totals_agree(uint64_t value, uint64_t other, uint64_t slack);

#endif
