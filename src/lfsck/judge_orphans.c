/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Objects that say which stripe of which file they are, while no file names them: the file is
 * gone, lacks the place, or has another object there. One finding a file.
 */
#include "lfsck/layouts.h"

enum kind {
	SETTLED,
	NO_FILE, /* the file does not exist */
	UNKNOWN, /* nobody can tell whether it does */
	NOT_A_FILE,
	NO_SLOT,  /* the file has no such stripe */
	TAKEN,	  /* another object is in its place, and is confirmed there */
	NAMELESS, /* the record names no possible file */
};

static enum kind classify(struct hs_layouts *l, const struct hs_lay *e)
{
	struct hs_lov_stripe s;
	enum hs_presence presence;

	if (!hs_lay_open(e) || hs_lay_is_named(l, e->object))
		return SETTLED;
	hs_system_owner(l->v->sys, e->file.seq, &presence);
	if (hs_fid_is_zero(e->file) || presence == HS_UNKNOWN)
		return NAMELESS;
	switch (l->file.state) {
	case HS_FILE_NONE:
		return NO_FILE;
	case HS_FILE_UNKNOWN:
		return UNKNOWN;
	case HS_FILE_OTHER:
		return NOT_A_FILE;
	case HS_FILE_REGULAR:
		break;
	}
	hs_object_view_load(l->v, e->object, &l->object);
	if (l->object.has_parent && hs_file_slot(&l->file, &l->object.parent, &s) == HS_SLOT_TAKEN)
		return TAKEN;
	return NO_SLOT;
}

static size_t references(const struct hs_verdict *v, struct hs_fid object)
{
	const struct hs_dossier *d = hs_ledger_dossier(&v->ledger, object);
	size_t n = 0;

	for (const struct hs_claim *c = d ? d->claims : NULL; c; c = c->next)
		n += c->bytes[0] == HS_FACT_REF;
	return n;
}

/*
 * The occupant has no parent record and another stripe names it too: of the two, the one whose
 * place an orphan claims is wrong.
 */
static void evict(struct hs_layouts *l, struct hs_case *c, struct hs_fid occupant, bool *evicted)
{
	const struct hs_mark *m = hs_verdict_mark(l->v, occupant, HS_M_REF_TWICE);

	if (!m || references(l->v, occupant) != 2)
		return;
	hs_layouts_settle_tag(l->v, c, occupant, HS_FACT_OWN, 1);
	hs_layouts_settle_tag(l->v, c, occupant, HS_FACT_PROJ, 1);
	hs_verdict_use(l->v, c, m);
	*evicted = true;
	hs_case_repair(c, "Puts the objects that claim these stripes back into the layout.");
}

/* Made by LFSCK for a stripe that had lost its object, and never used (catalogue, LAY-6). */
static bool is_stand_in(const struct hs_object_view *o)
{
	const struct hs_inode *inode = &o->l.inode;

	return o->found == HS_LOOKUP_FOUND && o->untouched && hs_inode_is_reg(inode) &&
	       !(inode->mode & 04000) && o->has_parent;
}

/* The place goes to the orphan if nobody needs the occupant; else the orphan gets a file. */
static void plan_taken(struct hs_layouts *l, struct hs_case *c, const struct hs_lay *e,
		       bool evicted)
{
	if (!evicted && !is_stand_in(&l->occupant)) {
		hs_layouts_park(l->v, c, &l->object, 'C');
		return;
	}
	hs_item_begin(l->v, c, HS_PLAN_PHASE_ORPHANS);
	hs_layouts_put(l->v, c, &l->file, hs_file_meant(&l->file, &l->object.parent),
		       l->object.parent.stripe_index, e->object, e->ost);
	if (!evicted)
		hs_layouts_destroy(l->v, c, &l->occupant);
}

