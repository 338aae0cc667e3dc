/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The check: digest passes, combination, tree, suspect pass (equations, section 2).
 */
#ifndef HS_LFSCK_CHECK_H
#define HS_LFSCK_CHECK_H

#include "lfsck/scan.h"

enum hs_check_phase {
	HS_PHASE_OST_DIGEST,
	HS_PHASE_MDT_DIGEST,
	HS_PHASE_COMBINE,
	HS_PHASE_TREE,
	HS_PHASE_SUSPECTS,
	HS_PHASES
};
const char *hs_check_phase_name(enum hs_check_phase p);

struct hs_check;
struct hs_check_params {
	unsigned threads; /* 0: one a processor */
	uint64_t memory;  /* bytes for counters and kept facts; 0: a quarter of what the machine has
			   */
	const char *
		spill_dir; /* where the directory forest goes when memory is short; NULL: nowhere */
	bool has_seed;	   /* else a random one: a different seed each run */
	uint64_t seed;
	uint64_t buckets;	/* 0: as many as there are objects and memory allows */
	struct hs_stop *stop;	/* may be NULL */
	bool failout;		/* end with -EUCLEAN at the first thing that cannot be read */
	struct hs_scan_log log; /* of the digest passes' positions */
	/* Called between phases, in the caller's thread; may be NULL. */
	void (*phase)(void *arg, struct hs_check *c, enum hs_check_phase phase);
	void *arg;
};

struct hs_check {
	struct hs_system *sys;
	struct hs_check_params params;
	struct hs_digest digest;
	struct hs_scan scan;
	struct hs_objmap objects, refs;
	struct hs_high *highs;
	size_t n_highs, highs_room;

	/* results */
	struct hs_marks marks;		 /* sorted */
	struct hs_target_counts *counts; /* by target position */
	uint64_t seed;
	uint64_t facts;
	uint64_t suspect_buckets;
	uint64_t undecided;
	uint64_t bitmap_bytes;
	unsigned suspect_passes;
	uint64_t phase_ns[HS_PHASES];
	uint64_t phase_bytes[HS_PHASES]; /* read */
};

/*
 * Takes the suspects of one slice, in order of FID. `j` and its facts live during the call.
 * A non-zero return ends the check with that value.
 */
typedef int hs_check_suspects_fn(void *arg, struct hs_check *c, const struct hs_join *j);

/* The system must outlive the check. */
errint_t hs_check_init(struct hs_check *c, struct hs_system *sys,
		       const struct hs_check_params *params);
void hs_check_free(struct hs_check *c);

/*
 * Runs the whole check. 0: done (whatever was found); -ECANCELED: stopped; else it could not be
 * done. Suspects, if any, are given to fn.
 */
errint_t hs_check_run(struct hs_check *c, hs_check_suspects_fn *fn, void *arg);

/* The first of these by target and inode; NULL if there is none. For a check that ended. */
const struct hs_mark *hs_check_first_unread(const struct hs_check *c);

/* Places that could not be read or decoded: what rests on them is not proven. */
uint64_t hs_check_unread_marks(const struct hs_check *c);

/* check_end.c: rules at the end of a target (LAST_ID, lov_objid, local sequences). */
void hs_check_end(struct hs_check *c);

#endif
