/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stripe size, stripe count and extent in the parent records of files that are suspect anyway.
 * They matter only when a layout must be rebuilt, and then scramble the file (catalogue,
 * 13.2 #11). What a short record lacks is unknown, not wrong.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "base/array.h"
#include "lfsck/layouts.h"

/* Component extents of self-extending layouts move while parent records stay. */
static bool extents_count(const struct hs_lov *lov)
{
	return lov->composite && lov->magic != HS_LOV_MAGIC_SEL && !(lov->flaws & HS_LOVF_EXTENT);
}

static bool agrees(const struct hs_lov *lov, const struct hs_lov_comp *c, const struct hs_parent *p)
{
	if (!p->has_layout || !p->stripe_size)
		return true;
	if (p->stripe_size != c->stripe_size || p->stripe_count != c->stripe_count)
		return false;
	return !p->comp_end || !extents_count(lov) ||
	       (p->comp_start == c->start && p->comp_end == c->end);
}

static void say(struct hs_case *c, const char *who, uint32_t size, uint32_t count, uint64_t start,
		uint64_t end)
{
	if (end)
		hs_case_fact(c, who, "%u stripes of %u bytes, from %" PRIu64 " to %s", count, size,
			     start, hs_layouts_end(c, end));
	else
		hs_case_fact(c, who, "%u stripes of %u bytes", count, size);
}

static void judge_object(struct hs_layouts *l, const struct hs_lov_comp *comp, uint32_t index,
			 struct hs_fid object)
{
	struct hs_object_view *o = &l->object;
	struct hs_case c;
	struct hs_prov at;

	hs_object_view_load(l->v, object, o);
	/* one that disagrees on the place has its own finding */
	if (o->found != HS_LOOKUP_FOUND || !o->has_parent ||
	    !hs_fid_eq(o->parent.file, l->file.fid) || o->parent.stripe_index != index ||
	    (comp->id && o->parent.comp_id != comp->id) || agrees(&l->file.lov, comp, &o->parent))
		return;
	hs_case_open(&c, "LAY-63", object, o->t);
	hs_finding_add_other(&c.f, "%s", hs_case_fid(&c, l->file.fid));
	at = (struct hs_prov){l->file.l.t->pos, l->file.l.inode.ino, 0};
	say(&c, hs_finding_text(&c.f, "LOV EA of %s", hs_case_place(&c, l->v, &at)),
	    comp->stripe_size, comp->stripe_count, comp->start, comp->end);
	at = (struct hs_prov){o->t->pos, o->l.inode.ino, 0};
	say(&c, hs_finding_text(&c.f, "parent record of %s", hs_case_place(&c, l->v, &at)),
	    o->parent.stripe_size, o->parent.stripe_count, o->parent.comp_start,
	    o->parent.comp_end);
	hs_layouts_record(l->v, &c, &l->file, o, index, false);
	hs_case_close(l->v, &c, -1);
}

static void judge_file(struct hs_layouts *l, struct hs_fid file)
{
	static const unsigned ruined = HS_LOVF_MAGIC | HS_LOVF_UNSUPPORTED | HS_LOVF_SIZE |
				       HS_LOVF_COUNT | HS_LOVF_OVERLAP | HS_LOVF_COMP_ID;

	hs_file_view_load(l->v, file, &l->file);
	if (l->file.state != HS_FILE_REGULAR || !l->file.has_lov || (l->file.lov.flaws & ruined))
		return;
	for (uint32_t i = 0; i < l->file.lov.n_comps; i++) {
		const struct hs_lov_comp *c = &l->file.lov.comps[i];

		for (uint32_t k = 0; !l->v->err && k < c->n_records; k++) {
			struct hs_lov_stripe s;

			hs_lov_stripe(&l->file.lov, c, k, &s);
			if (!s.dummy)
				judge_object(l, c, k, s.object);
		}
	}
}

void hs_layouts_suspect(struct hs_layouts *l, struct hs_fid file)
{
	if (l->n_suspects && hs_fid_eq(l->suspects[l->n_suspects - 1], file))
		return;
	if (hs_array_grow(&l->suspects, &l->suspects_room, l->n_suspects + 1)) {
		l->v->err = -ENOMEM;
		return;
	}
	l->suspects[l->n_suspects++] = file;
}

static int compare(const void *a, const void *b)
{
	return hs_fid_cmp(*(const struct hs_fid *)a, *(const struct hs_fid *)b);
}

void hs_judge_geometry(struct hs_layouts *l)
{
	size_t end;

	for (size_t i = 0; i < l->stripes.n; i = hs_lay_file_end(&l->stripes, i))
		hs_layouts_suspect(l, l->stripes.v[i].file);
	for (size_t i = 0; i < l->claims.n; i = hs_lay_file_end(&l->claims, i))
		hs_layouts_suspect(l, l->claims.v[i].file);
	if (l->v->err || !l->n_suspects)
		return;
	qsort(l->suspects, l->n_suspects, sizeof(*l->suspects), compare);
	for (size_t i = 0; !l->v->err && i < l->n_suspects; i = end) {
		for (end = i + 1; end < l->n_suspects; end++) {
			if (!hs_fid_eq(l->suspects[end], l->suspects[i]))
				break;
		}
		judge_file(l, l->suspects[i]);
	}
}
