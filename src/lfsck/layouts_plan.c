/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Edits of layouts and of the objects behind them, as the layout judges need them.
 */
#include <stdlib.h>

#include "lfsck/layouts.h"

#define MODE_ORPHAN 0100400

struct hs_owner hs_owner_of(const struct hs_inode *inode)
{
	return (struct hs_owner){inode->uid, inode->gid, inode->projid};
}

void hs_layouts_put(struct hs_verdict *v, struct hs_case *c, const struct hs_file_view *f,
		    uint32_t comp, uint32_t index, struct hs_fid object, uint32_t ost)
{
	struct hs_lov_edit e;

	if (!hs_lov_edit_begin(v, c, hs_file_at(f), f->fid, &e))
		return;
	/* what an earlier item made of the value has the same components */
	if (comp < e.lov.n_comps && index < e.lov.comps[comp].n_records) {
		hs_lov_put_stripe(e.buf, &e.lov.comps[comp], index, object, ost);
		hs_lov_edit_end(v, c, &e);
	} else {
		hs_case_no_repair(c, "the layout has no such stripe");
		hs_lov_edit_free(&e);
	}
}

/* Parts of a layout that no object remembers. */
static bool has_more_than_stripes(const struct hs_file_view *f)
{
	if (!f->has_lov || f->lov.flaws & (HS_LOVF_MAGIC | HS_LOVF_SIZE | HS_LOVF_OVERLAP))
		return false;
	if (f->lov.foreign || f->lov.flaws & HS_LOVF_UNSUPPORTED)
		return true;
	for (uint32_t i = 0; i < f->lov.n_comps; i++) {
		uint32_t kind = f->lov.comps[i].pattern & ~HS_LOVP_FLAGS;

		if (f->lov.comps[i].flags & HS_LCF_EXTENSION || kind & HS_LOVP_MDT ||
		    f->lov.comps[i].pattern & HS_LOVP_RELEASED || kind & HS_LOVP_COMPRESS)
			return true;
	}
	return false;
}

void hs_layouts_rebuild(struct hs_verdict *v, struct hs_case *c, const struct hs_file_view *f)
{
	struct hs_lov_piece *pieces;
	size_t n = hs_layouts_pieces(v, f->fid, &pieces), len;
	const char *why = NULL;
	uint8_t *lov;

	n = hs_layouts_add_confirmed(v, f, &pieces, n);
	if (has_more_than_stripes(f)) {
		hs_case_no_repair(c, "the layout has parts that its objects do not remember");
	} else if (f->state != HS_FILE_REGULAR) {
		hs_case_no_repair(c, "it is no regular file");
	} else {
		lov = hs_lov_rebuild(f->fid, pieces, n, &len, &why);
		if (lov) {
			hs_item_phase(v, c, HS_PLAN_PHASE_ORPHANS);
			hs_mend_xattr(v, c, hs_file_at(f), "trusted.lov", lov, len);
			hs_layouts_expect_pieces(v, c, pieces, n);
		} else {
			hs_case_no_repair(c, "%s", why);
		}
		free(lov);
	}
	free(pieces);
}

void hs_layouts_renew(struct hs_verdict *v, struct hs_case *c, const struct hs_file_view *f,
		      struct hs_fid object, uint32_t index)
{
	uint32_t comp = hs_file_record(f, object, index);
	struct hs_lov_stripe s;
	struct hs_target *ost;
	struct hs_fid fresh;

	if (comp == UINT32_MAX) {
		hs_case_no_repair(c, "the stripe cannot be found again");
		return;
	}
	hs_lov_stripe(&f->lov, &f->lov.comps[comp], index, &s);
	ost = hs_system_target(v->sys, (struct hs_tgt){HS_OST, s.ost});
	if (ost && hs_mend_take_object(v, c, ost, f->l.t, &fresh))
		hs_layouts_put(v, c, f, comp, index, fresh, s.ost);
	else
		hs_case_no_repair(c, "no new object can be had on the OST");
}

