/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Phase 7: the summary counters (dependency group a), and the totals that people see: what the
 * file system says it uses against what can be found. Totals never make an exit code: they are
 * compared with a tolerance because the file system lives.
 */
#include "xfs/scan.h"

#include <string.h>

#include "xfs/report.h"
#include "xfs/totals.h"

#define SPACE_SLACK (UINT64_C(32) << 20)
#define INODE_SLACK 100

/* "111.2MiB" */
static void put_bytes(struct hs_strbuf *s, uint64_t n)
{
	static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
	double v = (double)n;
	unsigned u = 0;

	while (v >= 1024 && u < 4) {
		v /= 1024;
		u++;
	}
	hs_strbuf_printf(s, "%.1f%s", v, units[u]);
}

/* "3.6K", "12" */
static void put_count(struct hs_strbuf *s, uint64_t n)
{
	static const char *const units[] = {"", "K", "M", "B", "T"};
	double v = (double)n;
	unsigned u = 0;

	while (v >= 1000 && u < 4) {
		v /= 1000;
		u++;
	}
	hs_strbuf_printf(s, "%.*f%s", u ? 1 : 0, v, units[u]);
}

static void tell(struct hs_xfs_scan *scan, struct hs_strbuf *s)
{
	pthread_mutex_lock(&scan->lock);
	if (scan->listener && scan->listener->total)
		scan->listener->total(scan->listener, hs_strbuf_str(s));
	pthread_mutex_unlock(&scan->lock);
	hs_strbuf_reset(s);
}

static void tell_totals(struct hs_xfs_scan *scan, const struct hs_xfs_totals *t, const char *how)
{
	/* "used" is a letter shorter: xfs_scrub lines the two up */
	const char *gap = how[0] == 'u' ? ";  " : "; ";
	struct hs_strbuf s = HS_STRBUF_INIT;

	put_bytes(&s, t->data);
	hs_strbuf_printf(&s, " data %s%s", how, gap);
	if (scan->fs.geom.rtblocks) {
		put_bytes(&s, t->rt);
		hs_strbuf_printf(&s, " realtime data %s%s", how, gap);
	}
	put_count(&s, t->inodes);
	hs_strbuf_printf(&s, " inodes %s.", how);
	tell(scan, &s);
	hs_strbuf_free(&s);
}

static void tell_checked(struct hs_xfs_scan *scan, uint64_t counted, uint64_t checked)
{
	struct hs_strbuf s = HS_STRBUF_INIT;

	put_count(&s, counted);
	hs_strbuf_puts(&s, " inodes counted; ");
	put_count(&s, checked);
	hs_strbuf_puts(&s, " inodes checked.");
	tell(scan, &s);
	hs_strbuf_free(&s);
}

static void tell_verified(struct hs_xfs_scan *scan, uint64_t counted, uint64_t verified)
{
	struct hs_strbuf s = HS_STRBUF_INIT;

	put_bytes(&s, counted);
	hs_strbuf_puts(&s, " data counted; ");
	put_bytes(&s, verified);
	hs_strbuf_puts(&s, " data verified.");
	tell(scan, &s);
	hs_strbuf_free(&s);
}

static void keep_total(struct hs_xfs_scan *scan, const char *key, uint64_t value)
{
	errint_t rc = 0;

	if (scan->run)
		rc = hs_run_set_total(scan->run, scan->fs.shown, key, (int64_t)value);
	if (rc)
		hs_xfs_scan_end(scan, rc);
}

static errint_t compare_totals(struct hs_xfs_scan *scan)
{
	struct hs_xfs_totals used = {0}, found = {0};
	uint64_t reserved = 0, checked;
	errint_t rc = hs_xfs_totals_found(scan, &found, &reserved);

	if (!rc)
		rc = hs_xfs_totals_used(scan, reserved, &used);
	if (rc == -EINTR || rc == -ECANCELED || rc == -ESHUTDOWN)
		return rc;
	if (rc) {
		hs_xfs_say(scan, HS_XFS_ERROR, scan->fs.shown, "Cannot count what is used: %s.",
			   strerror(-rc));
		return 0;
	}
	keep_total(scan, "data_used", used.data);
	keep_total(scan, "data_found", found.data);
	keep_total(scan, "inodes_used", used.inodes);
	keep_total(scan, "inodes_found", found.inodes);
	if (scan->opt->verbose || !hs_xfs_totals_agree(used.data, found.data, SPACE_SLACK) ||
	    !hs_xfs_totals_agree(used.rt, found.rt, SPACE_SLACK) ||
	    !hs_xfs_totals_agree(used.inodes, found.inodes, INODE_SLACK)) {
		tell_totals(scan, &used, "used");
		tell_totals(scan, &found, "found");
	}
	checked = atomic_load(&scan->inodes_checked);
	keep_total(scan, "inodes_checked", checked);
	if (!scan->opt->only_phase &&
	    (scan->opt->verbose || !hs_xfs_totals_agree(found.inodes, checked, INODE_SLACK)))
		tell_checked(scan, found.inodes, checked);
	/* a media scan that was stopped, or went on with another, has not seen everything itself */
	if (scan->media_complete &&
	    (scan->opt->verbose ||
	     !hs_xfs_totals_agree(found.data + found.rt, scan->media_read, SPACE_SLACK)))
		tell_verified(scan, found.data + found.rt, scan->media_read);
	return 0;
}

/* Nothing is wrong anywhere: the kernel may forget what it only suspected. */
static errint_t report_health(struct hs_xfs_scan *scan)
{
	struct hs_xfs_object fs = {.scope = HS_XFS_SCOPE_FS};
	uint8_t type = HS_XFS_HEALTHY;
	struct hs_xfs_outcome out;
	int rc;

	if (scan->opt->only_phase || !hs_xfs_all_proven(scan) || hs_xfs_found_damage(scan) ||
	    atomic_load(&scan->tally.errors) || atomic_load(&scan->tally.unfixable) ||
	    atomic_load(&scan->tally.warnings))
		return 0;
	rc = hs_xfs_check(&scan->fs, &fs, &type, 1, &out);
	if (rc > 0)
		hs_xfs_say(scan, HS_XFS_INFO, scan->fs.shown,
			   "Couldn't upload clean bill of health.");
	return rc < 0 ? rc : 0;
}

errint_t hs_xfs_phase7(struct hs_xfs_scan *scan)
{
	struct hs_xfs_object fs = {.scope = HS_XFS_SCOPE_FS};
	uint8_t type = HS_XFS_FSCOUNTERS;
	errint_t rc = hs_xfs_check_and_judge(scan, &fs, &type, 1, NULL);

	if (!rc)
		rc = compare_totals(scan);
	if (!rc)
		rc = report_health(scan);
	return rc;
}
