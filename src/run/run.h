/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A run: what one invocation was asked to do, how far it came and what it found, in a directory of
 * its own. run.db there (SQLite; docs/run-db.md) is the only record.
 *
 * Guarantee: everything staged between two hs_run_commit() calls becomes durable in one
 * transaction, or not at all. A process killed at any instant leaves the state of its last commit:
 * positions, totals, findings and the side files (run/side.h) belonging to them. So a checker
 * commits when all workers are idle, and what it repeats after a resume it has not yet recorded.
 *
 * Staged rows go straight into the open transaction; memory is bounded by SQLite's page cache
 * however many findings there are, and other processes see the last commit.
 *
 * Threads: every call that takes a struct hs_run may come from any thread, except hs_run_close().
 * Errors: after the first failed write (disk full, I/O error, run.db deleted) every later staging
 * call and commit fails with the same error and changes nothing; hs_run_why() tells it in words.
 */
#ifndef HS_RUN_RUN_H
#define HS_RUN_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/log.h"
#include "base/strbuf.h"
#include "run/finding.h"
#include "work/pipeline.h"

struct hs_run;

/* The words LFSCK has for the state of a run. Stored in run.db by name. */
enum hs_run_status {
	HS_RUN_INIT,
	HS_RUN_SCANNING_PHASE1,
	HS_RUN_SCANNING_PHASE2,
	HS_RUN_COMPLETED,
	HS_RUN_FAILED,
	HS_RUN_STOPPED,
	HS_RUN_PAUSED,
	HS_RUN_CRASHED,
	HS_RUN_PARTIAL,
	HS_RUN_CO_FAILED,
	HS_RUN_CO_STOPPED,
	HS_RUN_CO_PAUSED,
	HS_RUN_STATUS_MAX
};

const char *hs_run_status_name(enum hs_run_status s);

/* A run in one of these states is not being worked on. */
bool hs_run_status_is_final(enum hs_run_status s);

struct hs_run_option {
	const char *key;
	const char *value;
};

struct hs_run_params {
	const char *command; /* "lustre check" */
	const char *fsname;  /* as found on disk: made safe before it becomes a directory name */
	const char *run_dir; /* exactly this directory, or NULL to choose one */
	/*
	 * Where directories are chosen when run_dir is NULL: NULL for /var/lib/holystone (root) or
	 * $XDG_STATE_HOME/holystone, default ~/.local/state/holystone (others).
	 */
	const char *state_dir;
	int argc;
	char *const *argv;
	const struct hs_run_option *options; /* kept for resume; read with hs_run_option() */
	size_t n_options;
	struct hs_log *log;
};

/*
 * Starts a new run: directory, run.db, lock. If no directory was asked for and none can be written,
 * the run works from memory and says so once through the log. Fails, with the cause in *why:
 * -EEXIST when run_dir holds a run already, -EBUSY when another process works on it, else as the
 * system says.
 */
errint_t hs_run_create(const struct hs_run_params *params, struct hs_run **out,
		       struct hs_strbuf *why);

/*
 * Makes only the directory of a new run, for a process elsewhere that will create the run in it
 * (as run_dir). *dir is the caller's to free. Fails where no directory can be written.
 */
errint_t hs_run_make_directory(const struct hs_run_params *params, char **dir,
			       struct hs_strbuf *why);

/*
 * The directory of a run that the user names: a directory, or the name of a run where runs are
 * chosen (state: see struct hs_run_params). *dir is the caller's to free. -ENOENT.
 */
errint_t hs_run_find(const char *state, const char *name, char **dir, struct hs_strbuf *why);

enum hs_run_access {
	HS_RUN_READ,  /* the last commit; staging calls return -EROFS */
	HS_RUN_WRITE, /* takes the lock; -EBUSY when another process holds it */
};

/*
 * Opens the run in a directory. -ENOENT: no run there; -ENODATA: it died before it began. For
 * writing, this process becomes the one that works on it, and a finished run is unfinished again;
 * the status stays what it was until hs_run_set_status().
 */
errint_t hs_run_open(const char *dir, enum hs_run_access access, struct hs_run **out,
		     struct hs_strbuf *why);

/* Drops what was staged and not committed. NULL is allowed. */
void hs_run_close(struct hs_run *run);

/* "" for a run in memory. */
const char *hs_run_dir(const struct hs_run *run);
/* The name of the run, unique in its directory: "20250131T120000Z". */
const char *hs_run_id(const struct hs_run *run);
bool hs_run_is_durable(const struct hs_run *run);
/* The first failed write in words; "" if there was none. Valid until hs_run_close(). */
const char *hs_run_why(struct hs_run *run);

/*
 * Staging. Strings are copied. `target` is a target's label, or NULL for the whole run.
 */
struct hs_run_target {
	const char *label;  /* "MDT0000": unique in the run; stage it again to replace it */
	const char *kind;   /* "MDT", "OST", "MGT", "XFS" */
	int64_t index;	    /* -1: none */
	const char *uuid;   /* text */
	uint64_t size;	    /* bytes */
	const char *device; /* the path the user gave */
	int64_t mounted;    /* last mount time, seconds since 1970 */
	int64_t written;    /* last write time */
};

errint_t hs_run_add_target(struct hs_run *run, const struct hs_run_target *target);

enum hs_run_position {
	HS_POSITION_CHECKPOINT,		/* where to go on */
	HS_POSITION_LATEST_START,	/* where this or the last invocation began */
	HS_POSITION_FIRST_INCONSISTENT, /* kept once set, until the run starts over */
	HS_POSITION_MAX
};

errint_t hs_run_set_position(struct hs_run *run, enum hs_run_position which, const char *source,
			     const struct hs_position *pos);

errint_t hs_run_add_finding(struct hs_run *run, const struct hs_finding *f);
/* The same; *id tells its number in run.db, by which repair items name it (run/repair.h). */
errint_t hs_run_add_finding_id(struct hs_run *run, const struct hs_finding *f, int64_t *id);

/* Totals are created by the first call and shown in the order of creation. */
errint_t hs_run_set_total(struct hs_run *run, const char *target, const char *key, int64_t value);
errint_t hs_run_add_total(struct hs_run *run, const char *target, const char *key, int64_t more);

/* Ends the current phase and begins this one (NULL: none). Run times add up over resumes. */
errint_t hs_run_set_phase(struct hs_run *run, const char *phase);
errint_t hs_run_set_status(struct hs_run *run, enum hs_run_status status);
/* "scanned-once", "inconsistent", "incomplete", ... */
errint_t hs_run_set_flag(struct hs_run *run, const char *flag, bool on);
/* Changes an option given at the start, or adds one. */
errint_t hs_run_set_option(struct hs_run *run, const char *key, const char *value);

/* Everything staged becomes durable. */
errint_t hs_run_commit(struct hs_run *run);

/* Ends the run: last status, the exit code, and a commit. It stays readable until closed. */
errint_t hs_run_finish(struct hs_run *run, enum hs_run_status status, int exit_code);

/* Reading is declared in run/read.h, side files in run/side.h. */

#endif
