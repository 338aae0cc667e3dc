/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading a run back. A run opened with HS_RUN_READ shows its last commit; one's own run also shows
 * what is staged. Strings handed to callbacks live until the callback returns; a callback must not
 * call back into the run, and ends the iteration by returning other than 0, which the caller gets.
 */
#ifndef HS_RUN_READ_H
#define HS_RUN_READ_H

#include "run/run.h"

struct hs_run_info {
	char *command;
	char *fsname;
	char *version; /* of the program that made it */
	char *host;
	char *phase; /* "" when none has begun or all have ended */
	int64_t pid;
	int64_t started;	   /* seconds since 1970 */
	int64_t updated;	   /* last commit */
	int64_t finished;	   /* 0: not finished */
	enum hs_run_status status; /* CRASHED if it is unfinished and nobody works on it */
	int exit_code;		   /* -1: not finished */
};

errint_t hs_run_read_info(struct hs_run *run, struct hs_run_info *out);
void hs_run_info_free(struct hs_run_info *info);

/* How many findings there are, by severity and state; suspects are counted apart. */
struct hs_run_tally {
	uint64_t findings[HS_SEV_MAX][HS_STATE_MAX];
	uint64_t suspects;
};

errint_t hs_run_read_tally(struct hs_run *run, struct hs_run_tally *out);

/*
 * By kind, severity, rule (LAY-2 before LAY-10), object and target: the same order whatever the
 * number of threads that found them.
 */
errint_t hs_run_each_finding(struct hs_run *run, errint_t (*fn)(const struct hs_finding *, void *),
			     void *arg);

errint_t hs_run_each_target(struct hs_run *run,
			    errint_t (*fn)(const struct hs_run_target *, void *), void *arg);

struct hs_run_total {
	const char *target; /* NULL: the whole run */
	const char *key;
	int64_t value;
};

errint_t hs_run_each_total(struct hs_run *run, errint_t (*fn)(const struct hs_run_total *, void *),
			   void *arg);

struct hs_run_phase {
	const char *name;
	int64_t started; /* seconds since 1970, of the first time */
	uint64_t run_ns; /* time spent in it, over all invocations */
	bool current;
};

errint_t hs_run_each_phase(struct hs_run *run, errint_t (*fn)(const struct hs_run_phase *, void *),
			   void *arg);

errint_t hs_run_each_flag(struct hs_run *run, errint_t (*fn)(const char *, void *), void *arg);
errint_t hs_run_each_option(struct hs_run *run,
			    errint_t (*fn)(const struct hs_run_option *, void *), void *arg);
errint_t hs_run_each_arg(struct hs_run *run, errint_t (*fn)(const char *, void *), void *arg);

/* -ENOENT when there is none. */
errint_t hs_run_get_position(struct hs_run *run, enum hs_run_position which, const char *source,
			     struct hs_position *pos);
errint_t hs_run_get_total(struct hs_run *run, const char *target, const char *key, int64_t *value);
/* Replaces the contents of *value. */
errint_t hs_run_get_option(struct hs_run *run, const char *key, struct hs_strbuf *value);

#endif
