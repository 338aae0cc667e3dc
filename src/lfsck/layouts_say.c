/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The words of the layout judges: who says what about a stripe.
 */
#include <inttypes.h>

#include "lfsck/layouts.h"

#define MAX_SAID 32 /* objects of one file told one by one */

struct hs_target *hs_layouts_home(const struct hs_verdict *v, struct hs_fid fid)
{
	enum hs_presence presence;

	return hs_system_target(v->sys, hs_system_owner(v->sys, fid.seq, &presence));
}

void hs_layouts_path(struct hs_verdict *v, struct hs_case *c, struct hs_fid file)
{
	struct hs_paths paths;

	if (hs_resolver_paths(v->resolver, file, &paths))
		v->err = -ENOMEM;
	else if (paths.n)
		hs_finding_set_path(&c->f, paths.v[0].bytes, paths.v[0].len);
	else
		c->f.no_path = hs_finding_text(&c->f, "%s", hs_strbuf_str(&paths.why));
	hs_paths_free(&paths);
}

const char *hs_layouts_end(struct hs_case *c, uint64_t end)
{
	return end == UINT64_MAX ? "EOF" : hs_finding_text(&c->f, "%" PRIu64, end);
}

static const char *place(struct hs_verdict *v, struct hs_case *c, const struct hs_lay *e, int sign,
			 const char *what)
{
	for (uint32_t i = 0; i < HS_CLAIM_PLACES && i < e->claim->n_places; i++) {
		if (e->claim->places[i].sign == sign)
			return hs_finding_text(&c->f, "%s of %s", what,
					       hs_case_place(c, v, &e->claim->places[i].prov));
	}
	return what;
}

void hs_layouts_say_stripe(struct hs_verdict *v, struct hs_case *c, const struct hs_lay *e)
{
	if (c->f.n_facts < MAX_SAID)
		hs_case_fact(c, place(v, c, e, 1, "LOV EA"),
			     "stripe %u of %s is object %s on OST%04x", e->index,
			     hs_case_fid(c, e->file), hs_case_fid(c, e->object), e->ost);
}

void hs_layouts_say_claim(struct hs_verdict *v, struct hs_case *c, const struct hs_lay *e)
{
	hs_finding_add_other(&c->f, "%s", hs_case_fid(c, e->object));
	if (c->f.n_facts < MAX_SAID)
		hs_case_fact(c, place(v, c, e, -1, "parent record"), "object %s is stripe %u of %s",
			     hs_case_fid(c, e->object), e->index, hs_case_fid(c, e->file));
}

void hs_layouts_say_object(struct hs_verdict *v, struct hs_case *c, const struct hs_object_view *o)
{
	struct hs_prov at;
	const char *who;

	if (c->f.n_facts >= MAX_SAID)
		return;
	if (o->found != HS_LOOKUP_FOUND) {
		hs_case_fact(c, "object index", "%s", hs_strbuf_str(&o->why));
		return;
	}
	at = (struct hs_prov){o->t->pos, o->l.inode.ino, 0};
	who = hs_finding_text(&c->f, "parent record of %s", hs_case_place(c, v, &at));
	if (!o->has_parent)
		hs_case_fact(c, who, "object %s has none", hs_case_fid(c, o->fid));
	else if (o->parent.has_layout && o->parent.comp_id && o->parent.comp_end)
		hs_case_fact(c, who, "object %s is stripe %u of component 0x%x of %s",
			     hs_case_fid(c, o->fid), o->parent.stripe_index, o->parent.comp_id,
			     hs_case_fid(c, o->parent.file));
	else
		hs_case_fact(c, who, "object %s is stripe %u of %s", hs_case_fid(c, o->fid),
			     o->parent.stripe_index, hs_case_fid(c, o->parent.file));
}
