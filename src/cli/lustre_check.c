/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * holystone lustre check: proves the given targets consistent or says what is not.
 */
#include <argp.h>
#include <signal.h>
#include <stdlib.h>

#include "base/array.h"
#include "cli/interrupt.h"
#include "cli/live.h"
#include "cli/lustre.h"
#include "cli/options.h"
#include "lfsck/record.h"
#include "lfsck/verdict.h"
#include "report/report.h"

struct options {
	struct hs_output_options output;
	struct hs_work_options work;
	const char **targets;
	size_t n_targets, room;
	bool has_seed;
	uint64_t seed;
	uint64_t counters;
};

#define CHECKPOINT_NS 60000000000ull

enum { KEY_SEED = 0x1000, KEY_COUNTERS };

static const struct argp_option argp_options[] = {
	{"seed", KEY_SEED, "N", 0, "Hash seed of this run (default: random)", 0},
	{"counters", KEY_COUNTERS, "N", 0, "Number of counters (default: one an object)", 0},
	{0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &o->output;
		state->child_inputs[1] = &o->work;
		return 0;
	case KEY_SEED:
		o->has_seed = true;
		if (hs_parse_number(arg, 0, UINT64_MAX, &o->seed))
			argp_error(state, "--seed: not a number: %s", arg);
		return 0;
	case KEY_COUNTERS:
		if (hs_parse_number(arg, 1, UINT32_MAX, &o->counters))
			argp_error(state, "--counters: not a number from 1 to 2^32-1: %s", arg);
		return 0;
	case ARGP_KEY_ARG:
		if (hs_array_grow(&o->targets, &o->room, o->n_targets + 1))
			argp_failure(state, HS_EXIT_OPERATIONAL, ENOMEM, "targets");
		o->targets[o->n_targets++] = arg;
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "no target given");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_child children[] = {
	{&hs_output_argp, 0, "Output:", 0},
	{&hs_work_argp, 0, "Work:", 0},
	{0},
};

static const struct argp argp = {
	.options = argp_options,
	.parser = parse,
	.args_doc = "TARGET...",
	.doc = "Check that the targets of a Lustre file system agree with each other."
	       "\vTARGET is an MDT or OST: a block device, an image or a snapshot, not mounted. "
	       "Give "
	       "all targets of the file system: what depends on one that is missing stays "
	       "undecided. Nothing is written to any target.\n\n"
	       "Exit status: 0 consistent, 4 inconsistencies found, 8 the check could not be done "
	       "or not be complete, 16 usage, 32 cancelled; sums of these.",
	.children = children,
};

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

/* The check itself, with its run open. Returns the exit code. */
static int check(struct hs_cli *cli, const struct options *o, struct hs_system *sys,
		 struct hs_run *run, struct hs_stop *stop)
{
	struct watch watch = {.run = run, .phase = -1};
	struct hs_live *live = NULL;
	struct hs_verdict verdict;
	struct hs_check c;
	struct hs_check_params params = {
		.threads = o->work.threads,
		.memory = o->work.memory,
		.has_seed = o->has_seed,
		.seed = o->seed,
		.buckets = o->counters,
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
	if (err == -ECANCELED)
		hs_log(cli->log, HS_LOG_ERROR, "Cancelled: the check is not complete");
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
	struct options o = {0};
	struct hs_strbuf why = HS_STRBUF_INIT;
	struct hs_system *sys = NULL;
	struct hs_run *run = NULL;
	struct hs_report report;
	int code = HS_EXIT_OPERATIONAL;

	argp_err_exit_status = HS_EXIT_USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, &o);
	report = hs_output_apply(&o.output, cli);
	if (hs_system_open(o.targets, o.n_targets, cli->log, &sys, &why)) {
		hs_log(cli->log, HS_LOG_ERROR, "%s", hs_strbuf_str(&why));
	} else {
		const struct hs_run_params params = {
			.command = "lustre check",
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
			if (hs_report_run(&report, run))
				code |= HS_EXIT_OPERATIONAL;
		}
	}
	hs_run_close(run);
	hs_system_close(sys);
	hs_strbuf_free(&why);
	free(o.targets);
	return code;
}
