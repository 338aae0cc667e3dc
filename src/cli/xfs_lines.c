/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The lines of xfs_scrub (format notes 10.4): levels, streams, the final counts.
 */
#include <inttypes.h>
#include <malloc.h>
#include <string.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "cli/xfs.h"

static const struct {
	const char *word;
	bool to_stderr;
} levels[HS_XFS_LEVELS] = {
	[HS_XFS_CORRUPTION] = {"Corruption", true},
	[HS_XFS_ERROR] = {"Error", true},
	[HS_XFS_UNFIXABLE] = {"Unfixable Error", true},
	[HS_XFS_WARNING] = {"Warning", true},
	[HS_XFS_INFO] = {"Info", false},
	[HS_XFS_REPAIRED] = {"Repaired", false},
	[HS_XFS_OPTIMIZED] = {"Optimized", false},
};

static void on_message(struct hs_xfs_listener *l, const struct hs_xfs_message *m)
{
	struct hs_xfs_lines *lines = (struct hs_xfs_lines *)l;
	FILE *to = levels[m->level].to_stderr ? lines->err : lines->out;

	/* with --json only what could not be done is said beside the records */
	if (lines->args->json && m->level != HS_XFS_ERROR)
		return;
	if (m->level == HS_XFS_OPTIMIZED && !lines->args->scan.verbose && !lines->args->debug)
		return;
	hs_xfs_bar_hide(lines->bar);
	if (lines->args->debug)
		fprintf(to, "%s: %s: %s (%s line %u)\n", levels[m->level].word, m->object, m->text,
			basename(m->file), m->line);
	else
		fprintf(to, "%s: %s: %s\n", levels[m->level].word, m->object, m->text);
	fflush(to);
	hs_xfs_bar_show(lines->bar);
}

static double seconds(const struct timeval *t)
{
	return (double)t->tv_sec + (double)t->tv_usec / 1e6;
}

static void begin_timing(struct hs_xfs_lines *lines)
{
	struct rusage ru;

	getrusage(RUSAGE_SELF, &ru);
	lines->began.wall = (double)hs_now_ns() / 1e9;
	lines->began.user = seconds(&ru.ru_utime);
	lines->began.system = seconds(&ru.ru_stime);
	lines->began.heap = mallinfo2().uordblks;
}

static void tell_timing(struct hs_xfs_lines *lines, unsigned phase)
{
	struct mallinfo2 mi = mallinfo2();
	struct rusage ru;

	getrusage(RUSAGE_SELF, &ru);
	fprintf(lines->out,
		"Phase %u: Memory used: %zuk/%zuk (%zuk/%zuk), time: %5.2f/%5.2f/%5.2fs\n", phase,
		(mi.arena + 1023) / 1024, (mi.hblkhd + 1023) / 1024, (mi.uordblks + 1023) / 1024,
		(mi.fordblks + 1023) / 1024, (double)hs_now_ns() / 1e9 - lines->began.wall,
		seconds(&ru.ru_utime) - lines->began.user,
		seconds(&ru.ru_stime) - lines->began.system);
}

static void on_phase(struct hs_xfs_listener *l, unsigned phase, bool begin)
{
	struct hs_xfs_lines *lines = (struct hs_xfs_lines *)l;
	const struct hs_xfs_args *a = lines->args;

	if (!begin)
		hs_xfs_bar_phase_end(lines->bar, phase);
	if (a->json)
		return;
	if (begin && a->scan.verbose)
		fprintf(lines->out, "Phase %u: %s\n", phase,
			hs_xfs_phase_describe(lines->mode, phase));
	if (!begin && phase == 1 && a->scan.verbose)
		fprintf(lines->out, "%s: using %u threads to scrub.\n", lines->mount,
			hs_xfs_workers(&a->scan));
	if (a->timing && begin)
		begin_timing(lines);
	else if (a->timing)
		tell_timing(lines, phase);
	fflush(lines->out);
}

static void on_total(struct hs_xfs_listener *l, const char *text)
{
	struct hs_xfs_lines *lines = (struct hs_xfs_lines *)l;

	if (lines->args->json)
		return;
	hs_xfs_bar_hide(lines->bar);
	fprintf(lines->out, "%s\n", text);
	fflush(lines->out);
	hs_xfs_bar_show(lines->bar);
}

void hs_xfs_lines_init(struct hs_xfs_lines *lines, const struct hs_xfs_args *args,
		       const char *mount, FILE *out, FILE *err)
{
	*lines = (struct hs_xfs_lines){.l = {on_message, on_phase, on_total},
				       .args = args,
				       .mode = args->scan.mode,
				       .mount = mount,
				       .out = out,
				       .err = err};
}

static void tell_count(struct hs_xfs_lines *lines, const char *what, uint64_t n)
{
	if (n)
		fprintf(lines->err, "%s: %s found: %" PRIu64 "\n", lines->mount, what, n);
}

const char *hs_xfs_called(const struct hs_xfs_args *a)
{
	if (a->as_xfs_scrub)
		return "xfs_scrub";
	return a->shown ? "holystone xfs --appliance" : "holystone xfs";
}

static void tell_repairs(struct hs_xfs_lines *lines, uint64_t repairs, uint64_t optimizations)
{
	if (repairs && optimizations)
		fprintf(lines->out,
			"%s: repairs made: %" PRIu64 "; optimizations made: %" PRIu64 ".\n",
			lines->mount, repairs, optimizations);
	else if (repairs)
		fprintf(lines->out, "%s: repairs made: %" PRIu64 ".\n", lines->mount, repairs);
	else if (optimizations)
		fprintf(lines->out, "%s: optimizations made: %" PRIu64 ".\n", lines->mount,
			optimizations);
	fflush(lines->out);
}

/* What helps now. */
static void advise(struct hs_xfs_lines *lines, const struct hs_xfs_scan *scan)
{
	const char *called = hs_xfs_called(lines->args);

	if (scan->mode == HS_XFS_CHECK)
		fprintf(lines->err, "%s: Re-run %s without -n.\n", lines->mount, called);
	else if (scan->mode == HS_XFS_OPTIMIZE)
		fprintf(lines->err, "%s: Re-run %s without -p.\n", lines->mount, called);
	else if (atomic_load(&scan->ended) == -ECANCELED)
		fprintf(lines->err, "%s: Re-run %s.\n", lines->mount, called);
	else
		fprintf(lines->err, "%s: %s xfs_repair.\n", lines->mount,
			lines->args->shown ? "Run" : "Unmount and run");
}

void hs_xfs_lines_result(struct hs_xfs_lines *lines, const struct hs_xfs_scan *scan)
{
	const struct hs_xfs_tally *t = &scan->tally;

	if (lines->args->json)
		return;
	tell_repairs(lines, atomic_load(&t->repairs), atomic_load(&t->optimizations));
	tell_count(lines, "unfixable errors", atomic_load(&t->unfixable));
	tell_count(lines, "corruptions", atomic_load(&t->corruptions));
	tell_count(lines, "operational errors", atomic_load(&t->errors));
	tell_count(lines, "warnings", atomic_load(&t->warnings));
	if (scan->ready && (atomic_load(&t->corruptions) || atomic_load(&t->errors)))
		advise(lines, scan);
	fflush(lines->err);
}
