/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What no judge could explain is said all the same: nothing that does not balance is passed over.
 */
#include <inttypes.h>

#include "lfsck/verdict.h"

/* Claims with something left over; settles them in the case. */
static size_t list_claims(struct hs_case *c, const struct hs_verdict *v, const struct hs_dossier *d)
{
	size_t n = 0;

	for (struct hs_claim *claim = d->claims; claim; claim = claim->next) {
		struct hs_strbuf b = HS_STRBUF_INIT;

		if (!claim->net)
			continue;
		n++;
		hs_fact_describe(claim->bytes, claim->len, &b);
		hs_case_fact(c,
			     claim->n_places ? hs_case_place(c, v, &claim->places[0].prov)
					     : "no record",
			     "%s: %s", hs_fact_left_over(claim->bytes[0], claim->net > 0),
			     hs_strbuf_str(&b));
		hs_delta_settle(&c->delta, claim);
		hs_strbuf_free(&b);
	}
	return n;
}

void hs_judge_rest(struct hs_verdict *v)
{
	for (size_t i = 0; !v->err && i < v->ledger.n_dossiers; i++) {
		struct hs_dossier *d = v->ledger.order[i];
		enum hs_presence presence;
		struct hs_tgt owner;
		struct hs_case c;
		const char *why;

		if (d->done)
			continue;
		owner = hs_system_owner(v->sys, d->fid.seq, &presence);
		hs_case_open(&c, "META-5", d->fid, hs_system_target(v->sys, owner));
		if (!list_claims(&c, v, d)) {
			hs_case_drop(&c);
			continue;
		}
		why = hs_in_recovery(v, d->fid);
		if (!why)
			why = hs_absent_object(v, d->fid);
		if (why)
			hs_case_undecided(&c, "%s", why);
		d->done = true;
		hs_case_close(v, &c, -1);
	}
}
