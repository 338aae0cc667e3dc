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

	for (size_t i = 0; !l->v->err && i < l->claims.n; i = end) {
		end = hs_lay_file_end(&l->claims, i);
		judge_file(l, i, end);
	}
}
