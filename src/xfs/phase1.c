/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Phase 1: the file system, its geometry, and what its kernel can do (dependency group i).
 */
#include "xfs/scan.h"

#include <string.h>

#include "xfs/report.h"

static errint_t cannot_open(struct hs_xfs_scan *scan, errint_t rc)
{
	switch (rc) {
	case -ENOTTY:
		hs_xfs_say(scan, HS_XFS_ERROR, scan->fs.shown, "Not an XFS filesystem.");
		break;
	case -EPERM:
	case -EACCES:
		hs_xfs_say(scan, HS_XFS_ERROR, scan->fs.shown, "Must be root to run scrub.");
		break;
	case -EPROTO:
		hs_xfs_say(scan, HS_XFS_ERROR, scan->fs.shown,
			   "The kernel's description of the file system makes no sense.");
		break;
	default:
		hs_xfs_say(scan, HS_XFS_ERROR, scan->fs.shown, "%s.", strerror(-rc));
		break;
	}
	return rc;
}

static errint_t cannot_check(struct hs_xfs_scan *scan, errint_t rc)
{
	switch (rc) {
	case -ENOTTY:
		hs_xfs_say(scan, HS_XFS_ERROR, scan->fs.shown,
			   "Kernel metadata scrubbing facility is not available.");
		break;
	case -EPERM:
		hs_xfs_say(scan, HS_XFS_ERROR, scan->fs.shown, "Must be root to run scrub.");
		break;
	case -ENOTRECOVERABLE:
		hs_xfs_say(scan, HS_XFS_ERROR, scan->fs.shown,
			   "Filesystem is mounted norecovery; cannot proceed.");
		break;
	case -ESHUTDOWN:
		hs_xfs_say(scan, HS_XFS_ERROR, scan->fs.shown,
			   "Filesystem is shut down, aborting.");
		break;
	default:
		hs_xfs_say(scan, HS_XFS_ERROR, scan->fs.shown, "%s.", strerror(-rc));
		break;
	}
	return rc;
}

/* Whether the kernel can repair this file system as it is mounted. */
static errint_t probe_repair(struct hs_xfs_scan *scan)
{
	struct hs_xfs_fs *fs = &scan->fs;
	struct hs_xfs_scrub probe = {.type = HS_XFS_PROBE, .flags = HS_XFS_SCRUB_REPAIR};
	errint_t rc = fs->kernel->ops->scrub(fs->kernel, fs->fd, &probe);

	switch (rc) {
	case -EPERM:
	case -ESHUTDOWN:
	case -EINTR:
		return cannot_check(scan, rc);
	case -EOPNOTSUPP:
	case -ENOTTY:
	case -EINVAL:
	case -ENOENT:
	case -EROFS:
	case -ENOTRECOVERABLE:
		break;
	default:
		/* it can; a full file system says ENOSPC here already */
		return 0;
	}
	if (scan->opt->check_instead) {
		scan->mode = HS_XFS_CHECK;
		return 0;
	}
	if (rc == -EROFS)
		hs_xfs_say(scan, HS_XFS_INFO, fs->shown,
			   "Filesystem is mounted read-only; cannot proceed.");
	if (rc == -ENOTRECOVERABLE)
		hs_xfs_say(scan, HS_XFS_INFO, fs->shown,
			   "Filesystem is mounted norecovery; cannot proceed.");
	hs_xfs_say(scan, HS_XFS_ERROR, fs->shown,
		   "Kernel metadata repair facility is not available.  Use -n to scrub.");
	return rc;
}

errint_t hs_xfs_phase1(struct hs_xfs_scan *scan, const char *path)
{
	struct hs_xfs_fs *fs = &scan->fs;
	errint_t rc = hs_xfs_fs_open(fs, fs->kernel, path, fs->shown);

	if (rc)
		return cannot_open(scan, rc);
	fs->rest_us = scan->opt->rest_us;

	/* pending writes, and the errors that wait for somebody to ask */
	rc = fs->read_only ? 0 : fs->kernel->ops->syncfs(fs->kernel, fs->fd);
	if (rc && rc != -EROFS)
		hs_xfs_say(scan, HS_XFS_ERROR, fs->shown, "syncfs: %s.", strerror(-rc));

	rc = hs_xfs_fs_probe(fs);
	if (rc)
		return cannot_check(scan, rc);
	if (scan->opt->force_single)
		fs->vectors = false;
	rc = scan->mode == HS_XFS_CHECK ? 0 : probe_repair(scan);
	if (rc)
		return rc;
	scan->ready = true;
	return 0;
}
