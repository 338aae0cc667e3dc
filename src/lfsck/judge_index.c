/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The object index and the names below O/ (rules OI-1, 2, 3, 7, 8, 9, 11). The inode is the
 * authority: judge_identity.c has already asked whether it is what it says.
 */
#include "lfsck/verdict.h"

static const char *inode_text(struct hs_case *c, const struct hs_fact_fields *f)
{
	char label[16];

	return hs_finding_text(&c->f, "%s inode %u", hs_tgt_text(f->target, label), f->ino);
}

/* Whether the file system's own lost+found names the inode. */
static const struct hs_mark *in_lost_found(const struct hs_verdict *v, const struct hs_target *t,
					   uint32_t ino)
{
	size_t i, end;

	hs_verdict_marks(v, (struct hs_fid){0}, &i, &end);
	for (; i < end; i++) {
		const struct hs_mark *m = &v->marks->v[i];

		if (m->code == HS_M_LOST_FOUND && !v->mark_used[i] && m->prov.target == t->pos &&
		    m->prov.ino == ino)
			return m;
	}
	return NULL;
}

/* A record of this tag that leads somewhere on the same target. */
static const struct hs_claim *record_at(const struct hs_dossier *d, enum hs_fact_tag tag,
					struct hs_tgt t)
{
	const struct hs_claim *claim;

	hs_for_each_claim(claim, d, tag, 1)
	{
		struct hs_fact_fields f;

		if (hs_fact_decode(claim->bytes, claim->len, &f) && hs_tgt_eq(f.target, t))
			return claim;
	}
	return NULL;
}

/* Files in the backend root have the same fixed FIDs on all targets (format notes, 1.4). */
static bool is_fixed(struct hs_fid fid)
{
	return fid.seq == HS_SEQ_LOCAL_FILE;
}

/* The minus side of an index: an inode that no record, or a wrong one, leads to. */
static void judge_missing(struct hs_verdict *v, const struct hs_dossier *d, enum hs_fact_tag tag)
{
	const struct hs_claim *minus = hs_claim_next(d, tag, -1, NULL);
	const struct hs_claim *plus;
	bool oi = tag == HS_FACT_OI;
	const struct hs_mark *lost;
	struct hs_fact_fields at, rec;
	struct hs_target *t;
	struct hs_case c;

	if (!minus || !hs_fact_decode(minus->bytes, minus->len, &at))
		return;
	plus = record_at(d, tag, at.target);
	t = hs_system_target(v->sys, at.target);
	lost = t ? in_lost_found(v, t, at.ino) : NULL;
	hs_case_open(&c,
		     lost && !oi	? "OI-9"
		     : is_fixed(d->fid) ? "OI-11"
		     : oi		? (plus ? "OI-2" : "OI-1")
		     : plus		? "OI-8"
					: "OI-7",
		     d->fid, t);
	hs_delta_settle(&c.delta, minus);
	hs_case_fact(&c, inode_text(&c, &at), "carries this FID%s",
		     oi ? hs_finding_text(&c.f, ", generation %u", at.gen) : "");
	if (plus && hs_fact_decode(plus->bytes, plus->len, &rec)) {
		hs_delta_settle(&c.delta, plus);
		hs_case_fact(&c, oi ? "OI record" : "name below O/", "leads to %s%s",
			     inode_text(&c, &rec),
			     oi ? hs_finding_text(&c.f, ", generation %u", rec.gen) : "");
	} else {
		hs_case_fact(&c, oi ? "object index" : "O/", "has no record of it");
	}
	if (lost && !oi)
		hs_verdict_use(v, &c, lost);
	hs_case_close(v, &c, -1);
}

/* A record that leads to nothing, where nobody else misses the object. */
static void judge_stale(struct hs_verdict *v, const struct hs_dossier *d, enum hs_fact_tag tag)
{
	const struct hs_claim *plus = hs_claim_next(d, tag, 1, NULL);
	struct hs_fact_fields rec;
	const char *why;
	struct hs_case c;

	if (!plus || !hs_fact_decode(plus->bytes, plus->len, &rec))
		return;
	hs_case_open(&c,
		     is_fixed(d->fid)	 ? "OI-11"
		     : tag == HS_FACT_OI ? "OI-3"
					 : "OI-8",
		     d->fid, hs_system_target(v->sys, rec.target));
	hs_delta_settle(&c.delta, plus);
	if (tag == HS_FACT_ONAME)
		hs_case_message(&c, "a name below O/ leads to no object");
	hs_case_fact(&c, tag == HS_FACT_OI ? "OI record" : "name below O/", "leads to %s",
		     inode_text(&c, &rec));
	hs_case_fact(&c, inode_text(&c, &rec), "is free or carries another FID");
	why = hs_absent_object(v, d->fid);
	if (why)
		hs_case_undecided(&c, "%s", why);
	hs_case_close(v, &c, -1);
}

void hs_judge_index(struct hs_verdict *v)
{
	static const enum hs_fact_tag tags[] = {HS_FACT_OI, HS_FACT_ONAME};

	for (size_t i = 0; !v->err && i < v->ledger.n_dossiers; i++) {
		const struct hs_dossier *d = v->ledger.order[i];

		if (d->done)
			continue;
		for (size_t k = 0; k < 2; k++) {
			while (!v->err && hs_claim_next(d, tags[k], -1, NULL))
				judge_missing(v, d, tags[k]);
		}
	}
}

/* After dangling names and stripes, which explain a stale record of the same object. */
void hs_judge_stale(struct hs_verdict *v)
{
	for (size_t i = 0; !v->err && i < v->ledger.n_dossiers; i++) {
		const struct hs_dossier *d = v->ledger.order[i];

		while (!d->done && !v->err && hs_claim_next(d, HS_FACT_OI, 1, NULL))
			judge_stale(v, d, HS_FACT_OI);
		while (!d->done && !v->err && hs_claim_next(d, HS_FACT_ONAME, 1, NULL))
			judge_stale(v, d, HS_FACT_ONAME);
	}
}
