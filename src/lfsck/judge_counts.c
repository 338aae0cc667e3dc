/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Link counts: of files against their names (NS-29, NS-60), of directories against their
 * subdirectories (NS-61), after all corrections of names.
 */
#include <inttypes.h>

#include "lfsck/plan_parts.h"

/* Copies left over of a tag: positive when there are more names than nlink counts. */
static int64_t left(const struct hs_dossier *d, enum hs_fact_tag tag)
{
	int64_t n = 0;

	for (const struct hs_claim *c = d->claims; c; c = c->next)
		n += c->bytes[0] == tag ? c->net : 0;
	return n;
}

static void judge_file(struct hs_verdict *v, const struct hs_dossier *d)
{
	int64_t names = left(d, HS_FACT_TYPE);
	const struct hs_claim *claim;
	struct hs_place at;
	struct hs_case c;

	if (hs_verdict_mark(v, d->fid, HS_M_LINK_OVERFLOW))
		hs_settle_overflow(v, d);
	if (!names || hs_claim_next(d, HS_FACT_NAME, 1, NULL) ||
	    hs_claim_next(d, HS_FACT_NAME, -1, NULL))
		return;
	if (hs_verdict_object(v, d->fid, &at) != HS_LOOKUP_FOUND ||
	    hs_inode_is_dir(&v->loaded.inode))
		return;
	hs_case_open(&c, names > 0 ? "NS-29" : "NS-60", d->fid, at.t);
	for (claim = d->claims; claim; claim = claim->next) {
		if (claim->bytes[0] == HS_FACT_TYPE || claim->bytes[0] == HS_FACT_INO)
			hs_delta_settle(&c.delta, claim);
	}
	hs_case_fact(&c, hs_finding_text(&c.f, "inode %u", at.ino), "nlink is %u",
		     v->loaded.inode.nlink);
	hs_case_fact(&c, "names", "%" PRId64, (int64_t)v->loaded.inode.nlink + names);
	hs_case_repair(&c, "Sets nlink to %" PRId64 ".", (int64_t)v->loaded.inode.nlink + names);
	hs_mend_nlink(v, &c, hs_at(at.t, at.ino), names);
	hs_case_close(v, &c, -1);
}

static void judge_dir(struct hs_verdict *v, const struct hs_mark *m)
{
	int64_t expected = (int64_t)m->b + hs_verdict_subdirs_of(v, m->fid);
	struct hs_case c;

	if ((int64_t)m->a == expected) {
		hs_verdict_use(v, NULL, m); /* the names were wrong, the count was right */
		return;
	}
	hs_case_open(&c, "NS-61", m->fid, v->sys->targets[m->prov.target]);
	hs_case_fact(&c, hs_case_place(&c, v, &m->prov), "nlink is %" PRIu64, m->a);
	hs_case_fact(&c, "entries of the directory", "%" PRId64 " subdirectories", expected - 2);
	hs_case_repair(&c, "Sets nlink to %" PRId64 ".", expected);
	hs_mend_nlink_rest(v, &c, hs_at(v->sys->targets[m->prov.target], m->prov.ino));
	hs_verdict_use(v, NULL, m);
	hs_case_close(v, &c, -1);
}

void hs_judge_counts(struct hs_verdict *v)
{
	for (size_t i = 0; !v->err && i < v->ledger.n_dossiers; i++) {
		if (!v->ledger.order[i]->done)
			judge_file(v, v->ledger.order[i]);
	}
	for (size_t i = 0; !v->err && i < v->marks->n; i++) {
		if (v->marks->v[i].code == HS_M_DIR_NLINK && !v->mark_used[i])
			judge_dir(v, &v->marks->v[i]);
	}
}
