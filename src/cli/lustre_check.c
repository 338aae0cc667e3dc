/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * holystone lustre check: proves the given targets consistent or says what is not.
 */
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>

#include "cli/interrupt.h"
#include "cli/live.h"
#include "cli/lustre.h"
#include "cli/lustre_check_options.h"
#include "lfsck/record.h"
#include "lfsck/verdict.h"
#include "report/report.h"

#define CHECKPOINT_NS 60000000000ull

/* What the progress line reads, beside the check that is running. */
struct watch {
	struct hs_check *check;
	struct hs_run *run;
	_Atomic int phase; /* enum hs_check_phase, or -1 */
};

static void note_phase(void *arg, struct hs_check *c, enum hs_check_phase phase)
{
	struct watch *w = arg;

	(void)c;
	hs_run_set_phase(w->run, hs_check_phase_name(phase));
	if (phase == HS_PHASE_SUSPECTS)
		hs_run_set_status(w->run, HS_RUN_SCANNING_PHASE2);
	atomic_store(&w->phase, (int)phase);
}

static bool read_progress(struct hs_progress *p, void *arg)
{
	struct watch *w = arg;
	int phase = atomic_load(&w->phase);

	if (phase < 0)
		return false;
	p->phase = hs_check_phase_name((enum hs_check_phase)phase);
	p->unit = "inodes";
	p->done = atomic_load(&w->check->scan.done);
	p->total = atomic_load(&w->check->scan.total);
	return true;
}

static int exit_code(errint_t err, const struct hs_verdict *v, const struct hs_check *c)
{
	int code = HS_EXIT_CLEAN;

	if (err == -ECANCELED)
		code |= HS_EXIT_CANCELLED;
	else if (err)
		code |= HS_EXIT_OPERATIONAL;
	if (hs_verdict_damage(v))
		code |= HS_EXIT_UNCORRECTED;
	if (!err && (c->sys->n_absent || v->undecided || hs_check_unread_marks(c)))
		code |= HS_EXIT_OPERATIONAL;
	return code;
}

/* -e abort: where it stopped goes into the run, as first_failure_position of LFSCK. */
static void say_failout(struct hs_cli *cli, const struct hs_check *c, struct hs_run *run)
{
	const struct hs_mark *m = hs_check_first_unread(c);
	struct hs_position pos = {0};
	char label[16];

	if (!m)
		return;
	hs_tgt_text(c->sys->targets[m->prov.target]->id, label);
	pos.done = m->prov.ino;
	hs_run_set_position(run, HS_POSITION_FIRST_INCONSISTENT, label, &pos);
	hs_log(cli->log, HS_LOG_ERROR, "Stopped at %s inode %u, as asked for: %s", label,
	       m->prov.ino, hs_mark_info(m->code)->text);
}

/* How many repairs of a kind are too many to be made without asking. */
static errint_t record_limit(const struct hs_check_options *o, struct hs_run *run,
			     const struct hs_system *sys)
{
	char number[24];

	snprintf(number, sizeof(number), "%" PRIu64,
		 o->has_max_repairs ? o->max_repairs : hs_plan_limit(sys));
	return hs_run_set_option(run, "max-repairs", number);
}

/* The check itself, with its run open. Returns the exit code. */
static int check(struct hs_cli *cli, const struct hs_check_options *o, struct hs_system *sys,
		 struct hs_run *run, struct hs_stop *stop)
{
	struct watch watch = {.run = run, .phase = -1};
	struct hs_live *live = NULL;
	struct hs_verdict verdict;
	struct hs_check c;
	struct hs_check_params params = {
		.threads = o->work.threads,
		.memory = o->work.memory,
		.spill_dir = hs_run_is_durable(run) ? hs_run_dir(run) : NULL,
		.has_seed = o->has_seed,
		.seed = o->seed,
		.buckets = o->counters,
		.failout = o->failout,
		.stop = stop,
		.log = {hs_record_position, hs_record_commit, CHECKPOINT_NS, run},
		.phase = note_phase,
		.arg = &watch,
	};
	errint_t err = hs_check_init(&c, sys, &params);
	int code;

