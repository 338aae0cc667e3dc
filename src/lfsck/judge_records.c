/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stripe records that are outvoted: the layout names an object that does not confirm it, while
 * another object, which no file names, says that the place is its own. Following the layout here,
 * as LFSCK does, would make an empty object and park the data in lost+found (catalogue, 13.1 #1).
 */
#include "lfsck/layouts.h"

/* The unconfirmed record that holds the place an object claims. */
static const struct hs_lay *rival(struct hs_layouts *l, const struct hs_lay *claim)
{
	struct hs_lov_stripe s;
	size_t i, end;

	if (!hs_lay_open(claim) || hs_lay_is_named(l, claim->object))
		return NULL;
	hs_object_view_load(l->v, claim->object, &l->object);
	if (!l->object.has_parent || hs_file_slot(&l->file, &l->object.parent, &s) != HS_SLOT_TAKEN)
		return NULL;
	hs_lay_of(&l->stripes, claim->file, &i, &end);
	for (; i < end; i++) {
		const struct hs_lay *e = &l->stripes.v[i];

		if (hs_lay_open(e) && e->index == claim->index && hs_fid_eq(e->object, s.object))
			return e;
	}
	return NULL;
}

/* One pair: the record goes, the object that claims its place comes. */
static void exchange(struct hs_layouts *l, struct hs_case *c, const struct hs_lay *record,
		     const struct hs_lay *claim)
{
	hs_object_view_load(l->v, record->object, &l->occupant);
	hs_layouts_drop_stripe(l->v, c, &l->file, record);
	hs_layouts_settle_object(l->v, c, claim->object);
	hs_layouts_say_stripe(l->v, c, record);
	hs_layouts_say_object(l->v, c, &l->occupant);
	hs_layouts_say_claim(l->v, c, claim);
	hs_object_view_load(l->v, claim->object, &l->object);
	hs_item_phase(l->v, c, HS_PLAN_PHASE_ORPHANS);
	hs_layouts_put(l->v, c, &l->file, hs_file_meant(&l->file, &l->object.parent),
		       l->object.parent.stripe_index, claim->object, claim->ost);
	hs_expect_inode(l->v, c, hs_object_at(&l->object));
	hs_expect_xattr(l->v, c, hs_object_at(&l->object), "trusted.fid");
	hs_expect_xattr(l->v, c, hs_object_at(&l->object), "trusted.lma");
}

/*
 * Whose layout a file has: lmm_oi of all components and the parent records of all unconfirmed
 * objects name one other file. False if they do not, or if it is its own.
 */
static bool is_foreign(struct hs_layouts *l, size_t first, size_t end)
{
	struct hs_fid owner = {0};

	for (uint32_t i = 0; i < l->file.lov.n_comps; i++) {
		const struct hs_lov_comp *c = &l->file.lov.comps[i];

		if (!c->n_records)
			continue;
		if (!hs_fid_is_zero(owner) && (owner.seq != c->oi_seq || owner.oid != c->oi_id))
			return false;
		owner = (struct hs_fid){c->oi_seq, (uint32_t)c->oi_id, 0};
	}
	if (hs_fid_is_zero(owner) || hs_fid_eq(owner, l->file.fid))
		return false;
	for (size_t i = first; i < end; i++) {
		if (!hs_lay_open(&l->stripes.v[i]))
			return false;
		hs_object_view_load(l->v, l->stripes.v[i].object, &l->object);
		if (!l->object.has_parent || !hs_fid_eq(l->object.parent.file, owner))
			return false;
	}
	return true;
}

/* Whether all that names an object now is a layout that is not where it belongs. */
static bool only_strays_name(struct hs_layouts *l, struct hs_fid object)
{
	const struct hs_dossier *d = hs_ledger_dossier(&l->v->ledger, object);
	struct hs_fact_fields f;
	struct hs_claim *c;

	if (!d)
		return true;
	hs_for_each_claim(c, d, HS_FACT_LAY, 1)
	{
		if (!hs_fact_decode(c->bytes, c->len, &f) ||
		    !hs_verdict_mark(l->v, f.fid, HS_M_LOV_OI))
			return false;
	}
	return true;
}

/* A whole LOV EA that is another file's: its records go, the objects of this file come. */
static void judge_stray(struct hs_layouts *l, size_t first, size_t end)
{
	struct hs_fid file = l->stripes.v[first].file;
	struct hs_case c;
	size_t i, last, n = 0;

	if (!hs_verdict_mark(l->v, file, HS_M_LOV_OI) || hs_layouts_ruined(l->v, file))
		return;
	hs_file_view_load(l->v, file, &l->file);
	if (l->file.state != HS_FILE_REGULAR || !l->file.has_lov || !is_foreign(l, first, end))
		return;
	hs_case_open(&c, "LAY-6", file, l->file.t);
	for (i = first; i < end; i++) {
		const struct hs_lay *e = &l->stripes.v[i];

		hs_object_view_load(l->v, e->object, &l->object);
		hs_layouts_drop_stripe(l->v, &c, &l->file, e);
		hs_layouts_say_stripe(l->v, &c, e);
		hs_layouts_say_object(l->v, &c, &l->object);
	}
	hs_lay_of(&l->claims, file, &i, &last);
	for (; i < last; i++) {
		const struct hs_lay *e = &l->claims.v[i];

		if (!hs_lay_open(e) || !only_strays_name(l, e->object))
			continue;
		hs_layouts_settle_object(l->v, &c, e->object);
		hs_layouts_say_claim(l->v, &c, e);
		n++;
	}
	if (!n) {
		hs_case_drop(&c);
		return;
	}
	hs_case_message(&c, "The file has the layout of another file; its own objects still say "
			    "they belong to it.");
	hs_case_repair(&c, "Rebuilds the layout from the objects that claim the file.");
	hs_layouts_rebuild(l->v, &c, &l->file);
	hs_case_close(l->v, &c, HS_M_LOV_OI, -1);
}

static void judge_file(struct hs_layouts *l, size_t first, size_t end)
{
	struct hs_fid file = l->claims.v[first].file;
	size_t n = 0, shared = 0;
	struct hs_case c;

	hs_file_view_load(l->v, file, &l->file);
	if (l->file.state != HS_FILE_REGULAR || !l->file.has_lov || hs_layouts_ruined(l->v, file))
		return;
	hs_case_open(&c, "LAY-6", file, l->file.t);
	for (size_t i = first; i < end; i++) {
		const struct hs_lay *record = rival(l, &l->claims.v[i]);

		if (!record)
			continue;
		exchange(l, &c, record, &l->claims.v[i]);
		n++;
		shared += l->occupant.found == HS_LOOKUP_FOUND &&
			  !hs_lay_is_claimed(l, record->object);
	}
	if (!n || hs_case_gain(l->v, &c) <= 0) {
		hs_case_drop(&c);
		return;
	}
	hs_case_message(&c,
			"Stripe records name objects that %s; objects that say they belong "
			"there are named by none.",
			shared ? "belong to other files" : "do not confirm it");
	hs_case_repair(&c, "Puts the objects that claim these stripes back into the layout; the "
			   "objects named now are left as they are.");
	hs_case_close(l->v, &c, HS_M_LOV_OI, -1);
}

void hs_judge_records(struct hs_layouts *l)
{
	size_t end;

	for (size_t i = 0; !l->v->err && i < l->stripes.n; i = end) {
		end = hs_lay_file_end(&l->stripes, i);
		judge_stray(l, i, end);
	}
	for (size_t i = 0; !l->v->err && i < l->claims.n; i = end) {
		end = hs_lay_file_end(&l->claims, i);
		judge_file(l, i, end);
	}
}
