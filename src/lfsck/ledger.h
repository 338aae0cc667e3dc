/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ledger: every fact that did not balance, by FID, and what a correction would change in it.
 *
 * A correction (a record that should read otherwise) is a delta: facts it takes away and facts it
 * adds. Its gain is how much nearer to balance it brings the ledger. A verdict accepts corrections
 * that gain; when nothing is left over everything found has been explained.
 *
 * Not thread-safe: verdicts of one ledger are made by one thread.
 */
#ifndef HS_LFSCK_LEDGER_H
#define HS_LFSCK_LEDGER_H

#include "lfsck/keep.h"

#define HS_CLAIM_PLACES 4

/* One fact and how many copies are left over: positive on the plus side. */
struct hs_claim {
	struct hs_claim *next; /* of the same FID */
	uint64_t hash;
	int64_t net;
	uint32_t n_places; /* places that said it, the first few are kept */
	struct {
		struct hs_prov prov;
		int8_t sign; /* of the fact there; 0: a witness */
	} places[HS_CLAIM_PLACES];
	uint16_t len;
	uint8_t bytes[]; /* struct hs_fact_buf's */
};

/* All that is left over about one FID. */
struct hs_dossier {
	struct hs_fid fid;
	struct hs_claim *claims;
	bool done; /* a verdict was given; nothing more is said about it */
};

struct hs_ledger {
	struct hs_dossier **dossiers; /* open-addressing table by FID */
	size_t n_dossiers, table_size;
	struct hs_claim **claims; /* open-addressing table by bytes */
	size_t n_claims, claims_size;
	struct hs_dossier **order; /* sorted by FID; made by hs_ledger_sort() */
};

void hs_ledger_free(struct hs_ledger *l);

/* Takes the suspects of a join. -ENOMEM. */
errint_t hs_ledger_take(struct hs_ledger *l, const struct hs_join *j);

/* Brings the dossiers in order; after the last hs_ledger_take(). */
errint_t hs_ledger_sort(struct hs_ledger *l);

/* NULL: nothing is left over about it. */
struct hs_dossier *hs_ledger_dossier(const struct hs_ledger *l, struct hs_fid fid);
struct hs_claim *hs_ledger_claim(const struct hs_ledger *l, const uint8_t *bytes, size_t len);

/* Copies of a fact left over, 0 if the ledger does not know it. */
int64_t hs_ledger_net(const struct hs_ledger *l, const struct hs_fact_buf *f);

/* Claims of a dossier with this tag and a positive (side > 0) or negative net, from `after` on. */
struct hs_claim *hs_claim_next(const struct hs_dossier *d, enum hs_fact_tag tag, int side,
			       const struct hs_claim *after);
#define hs_for_each_claim(c, d, tag, side)                                                         \
	for ((c) = hs_claim_next(d, tag, side, NULL); (c); (c) = hs_claim_next(d, tag, side, c))

/* What a correction changes. Zero it first; hs_delta_free() afterwards. */
struct hs_delta {
	struct hs_delta_item {
		int64_t k;
		struct hs_fact_buf f;
	} * v;
	size_t n, room;
	bool merged;  /* equal facts are one item, none has k 0 */
	errint_t err; /* -ENOMEM */
};

void hs_delta_free(struct hs_delta *d);
void hs_delta_reset(struct hs_delta *d);

/* Adds up equal facts; gain and apply do it themselves. */
void hs_delta_merge(struct hs_delta *d);

/* k more copies of a fact. */
void hs_delta_add(struct hs_delta *d, const struct hs_fact_buf *f, int64_t k);
/* Takes away what is left over of a claim, all of it. */
void hs_delta_settle(struct hs_delta *d, const struct hs_claim *c);

/* Imbalance removed minus imbalance made. */
int64_t hs_ledger_gain(const struct hs_ledger *l, struct hs_delta *d);

/* Applies it. -ENOMEM leaves the ledger partly changed. */
errint_t hs_ledger_apply(struct hs_ledger *l, struct hs_delta *d);

#endif
