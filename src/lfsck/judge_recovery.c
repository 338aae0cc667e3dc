/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Operations that recovery will finish (equations, section 11). Before all other judges: what they
 * would find there is no damage.
 *
 *  - An OST object that is to be destroyed, or lies above the ids its MDT has used, keeps its
 *    parent record while no file has it any more. That is as it should be: nothing is said.
 *  - An owner change on its way to the OST: nothing is said when the MDT's side is what the change
 *    will write.
 *  - Everything else about an object that an unfinished operation names is undecided (META-6).
 */
#include "lfsck/verdict.h"

/* Only what an object without file leaves over: its own parent record and owner. */
static bool is_expected(const struct hs_dossier *d)
{
	for (const struct hs_claim *c = d->claims; c; c = c->next) {
		switch (c->bytes[0]) {
		case HS_FACT_LAY:
		case HS_FACT_COMP:
		case HS_FACT_OWN:
		case HS_FACT_PROJ:
		case HS_FACT_ENC:
			if (c->net > 0)
				return false;
			break;
		default:
			if (c->net)
				return false;
			break;
		}
	}
	return true;
}

static void settle(struct hs_verdict *v, const struct hs_dossier *d, enum hs_fact_tag tag)
{
	struct hs_delta delta = {0};

	for (const struct hs_claim *c = d->claims; c; c = c->next) {
		if (!tag || c->bytes[0] == tag)
			hs_delta_settle(&delta, c);
	}
	v->err = delta.err ? delta.err : hs_ledger_apply(&v->ledger, &delta);
	hs_delta_free(&delta);
}

static const struct hs_setattr_pending *find_setattr(const struct hs_verdict *v, struct hs_fid fid,
						     uint32_t uid, uint32_t gid)
{
	for (size_t i = 0; i < v->sys->n_targets; i++) {
		const struct hs_pending_ops *ops = &v->sys->targets[i]->ops;

		for (size_t k = 0; k < ops->n_setattrs; k++) {
			if (hs_fid_eq(ops->setattrs[k].object, fid) &&
			    ops->setattrs[k].uid == uid && ops->setattrs[k].gid == gid)
				return &ops->setattrs[k];
		}
	}
	return NULL;
}

/* The file's owner is what the change under way says; the object's will follow. */
static void judge_owner(struct hs_verdict *v, const struct hs_dossier *d)
{
	const struct hs_claim *plus = hs_claim_next(d, HS_FACT_OWN, 1, NULL);
	const struct hs_claim *project = hs_claim_next(d, HS_FACT_PROJ, 1, NULL);
	const struct hs_setattr_pending *change;
	struct hs_fact_fields f;

	if (!plus || !hs_claim_next(d, HS_FACT_OWN, -1, NULL) ||
	    !hs_fact_decode(plus->bytes, plus->len, &f))
		return;
	change = find_setattr(v, d->fid, f.uid, f.gid);
	if (!change)
		return;
	settle(v, d, HS_FACT_OWN);
	if (!v->err && project && hs_fact_decode(project->bytes, project->len, &f) &&
	    f.id == change->projid)
		settle(v, d, HS_FACT_PROJ);
}

static void judge_unfinished(struct hs_verdict *v, const struct hs_dossier *d)
{
	struct hs_tgt owner;
	enum hs_presence presence;
	struct hs_case c;
	size_t n = 0, i, end;

	owner = hs_system_owner(v->sys, d->fid.seq, &presence);
	hs_case_open(&c, "META-6", d->fid, hs_system_target(v->sys, owner));
	for (const struct hs_claim *claim = d->claims; claim; claim = claim->next) {
		struct hs_strbuf b = HS_STRBUF_INIT;

		if (!claim->net)
			continue;
		hs_fact_describe(claim->bytes, claim->len, &b);
		hs_case_fact(&c,
			     claim->n_places ? hs_case_place(&c, v, &claim->places[0].prov)
					     : "no record",
			     "%s: %s", hs_fact_tag_name(claim->bytes[0]), hs_strbuf_str(&b));
		hs_strbuf_free(&b);
		hs_delta_settle(&c.delta, claim);
		n++;
	}
	if (!n) {
		hs_case_drop(&c);
		return;
	}
	hs_case_undecided(&c, "%s", hs_in_recovery(v, d->fid));
	hs_verdict_marks(v, d->fid, &i, &end);
	for (; i < end; i++) {
		if (!v->mark_used[i])
			hs_verdict_use(v, &c, &v->marks->v[i]);
	}
	hs_case_close(v, &c, -1);
}

void hs_judge_recovery(struct hs_verdict *v)
{
	for (size_t i = 0; !v->err && i < v->ledger.n_dossiers; i++) {
		struct hs_dossier *d = v->ledger.order[i];

		if (d->done)
			continue;
		switch (hs_recovery_of(v, d->fid)) {
		case HS_RECOVERY_DESTROY:
		case HS_RECOVERY_UNUSED:
			if (is_expected(d))
				settle(v, d, 0);
			break;
		case HS_RECOVERY_UNFINISHED:
			judge_unfinished(v, d);
			break;
		case HS_RECOVERY_NONE:
			judge_owner(v, d);
			break;
		}
	}
	/* an object that nobody references need not be */
	for (size_t i = 0; i < v->marks->n; i++) {
		const struct hs_mark *m = &v->marks->v[i];
		enum hs_recovery r;

		if (m->code != HS_M_UNREFERENCED && m->code != HS_M_PARENT_NONE)
			continue;
		r = hs_recovery_of(v, m->fid);
		if (r == HS_RECOVERY_DESTROY || r == HS_RECOVERY_UNUSED)
			v->mark_used[i] = true;
	}
}
