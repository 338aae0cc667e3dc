/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Objects without parent record, which sums leave out: marks tell of those that no file names,
 * that two stripes name, and that were written all the same (equations, 6.3). And of those that
 * are no regular file.
 */
#include <inttypes.h>

#include "lfsck/layouts.h"

/* Says which stripes name the object; returns how many and the first file. */
static size_t say_references(struct hs_layouts *l, struct hs_case *c, struct hs_fid object,
			     struct hs_fid *file)
{
	const struct hs_dossier *d = hs_ledger_dossier(&l->v->ledger, object);
	struct hs_fact_fields f;
	size_t n = 0;

	for (const struct hs_claim *claim = d ? d->claims : NULL; claim; claim = claim->next) {
		if (claim->bytes[0] != HS_FACT_REF || !hs_fact_decode(claim->bytes, claim->len, &f))
			continue;
		if (!n++)
			*file = f.fid;
		hs_finding_add_other(&c->f, "%s", hs_case_fid(c, f.fid));
		hs_case_fact(
			c,
			claim->n_places
				? hs_finding_text(&c->f, "LOV EA of %s",
						  hs_case_place(c, l->v, &claim->places[0].prov))
				: "LOV EA",
			"stripe %u of %s is object %s on OST%04x", f.index, hs_case_fid(c, f.fid),
			hs_case_fid(c, object), f.ost);
	}
	return n;
}

static void say_inode(struct hs_layouts *l, struct hs_case *c)
{
	const struct hs_inode *inode = &l->object.l.inode;
	struct hs_prov at;

	if (l->object.found != HS_LOOKUP_FOUND) {
		hs_case_fact(c, "object index", "%s", hs_strbuf_str(&l->object.why));
		return;
	}
	at = (struct hs_prov){l->object.t->pos, inode->ino, 0};
	hs_case_fact(c, hs_case_place(c, l->v, &at),
		     "mode 0%o, size %" PRIu64 ", %" PRIu64 " sectors, owner %u:%u, %s",
		     inode->mode, inode->size, inode->blocks, inode->uid, inode->gid,
		     inode->ctime ? "written" : "never written");
}

static void settle_owner(struct hs_layouts *l, struct hs_case *c, struct hs_fid object)
{
	hs_layouts_settle_tag(l->v, c, object, HS_FACT_OWN, -1);
	hs_layouts_settle_tag(l->v, c, object, HS_FACT_PROJ, -1);
}

static void judge_unreferenced(struct hs_layouts *l, struct hs_fid object)
{
	const char *why = hs_in_recovery(l->v, object);
	struct hs_case c;

	hs_object_view_load(l->v, object, &l->object);
	hs_case_open(&c,
		     l->object.found == HS_LOOKUP_FOUND && !l->object.l.inode.ctime ? "LAY-10"
										    : "LAY-9",
		     object, l->object.t);
	say_inode(l, &c);
	settle_owner(l, &c, object);
	if (why)
		hs_case_undecided(&c, "%s", why);
	if (!strcmp(c.f.rule, "LAY-10")) {
		hs_item_phase(l->v, &c, HS_PLAN_PHASE_ORPHANS);
		hs_layouts_destroy(l->v, &c, &l->object);
	} else {
		hs_layouts_park(l->v, &c, &l->object, 'N');
	}
	hs_verdict_use_all(l->v, &c, object, HS_M_UNREFERENCED);
	hs_verdict_use_all(l->v, NULL, object, HS_M_PARENT_NONE);
	hs_case_close(l->v, &c, HS_M_PARENT_SIZE, -1);
}

/* All stripes but the first that name the object get a new one. */
static void plan_all_but_one(struct hs_layouts *l, struct hs_case *c, struct hs_fid object)
{
	const struct hs_dossier *d = hs_ledger_dossier(&l->v->ledger, object);
	struct hs_fact_fields f;
	bool first = true;

	for (const struct hs_claim *claim = d ? d->claims : NULL; claim; claim = claim->next) {
		if (claim->bytes[0] != HS_FACT_REF || !hs_fact_decode(claim->bytes, claim->len, &f))
			continue;
		if (first) {
			first = false;
			continue;
		}
		hs_file_view_load(l->v, f.fid, &l->file);
		hs_layouts_renew(l->v, c, &l->file, object, f.index);
	}
	if (first)
		hs_case_no_repair(c, "the stripes that name it cannot be told");
	else
		hs_expect_untouched(l->v, c, hs_object_at(&l->object));
}

