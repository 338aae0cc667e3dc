/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sources of work and the pipeline that spreads their items over workers.
 *
 * A source hands out coarse items (a part of an inode table, one OI file) in a fixed order and can
 * say its position and start from one. The pipeline pulls items for its workers, and at every
 * checkpoint and stop lets them finish what they hold before it reads the positions: then every
 * item before a position has been handled completely, and none after it has been begun.
 */
#ifndef HS_WORK_PIPELINE_H
#define HS_WORK_PIPELINE_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* What a source needs to go on: an ordinal for progress and up to 48 bytes of its own. */
struct hs_position {
	uint64_t done; /* units handed out so far, of the source's total */
	uint8_t cookie[48];
};

struct hs_source;

struct hs_source_ops {
	/* Fills *item (item_size bytes): 1 item, 0 end, or -errno. Never called by two threads. */
	int (*next)(struct hs_source *src, void *item);
	void (*tell)(const struct hs_source *src, struct hs_position *pos);
	/* -EINVAL when the position cannot belong to this source. */
	errint_t (*seek)(struct hs_source *src, const struct hs_position *pos);
};

/* Implementations embed this as their first member. */
struct hs_source {
	const struct hs_source_ops *ops;
	const char *name; /* stable: the key of its position in run.db */
	size_t item_size;
	uint64_t total; /* units, for progress */
};

/* Asks a pipeline to stop; may be set from a signal handler. */
struct hs_stop {
	atomic_int requested;
};

struct hs_feed;

/*
 * Gives a worker its next item: 1, or 0 when it should finish what it holds and return (end of all
 * sources, checkpoint or stop). *src tells which source the item came from. Items of several
 * sources are handed out in turn, so that all devices are kept busy.
 */
int hs_feed_next(struct hs_feed *feed, void *item, struct hs_source **src);

struct hs_pipeline {
	struct hs_source **sources;
	size_t n_sources;
	unsigned workers;
	uint64_t checkpoint_ns; /* 0: only at the end and at a stop */
	struct hs_stop *stop;	/* may be NULL */

	/*
	 * Runs in every worker between checkpoints; must handle every item it took before it
	 * returns. An error ends the pipeline (the other workers finish what they hold). A worker
	 * number keeps its thread from the first call to the last, number 0 the caller's, so that
	 * an I/O channel may be kept as well.
	 */
	errint_t (*work)(unsigned worker, struct hs_feed *feed, void *arg);

	/*
	 * All workers are idle; any of their threads may be the one that calls. `final` is set at
	 * the end of all sources. Not called after an error; its own error ends the pipeline. May
	 * be NULL.
	 */
	errint_t (*checkpoint)(void *arg, int final);
	void *arg;
};

/* 0 when all sources are exhausted, -ECANCELED after a stop, else the first error. */
errint_t hs_pipeline_run(const struct hs_pipeline *p);

#endif
