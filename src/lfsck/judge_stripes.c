/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stripes that their objects do not confirm: the object is missing, belongs to another file or to
 * another place of this one, or lies on an OST that nobody knows. The layout decides (catalogue,
 * section 5) unless its record was outvoted before (judge_records.c).
 *
 * What is wrong with the layout is one finding a file; what is wrong with an object's parent
 * record is one finding an object.
 */
#include "lfsck/layouts.h"

enum kind {
	SETTLED,
	DANGLING,  /* the object does not exist */
	UNREAD,	   /* nobody can tell whether it does */
	WRONG_OST, /* the OST is unknown, or the object's sequence is another's */
	SHARED,	   /* another file has it, and the object agrees */
	TWICE,	   /* this file has it in another place, and the object agrees */
	UNMATCHED, /* the parent record names another file, which does not have it */
	MISPLACED, /* the parent record names another stripe of this file */
};

/* The object exists and is content: with whom? Nobody's is left to those who judge identity. */
static enum kind owner_of(struct hs_layouts *l, const struct hs_lay *e)
{
	struct hs_object_view *o = &l->object;
	const struct hs_lov_comp *comp;
	uint32_t index;

	if (!o->has_parent)
		return SETTLED;
	if (hs_fid_eq(o->parent.file, e->file))
		return hs_file_count(&l->file, e->object) > 1 ? TWICE : SETTLED;
	hs_file_view_load(l->v, o->parent.file, &l->other);
	if (l->other.state == HS_FILE_UNKNOWN)
		return UNREAD;
	return hs_file_names(&l->other, e->object, &comp, &index) ? SHARED : SETTLED;
}

static enum kind classify(struct hs_layouts *l, const struct hs_lay *e)
{
	struct hs_object_view *o = &l->object;
	enum hs_presence presence;
	struct hs_tgt owner;

	if (!hs_lay_open(e))
		return SETTLED;
	owner = hs_system_owner(l->v->sys, e->object.seq, &presence);
	if (hs_system_presence(l->v->sys, (struct hs_tgt){HS_OST, e->ost}) == HS_UNKNOWN ||
	    (owner.kind == HS_OST && owner.index != e->ost))
		return WRONG_OST;
	hs_object_view_load(l->v, e->object, o);
	if (o->found == HS_LOOKUP_NONE || o->found == HS_LOOKUP_UNOWNED)
		return DANGLING;
	if (o->found != HS_LOOKUP_FOUND)
		return UNREAD;
	if (hs_lay_is_claimed(l, e->object))
		return hs_fid_eq(o->parent.file, e->file) ? MISPLACED : UNMATCHED;
	return owner_of(l, e);
}

/* The object is where it says, the OST index is what is wrong: its claim is confirmed. */
static bool settle_same_place(struct hs_layouts *l, struct hs_case *c, const struct hs_lay *e)
{
	bool confirmed = false;
	size_t i, end;

	hs_lay_of(&l->claims, e->file, &i, &end);
	for (; i < end; i++) {
		const struct hs_lay *o = &l->claims.v[i];

		if (!hs_lay_open(o) || o->index != e->index || !hs_fid_eq(o->object, e->object))
			continue;
		hs_layouts_settle_object(l->v, c, o->object);
		hs_layouts_say_claim(l->v, c, o);
		hs_layouts_put(l->v, c, &l->file, hs_file_record(&l->file, e->object, e->index),
			       e->index, o->object, o->ost);
		hs_item_gate(l->v, c, NULL);
		confirmed = true;
	}
	return confirmed;
}

static void add_wrong_ost(struct hs_layouts *l, struct hs_case *c, const struct hs_lay *e)
{
	if (!settle_same_place(l, c, e)) {
		hs_finding_add_other(&c->f, "%s", hs_case_fid(c, e->object));
		return;
	}
	hs_case_message(c, "The stripe record names another OST than the one that has its object.");
	hs_case_repair(c, "Writes the OST of the object into the record.");
	c->f.gate = NULL;
}

/* Why nothing can be said of a stripe that nobody could look at. */
static const char *unread_reason(struct hs_layouts *l)
{
	if (l->object.found != HS_LOOKUP_FOUND)
		return hs_strbuf_str(&l->object.why);
	hs_file_view_load(l->v, l->object.parent.file, &l->other);
	return hs_strbuf_str(&l->other.why);
}

/* The object that the layout names is made, empty: one item an object. */
static void plan_object(struct hs_layouts *l, struct hs_case *c, const struct hs_lay *e)
{
	struct hs_target *ost = hs_system_target(l->v->sys, (struct hs_tgt){HS_OST, e->ost});
	uint32_t comp = hs_file_record(&l->file, e->object, e->index);
	struct hs_at at;

	if (!ost || comp == UINT32_MAX) {
		hs_case_no_repair(c, "the OST is not there");
		return;
	}
	hs_item_begin(l->v, c, 1);
	/* without the bits of an object that nobody has used: so it can be told from one */
	at = hs_mend_ost_object(l->v, c, ost, e->object, 0100666, hs_owner_of(&l->file.l.inode));
	hs_mend_parent_record(l->v, c, at, e->file, &l->file.lov.comps[comp], e->index);
	hs_expect_inode(l->v, c, hs_file_at(&l->file));
	hs_expect_xattr(l->v, c, hs_file_at(&l->file), "trusted.lov");
}

static void plan_stripe(struct hs_layouts *l, struct hs_case *c, const struct hs_lay *e,
			enum kind kind)
{
	if (kind == DANGLING)
		plan_object(l, c, e);
	else if (kind == SHARED || kind == TWICE)
		hs_layouts_renew(l->v, c, &l->file, e->object, e->index);
}

