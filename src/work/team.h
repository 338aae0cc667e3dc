/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A team of threads that run one function and are waited for. Threads are created nowhere else.
 * Signals meant for the process are blocked in team threads.
 */
#ifndef HS_WORK_TEAM_H
#define HS_WORK_TEAM_H

#include "base/err.h"

/* Called once in each thread; worker is 0..n-1. */
typedef errint_t hs_team_fn(unsigned worker, void *arg);

/*
 * Runs fn in n threads (n >= 1; one of them is the calling thread) and returns when all have
 * returned: the first error by worker number, or 0. If not all threads can be started the team
 * runs with those that could, but at least the caller.
 */
errint_t hs_team_run(unsigned n, hs_team_fn *fn, void *arg);

/* Processors this process may run on, at least 1. */
unsigned hs_team_default_size(void);

/* A single thread beside the caller, for example one that draws progress. */
struct hs_side;
errint_t hs_side_start(void (*fn)(void *arg), void *arg, struct hs_side **out);
void hs_side_join(struct hs_side *side); /* NULL is allowed */

#endif
