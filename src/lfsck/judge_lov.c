/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The LOV EA of a file: lost, damaged, or against its own rules. One finding a file; the objects
 * that a damaged or lost layout hides are part of it.
 */
#include <inttypes.h>

#include "lfsck/layouts.h"

#define MAX_COMPONENTS 16 /* told one by one */

/* What outweighs what: the first mark that a file has gives its finding the name. */
static const struct {
	enum hs_mark_code code;
	bool ruins; /* what else the value says is not believed */
} flaws[] = {
	{HS_M_LOV_MAGIC, true},	  {HS_M_LOV_SIZE, true},    {HS_M_LOV_COUNT, true},
	{HS_M_LOV_OVERLAP, true}, {HS_M_LOV_EXTENT, false}, {HS_M_LOV_COMP_ID, false},
	{HS_M_LOV_RULE, false},	  {HS_M_LOV_DOM, false},    {HS_M_LOV_MIRRORS, false},
	{HS_M_LOV_DUMMY, false},  {HS_M_LOV_OI, false},
};

/* The extent as the first object of a component that says it remembers it. */
static void say_objects_extent(struct hs_layouts *l, struct hs_case *c,
			       const struct hs_lov_comp *comp)
{
	struct hs_object_view *o = &l->object;

	for (uint32_t k = 0; k < comp->n_records; k++) {
		struct hs_lov_stripe s;
		struct hs_prov at;

		hs_lov_stripe(&l->file.lov, comp, k, &s);
		if (s.dummy)
			continue;
		hs_object_view_load(l->v, s.object, o);
		if (!o->has_parent || !o->parent.has_layout || !o->parent.comp_end)
			continue;
		at = (struct hs_prov){o->t->pos, o->l.inode.ino, 0};
		hs_case_fact(
			c,
			hs_finding_text(&c->f, "parent record of %s", hs_case_place(c, l->v, &at)),
			"component 0x%x from %" PRIu64 " to %s, %u stripes of %u bytes",
			o->parent.comp_id, o->parent.comp_start,
			hs_layouts_end(c, o->parent.comp_end), o->parent.stripe_count,
			o->parent.stripe_size);
		return;
	}
}

static void say_components(struct hs_layouts *l, struct hs_case *c, const char *who)
{
	const struct hs_lov *lov = &l->file.lov;

	for (uint32_t i = 0; i < lov->n_comps && i < MAX_COMPONENTS; i++) {
		const struct hs_lov_comp *comp = &lov->comps[i];

		hs_case_fact(c, who,
			     "component 0x%x from %" PRIu64
			     " to %s, flags 0x%x, %u stripes of %u bytes",
			     comp->id, comp->start, hs_layouts_end(c, comp->end), comp->flags,
			     comp->stripe_count, comp->stripe_size);
		say_objects_extent(l, c, comp);
	}
}

static void say_lmm_oi(struct hs_layouts *l, struct hs_case *c, const char *who)
{
	for (uint32_t i = 0; i < l->file.lov.n_comps && i < MAX_COMPONENTS; i++) {
		const struct hs_lov_comp *comp = &l->file.lov.comps[i];

		if (comp->n_records || !l->file.lov.composite)
			hs_case_fact(c, who,
				     "component 0x%x belongs to [0x%" PRIx64 ":0x%" PRIx64 ":0x0]",
				     comp->id, comp->oi_seq, comp->oi_id);
	}
	hs_case_fact(c, "LMA", "the file is %s", hs_case_fid(c, l->file.fid));
}

static void say_flaw(struct hs_layouts *l, struct hs_case *c, const struct hs_mark *m)
{
	const char *who = hs_finding_text(&c->f, "LOV EA of %s", hs_case_place(c, l->v, &m->prov));

	hs_case_fact(c, who, "%s", hs_mark_info(m->code)->text);
	if (!l->file.has_lov)
		return;
	if (m->code == HS_M_LOV_OI)
		say_lmm_oi(l, c, who);
	else if (m->code == HS_M_LOV_MAGIC)
		hs_case_fact(c, who, "magic 0x%08x, %zu bytes", l->file.lov.magic, l->file.lov.len);
	else
		say_components(l, c, who);
}

/* Nothing that the value says of stripes counts; everything that objects say of the file does. */
static void distrust(struct hs_layouts *l, struct hs_case *c)
{
	size_t i, end;

	hs_lay_of(&l->stripes, l->file.fid, &i, &end);
	for (; i < end; i++) {
		if (hs_lay_open(&l->stripes.v[i]))
			hs_layouts_drop_stripe(l->v, c, &l->file, &l->stripes.v[i]);
	}
	hs_layouts_fold(l, c, l->file.fid);
}

