/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files and objects looked at one by one, and the place of an object in a layout.
 */
#include "lfsck/layouts.h"

static void load_lov(struct hs_verdict *v, struct hs_file_view *f)
{
	const struct hs_xattr *x = hs_xattr_trusted(&f->l.xattrs, "lov");

	f->unread = (x && !x->value) || f->l.xattrs.flaws;
	if (!x || !x->value)
		return;
	if (hs_lov_decode(x->value, x->value_len, &f->lov)) {
		v->err = -ENOMEM;
		return;
	}
	hs_lov_check(&f->lov, f->fid);
	f->has_lov = true;
}

static void drop_lov(struct hs_file_view *f)
{
	if (f->has_lov)
		hs_lov_release(&f->lov);
	f->has_lov = f->unread = false;
}

void hs_file_view_free(struct hs_file_view *f)
{
	drop_lov(f);
	hs_loaded_free(&f->l);
	hs_strbuf_free(&f->why);
	memset(f, 0, sizeof(*f));
}

/* An inode that is all zero, though the bitmap says it is in use, is no object any more. */
static bool is_cleared(const struct hs_loaded *l, struct hs_strbuf *why)
{
	char label[16];

	if (l->inode.mode)
		return false;
	hs_strbuf_printf(why, "inode %u of %s, where it should be, is empty", l->inode.ino,
			 hs_tgt_text(l->t->id, label));
	return true;
}

void hs_file_view_load(struct hs_verdict *v, struct hs_fid fid, struct hs_file_view *f)
{
	const char *absent;
	bool sure = true;

	if (f->loaded && hs_fid_eq(f->fid, fid))
		return;
	drop_lov(f);
	hs_strbuf_reset(&f->why);
	f->fid = fid;
	f->loaded = true;
	f->t = hs_layouts_home(v, fid);
	if (f->t && !hs_target_is_mdt(f->t)) {
		f->state = HS_FILE_NONE;
		hs_strbuf_puts(&f->why, "that FID is one of an OST object");
		return;
	}
	switch (hs_resolver_load(v->resolver, fid, &f->l, &sure, &f->why)) {
	case HS_LOOKUP_FOUND:
		if (is_cleared(&f->l, &f->why)) {
			f->state = HS_FILE_NONE;
			break;
		}
		f->state = hs_inode_is_reg(&f->l.inode) ? HS_FILE_REGULAR : HS_FILE_OTHER;
		load_lov(v, f);
		break;
	case HS_LOOKUP_NONE:
		absent = hs_absent_object(v, fid);
		f->state = absent ? HS_FILE_UNKNOWN : HS_FILE_NONE;
		if (absent)
			hs_strbuf_printf(&f->why, ", and %s", absent);
		break;
	case HS_LOOKUP_UNOWNED:
		f->state = HS_FILE_NONE;
		break;
	case HS_LOOKUP_ABSENT:
	case HS_LOOKUP_UNREAD:
		f->state = HS_FILE_UNKNOWN;
		break;
	}
}

void hs_object_view_free(struct hs_object_view *o)
{
	hs_loaded_free(&o->l);
	hs_strbuf_free(&o->why);
	memset(o, 0, sizeof(*o));
}

/* Where the object itself spoke: its inode, even if its name below O/ is lost. */
static bool spoken_at(const struct hs_verdict *v, struct hs_fid fid, struct hs_target **t,
		      uint32_t *ino)
{
	const struct hs_dossier *d = hs_ledger_dossier(&v->ledger, fid);

	for (const struct hs_claim *c = d ? d->claims : NULL; c; c = c->next) {
		uint32_t places = c->n_places < HS_CLAIM_PLACES ? c->n_places : HS_CLAIM_PLACES;

		for (uint32_t i = 0; i < places; i++) {
			struct hs_target *at = v->sys->targets[c->places[i].prov.target];

			if (c->places[i].sign >= 0 || hs_target_is_mdt(at))
				continue;
			*t = at;
			*ino = c->places[i].prov.ino;
			return true;
		}
	}
	return false;
}

