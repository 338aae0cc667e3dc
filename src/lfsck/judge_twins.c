/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two inodes that carry one FID (rules OI-60 and OI-62; catalogue 13.1 #8): the index can lead to
 * one of them only. The copy is the one without which less is left over; where both are equal, the
 * one that no look-up finds.
 */
#include "lfsck/plan_parts.h"

struct twins {
	struct hs_target *t;
	uint32_t indexed; /* the index leads here */
	uint32_t other;
};

/* A claim of the index about an inode that carries the FID beside the one the index leads to. */
static bool find_twins(struct hs_verdict *v, const struct hs_dossier *d, struct twins *out)
{
	static const enum hs_fact_tag tags[] = {HS_FACT_OI, HS_FACT_ONAME};

	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
		const struct hs_claim *claim;

		hs_for_each_claim(claim, d, tags[i], -1)
		{
			struct hs_fact_fields f;
			struct hs_place place;

			if (!hs_fact_decode(claim->bytes, claim->len, &f) ||
			    hs_verdict_object(v, d->fid, &place) != HS_LOOKUP_FOUND ||
			    !hs_tgt_eq(place.t->id, f.target) || place.ino == f.ino)
				continue;
			*out = (struct twins){place.t, place.ino, f.ino};
			return true;
		}
	}
	return false;
}

/* The index leads to the twin that stays. */
static void move_index(struct hs_delta *delta, const struct hs_dossier *d, enum hs_fact_tag tag)
{
	const struct hs_claim *claim;
	size_t n = delta->n;

	for (size_t i = 0; i < n; i++) {
		struct hs_fact_buf f = delta->v[i].f;

		if (f.b[0] == tag && hs_fid_eq(hs_fid_get_le(f.b + 1), d->fid))
			hs_delta_add(delta, &f, -delta->v[i].k);
	}
	hs_for_each_claim(claim, d, tag, -1) hs_delta_settle(delta, claim);
}

/* What is gained when one of the two is not there; INT64_MIN when it cannot be read. */
static int64_t without(struct hs_verdict *v, const struct hs_dossier *d, const struct twins *w,
		       uint32_t ino, struct hs_case *c)
{
	hs_delta_reset(&c->delta);
	if (hs_probe_inode(&v->probe, w->t, ino, NULL, -1, &c->delta) < 0)
		return INT64_MIN;
	if (ino == w->indexed) {
		move_index(&c->delta, d, HS_FACT_OI);
		move_index(&c->delta, d, HS_FACT_ONAME);
	}
	return hs_case_gain(v, c);
}

/* An IGIF says which inode it is made of; else the witnesses decide. */
static uint32_t copy_of_two(struct hs_verdict *v, const struct hs_dossier *d, const struct twins *w,
			    struct hs_case *c)
{
	if (hs_seq_is_igif(d->fid.seq) && d->fid.seq == w->other)
		return w->indexed;
	if (hs_seq_is_igif(d->fid.seq) && d->fid.seq == w->indexed)
		return w->other;
	return without(v, d, w, w->indexed, c) > without(v, d, w, w->other, c) ? w->indexed
									       : w->other;
}

/*
 * The index leads to the inode that stays. The copy gets a FID of its own and a place in
 * lost+found. Stripes stay with the other: a copy that named them too would share them.
 */
static void plan_copy(struct hs_verdict *v, struct hs_case *c, struct hs_target *t, uint32_t kept,
		      uint32_t copy)
{
	struct hs_strbuf value = HS_STRBUF_INIT;
	struct hs_at dir, at = hs_at(t, copy);
	const struct hs_inode *inode = hs_plan_inode(v, at);
	struct hs_fid parent, fid;

	if (hs_seq_is_igif(c->fid.seq)) {
		hs_case_no_repair(c, "a FID made of an inode number says of only one of them which "
				     "it is; compare both and remove the copy");
	} else if (!hs_target_is_mdt(t)) {
		hs_case_no_repair(c,
				  "both may hold data; compare inodes %u and %u and remove the "
				  "copy",
				  kept, copy);
	} else if (!inode || hs_inode_is_dir(inode)) {
		hs_case_no_repair(c, "both directories may hold names; compare inodes %u and %u",
				  kept, copy);
	} else if (hs_plan_lost_found(v, c, t, &dir, &parent)) {
		hs_item_begin(v, c, HS_PLAN_PHASE_ORPHANS);
		hs_mend_oi(v, c, c->fid, hs_at(t, kept));
		if (!hs_plan_new_fid(v, c, t, &fid))
			return;
		hs_mend_fid(v, c, at, fid);
		hs_mend_oi(v, c, fid, at);
		if (hs_plan_xattr(v, at, "trusted.lov", &value) == 1)
			hs_mend_xattr(v, c, at, "trusted.lov", NULL, 0);
		hs_mend_nlink(v, c, at, 1 - (int64_t)inode->nlink);
		hs_mend_lost_here(v, c, at, fid, 'O', "");
		hs_case_repair(c,
			       "Keeps inode %u; gives inode %u a FID of its own and a place in "
			       "lost+found, without the stripes.",
			       kept, copy);
	}
	hs_strbuf_free(&value);
}

static bool judge_twins(struct hs_verdict *v, const struct hs_dossier *d)
{
	uint32_t copy, kept;
	struct twins w;
	struct hs_case c;
	char label[16];

	if (!find_twins(v, d, &w))
		return false;
	hs_case_open(&c, hs_seq_is_igif(d->fid.seq) ? "OI-62" : "OI-60", d->fid, w.t);
	copy = copy_of_two(v, d, &w, &c);
	kept = copy == w.other ? w.indexed : w.other;
	if (without(v, d, &w, copy, &c) <= 0) {
		hs_case_drop(&c);
		return false;
	}
	hs_tgt_text(w.t->id, label);
	hs_case_message(&c, "%s inodes %u and %u carry the same FID.", label, kept, copy);
	hs_case_fact(&c, "object index", "leads to %s inode %u", label, w.indexed);
	hs_case_fact(&c, hs_finding_text(&c.f, "%s inode %u", label, copy),
		     "carries this FID too; names, stripes and parents agree without it");
	plan_copy(v, &c, w.t, kept, copy);
	hs_verdict_use_inode(v, &c, w.t, copy);
	hs_case_close(v, &c, -1);
	return true;
}

void hs_judge_twins(struct hs_verdict *v)
{
	size_t n = v->ledger.n_dossiers; /* a correction may add dossiers behind */

	for (size_t i = 0; i < n; i++) {
		while (!v->err && !v->ledger.order[i]->done && judge_twins(v, v->ledger.order[i]))
			;
	}
}