/* The file is made anew in lost+found, with the layout that its objects remember. */
static void plan_file(struct hs_layouts *l, struct hs_case *c)
{
	struct hs_verdict *v = l->v;
	struct hs_fid unused, fid = l->file.fid;
	struct hs_lov_piece *pieces;
	size_t n = hs_layouts_pieces(v, fid, &pieces), len;
	const char *why = NULL;
	struct hs_at dir, file;
	uint8_t *lov = NULL;

	if (!l->file.t || !hs_target_is_mdt(l->file.t)) {
		hs_case_no_repair(c, "no MDT can have a file of that FID");
	} else if (!(lov = hs_lov_rebuild(fid, pieces, n, &len, &why))) {
		hs_case_no_repair(c, "%s", why);
	} else if (hs_plan_lost_found(v, c, l->file.t, &dir, &unused)) {
		hs_item_begin(v, c, HS_PLAN_PHASE_ORPHANS);
		file = hs_mend_object(v, c, l->file.t, fid, 0100400, pieces[0].owner);
		hs_mend_xattr(v, c, file, "trusted.lov", lov, len);
		hs_mend_lost_here(v, c, file, fid, 'R', "");
		hs_layouts_expect_pieces(v, c, pieces, n);
	}
	free(lov);
	free(pieces);
}

/* Empty stripes are filled; for more than that the layout is made anew. */
static void plan_slots(struct hs_layouts *l, struct hs_case *c, size_t first, size_t end)
{
	struct hs_lov_stripe s;
	bool all_empty = true;

	for (size_t i = first; i < end && all_empty; i++) {
		const struct hs_lay *e = &l->claims.v[i];

		if (e->kind != NO_SLOT)
			continue;
		hs_object_view_load(l->v, e->object, &l->object);
		all_empty = hs_file_slot(&l->file, &l->object.parent, &s) == HS_SLOT_EMPTY;
	}
	if (!all_empty) {
		hs_layouts_rebuild(l->v, c, &l->file);
		return;
	}
	hs_item_begin(l->v, c, HS_PLAN_PHASE_ORPHANS);
	for (size_t i = first; i < end; i++) {
		const struct hs_lay *e = &l->claims.v[i];

		if (e->kind != NO_SLOT)
			continue;
		hs_object_view_load(l->v, e->object, &l->object);
		hs_layouts_put(l->v, c, &l->file, hs_file_meant(&l->file, &l->object.parent),
			       l->object.parent.stripe_index, e->object, e->ost);
		hs_expect_inode(l->v, c, hs_object_at(&l->object));
	}
}

/* What is in the place an orphan claims. */
static void judge_occupant(struct hs_layouts *l, struct hs_case *c, const struct hs_lay *e)
{
	struct hs_lov_stripe s;
	bool evicted = false;
	struct hs_prov at;

	hs_object_view_load(l->v, e->object, &l->object);
	if (!l->object.has_parent || hs_file_slot(&l->file, &l->object.parent, &s) != HS_SLOT_TAKEN)
		return;
	at = (struct hs_prov){l->file.l.t->pos, l->file.l.inode.ino, 0};
	hs_case_fact(c, hs_finding_text(&c->f, "LOV EA of %s", hs_case_place(c, l->v, &at)),
		     "stripe %u of %s is object %s on OST%04x", e->index, hs_case_fid(c, e->file),
		     hs_case_fid(c, s.object), s.ost);
	hs_object_view_load(l->v, s.object, &l->occupant);
	hs_layouts_say_object(l->v, c, &l->occupant);
	evict(l, c, s.object, &evicted);
	plan_taken(l, c, e, evicted);
}

static void say_file(struct hs_layouts *l, struct hs_case *c, enum kind kind)
{
	struct hs_prov at;

	if (kind == NO_FILE) {
		hs_case_fact(c, "object index", "%s", hs_strbuf_str(&l->file.why));
		return;
	}
	if (kind != NOT_A_FILE && kind != NO_SLOT)
		return;
	at = (struct hs_prov){l->file.l.t->pos, l->file.l.inode.ino, 0};
	if (kind == NOT_A_FILE)
		hs_case_fact(c, hs_case_place(c, l->v, &at), "no regular file, mode 0%o",
			     l->file.l.inode.mode);
	else
		hs_case_fact(c, hs_finding_text(&c->f, "LOV EA of %s", hs_case_place(c, l->v, &at)),
			     "%u components, none has these stripes", l->file.lov.n_comps);
}

