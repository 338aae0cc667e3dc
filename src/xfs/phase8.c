/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Phase 8: free space is discarded (FITRIM), unless something is wrong with the file system: then
 * what looks free may not be. Short extents are left out where they make up little of it: they are
 * most of the work.
 *
 * The kernel's addresses are those of the data volume with the realtime volume behind it (format
 * notes 2.11). It cannot be interrupted within a call, so it is asked for a stretch at a time.
 */
#include "xfs/scan.h"

#include <string.h>

#include "xfs/report.h"

/*
 * xfs_scrub's: large enough that a call does not search the same group over and over, and no
 * multiple of a usual group size, so that the edges of groups are not always edges of calls.
 */
#define STRETCH (UINT64_C(11) << 30)

/* Of the free space, in per cent, that is to be discarded. */
#define WORTHWHILE 99

/* The least length with which at least `percent` of the free space is in extents that long. */
static uint64_t least_length(const struct hs_xfs_scan *scan, unsigned percent)
{
	uint64_t all = 0, long_ones = 0;

	for (unsigned i = 0; i < HS_XFS_SIZE_CLASSES; i++)
		all += atomic_load(&scan->free_sizes[i]);
	if (percent >= 100 || all == 0)
		return 0;
	for (unsigned i = HS_XFS_SIZE_CLASSES; i-- > 0;) {
		long_ones += atomic_load(&scan->free_sizes[i]);
		if ((double)long_ones >= (double)all * percent / 100)
			return UINT64_C(1) << i;
	}
	return 0;
}

/* 1 when there is nothing (more) to be trimmed here. */
static int trim(struct hs_xfs_scan *scan, uint64_t start, uint64_t len, uint64_t least,
		uint64_t *trimmed)
{
	struct fstrim_range range = {.start = start, .len = len, .minlen = least};
	struct hs_xfs_kernel *k = scan->fs.kernel;
	errint_t rc = k->ops->fitrim(k, scan->fs.fd, &range);

	/* kernels before 6.13 know only the data volume: where it ends, nothing is */
	if (rc == -EINVAL && start >= scan->fs.geom.datablocks * scan->fs.geom.blocksize)
		return 1;
	switch (rc) {
	case 0:
		*trimmed += range.len <= len ? range.len : 0;
		return 0;
	case -EOPNOTSUPP:
	case -ENOTTY:
		return 1; /* the device cannot discard */
	case -EINTR:
	case -ESHUTDOWN:
		return rc;
	default:
		hs_xfs_say(scan, HS_XFS_ERROR, scan->fs.shown, "Free space cannot be trimmed: %s.",
			   strerror(-rc));
		return 1;
	}
}

static errint_t trim_volume(struct hs_xfs_scan *scan, uint64_t start, uint64_t end, uint64_t least,
			    uint64_t *trimmed)
{
	for (uint64_t at = start, n; at < end; at += n) {
		int rc = hs_xfs_scan_ended(scan);

		if (rc)
			return rc;
		n = end - at < STRETCH ? end - at : STRETCH;
		rc = trim(scan, at, n, least, trimmed);
		if (rc)
			return rc < 0 ? rc : 0;
		atomic_fetch_add(&scan->progress.done, n);
	}
	return 0;
}

bool hs_xfs_may_trim(struct hs_xfs_scan *scan)
{
	/* a check changes nothing, nor does one that was to repair and cannot */
	if (scan->mode == HS_XFS_CHECK)
		return false;
	/* some of what is in the docket is told only at the end */
	return scan->opt->trim && hs_xfs_all_proven(scan) && !hs_xfs_found_damage(scan) &&
	       !atomic_load(&scan->tally.unfixable) && !atomic_load(&scan->tally.errors);
}

errint_t hs_xfs_phase8(struct hs_xfs_scan *scan)
{
	const struct hs_xfs_geom *g = &scan->fs.geom;
	unsigned percent = scan->opt->trim_percent ? scan->opt->trim_percent : WORTHWHILE;
	uint64_t data = g->datablocks * g->blocksize, trimmed = 0;
	bool realtime = g->rtblocks && !hs_xfs_feature(&scan->fs, HS_XFS_GEOM_ZONED);
	errint_t rc;

	/* once more, whoever called: nothing is discarded that was not asked for */
	if (!hs_xfs_may_trim(scan))
		return 0;
	atomic_store(&scan->progress.total, data + (realtime ? g->rtblocks * g->blocksize : 0));
	rc = trim_volume(scan, 0, data, least_length(scan, percent), &trimmed);
	if (!rc && realtime)
		rc = trim_volume(scan, data, data + g->rtblocks * g->blocksize, 0, &trimmed);
	if (!rc && scan->run)
		rc = hs_run_set_total(scan->run, scan->fs.shown, "trimmed", (int64_t)trimmed);
	return rc;
}
