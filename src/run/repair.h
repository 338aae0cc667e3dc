/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The plan of repairs in run.db: items, what each rests on and what each writes, as rows. What a
 * kind and a value mean is the checker's matter; the run keeps them with the findings they belong
 * to, under the same guarantees (run/run.h).
 */
#ifndef HS_RUN_REPAIR_H
#define HS_RUN_REPAIR_H

#include "run/run.h"

enum hs_item_state {
	HS_ITEM_PLANNED,
	HS_ITEM_DONE,
	HS_ITEM_SKIPPED, /* `reason` tells */
	HS_ITEM_FAILED,	 /* likewise */
	HS_ITEM_STATE_MAX
};

/* "planned" */
const char *hs_item_state_name(enum hs_item_state s);

/* One fact that an item rests on, or one edit that it makes. Bytes belong to the caller. */
struct hs_run_step {
	const char *kind;   /* "xattr-set" */
	const char *target; /* label */
	int64_t ino;	    /* 0: see made, or the target as a whole */
	int64_t made;	    /* number of an inode that an edit of this plan makes; 0: none */
	const void *name;
	size_t name_len;
	const void *value;
	size_t value_len;
};

struct hs_run_item {
	int64_t id; /* in the order of dependencies: an item needs only items before it */
	int64_t finding;
	int64_t phase;	      /* 1, or 2: after all of phase 1 on every target */
	const char *gate;     /* option without which it is not made, "-o"; NULL: none */
	const int64_t *needs; /* items that must have succeeded */
	size_t n_needs;
	const struct hs_run_step *expects, *edits;
	size_t n_expects, n_edits;
};

/* Stages an item; its id must be new. */
errint_t hs_run_add_item(struct hs_run *run, const struct hs_run_item *item);
/* Stages one more edit of an item; `ord` is its place among them and must be free. */
errint_t hs_run_add_edit(struct hs_run *run, int64_t item, size_t ord,
			 const struct hs_run_step *edit);
/* Takes back the items that have come to no edit. No other item may need them. */
errint_t hs_run_trim_items(struct hs_run *run);
/* What became of an item. `reason` may be NULL. */
errint_t hs_run_set_item_state(struct hs_run *run, int64_t id, enum hs_item_state state,
			       const char *reason);

/* An item as read back, with its finding. Lives until the callback returns. */
struct hs_run_item_read {
	struct hs_run_item item;
	enum hs_item_state state;
	const char *reason;			      /* NULL: none */
	const char *rule, *target, *object, *message; /* of the finding; each may be NULL */
	const char *repair;
	const char *path; /* raw bytes; NULL: none */
	size_t path_len;
};

/* By phase and id. The rules of callbacks are those of run/read.h. */
errint_t hs_run_each_item(struct hs_run *run,
			  errint_t (*fn)(const struct hs_run_item_read *, void *), void *arg);

#endif