	if (err) {
		hs_log(cli->log, HS_LOG_ERROR, "Cannot start the check: %s", strerror(-err));
		return HS_EXIT_OPERATIONAL;
	}
	err = hs_verdict_init(&verdict, &c, run);
	if (err) {
		hs_log(cli->log, HS_LOG_ERROR, "Cannot start the check: %s", strerror(-err));
		hs_check_free(&c);
		return HS_EXIT_OPERATIONAL;
	}
	verdict.components = o->components;
	watch.check = &c;
	hs_run_set_status(run, HS_RUN_SCANNING_PHASE1);
	err = hs_record_targets(run, sys);
	hs_live_start(cli->term, read_progress, &watch, &live);
	if (!err)
		err = hs_check_run(&c, hs_verdict_take, &verdict);
	if (!err)
		err = hs_verdict_give(&verdict);
	hs_live_stop(live);
	if (!err)
		err = hs_record_result(run, &c);
	if (!err)
		err = record_limit(o, run, sys);
	if (!err)
		err = hs_stats_record(&verdict.stats, &c, run);
	if (!err && hs_verdict_damage(&verdict))
		err = hs_run_set_flag(run, "inconsistent", true);
	if (err == -ECANCELED)
		hs_log(cli->log, HS_LOG_ERROR, "Cancelled: the check is not complete");
	else if (err == -EUCLEAN && o->failout)
		say_failout(cli, &c, run);
	else if (err)
		hs_log(cli->log, HS_LOG_ERROR, "The check failed: %s%s%s", strerror(-err),
		       *hs_run_why(run) ? ": " : "", hs_run_why(run));
	code = exit_code(err, &verdict, &c);
	hs_run_finish(run,
		      err == -ECANCELED ? HS_RUN_STOPPED
		      : err		? HS_RUN_FAILED
		      : sys->n_absent	? HS_RUN_PARTIAL
					: HS_RUN_COMPLETED,
		      code);
	hs_verdict_free(&verdict);
	hs_check_free(&c);
	return code;
}

int hs_command_lustre_check(struct hs_cli *cli, int argc, char **argv)
{
	struct hs_check_options o;
	struct hs_strbuf why = HS_STRBUF_INIT;
	struct hs_system *sys = NULL;
	struct hs_run *run = NULL;
	struct hs_report report;
	int code = HS_EXIT_OPERATIONAL;

	hs_check_options_parse(&o, argc, argv);
	report = hs_output_apply(&o.output, cli);
	if (hs_system_open(o.targets, o.n_targets, cli->log, &sys, &why)) {
		hs_log(cli->log, HS_LOG_ERROR, "%s", hs_strbuf_str(&why));
	} else {
		const struct hs_run_option options[] = {{"param", hs_check_options_param(&o)}};
		const struct hs_run_params params = {
			.command = "lustre check",
			.options = options,
			.n_options = 1,
			.fsname = sys->fsname,
			.run_dir = o.work.run_dir,
			.argc = cli->argc,
			.argv = cli->argv,
			.log = cli->log,
		};

		/* Before there is a run: one that is interrupted says that it was stopped. */
		struct hs_stop *stop = hs_interrupt_stop();

		if (hs_run_create(&params, &run, &why)) {
			hs_log(cli->log, HS_LOG_ERROR, "%s", hs_strbuf_str(&why));
		} else {
			code = check(cli, &o, sys, run, stop);
			report.stats = o.stats;
			if (hs_report_run(&report, run))
				code |= HS_EXIT_OPERATIONAL;
		}
	}
	hs_run_close(run);
	hs_system_close(sys);
	hs_strbuf_free(&why);
	hs_check_options_free(&o);
	return code;
}
