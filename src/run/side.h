/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Side files: large arrays (digest counters, bitmaps) that belong to a run's commits.
 *
 * A side file NAME is written as NAME.<generation>, made durable, and named by the next commit with
 * its size and checksum; the generation before it is removed only after that commit. So run.db
 * always names a complete file that matches its positions. Files of the form NAME.<digits> in the
 * run directory belong to this module: those no commit names are removed when the run is opened
 * for writing.
 *
 * A run in memory takes the bytes and forgets them: nothing can be resumed from it.
 */
#ifndef HS_RUN_SIDE_H
#define HS_RUN_SIDE_H

#include "run/run.h"

struct hs_run_side;

/*
 * Begins the next generation of `name` (1..32 of a-z, 0-9 and '-'). One writer a name at a time;
 * the writer belongs to one thread. What was sealed before stays valid until the commit.
 */
errint_t hs_run_side_create(struct hs_run *run, const char *name, struct hs_run_side **out);

/* Appends. After an error only hs_run_side_abandon() may follow. */
errint_t hs_run_side_write(struct hs_run_side *side, const void *buf, size_t len);

/* Makes the file durable and stages its name for the next commit. Frees side in any case. */
errint_t hs_run_side_seal(struct hs_run_side *side);

/* Removes what was written. NULL is allowed. */
void hs_run_side_abandon(struct hs_run_side *side);

/*
 * Opens the generation that the run names for reading, after proving it complete: a descriptor at
 * offset 0 that the caller closes, and its size in bytes. -ENOENT when the run names none, -EILSEQ
 * when size or checksum differ.
 */
errint_t hs_run_side_open(struct hs_run *run, const char *name, int *fd, uint64_t *size);

/* Takes a name out of the run: the file goes with the next commit. */
errint_t hs_run_side_drop(struct hs_run *run, const char *name);

#endif
