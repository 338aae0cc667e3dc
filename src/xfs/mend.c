/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "xfs/mend.h"

#include <string.h>

#include "xfs/describe.h"
#include "xfs/report.h"

#define STILL_BAD (HS_XFS_SCRUB_CORRUPT | HS_XFS_SCRUB_XCORRUPT)

static errint_t call(const struct hs_xfs_scan *scan, const struct hs_xfs_object *obj, unsigned type,
		     uint32_t *flags)
{
	const struct hs_xfs_fs *fs = &scan->fs;
	struct hs_xfs_scrub s = hs_xfs_scrub_arg(obj, type);
	errint_t rc;

	s.flags = *flags;
	rc = fs->kernel->ops->scrub(fs->kernel, fs->fd, &s);
	*flags = rc ? 0 : s.flags & HS_XFS_SCRUB_OUT;
	return rc > 0 || rc < -4095 ? -EPROTO : rc;
}

/* A line about the object, which is described only for this. */
static void say(struct hs_xfs_scan *scan, const struct hs_xfs_object *obj, unsigned type,
		enum hs_xfs_level level, const char *text)
{
	struct hs_strbuf s = HS_STRBUF_INIT;

	hs_xfs_describe(&scan->fs, obj, type, &s);
	hs_xfs_say(scan, level, hs_strbuf_str(&s), "%s", text);
	hs_strbuf_free(&s);
}

static void say_if_verbose(struct hs_xfs_scan *scan, const struct hs_xfs_object *obj, unsigned type,
			   const char *text)
{
	if (scan->opt->verbose)
		say(scan, obj, type, HS_XFS_INFO, text);
}

/* A kernel that has no space to repair something has not looked whether it must. */
static bool is_sound(const struct hs_xfs_scan *scan, const struct hs_xfs_mend *m)
{
	uint32_t flags = 0;
	errint_t rc = call(scan, m->obj, m->type, &flags);

	return rc == -ENOENT ||
	       (rc == 0 && !(flags & (STILL_BAD | HS_XFS_SCRUB_XFAIL | HS_XFS_SCRUB_INCOMPLETE)));
}

/* The call could not be made, or nothing was done in it. */
static int failed(struct hs_xfs_scan *scan, const struct hs_xfs_mend *m, errint_t rc, int *reason)
{
	switch (rc) {
	case -ENOENT:
		return HS_REPAIR_FINE;
	case -EBUSY:
	case -EDEADLK:
		say_if_verbose(scan, m->obj, m->type, "Filesystem is busy, deferring repair.");
		*reason = HS_XFS_LEFT_BUSY;
		return HS_REPAIR_FAILED;
	case -ESHUTDOWN:
	case -EINTR:
	case -EPERM:
	case -EROFS:
		return rc;
	case -EOPNOTSUPP:
	case -ENOTTY:
		if (!m->was)
			return HS_REPAIR_FINE; /* what was forced only */
		*reason = HS_XFS_LEFT_UNKNOWN;
		return HS_REPAIR_FAILED;
	case -EINVAL:
		*reason = HS_XFS_LEFT_UNKNOWN;
		return m->was ? HS_REPAIR_NEVER : HS_REPAIR_FINE;
	default:
		if (m->was && is_sound(scan, m))
			return HS_REPAIR_FINE;
		*reason = -rc;
		return HS_REPAIR_FAILED;
	}
}

static const char *success(uint16_t was)
{
	if (was & HS_XFS_SCRUB_CORRUPT)
		return "Repairs successful.";
	if (was & HS_XFS_SCRUB_XCORRUPT)
		return "Repairs successful after discrepancy in cross-referencing.";
	return "Repairs successful.";
}

int hs_xfs_mend(struct hs_xfs_scan *scan, const struct hs_xfs_mend *m, int *reason)
{
	uint32_t flags = HS_XFS_SCRUB_REPAIR;
	errint_t rc;

	if (scan->opt->force_rebuild)
		flags |= HS_XFS_SCRUB_REBUILD;
	say(scan, m->obj, m->type, HS_XFS_INFO, "Attempting repair.");
	rc = call(scan, m->obj, m->type, &flags);
	if (rc)
		return failed(scan, m, rc, reason);
	if (flags & HS_XFS_SCRUB_INCOMPLETE) {
		*reason = HS_XFS_LEFT_BUSY;
		return HS_REPAIR_FAILED;
	}
	if (flags & STILL_BAD) {
		*reason = HS_XFS_LEFT_BAD;
		return HS_REPAIR_FAILED;
	}
	if (flags & HS_XFS_SCRUB_XFAIL) {
		say_if_verbose(scan, m->obj, m->type,
			       "Seems correct but cross-referencing failed; will keep checking.");
		return HS_REPAIR_DOUBTFUL;
	}
	if (flags & HS_XFS_SCRUB_NO_REPAIR) {
		say_if_verbose(scan, m->obj, m->type, "No modification needed.");
		return HS_REPAIR_FINE;
	}
	say(scan, m->obj, m->type, HS_XFS_REPAIRED, success(m->was));
	return HS_REPAIR_FIXED;
}

int hs_xfs_mend_better(struct hs_xfs_scan *scan, const struct hs_xfs_object *obj, unsigned type,
		       int *reason)
{
	uint32_t flags = HS_XFS_SCRUB_REPAIR;
	errint_t rc;

	say_if_verbose(scan, obj, type, "Attempting optimization.");
	rc = call(scan, obj, type, &flags);
	switch (rc) {
	case 0:
		break;
	case -ESHUTDOWN:
	case -EINTR:
	case -EPERM:
	case -EROFS:
		return rc;
	default:
		return HS_REPAIR_FINE;
	}
	if (flags & STILL_BAD) {
		*reason = HS_XFS_LEFT_BAD;
		return HS_REPAIR_FAILED;
	}
	if (flags & (HS_XFS_SCRUB_NO_REPAIR | HS_XFS_SCRUB_PREEN | HS_XFS_SCRUB_INCOMPLETE)) {
		say_if_verbose(scan, obj, type, "No modification needed.");
		return HS_REPAIR_FINE;
	}
	say(scan, obj, type, HS_XFS_OPTIMIZED, "Optimization successful.");
	return HS_REPAIR_FIXED;
}
