/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The LOV EA of a file: lost, damaged, or against its own rules. One finding a file; the objects
 * that a damaged or lost layout hides are part of it.
 */
#include <inttypes.h>
#include <stdlib.h>

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

/* lmm_oi of every component. */
static void plan_lmm_oi(struct hs_layouts *l, struct hs_case *c)
{
	struct hs_lov_edit e;

	if (!hs_lov_edit_begin(l->v, c, hs_file_at(&l->file), l->file.fid, &e))
		return;
	hs_lov_put_oi(e.buf, &e.lov, l->file.fid);
	hs_lov_edit_end(l->v, c, &e);
}

/* Extension components never have objects: INIT is what is wrong with them. */
static void plan_rule(struct hs_layouts *l, struct hs_case *c)
{
	struct hs_lov after;
	struct hs_lov_edit e;
	bool sound = false;

	if (!hs_lov_edit_begin(l->v, c, hs_file_at(&l->file), l->file.fid, &e))
		return;
	for (uint32_t i = 0; i < e.lov.n_comps && e.lov.composite; i++) {
		uint8_t *flags = e.buf + 32 + 48 * (size_t)i + 4;

		if (e.lov.comps[i].flags & HS_LCF_EXTENSION)
			hs_put_le32(flags, e.lov.comps[i].flags & ~(uint32_t)HS_LCF_INIT);
	}
	if (!hs_lov_decode(e.buf, e.value.len, &after)) {
		hs_lov_check(&after, l->file.fid);
		sound = !(after.flaws & HS_LOVF_COMP_RULE);
		hs_lov_release(&after);
	}
	if (sound) {
		hs_lov_edit_end(l->v, c, &e);
		hs_item_gate(l->v, c, NULL);
		c->f.gate = NULL;
		hs_case_repair(c, "Clears the flag INIT of the extension component, which has no "
				  "objects.");
	} else {
		hs_lov_edit_free(&e);
		hs_layouts_rebuild(l->v, c, &l->file);
	}
}

/* Records that are empty get the objects that claim them; what stays empty is a hole. */
static void plan_holes(struct hs_layouts *l, struct hs_case *c)
{
	struct hs_lov_piece *pieces;
	size_t n = hs_layouts_pieces(l->v, l->file.fid, &pieces);
	struct hs_lov_edit e;

	if (!hs_lov_edit_begin(l->v, c, hs_file_at(&l->file), l->file.fid, &e)) {
		free(pieces);
		return;
	}
	hs_item_phase(l->v, c, HS_PLAN_PHASE_ORPHANS);
	for (size_t i = 0; i < n; i++) {
		uint32_t comp = hs_file_meant(&l->file, &pieces[i].parent);
		struct hs_lov_stripe s;

		if (comp == UINT32_MAX)
			continue;
		hs_lov_stripe(&l->file.lov, &l->file.lov.comps[comp], pieces[i].parent.stripe_index,
			      &s);
		if (s.dummy)
			hs_lov_put_stripe(e.buf, &e.lov.comps[comp], pieces[i].parent.stripe_index,
					  pieces[i].object, pieces[i].ost->id.index);
	}
	for (uint32_t i = 0; i < e.lov.n_comps; i++) {
		const struct hs_lov_comp *comp = &e.lov.comps[i];

		for (uint32_t k = 0; k < comp->n_records; k++) {
			const uint8_t *record = e.buf + comp->records_off + 24 * (size_t)k;

			if (!hs_get_le64(record) && !hs_get_le64(record + 8))
				hs_put_le32(e.buf + comp->body_off + 4,
					    comp->pattern | HS_LOVP_HOLE);
		}
	}
	hs_layouts_expect_pieces(l->v, c, pieces, n);
	hs_lov_edit_end(l->v, c, &e);
	free(pieces);
}

/* The id that the objects of a component remember; 0: none, or not one. */
static uint32_t remembered_id(struct hs_layouts *l, const struct hs_lov_comp *comp)
{
	uint32_t id = 0;

	for (uint32_t k = 0; k < comp->n_records; k++) {
		struct hs_lov_stripe s;

		hs_lov_stripe(&l->file.lov, comp, k, &s);
		if (s.dummy)
			continue;
		hs_object_view_load(l->v, s.object, &l->object);
		if (!l->object.has_parent || !l->object.parent.comp_id ||
		    !l->object.parent.comp_end)
			continue;
		if (id && id != l->object.parent.comp_id)
			return 0;
		id = l->object.parent.comp_id;
	}
	return id;
}

static bool is_used(const uint32_t *ids, uint32_t n, uint32_t id)
{
	for (uint32_t i = 0; i < n; i++) {
		if (ids[i] == id)
			return true;
	}
	return false;
}

/* Ids as the objects remember them; those that nobody remembers stay, or become new ones. */
static void plan_ids(struct hs_layouts *l, struct hs_case *c)
{
	uint32_t n = l->file.lov.n_comps, *ids = calloc(n ? n : 1, sizeof(*ids));
	struct hs_lov_edit e;

	if (!ids || !hs_lov_edit_begin(l->v, c, hs_file_at(&l->file), l->file.fid, &e)) {
		free(ids);
		return;
	}
	for (uint32_t i = 0; i < n; i++) {
		uint32_t id = remembered_id(l, &l->file.lov.comps[i]);

		if (id && is_used(ids, i, id))
			hs_case_no_repair(c, "objects of two components remember one id");
		ids[i] = id;
	}
	for (uint32_t i = 0; i < n; i++) {
		uint32_t id = l->file.lov.comps[i].id;

		if (ids[i])
			continue;
		if (!id || id > 0x7fffffff || is_used(ids, n, id)) {
			/* of the same mirror as the one before */
			id = ((i ? ids[i - 1] : l->file.lov.comps[0].id) & 0x7fff0000) | 1;
			while (is_used(ids, n, id))
				id++;
		}
		ids[i] = id;
	}
	for (uint32_t i = 0; i < n && i < e.lov.n_comps; i++)
		hs_put_le32(e.buf + 32 + 48 * (size_t)i, ids[i]);
	hs_lov_edit_end(l->v, c, &e);
	free(ids);
}

static void plan_flaw(struct hs_layouts *l, struct hs_case *c, enum hs_mark_code code, bool ruins)
{
	if (l->file.state != HS_FILE_REGULAR)
		hs_case_no_repair(c, "it is no regular file");
	else if (code == HS_M_LOV_OI)
		plan_lmm_oi(l, c);
	else if (code == HS_M_LOV_DUMMY)
		plan_holes(l, c);
	else if (code == HS_M_LOV_COMP_ID)
		plan_ids(l, c);
	else if (code == HS_M_LOV_RULE)
		plan_rule(l, c);
	else if (ruins)
		hs_layouts_rebuild(l->v, c, &l->file);
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
	plan_flaw(l, &c, (enum hs_mark_code)m->code, ruins);
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
	hs_layouts_rebuild(l->v, &c, &l->file);
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
