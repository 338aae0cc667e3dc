/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "xfs/scan.h"

#include <stdlib.h>
#include <string.h>

#include "work/team.h"
#include "xfs/fold.h"
#include "xfs/items.h"
#include "xfs/report.h"

errint_t hs_xfs_scan_init(struct hs_xfs_scan *scan, const struct hs_xfs_scan_params *params)
{
	errint_t rc;

	memset(scan, 0, sizeof(*scan));
	scan->opt = params->opt;
	scan->listener = params->listener;
	scan->run = params->run;
	scan->stop = params->stop;
	scan->devices = params->devices;
	scan->fs.kernel = params->kernel;
	scan->fs.shown = params->shown;
	scan->fs.fd = -1;
	scan->mode = params->opt->mode;
	rc = -pthread_mutex_init(&scan->lock, NULL);
	return rc ? rc : hs_xfs_items_init(scan);
}

void hs_xfs_scan_free(struct hs_xfs_scan *scan)
{
	hs_xfs_fs_close(&scan->fs);
	hs_xfs_docket_free(&scan->docket);
	free(scan->revisit);
	hs_repair_free(&scan->repair);
	pthread_mutex_destroy(&scan->lock);
}

unsigned hs_xfs_workers(const struct hs_xfs_options *opt)
{
	if (opt->background)
		return 1;
	return opt->threads ? opt->threads : hs_team_default_size();
}

void hs_xfs_scan_end(struct hs_xfs_scan *scan, errint_t err)
{
	int none = 0;

	atomic_compare_exchange_strong(&scan->ended, &none, err);
}

static bool too_many_errors(struct hs_xfs_scan *scan)
{
	uint64_t max = scan->opt->max_errors, n = atomic_load(&scan->tally.unfixable);

	/* what is repaired does not count */
	n += scan->mode == HS_XFS_REPAIR ? atomic_load(&scan->tally.corruptions)
					 : atomic_load(&scan->damaged);
	return max && n >= max;
}

errint_t hs_xfs_scan_ended(struct hs_xfs_scan *scan)
{
	int none = 0;
	errint_t rc = atomic_load_explicit(&scan->ended, memory_order_relaxed);

	if (rc)
		return rc;
	if (scan->stop && atomic_load_explicit(&scan->stop->requested, memory_order_relaxed)) {
		hs_xfs_scan_end(scan, -ECANCELED);
		return -ECANCELED;
	}
	if (!too_many_errors(scan))
		return 0;
	if (atomic_compare_exchange_strong(&scan->ended, &none, -ECANCELED))
		hs_xfs_say(scan, HS_XFS_INFO, scan->fs.shown, "Too many errors; aborting.");
	return -ECANCELED;
}

const char *hs_xfs_phase_describe(enum hs_xfs_mode mode, unsigned phase)
{
	switch (phase) {
	case 1:
		return "Find filesystem geometry.";
	case 2:
		return "Check internal metadata.";
	case 3:
		return "Scan all inodes.";
	case 4:
		return mode == HS_XFS_OPTIMIZE ? "Optimize filesystem." : "Repair filesystem.";
	case 5:
		return "Check directory tree.";
	case 6:
		return "Verify data file integrity.";
	case 7:
		return "Check summary counters.";
	case 8:
		return "Trim filesystem storage.";
	default:
		return "";
	}
}

static void announce(struct hs_xfs_scan *scan, unsigned phase, bool begin)
{
	if (scan->listener && scan->listener->phase)
		scan->listener->phase(scan->listener, phase, begin);
}

struct phase {
	unsigned number;
	bool always; /* also when one other phase was asked for */
	errint_t (*run)(struct hs_xfs_scan *scan);
	bool (*wanted)(struct hs_xfs_scan *scan); /* NULL: always */
};

static bool wants_media(struct hs_xfs_scan *scan)
{
	return scan->opt->read_data;
}

static bool may_change(struct hs_xfs_scan *scan)
{
	return scan->mode != HS_XFS_CHECK;
}

static const struct phase phases[] = {
	{2, false, hs_xfs_phase2, NULL},
	{3, false, hs_xfs_phase3, NULL},
	{4, true, hs_xfs_phase4, may_change},
	{5, false, hs_xfs_phase5, NULL},
	/* after the metadata, whatever their state: lost data are looked for when it counts most */
	{6, false, hs_xfs_phase6, wants_media},
	{7, true, hs_xfs_phase7, NULL},
	{8, false, hs_xfs_phase8, hs_xfs_may_trim},
};

