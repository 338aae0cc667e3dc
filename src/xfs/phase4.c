/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Phase 4: everything that waits for repair, in the order of dependency groups i to d, so that
 * phase 5 can rely on it. What is done in which order is the business of repair/schedule.h; what an
 * item is, of items.h.
 */
#include "xfs/scan.h"

#include "xfs/items.h"
#include "xfs/report.h"

static errint_t check_count(struct hs_xfs_scan *scan, uint8_t type)
{
	struct hs_xfs_object fs = {.scope = HS_XFS_SCOPE_FS};
	struct hs_xfs_outcome out;
	int rc = hs_xfs_check(&scan->fs, &fs, &type, 1, &out);
	uint64_t bad = HS_XFS_SCRUB_CORRUPT | HS_XFS_SCRUB_XCORRUPT;

	/* what else there is to say of it is said in phase 5 or 7 */
	if (rc <= 0 || !hs_xfs_outcome_mask(&out, (uint16_t)bad))
		return rc < 0 ? rc : 0;
	return hs_xfs_judge(scan, &fs, &out);
}

/*
 * Rebuilding takes free space as the counters have it, and wrong quota counts can end access to the
 * file system. Counting quotas reads every inode: only when the kernel knows that they are wrong.
 */
static errint_t repair_counts_first(struct hs_xfs_scan *scan)
{
	struct hs_xfs_kernel *k = scan->fs.kernel;
	struct hs_xfs_geom now;
	errint_t rc = check_count(scan, HS_XFS_FSCOUNTERS);

	if (!rc && k->ops->geometry(k, scan->fs.fd, &now) == 0 &&
	    (now.sick & HS_XFS_FS_SICK_QUOTACHECK))
		rc = check_count(scan, HS_XFS_QUOTACHECK);
	return rc;
}

static errint_t optimize_only(struct hs_xfs_scan *scan)
{
	if (hs_xfs_found_damage(scan)) {
		hs_xfs_say(scan, HS_XFS_INFO, scan->fs.shown,
			   "Corruptions found; will not optimize.  Re-run without -p.");
		hs_repair_clear(&scan->repair);
		return 0;
	}
	return hs_repair_run_optimizations(&scan->repair);
}

errint_t hs_xfs_phase4(struct hs_xfs_scan *scan)
{
	size_t n = hs_repair_count(&scan->repair);
	errint_t rc = 0;

	atomic_store(&scan->progress.total, n);
	if (scan->mode == HS_XFS_OPTIMIZE)
		return optimize_only(scan);
	if (n == 0)
		return 0;
	if (hs_xfs_found_damage(scan))
		rc = repair_counts_first(scan);
	if (!rc)
		rc = hs_xfs_repair_what_waits(scan);
	if (!rc && atomic_load(&scan->unlisted))
		hs_xfs_say(scan, HS_XFS_ERROR, scan->fs.shown,
			   "The inodes of %u AGs could not all be listed before the repair; run "
			   "again to check them.",
			   atomic_load(&scan->unlisted));
	return rc;
}