void hs_layouts_record(struct hs_verdict *v, struct hs_case *c, const struct hs_file_view *f,
		       const struct hs_object_view *o, uint32_t index, bool owner)
{
	uint32_t comp = hs_file_record(f, o->fid, index);

	if (comp == UINT32_MAX || o->found != HS_LOOKUP_FOUND || f->state != HS_FILE_REGULAR) {
		hs_case_no_repair(c, "the stripe or its object cannot be found");
		return;
	}
	hs_mend_parent_record(v, c, hs_object_at(o), f->fid, &f->lov.comps[comp], index);
	if (owner)
		hs_mend_owner(v, c, hs_object_at(o), hs_owner_of(&f->l.inode));
	hs_expect_inode(v, c, hs_file_at(f));
	hs_expect_xattr(v, c, hs_file_at(f), "trusted.lov");
}

/* The MDT that takes objects of which nobody knows a file: the first one. */
static struct hs_target *first_mdt(const struct hs_verdict *v)
{
	for (size_t i = 0; i < v->sys->n_targets; i++) {
		if (hs_target_is_mdt(v->sys->targets[i]))
			return v->sys->targets[i];
	}
	return NULL;
}

void hs_layouts_park(struct hs_verdict *v, struct hs_case *c, const struct hs_object_view *o,
		     char kind)
{
	struct hs_target *mdt =
		kind == 'C' && o->has_parent ? hs_layouts_home(v, o->parent.file) : first_mdt(v);
	struct hs_lov_piece piece = {
		.object = o->fid,
		.ost = o->t,
		.parent = o->has_parent && kind == 'C' ? o->parent : (struct hs_parent){0},
		.owner = o->found == HS_LOOKUP_FOUND ? hs_owner_of(&o->l.inode)
						     : (struct hs_owner){0, 0, 0},
	};
	const char *why = NULL, *infix = "";
	struct hs_at dir, file;
	struct hs_fid unused, fid;
	struct hs_lov lov;
	size_t len;
	uint8_t *value;

	if (o->found != HS_LOOKUP_FOUND || !mdt || !hs_target_is_mdt(mdt)) {
		hs_case_no_repair(c, "no MDT can take it");
		return;
	}
	if (!hs_plan_lost_found(v, c, mdt, &dir, &unused))
		return;
	hs_item_begin(v, c, HS_PLAN_PHASE_ORPHANS);
	if (!hs_plan_new_fid(v, c, mdt, &fid))
		return;
	if (kind == 'C')
		infix = hs_finding_text(&c->f, "-%s-%x", hs_case_fid(c, o->parent.file),
					o->parent.stripe_index);
	value = hs_lov_rebuild(fid, &piece, 1, &len, &why);
	if (!value || hs_lov_decode(value, len, &lov)) {
		hs_case_no_repair(c, "%s", why ? why : "memory is short");
		free(value);
		return;
	}
	file = hs_mend_object(v, c, mdt, fid, MODE_ORPHAN, piece.owner);
	hs_mend_xattr(v, c, file, "trusted.lov", value, len);
	for (uint32_t i = 0; i < lov.n_comps; i++) {
		struct hs_lov_stripe s;

		if (piece.parent.stripe_index >= lov.comps[i].n_records)
			continue;
		hs_lov_stripe(&lov, &lov.comps[i], piece.parent.stripe_index, &s);
		if (hs_fid_eq(s.object, o->fid))
			hs_mend_parent_record(v, c, hs_object_at(o), fid, &lov.comps[i],
					      piece.parent.stripe_index);
	}
	hs_lov_release(&lov);
	free(value);
	hs_mend_lost_here(v, c, file, fid, kind, infix);
}

void hs_layouts_destroy(struct hs_verdict *v, struct hs_case *c, const struct hs_object_view *o)
{
	const struct hs_inode *inode = &o->l.inode;
	struct hs_at dir, at = hs_object_at(o);
	struct hs_leads now;
	char name[24];

	if (o->found != HS_LOOKUP_FOUND || inode->size || inode->blocks || inode->ctime) {
		hs_case_no_repair(c, "it may hold data");
		return;
	}
	hs_expect_untouched(v, c, at);
	if (hs_plan_oname(v, o->t, o->fid, &dir, name) &&
	    hs_plan_entry(v, dir, name, strlen(name), &now) == 1 && now.ino == at.ino)
		hs_mend_entry(v, c, dir, name, strlen(name), NULL);
	hs_mend_free(v, c, at);
}
