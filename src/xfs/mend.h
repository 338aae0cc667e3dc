/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One repair call, and what its answer means (format notes 4.1, 4.3). The kernel checks, repairs
 * what it finds, and checks again, all in that call.
 */
#ifndef HS_XFS_MEND_H
#define HS_XFS_MEND_H

#include "repair/schedule.h"
#include "xfs/scan.h"

/* Why something is left as it is: a positive errno, or one of these. */
enum hs_xfs_reason {
	HS_XFS_LEFT_UNTRIED = 0,   /* the run did not come to it, or was not to repair */
	HS_XFS_LEFT_BAD = -1,	   /* repaired, and still wrong */
	HS_XFS_LEFT_BUSY = -2,	   /* the file system was too busy */
	HS_XFS_LEFT_UNKNOWN = -3,  /* the kernel cannot repair this here */
	HS_XFS_LEFT_WITHHELD = -4, /* it would crash the kernel */
	HS_XFS_LEFT_WAITS = -5,	   /* directories must be repaired before, and could not be */
};

struct hs_xfs_mend {
	const struct hs_xfs_object *obj;
	unsigned type;
	uint16_t was; /* flags of the check that found it; 0 when it is rebuilt although clean */
	enum hs_repair_effort effort;
};

/*
 * Asks the kernel to repair. Returns an outcome for the scheduler or what ends the run; *reason
 * (enum hs_xfs_reason or errno) is set where it failed. Tells what was done; does not complain.
 */
int hs_xfs_mend(struct hs_xfs_scan *scan, const struct hs_xfs_mend *m, int *reason);

/* The same for an optimisation: what cannot be made is forgotten. */
int hs_xfs_mend_better(struct hs_xfs_scan *scan, const struct hs_xfs_object *obj, unsigned type,
		       int *reason);

#endif
