/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A run from the inside: private to this room.
 */
#ifndef HS_RUN_INTERNAL_H
#define HS_RUN_INTERNAL_H

#include <pthread.h>

#include "run/db.h"
#include "run/run.h"

/* A side file that no commit will name any more, to be removed after the next one. */
struct hs_run_old {
	struct hs_run_old *next;
	char file[];
};

struct hs_run {
	pthread_mutex_t mutex; /* over everything below */
	struct hs_db db;
	char *dir; /* "" in memory */
	char *id;
	int lock; /* descriptor, -1: none */
	char *phase;
	uint64_t phase_since; /* hs_now_ns() up to which run_ns of the phase is staged */
	bool sync_dir;	      /* a side file was sealed since the last commit */
	struct hs_run_old *old;
};

static inline struct hs_run *hs_run_lock(struct hs_run *run)
{
	pthread_mutex_lock(&run->mutex);
	return run;
}

static inline void hs_run_unlock(struct hs_run **run)
{
	pthread_mutex_unlock(&(*run)->mutex);
}

/* Holds the mutex to the end of the scope. */
#define HS_RUN_LOCKED(run)                                                                         \
	hs_cleanup(hs_run_unlock) __attribute__((unused)) struct hs_run *locked_ = hs_run_lock(run)

/* stage.c */
const char *hs_run_position_name(enum hs_run_position which);

/* side.c. Removes what no commit names; called with the lock of the directory held. */
errint_t hs_run_side_sweep(struct hs_run *run);
/* Before and after the commit. */
errint_t hs_run_side_before_commit(struct hs_run *run);
void hs_run_side_after_commit(struct hs_run *run);
void hs_run_side_forget(struct hs_run *run);

#endif
