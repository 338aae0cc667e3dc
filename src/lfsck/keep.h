/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The facts that the suspect pass keeps, and their exact join.
 *
 * Every worker keeps facts of its own, up to a limit of its own; all of them obey one slice of the
 * counters, which shrinks when any of them runs short: what lies beyond it is left for another
 * pass. The join sorts the facts of all workers by key, adds up equal ones, and drops the FIDs
 * whose facts balance: neighbours that only shared a counter (equations, section 12).
 */
#ifndef HS_LFSCK_KEEP_H
#define HS_LFSCK_KEEP_H

#include "lfsck/digest.h"

/* Counters [first, end) are collected in this pass. Shared by the workers. */
struct hs_slice {
	uint64_t first;
	_Atomic uint64_t end;
	uint64_t limit; /* bytes of kept facts a worker; one counter's facts may exceed it */
};

struct hs_keep_block;

/* One worker's facts. */
struct hs_keep {
	struct hs_slice *slice;
	struct hs_keep_block *blocks; /* newest first */
	uint64_t count;
	uint64_t bytes;
	uint64_t end; /* of the slice when its facts were last sifted */
	errint_t err; /* -ENOMEM: facts were lost */
};

void hs_keep_init(struct hs_keep *k, struct hs_slice *slice);
void hs_keep_free(struct hs_keep *k);
void hs_keep_fact(struct hs_keep *k, uint64_t bucket, const struct hs_fact_buf *f, int64_t times,
		  const struct hs_prov *prov);

/* A FID and all that was said about it: facts[first .. first + count) of the join. */
struct hs_suspect {
	struct hs_fid fid;
	size_t first, count;
	bool marked; /* by an inline rule */
};

struct hs_join {
	struct hs_kept **facts; /* sorted by key, then bytes; owned by the keeps */
	size_t n_facts;
	struct hs_suspect *suspects; /* sorted by FID */
	size_t n_suspects, room;
};

/*
 * Joins the facts of n workers that lie in the final slice. `marked` (sorted, n_marked) are FIDs to
 * be kept even if their facts balance, and also if there are none. -ENOMEM.
 */
errint_t hs_join(struct hs_keep *keeps, unsigned n, const struct hs_slice *slice,
		 const struct hs_fid *marked, size_t n_marked, struct hs_join *out);
/* All facts of one worker, sorted, without looking for suspects. -ENOMEM. */
errint_t hs_join_all(struct hs_keep *keep, struct hs_join *out);
void hs_join_free(struct hs_join *j);

/* Net count of the run of equal facts that begins at i; *next is the first fact after it. */
int64_t hs_join_net(const struct hs_join *j, size_t i, size_t end, size_t *next);

/* The suspect with this FID, or NULL. */
const struct hs_suspect *hs_join_find(const struct hs_join *j, struct hs_fid fid);

#endif