void hs_object_view_load(struct hs_verdict *v, struct hs_fid fid, struct hs_object_view *o)
{
	const struct hs_inode *inode = &o->l.inode;
	const char *absent;
	bool sure = true;
	uint32_t ino;

	hs_strbuf_reset(&o->why);
	o->fid = fid;
	o->has_parent = o->untouched = false;
	o->t = hs_layouts_home(v, fid);
	if (spoken_at(v, fid, &o->t, &ino) && hs_load(&o->l, o->t, ino, true) == 1)
		o->found = HS_LOOKUP_FOUND;
	else
		o->found = hs_resolver_load(v->resolver, fid, &o->l, &sure, &o->why);
	if (o->found == HS_LOOKUP_FOUND && is_cleared(&o->l, &o->why))
		o->found = HS_LOOKUP_NONE;
	if (o->found == HS_LOOKUP_FOUND) {
		o->has_parent = hs_loaded_parent(&o->l, &o->parent);
		o->untouched = !inode->ctime && !inode->size && !inode->blocks;
	} else if (o->found == HS_LOOKUP_NONE) {
		absent = hs_absent_object(v, fid);
		if (absent) {
			hs_strbuf_printf(&o->why, ", and %s", absent);
			o->found = HS_LOOKUP_UNREAD;
		}
	}
}

/* Occurrences of an object in a layout; the first is told. */
static uint32_t find(const struct hs_file_view *f, struct hs_fid object,
		     const struct hs_lov_comp **comp, uint32_t *index)
{
	uint32_t n = 0;

	for (uint32_t i = 0; f->has_lov && i < f->lov.n_comps; i++) {
		const struct hs_lov_comp *c = &f->lov.comps[i];

		for (uint32_t k = 0; k < c->n_records; k++) {
			struct hs_lov_stripe s;

			hs_lov_stripe(&f->lov, c, k, &s);
			if (s.dummy || !hs_fid_eq(s.object, object))
				continue;
			if (!n++) {
				*comp = c;
				*index = k;
			}
		}
	}
	return n;
}

bool hs_file_names(const struct hs_file_view *f, struct hs_fid object,
		   const struct hs_lov_comp **comp, uint32_t *index)
{
	return find(f, object, comp, index) > 0;
}

uint32_t hs_file_count(const struct hs_file_view *f, struct hs_fid object)
{
	const struct hs_lov_comp *comp;
	uint32_t index;

	return find(f, object, &comp, &index);
}

/*
 * The component a parent record means. Id 0, or an id with an empty extent, says nothing of it
 * (equations, section 8 #13); then only a layout of one component can be meant.
 */
static const struct hs_lov_comp *meant(const struct hs_lov *l, const struct hs_parent *p)
{
	if (l->n_comps && !l->composite)
		return &l->comps[0];
	if (!p->has_layout || !p->comp_id || !p->comp_end)
		return l->n_comps == 1 ? &l->comps[0] : NULL;
	for (uint32_t i = 0; i < l->n_comps; i++) {
		if (l->comps[i].id == p->comp_id)
			return &l->comps[i];
	}
	return NULL;
}

enum hs_slot hs_file_slot(const struct hs_file_view *f, const struct hs_parent *p,
			  struct hs_lov_stripe *stripe)
{
	const struct hs_lov_comp *c;

	if (!f->has_lov || (f->lov.flaws & (HS_LOVF_MAGIC | HS_LOVF_UNSUPPORTED)))
		return HS_SLOT_NO_LAYOUT;
	c = meant(&f->lov, p);
	if (!c || !c->n_records)
		return HS_SLOT_NO_COMPONENT;
	if (p->stripe_index >= c->n_records)
		return HS_SLOT_NONE;
	hs_lov_stripe(&f->lov, c, p->stripe_index, stripe);
	return stripe->dummy ? HS_SLOT_EMPTY : HS_SLOT_TAKEN;
}

uint32_t hs_file_record(const struct hs_file_view *f, struct hs_fid object, uint32_t index)
{
	for (uint32_t i = 0; f->has_lov && i < f->lov.n_comps; i++) {
		struct hs_lov_stripe s;

		if (index >= f->lov.comps[i].n_records)
			continue;
		hs_lov_stripe(&f->lov, &f->lov.comps[i], index, &s);
		if (!s.dummy && hs_fid_eq(s.object, object))
			return i;
	}
	return UINT32_MAX;
}

uint32_t hs_file_meant(const struct hs_file_view *f, const struct hs_parent *p)
{
	const struct hs_lov_comp *c = f->has_lov ? meant(&f->lov, p) : NULL;

	return c && p->stripe_index < c->n_records ? (uint32_t)(c - f->lov.comps) : UINT32_MAX;
}
