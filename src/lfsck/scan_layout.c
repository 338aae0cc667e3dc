/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The layout of a regular file: plus facts of its stripes (equations 6.3), and the inline rules of
 * the LOV EA (section 7).
 */
#include "lfsck/scan.h"

static void mark_flaws(struct hs_worker *w, const struct hs_object *o, unsigned flaws)
{
	static const struct {
		unsigned flaw;
		enum hs_mark_code code;
	} table[] = {
		{HS_LOVF_MAGIC, HS_M_LOV_MAGIC},     {HS_LOVF_UNSUPPORTED, HS_M_LOV_UNSUPPORTED},
		{HS_LOVF_SIZE, HS_M_LOV_SIZE},	     {HS_LOVF_TRAILING, HS_M_LOV_TRAILING},
		{HS_LOVF_OI, HS_M_LOV_OI},	     {HS_LOVF_COUNT, HS_M_LOV_COUNT},
		{HS_LOVF_COMP_ID, HS_M_LOV_COMP_ID}, {HS_LOVF_EXTENT, HS_M_LOV_EXTENT},
		{HS_LOVF_COMP_RULE, HS_M_LOV_RULE},  {HS_LOVF_DUMMY, HS_M_LOV_DUMMY},
		{HS_LOVF_OVERLAP, HS_M_LOV_OVERLAP}, {HS_LOVF_DOM, HS_M_LOV_DOM},
		{HS_LOVF_MIRRORS, HS_M_LOV_MIRRORS},
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (flaws & table[i].flaw)
			hs_object_mark(w, o, table[i].code, flaws, 0);
	}
}

/* A stripe whose object has no parent record: counted, and kept as a witness. */
static void add_reference(struct hs_worker *w, const struct hs_object *o,
			  const struct hs_lov_stripe *s, uint32_t index, struct hs_group *g)
{
	struct hs_fact_buf f;

	hs_fact_stripe(&f, HS_FACT_REF, s->object, o->fid, index, s->ost);
	hs_group_add(&w->emit, g, &f, 0);
	if (w->scan->digest_pass && hs_objmap_set(&w->refs, s->ost, s->object, HS_OBJ_REFERENCED))
		w->err = -ENOMEM;
}

static void scan_stripe(struct hs_worker *w, const struct hs_object *o, const struct hs_lov_comp *c,
			const struct hs_lov_stripe *s, uint32_t index)
{
	const struct hs_system *sys = w->scan->sys;
	const struct hs_inode *inode = o->inode;
	const struct hs_target *ost;
	struct hs_fact_buf f;
	struct hs_group g;
	unsigned bits;

	switch (hs_system_presence(sys, (struct hs_tgt){HS_OST, s->ost})) {
	case HS_ABSENT:
		w->counts[o->t->pos].undecided++;
		return;
	case HS_UNKNOWN:
		hs_object_mark(w, o, HS_M_LOV_OST, s->ost, index);
		break;
	case HS_PRESENT:
		break;
	}
	bits = hs_objmap_get(w->scan->objects, &w->cursor, s->ost, s->object);
	ost = hs_system_target(sys, (struct hs_tgt){HS_OST, s->ost});
	hs_group_begin(&w->emit, &g, s->object);
	if (bits & HS_OBJ_NO_PARENT) {
		add_reference(w, o, s, index, &g);
	} else {
		hs_fact_stripe(&f, HS_FACT_LAY, s->object, o->fid, index, s->ost);
		hs_group_add(&w->emit, &g, &f, 1);
		if (c->id && !(bits & HS_OBJ_NO_COMP)) {
			hs_fact_id(&f, HS_FACT_COMP, s->object, c->id);
			hs_group_add(&w->emit, &g, &f, 1);
		}
		if (inode->flags & HS_INODE_ENCRYPT) {
			hs_fact_start(&f, HS_FACT_ENC, s->object);
			hs_group_add(&w->emit, &g, &f, 1);
		}
	}
	if (!(bits & HS_OBJ_NO_OWNER)) {
		hs_fact_owner(&f, s->object, inode->uid, inode->gid);
		hs_group_add(&w->emit, &g, &f, 1);
	}
	if (inode->projid && !(bits & HS_OBJ_NO_PROJECT) && (!ost || ost->has_project)) {
		hs_fact_id(&f, HS_FACT_PROJ, s->object, inode->projid);
		hs_group_add(&w->emit, &g, &f, 1);
	}
	hs_group_end(&w->emit, &g);
}

void hs_scan_layout(struct hs_worker *w, const struct hs_object *o)
{
	const struct hs_xattr *x = hs_xattr_trusted(o->xattrs, "lov");
	enum hs_presence presence;
	struct hs_lov lov;

	if (!x || !x->value)
		return;
	/* an OST cannot tell whose the file is: it says nothing of its parent either */
	hs_worker_owner(w, o->fid.seq, &presence);
	if (presence == HS_ABSENT) {
		w->counts[o->t->pos].undecided++;
		return;
	}
	if (hs_lov_decode(x->value, x->value_len, &lov)) {
		w->err = -ENOMEM;
		return;
	}
	hs_lov_check(&lov, o->fid);
	if (lov.flaws)
		mark_flaws(w, o, lov.flaws);
	for (uint32_t i = 0; i < lov.n_comps; i++) {
		const struct hs_lov_comp *c = &lov.comps[i];

		for (uint32_t k = 0; k < c->n_records; k++) {
			struct hs_lov_stripe s;

			hs_lov_stripe(&lov, c, k, &s);
			if (s.dummy)
				continue;
			w->counts[o->t->pos].stripes++;
			scan_stripe(w, o, c, &s, k);
		}
	}
	hs_lov_release(&lov);
}
