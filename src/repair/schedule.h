/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The order in which repairs are tried, and how often. It knows no file system: what an object is,
 * and what repairing means, is a table of operations.
 *
 * An item is one object that can be locked by itself (an AG, an inode), with a set of steps: the
 * repairs it may need, numbered in the order in which its metadata depend on each other. An item is
 * 32 bytes, however many steps it has.
 *
 *  - Each step belongs to a stage. A stage is passed over as long as a pass makes progress; only
 *    then comes the next one, and if there was progress at all everything starts over.
 *  - A step waits for those of its item that it depends on. A step that failed is not tried again
 *    until something else has been changed: the same question gets the same answer.
 *  - When nothing is left to repair in an item, the whole object is checked again. If that finds it
 *    clean it is dropped, else queued again; at most HS_REPAIR_AGAIN times, so that two repairs
 * that undo each other come to an end.
 *  - What is left is tried once more, one after the other, each step whatever it depends on; what
 *    fails then has failed.
 *  - Optimisations come after all of that, and only for objects without damage.
 *
 * In a pass all workers take items from one list; an item is in the hands of one worker at a time.
 */
#ifndef HS_REPAIR_SCHEDULE_H
#define HS_REPAIR_SCHEDULE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define HS_REPAIR_STEPS	 16 /* at most, of one kind of object */
#define HS_REPAIR_STAGES 8
#define HS_REPAIR_AGAIN	 5 /* times that a check may put an item back before the last pass */

/* Bits of sets are steps of the item's kind. */
struct hs_repair_item {
	uint64_t id;	   /* kind, id and sub name the object */
	uint32_t sub;	   /* what tells objects of one id apart, such as a generation */
	uint32_t cookie;   /* the user's; of items for one object, the first one's stays */
	uint32_t tried;	   /* private */
	uint16_t damaged;  /* must be repaired */
	uint16_t doubtful; /* must be checked again: other repairs may show that nothing is wrong */
	uint16_t better;   /* can be optimised */
	uint16_t given_up; /* will not be repaired by this run */
	uint8_t kind;	   /* of the table of kinds */
	uint8_t again;	   /* private */
	uint8_t tried_stage; /* private */
};

_Static_assert(sizeof(struct hs_repair_item) == 32, "one item is to be small");

enum hs_repair_effort {
	HS_REPAIR_TRY,	/* other attempts may follow */
	HS_REPAIR_LAST, /* none will */
};

enum hs_repair_outcome {
	HS_REPAIR_FIXED,    /* it was changed and is right now */
	HS_REPAIR_FINE,	    /* nothing is wrong, or it is not there any more */
	HS_REPAIR_DOUBTFUL, /* it seems right, but must be checked again */
	HS_REPAIR_FAILED,   /* it is still wrong; another repair may help */
	HS_REPAIR_NEVER,    /* this run cannot repair it, nor what depends on it */
};

struct hs_repair_step {
	uint16_t after; /* steps of the same item that it depends on: lower ones only */
	uint8_t stage;
};

struct hs_repair_kind {
	const struct hs_repair_step *steps;
	unsigned n_steps;
};

/* Any of these may be called from any worker, never for one item from two at a time. */
struct hs_repair_ops {
	/*
	 * Tries one step: an outcome, or -errno, which ends everything. May change the item's sets
	 * (an object that is gone has none) and its sub. With HS_REPAIR_LAST, *reason of a failure
	 * is handed to finished().
	 */
	int (*attempt)(struct hs_repair_item *item, unsigned step, enum hs_repair_effort effort,
		       int *reason, void *arg);
	/* The same for an optimisation; what fails is forgotten. */
	int (*optimize)(struct hs_repair_item *item, unsigned step, void *arg);
	/*
	 * Checks everything of the object and sets damaged, doubtful and better (those in given_up
	 * are taken out by the caller). 0, or -errno, which ends everything.
	 */
	errint_t (*revalidate)(struct hs_repair_item *item, enum hs_repair_effort effort,
			       void *arg);
	/*
	 * Called once for each item with a step that was damaged or doubtful, when it has been
	 * brought to its end: damaged is what is left, reasons[step] why. Not called for items that
	 * an error or a stop leaves over.
	 */
	errint_t (*finished)(const struct hs_repair_item *item, const int *reasons, void *arg);
	/* 0, or why to stop now; looked at before each step. May be NULL. */
	errint_t (*ended)(void *arg);
};