static errint_t run_phase(struct hs_xfs_scan *scan, unsigned number, const char *path,
			  errint_t (*run)(struct hs_xfs_scan *))
{
	char name[16] = {'p', 'h', 'a', 's', 'e', (char)('0' + number)};
	errint_t rc = scan->run ? hs_run_set_phase(scan->run, name) : 0;

	if (rc)
		return rc;
	scan->phase = number;
	atomic_store(&scan->progress.done, 0);
	atomic_store(&scan->progress.total, 0);
	atomic_store(&scan->progress.phase, number);
	announce(scan, number, true);
	rc = run ? run(scan) : hs_xfs_phase1(scan, path);
	atomic_store(&scan->progress.phase, 0);
	announce(scan, number, false);
	if (!rc)
		rc = hs_xfs_scan_ended(scan);
	if (!rc && scan->run)
		rc = hs_run_commit(scan->run);
	return rc;
}

/* What ended the run, in a line; phase 1 has said its own. */
static void explain(struct hs_xfs_scan *scan, errint_t rc)
{
	switch (rc) {
	case -ECANCELED:
		break;
	case -ESHUTDOWN:
		hs_xfs_say(scan, HS_XFS_ERROR, scan->fs.shown,
			   "Filesystem is shut down, aborting.");
		break;
	case -EROFS:
		hs_xfs_say(scan, HS_XFS_ERROR, scan->fs.shown,
			   "Read-only filesystem; cannot make changes.");
		break;
	default:
		hs_xfs_say(scan, HS_XFS_ERROR, scan->fs.shown, "%s.", strerror(-rc));
		break;
	}
	hs_xfs_say(scan, HS_XFS_INFO, scan->fs.shown, "Scrub aborted after phase %u.", scan->phase);
}

static void keep_totals(struct hs_xfs_scan *scan)
{
	const struct {
		const char *key;
		uint64_t n;
	} totals[] = {
		{"repairs", atomic_load(&scan->tally.repairs)},
		{"optimizations", atomic_load(&scan->tally.optimizations)},
		{"repair_queue_bytes", hs_repair_bytes(&scan->repair)},
	};

	if (!scan->run || scan->mode == HS_XFS_CHECK)
		return;
	for (size_t i = 0; i < sizeof(totals) / sizeof(totals[0]); i++) {
		errint_t rc = hs_run_set_total(scan->run, scan->fs.shown, totals[i].key,
					       (int64_t)totals[i].n);

		if (rc)
			hs_xfs_scan_end(scan, rc);
	}
}

static void shut_down(struct hs_xfs_scan *scan)
{
	struct hs_xfs_kernel *k = scan->fs.kernel;
	errint_t rc;

	hs_xfs_say(scan, HS_XFS_INFO, scan->fs.shown, "Shutting down filesystem!");
	rc = k->ops->shutdown(k, scan->fs.fd);
	if (rc)
		hs_xfs_say(scan, HS_XFS_ERROR, scan->fs.shown, "%s.", strerror(-rc));
}

errint_t hs_xfs_scan_run(struct hs_xfs_scan *scan, const char *path)
{
	unsigned only = scan->opt->only_phase;
	errint_t rc = run_phase(scan, 1, path, NULL);

	if (rc && !scan->ready)
		return rc; /* phase 1 has said why */
	for (size_t i = 0; !rc && i < sizeof(phases) / sizeof(phases[0]); i++) {
		if (only && only != phases[i].number && !phases[i].always)
			continue;
		if (!phases[i].wanted || phases[i].wanted(scan))
			rc = run_phase(scan, phases[i].number, path, phases[i].run);
	}
	if (rc)
		explain(scan, rc);
	hs_xfs_settle(scan);
	keep_totals(scan);
	if (scan->opt->shutdown && scan->mode != HS_XFS_CHECK &&
	    atomic_load(&scan->tally.corruptions))
		shut_down(scan);
	return rc;
}

int hs_xfs_scan_exit(const struct hs_xfs_scan *scan, errint_t result)
{
	int code = 0;

	/* lost data are no less a loss than corrupt metadata: xfs_scrub forgets them here */
	if (atomic_load(&scan->tally.corruptions) || atomic_load(&scan->tally.unfixable))
		code |= 1;
	if (atomic_load(&scan->tally.warnings))
		code |= 2;
	if (result || atomic_load(&scan->tally.errors))
		code |= 4;
	return code;
}