/* Component ids are numbered anew from the objects: both sides of COMP go. */
static void renumber(struct hs_layouts *l, struct hs_case *c)
{
	for (uint32_t i = 0; i < l->file.lov.n_comps; i++) {
		const struct hs_lov_comp *comp = &l->file.lov.comps[i];

		for (uint32_t k = 0; k < comp->n_records; k++) {
			struct hs_lov_stripe s;

			hs_lov_stripe(&l->file.lov, comp, k, &s);
			hs_layouts_settle_tag(l->v, c, s.object, HS_FACT_COMP, 1);
			hs_layouts_settle_tag(l->v, c, s.object, HS_FACT_COMP, -1);
		}
	}
}

static void judge_flaw(struct hs_layouts *l, const struct hs_mark *m, bool ruins)
{
	struct hs_case c;

	hs_file_view_load(l->v, m->fid, &l->file);
	hs_layouts_suspect(l, m->fid);
	hs_case_open(&c, hs_mark_info(m->code)->rule, m->fid, l->file.t);
	/* the rule speaks of composites */
	if (l->file.has_lov && !l->file.lov.composite && !strcmp(c.f.rule, "LAY-14"))
		hs_case_message(&c, "%s", hs_mark_info(m->code)->text);
	say_flaw(l, &c, m);
	if (ruins)
		distrust(l, &c);
	else if (m->code == HS_M_LOV_DUMMY)
		hs_layouts_fold(l, &c, m->fid);
	else if (m->code == HS_M_LOV_COMP_ID && l->file.has_lov)
		renumber(l, &c);
	/* what follows from the flaw is told with it, not as itself */
	hs_verdict_use_all(l->v, NULL, m->fid, (enum hs_mark_code)m->code);
	hs_case_close(l->v, &c, HS_M_LOV_MAGIC, HS_M_LOV_SIZE, HS_M_LOV_COUNT, HS_M_LOV_OVERLAP,
		      HS_M_LOV_EXTENT, HS_M_LOV_COMP_ID, HS_M_LOV_RULE, HS_M_LOV_DOM,
		      HS_M_LOV_MIRRORS, HS_M_LOV_DUMMY, HS_M_LOV_OI, HS_M_LOV_TRAILING,
		      HS_M_LOV_UNSUPPORTED, -1);
}

/* A regular file without LOV EA whose objects say they are its stripes. */
static void judge_lost(struct hs_layouts *l, struct hs_fid file)
{
	struct hs_case c;
	struct hs_prov at;

	hs_file_view_load(l->v, file, &l->file);
	if (l->file.state != HS_FILE_REGULAR || (l->file.has_lov && !l->file.unread))
		return;
	hs_case_open(&c, "LAY-7", file, l->file.t);
	at = (struct hs_prov){l->file.l.t->pos, l->file.l.inode.ino, 0};
	hs_case_fact(&c, hs_case_place(&c, l->v, &at), "no LOV EA");
	if (!hs_layouts_fold(l, &c, file) || hs_case_gain(l->v, &c) <= 0) {
		hs_case_drop(&c);
		return;
	}
	hs_case_message(&c,
			"The file has lost its layout; its objects still say they belong to it.");
	if (l->file.unread)
		hs_case_undecided(&c, "the extended attributes of the file could not be read");
	hs_case_close(l->v, &c, -1);
}

void hs_judge_lov(struct hs_layouts *l)
{
	const struct hs_marks *marks = l->v->marks;
	size_t end;

	for (size_t i = 0; !l->v->err && i < marks->n; i = end) {
		struct hs_fid fid = marks->v[i].fid;

		for (end = i + 1; end < marks->n && hs_fid_eq(marks->v[end].fid, fid); end++)
			;
		if (hs_fid_is_zero(fid))
			continue;
		for (size_t k = 0; k < sizeof(flaws) / sizeof(flaws[0]); k++) {
			const struct hs_mark *m = hs_verdict_mark(l->v, fid, flaws[k].code);

			if (m)
				judge_flaw(l, m, flaws[k].ruins);
		}
	}
	for (size_t i = 0; !l->v->err && i < l->claims.n; i = end) {
		end = hs_lay_file_end(&l->claims, i);
		judge_lost(l, l->claims.v[i].file);
	}
}