static void judge_group(struct hs_layouts *l, size_t first, size_t end, enum kind kind,
			const char *rule, const char *message)
{
	struct hs_case c;
	size_t n = 0;

	for (size_t i = first; i < end; i++)
		n += l->claims.v[i].kind == kind;
	if (!n)
		return;
	hs_case_open(&c, rule, l->file.fid, l->file.t);
	if (message)
		hs_case_message(&c, "%s", message);
	say_file(l, &c, kind);
	for (size_t i = first; i < end; i++) {
		const struct hs_lay *e = &l->claims.v[i];

		if (e->kind != kind)
			continue;
		hs_layouts_settle_object(l->v, &c, e->object);
		hs_layouts_say_claim(l->v, &c, e);
		if (kind == TAKEN)
			judge_occupant(l, &c, e);
	}
	if (kind == NO_FILE)
		plan_file(l, &c);
	else if (kind == NO_SLOT)
		plan_slots(l, &c, first, end);
	else if (kind == NOT_A_FILE)
		hs_case_no_repair(&c, "what carries the FID of the file must be looked at first");
	if (kind == UNKNOWN)
		hs_case_undecided(&c, "%s", hs_strbuf_str(&l->file.why));
	hs_case_close(l->v, &c, -1);
}

/* A record that names no possible file is as good as none; each object is on its own. */
static void judge_nameless(struct hs_layouts *l, const struct hs_lay *e)
{
	struct hs_case c;

	hs_object_view_load(l->v, e->object, &l->object);
	hs_case_open(&c, l->object.untouched ? "LAY-10" : "LAY-9", e->object, l->object.t);
	hs_case_message(&c, "The object's parent record names no possible file, and no file names "
			    "the object.");
	hs_layouts_say_claim(l->v, &c, e);
	hs_layouts_settle_object(l->v, &c, e->object);
	hs_item_phase(l->v, &c, HS_PLAN_PHASE_ORPHANS);
	if (l->object.untouched)
		hs_layouts_destroy(l->v, &c, &l->object);
	else
		hs_layouts_park(l->v, &c, &l->object, 'N');
	hs_case_close(l->v, &c, HS_M_PARENT_SIZE, -1);
}

static void judge_file(struct hs_layouts *l, size_t first, size_t end)
{
	hs_file_view_load(l->v, l->claims.v[first].file, &l->file);
	for (size_t i = first; i < end; i++)
		l->claims.v[i].kind = classify(l, &l->claims.v[i]);
	judge_group(l, first, end, NO_FILE, "LAY-8",
		    "The file does not exist; objects that belong to it do.");
	judge_group(l, first, end, UNKNOWN, "LAY-8",
		    "Objects claim to belong to a file that cannot be looked at.");
	judge_group(l, first, end, NOT_A_FILE, "LAY-8",
		    "Objects claim to belong to something that is no regular file.");
	judge_group(l, first, end, NO_SLOT, "LAY-7",
		    "Objects claim stripes that the layout of their file lacks.");
	judge_group(l, first, end, TAKEN, "LAY-6",
		    "Objects that no file names claim stripes that other objects hold.");
	for (size_t i = first; !l->v->err && i < end; i++) {
		if (l->claims.v[i].kind == NAMELESS)
			judge_nameless(l, &l->claims.v[i]);
	}
}

void hs_judge_orphans(struct hs_layouts *l)
{
	size_t end;

	for (size_t i = 0; !l->v->err && i < l->claims.n; i = end) {
		end = hs_lay_file_end(&l->claims, i);
		judge_file(l, i, end);
	}
}