/* The stripe that names the object tells its record. */
static void plan_record(struct hs_layouts *l, struct hs_case *c, struct hs_fid object)
{
	const struct hs_dossier *d = hs_ledger_dossier(&l->v->ledger, object);
	struct hs_fact_fields f;

	for (const struct hs_claim *claim = d ? d->claims : NULL; claim; claim = claim->next) {
		if (claim->bytes[0] != HS_FACT_REF || !hs_fact_decode(claim->bytes, claim->len, &f))
			continue;
		hs_file_view_load(l->v, f.fid, &l->file);
		hs_layouts_record(l->v, c, &l->file, &l->object, f.index, false);
		return;
	}
	hs_case_no_repair(c, "the stripe that names it cannot be told");
}

/* Nothing says whose it is. */
static void judge_twice(struct hs_layouts *l, struct hs_fid object)
{
	struct hs_fid file;
	struct hs_case c;

	hs_object_view_load(l->v, object, &l->object);
	hs_case_open(&c, "LAY-4", object, l->object.t);
	hs_case_message(&c,
			"Several stripes name the same OST object, which has no parent record.");
	hs_case_repair(
		&c, "%s",
		l->object.untouched
			? "Gives all stripes but the first a new object; none of them holds data."
			: "None: nothing tells which stripe the data belong to.");
	if (say_references(l, &c, object, &file))
		hs_layouts_path(l->v, &c, file);
	say_inode(l, &c);
	if (l->object.untouched)
		plan_all_but_one(l, &c, object);
	hs_layouts_settle_tag(l->v, &c, object, HS_FACT_OWN, 1);
	hs_layouts_settle_tag(l->v, &c, object, HS_FACT_PROJ, 1);
	settle_owner(l, &c, object);
	hs_verdict_use_all(l->v, NULL, object, HS_M_REF_TWICE);
	hs_case_close(l->v, &c, HS_M_PARENT_NONE, HS_M_PARENT_SIZE, -1);
}

static void judge_no_record(struct hs_layouts *l, const struct hs_mark *m, bool bad_size)
{
	struct hs_fid file;
	struct hs_case c;
	bool named;

	hs_object_view_load(l->v, m->fid, &l->object);
	if (l->object.has_parent && !bad_size)
		return; /* another judge found it */
	hs_case_open(&c, bad_size ? "LAY-3" : "LAY-61", m->fid, l->object.t);
	named = say_references(l, &c, m->fid, &file);
	if (named)
		hs_layouts_path(l->v, &c, file);
	say_inode(l, &c);
	if (bad_size)
		hs_case_message(
			&c, "The object's parent record has an impossible size, %" PRIu64 " bytes.",
			m->a);
	if (named)
		plan_record(l, &c, m->fid);
	else
		hs_case_undecided(&c, "a file that names it may be on a target that was not given");
	hs_verdict_use_all(l->v, NULL, m->fid, (enum hs_mark_code)m->code);
	hs_case_close(l->v, &c, HS_M_PARENT_NONE, HS_M_PARENT_SIZE, -1);
}

static void judge_type(struct hs_layouts *l, const struct hs_mark *m)
{
	struct hs_case c;

	hs_object_view_load(l->v, m->fid, &l->object);
	hs_case_open(&c, "LAY-69", m->fid, l->object.t);
	say_inode(l, &c);
	if (l->object.has_parent)
		hs_layouts_say_object(l->v, &c, &l->object);
	hs_verdict_use_all(l->v, NULL, m->fid, HS_M_OBJ_TYPE);
	hs_case_close(l->v, &c, -1);
}

void hs_judge_parentless(struct hs_layouts *l)
{
	const struct hs_marks *marks = l->v->marks;

	for (size_t i = 0; !l->v->err && i < marks->n; i++) {
		const struct hs_mark *m = &marks->v[i];

		if (l->v->mark_used[i] || hs_fid_is_zero(m->fid))
			continue;
		switch (m->code) {
		case HS_M_OBJ_TYPE:
			judge_type(l, m);
			break;
		case HS_M_UNREFERENCED:
			judge_unreferenced(l, m->fid);
			break;
		case HS_M_REF_TWICE:
			judge_twice(l, m->fid);
			break;
		default:
			break;
		}
	}
	/* what is left of these belongs to objects that exactly one file names */
	for (size_t i = 0; !l->v->err && i < marks->n; i++) {
		const struct hs_mark *m = &marks->v[i];

		if (l->v->mark_used[i] || hs_fid_is_zero(m->fid))
			continue;
		if (m->code == HS_M_PARENT_SIZE || m->code == HS_M_PARENT_NONE)
			judge_no_record(l, m, hs_verdict_mark(l->v, m->fid, HS_M_PARENT_SIZE));
	}
}