struct hs_repair {
	const struct hs_repair_kind *kinds;
	const struct hs_repair_ops *ops;
	void *arg;
	unsigned workers;
	unsigned stages;

	/* private */
	pthread_mutex_t lock; /* of the list outside hs_repair_run() */
	struct hs_repair_item *items;
	size_t n, room;
	size_t most;	      /* items held at one time */
	_Atomic size_t next;  /* of the list, for the workers of a pass */
	atomic_uint changes;  /* repairs that changed something, so far */
	atomic_bool progress; /* in this pass */
	atomic_int failed;    /* what ended a pass */
	unsigned stage;
};

/* The tables are the caller's and must outlive it. `stages` are 1 to HS_REPAIR_STAGES. */
errint_t hs_repair_init(struct hs_repair *r, const struct hs_repair_kind *kinds, unsigned stages,
			unsigned workers, const struct hs_repair_ops *ops, void *arg);
void hs_repair_free(struct hs_repair *r);

/* Queues an item. Any thread, but not while hs_repair_run() runs. */
errint_t hs_repair_add(struct hs_repair *r, const struct hs_repair_item *item);

/*
 * Tries those of its steps in `now` at once, and queues what is left; an item that has come to its
 * end is finished. Any thread, but not while hs_repair_run() runs.
 */
errint_t hs_repair_submit(struct hs_repair *r, struct hs_repair_item *item, uint16_t now);

/* Brings one item to its end at once, last attempt and optimisation included. As above. */
errint_t hs_repair_complete(struct hs_repair *r, struct hs_repair_item *item);

/*
 * Brings everything in the queue to its end. Returns 0, however much could not be repaired; what
 * an operation or ended() returned; or -ENOMEM. Then the queue holds what was not brought to its
 * end.
 */
errint_t hs_repair_run(struct hs_repair *r);

/* The same for optimisations alone: damage is left as it is. */
errint_t hs_repair_run_optimizations(struct hs_repair *r);

/* Drops everything. */
void hs_repair_clear(struct hs_repair *r);

/* Items that wait. */
size_t hs_repair_count(struct hs_repair *r);
/* Whether one waits with a damaged or doubtful step of this stage. */
bool hs_repair_has_damage(struct hs_repair *r, unsigned stage);
/* Bytes that the queue took when it was longest. */
size_t hs_repair_bytes(struct hs_repair *r);

/* Called by the scheduler's own files only (item.c). */
struct hs_repair_progress {
	unsigned fixed;	 /* steps that changed something */
	unsigned solved; /* steps that need nothing any more */
};

/*
 * Tries the steps of one item that are in `allowed`. With HS_REPAIR_LAST dependencies do not count
 * and reasons (HS_REPAIR_STEPS of them) are set.
 */
errint_t hs_repair_item_work(struct hs_repair *r, struct hs_repair_item *item, uint16_t allowed,
			     enum hs_repair_effort effort, int *reasons,
			     struct hs_repair_progress *p);
errint_t hs_repair_item_optimize(struct hs_repair *r, struct hs_repair_item *item);
errint_t hs_repair_item_revalidate(struct hs_repair *r, struct hs_repair_item *item,
				   enum hs_repair_effort effort);

/* Steps of a kind up to a stage. */
uint16_t hs_repair_steps_until(const struct hs_repair *r, unsigned kind, unsigned stage);

static inline errint_t hs_repair_ended(const struct hs_repair *r)
{
	return r->ops->ended ? r->ops->ended(r->arg) : 0;
}

#endif
