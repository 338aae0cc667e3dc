/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The object index and the names below O/ (rules OI-1, 2, 3, 7, 8, 9, 11). The inode is the
 * authority: judge_identity.c has already asked whether it is what it says.
 */
#include "lfsck/plan_parts.h"

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

/*
 * The record that the inode demands. An object in lost+found leaves it; who has its name below O/
 * under the same FID makes way if it was never written.
 */
static void plan_record(struct hs_verdict *v, struct hs_case *c, struct hs_target *t,
			struct hs_fid fid, uint32_t ino, bool oi, const struct hs_mark *lost)
{
	struct hs_at dir, at = hs_at(t, ino), other;
	const struct hs_inode *inode;
	struct hs_leads leads;
	struct hs_fid same;
	char name[24];

	if (oi) {
		hs_mend_oi(v, c, fid, at);
		return;
	}
	if (lost)
		hs_mend_unlost(v, c, at);
	if (hs_plan_oname(v, t, fid, &dir, name) &&
	    hs_plan_entry(v, dir, name, strlen(name), &leads) == 1 && leads.ino != ino) {
		other = hs_at(t, leads.ino);
		inode = hs_plan_inode(v, other);
		if (inode && hs_plan_fid(v, other, &same) && hs_fid_eq(same, fid)) {
			if (inode->size || inode->blocks || inode->ctime) {
				hs_case_no_repair(c, "another object with this FID has its name "
						     "and holds data");
				return;
			}
			hs_mend_free(v, c, other);
			hs_expect_untouched(v, c, other);
		}
	}
	hs_mend_oname(v, c, fid, at);
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
	if (t)
		plan_record(v, &c, t, d->fid, at.ino, oi, oi ? NULL : lost);
	hs_case_close(v, &c, -1);
}

/* The record goes, while what it leads to is what it is now. */
static void plan_removal(struct hs_verdict *v, struct hs_case *c, const struct hs_claim *plus,
			 const struct hs_fact_fields *rec, struct hs_fid fid, bool oi)
{
	struct hs_target *t = hs_system_target(v->sys, rec->target);
	struct hs_at dir;
	char name[24];

	if (!t)
		return;
	if (hs_plan_inode(v, hs_at(t, rec->ino)))
		hs_expect_inode(v, c, hs_at(t, rec->ino));
	else
		hs_expect_free(v, c, t, rec->ino);
	if (oi) {
		hs_mend_oi_drop(v, c, t, fid);
	} else if (hs_plan_oname(v, t, fid, &dir, name)) {
		if (plus->n_places)
			dir = hs_at(t, plus->places[0].prov.ino);
		hs_mend_entry(v, c, dir, name, strlen(name), NULL);
	}
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
	plan_removal(v, &c, plus, &rec, d->fid, tag == HS_FACT_OI);
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