static void add_stripe(struct hs_layouts *l, struct hs_case *c, const struct hs_lay *e,
		       enum kind kind)
{
	const char *why;

	hs_layouts_drop_stripe(l->v, c, &l->file, e);
	hs_layouts_say_stripe(l->v, c, e);
	if (kind == WRONG_OST) {
		add_wrong_ost(l, c, e);
		return;
	}
	hs_finding_add_other(&c->f, "%s", hs_case_fid(c, e->object));
	hs_object_view_load(l->v, e->object, &l->object);
	hs_layouts_say_object(l->v, c, &l->object);
	plan_stripe(l, c, e, kind);
	if (kind == UNREAD)
		hs_case_undecided(c, "%s", unread_reason(l));
	why = hs_in_recovery(l->v, e->object);
	if (kind == DANGLING && why)
		hs_case_undecided(c, "%s", why);
}

/* All stripes of a file that have the same thing wrong. */
static void judge_group(struct hs_layouts *l, size_t first, size_t end, enum kind kind,
			const char *rule, const char *message)
{
	struct hs_case c;
	size_t n = 0;

	for (size_t i = first; i < end; i++)
		n += l->stripes.v[i].kind == kind;
	if (!n)
		return;
	hs_case_open(&c, rule, l->file.fid, l->file.t);
	for (size_t i = first; i < end; i++) {
		if (l->stripes.v[i].kind == kind)
			add_stripe(l, &c, &l->stripes.v[i], kind);
	}
	if (message)
		hs_case_message(&c, "%s", message);
	if (kind == WRONG_OST)
		hs_case_close(l->v, &c, HS_M_LOV_OST, -1);
	else
		hs_case_close(l->v, &c, -1);
}

/* The parent record is written anew from the layout. */
static void judge_parent(struct hs_layouts *l, const struct hs_lay *e)
{
	struct hs_object_view *o = &l->object;
	bool same_file;
	struct hs_case c;

	/* an earlier finding may have given the object to another stripe */
	if (!hs_lay_open(e) || !hs_lay_is_claimed(l, e->object))
		return;
	hs_object_view_load(l->v, e->object, o);
	same_file = hs_fid_eq(o->parent.file, e->file);
	hs_case_open(&c, same_file ? "LAY-12" : "LAY-3", e->object, o->t);
	hs_layouts_path(l->v, &c, e->file);
	hs_layouts_say_stripe(l->v, &c, e);
	hs_layouts_say_object(l->v, &c, o);
	hs_finding_add_other(&c.f, "%s", hs_case_fid(&c, e->file));
	if (!same_file) {
		hs_file_view_load(l->v, o->parent.file, &l->other);
		if (hs_fid_is_zero(o->parent.file))
			hs_case_message(&c, "The object's parent record names no file.");
		else if (l->other.state != HS_FILE_REGULAR)
			hs_case_fact(&c, "object index", "%s",
				     l->other.state == HS_FILE_OTHER
					     ? "the file in the parent record is no regular file"
					     : hs_strbuf_str(&l->other.why));
		else
			hs_case_fact(&c, "LOV EA of the other file", "%s does not name the object",
				     hs_case_fid(&c, l->other.fid));
	}
	hs_delta_settle(&c.delta, e->claim);
	hs_layouts_settle_tag(l->v, &c, e->object, HS_FACT_LAY, -1);
	hs_layouts_settle_tag(l->v, &c, e->object, HS_FACT_COMP, 1);
	hs_layouts_settle_tag(l->v, &c, e->object, HS_FACT_COMP, -1);
	if (o->untouched) {
		hs_case_note(&c);
		hs_case_no_repair(&c, "the object was never written; its first write completes "
				      "the record");
	} else {
		hs_layouts_record(l->v, &c, &l->file, o, e->index, true);
	}
	hs_case_close(l->v, &c, HS_M_PARENT_SIZE, -1);
}

static void judge_file(struct hs_layouts *l, size_t first, size_t end)
{
	hs_file_view_load(l->v, l->stripes.v[first].file, &l->file);
	for (size_t i = first; i < end; i++)
		l->stripes.v[i].kind = classify(l, &l->stripes.v[i]);
	judge_group(l, first, end, WRONG_OST, "LAY-70", NULL);
	judge_group(l, first, end, DANGLING, "LAY-2", NULL);
	judge_group(l, first, end, UNREAD, "LAY-2",
		    "The layout names an OST object, or shares it with a file, that cannot be "
		    "looked at.");
	judge_group(l, first, end, SHARED, "LAY-4",
		    "The layout names an OST object that belongs to another file.");
	judge_group(l, first, end, TWICE, "LAY-60", NULL);
	for (size_t i = first; !l->v->err && i < end; i++) {
		if (l->stripes.v[i].kind == UNMATCHED || l->stripes.v[i].kind == MISPLACED)
			judge_parent(l, &l->stripes.v[i]);
	}
}

void hs_judge_stripes(struct hs_layouts *l)
{
	size_t end;

	for (size_t i = 0; !l->v->err && i < l->stripes.n; i = end) {
		end = hs_lay_file_end(&l->stripes, i);
		judge_file(l, i, end);
	}
	/* those that lost their object to a stripe judged before them */
	for (size_t i = 0; !l->v->err && i < l->stripes.n; i = end) {
		end = hs_lay_file_end(&l->stripes, i);
		hs_file_view_load(l->v, l->stripes.v[i].file, &l->file);
		for (size_t k = i; k < end; k++) {
			struct hs_lay *e = &l->stripes.v[k];

			e->kind = hs_lay_open(e) && (e->kind == UNMATCHED || e->kind == MISPLACED)
					  ? SHARED
					  : SETTLED;
		}
		judge_group(l, i, end, SHARED, "LAY-4",
			    "The layout names an OST object that belongs to another file.");
	}
}
