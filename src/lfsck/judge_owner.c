/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Objects whose place in the layout is agreed on, but not their owner, component or encryption.
 * The MDT decides about the owner: it is what a client may change, and the OST follows. What a
 * change of owner left behind on several objects of a file is one finding.
 */
#include <stdlib.h>

#include "base/array.h"
#include "lfsck/layouts.h"

/* An object with something left over, and the file it belongs to. */
struct owned {
	struct hs_fid file, object;
};

struct owned_list {
	struct owned *v;
	size_t n, room;
};

static bool has_tag(const struct hs_dossier *d, enum hs_fact_tag tag)
{
	return hs_claim_next(d, tag, 1, NULL) || hs_claim_next(d, tag, -1, NULL);
}

/* The file: by the parent record, else by a stripe that names the object. */
static bool file_of(struct hs_layouts *l, const struct hs_dossier *d, struct hs_fid *file)
{
	struct hs_fact_fields f;

	hs_object_view_load(l->v, d->fid, &l->object);
	if (l->object.found != HS_LOOKUP_FOUND)
		return false;
	if (l->object.has_parent) {
		*file = l->object.parent.file;
		return true;
	}
	for (const struct hs_claim *c = d->claims; c; c = c->next) {
		if (c->bytes[0] != HS_FACT_REF || !hs_fact_decode(c->bytes, c->len, &f))
			continue;
		*file = f.fid;
		return true;
	}
	return false;
}

static int compare(const void *a, const void *b)
{
	const struct owned *x = a, *y = b;
	int d = hs_fid_cmp(x->file, y->file);

	return d ? d : hs_fid_cmp(x->object, y->object);
}

static void collect(struct hs_layouts *l, enum hs_fact_tag tag, enum hs_fact_tag also,
		    struct owned_list *list)
{
	struct hs_verdict *v = l->v;
	struct hs_fid file;

	list->n = 0;
	for (size_t i = 0; !v->err && i < v->ledger.n_dossiers; i++) {
		const struct hs_dossier *d = v->ledger.order[i];

		/* without an agreed place there is no file to compare with */
		if (d->done || has_tag(d, HS_FACT_LAY) || !(has_tag(d, tag) || has_tag(d, also)) ||
		    !file_of(l, d, &file))
			continue;
		if (hs_array_grow(&list->v, &list->room, list->n + 1)) {
			v->err = -ENOMEM;
			return;
		}
		list->v[list->n++] = (struct owned){file, d->fid};
		hs_layouts_suspect(l, file);
	}
	if (list->n)
		qsort(list->v, list->n, sizeof(*list->v), compare);
}

static void settle_both(struct hs_layouts *l, struct hs_case *c, struct hs_fid object,
			enum hs_fact_tag tag)
{
	hs_layouts_settle_tag(l->v, c, object, tag, 1);
	hs_layouts_settle_tag(l->v, c, object, tag, -1);
}

/* The MDT has logged this very change and not sent it yet. */
static bool on_its_way(const struct hs_layouts *l, struct hs_fid object)
{
	const struct hs_inode *inode = &l->file.l.inode;

	for (size_t i = 0; i < l->v->sys->n_targets; i++) {
		const struct hs_pending_ops *ops = &l->v->sys->targets[i]->ops;

		for (size_t k = 0; k < ops->n_setattrs; k++) {
			if (hs_fid_eq(ops->setattrs[k].object, object) &&
			    ops->setattrs[k].uid == inode->uid &&
			    ops->setattrs[k].gid == inode->gid)
				return true;
		}
	}
	return false;
}

static void say_owner(struct hs_layouts *l, struct hs_case *c, const struct hs_loaded *from)
{
	const struct hs_inode *inode = &from->inode;
	struct hs_prov at = {from->t->pos, inode->ino, 0};

	hs_case_fact(c, hs_case_place(c, l->v, &at), "owner %u, group %u, project %u", inode->uid,
		     inode->gid, inode->projid);
}

/* One item an object. */
static void plan_owner(struct hs_layouts *l, struct hs_case *c)
{
	struct hs_owner owner = hs_owner_of(&l->file.l.inode);

	if (l->object.found != HS_LOOKUP_FOUND)
		return;
	if (!l->object.t->has_project)
		owner.projid = l->object.l.inode.projid;
	hs_item_begin(l->v, c, 1);
	hs_mend_owner(l->v, c, hs_object_at(&l->object), owner);
}

static void judge_file_owner(struct hs_layouts *l, const struct owned *v, size_t n)
{
	size_t pending = 0;
	struct hs_case c;

	hs_file_view_load(l->v, v->file, &l->file);
	if (l->file.state != HS_FILE_REGULAR)
		return;
	hs_case_open(&c, "LAY-5", v->file, l->file.t);
	say_owner(l, &c, &l->file.l);
	for (size_t i = 0; i < n; i++) {
		hs_finding_add_other(&c.f, "%s", hs_case_fid(&c, v[i].object));
		hs_object_view_load(l->v, v[i].object, &l->object);
		if (l->object.found == HS_LOOKUP_FOUND)
			say_owner(l, &c, &l->object.l);
		plan_owner(l, &c);
		settle_both(l, &c, v[i].object, HS_FACT_OWN);
		settle_both(l, &c, v[i].object, HS_FACT_PROJ);
		pending += on_its_way(l, v[i].object);
	}
	if (pending == n)
		hs_case_undecided(&c, "the change of owner is on its way from the MDT to the OST");
	hs_case_close(l->v, &c, -1);
}

static void judge_component(struct hs_layouts *l, const struct owned *v)
{
	const struct hs_lov_comp *comp;
	struct hs_case c;
	struct hs_prov at;
	uint32_t index;

	hs_file_view_load(l->v, v->file, &l->file);
	hs_object_view_load(l->v, v->object, &l->object);
	hs_case_open(&c, "LAY-62", v->object, l->object.t);
	hs_finding_add_other(&c.f, "%s", hs_case_fid(&c, v->file));
	hs_layouts_path(l->v, &c, v->file);
	if (l->file.state == HS_FILE_REGULAR && hs_file_names(&l->file, v->object, &comp, &index)) {
		at = (struct hs_prov){l->file.l.t->pos, l->file.l.inode.ino, 0};
		hs_case_fact(&c,
			     hs_finding_text(&c.f, "LOV EA of %s", hs_case_place(&c, l->v, &at)),
			     "object %s is stripe %u of component 0x%x", hs_case_fid(&c, v->object),
			     index, comp->id);
	}
	hs_layouts_say_object(l->v, &c, &l->object);
	settle_both(l, &c, v->object, HS_FACT_COMP);
	if (l->file.state == HS_FILE_REGULAR && hs_file_names(&l->file, v->object, &comp, &index))
		hs_layouts_record(l->v, &c, &l->file, &l->object, index, false);
	else
		hs_case_no_repair(&c, "the stripe cannot be found");
	hs_case_close(l->v, &c, -1);
}

static void judge_encryption(struct hs_layouts *l, const struct owned *v, size_t n)
{
	bool encrypted;
	struct hs_case c;

	hs_file_view_load(l->v, v->file, &l->file);
	if (l->file.state != HS_FILE_REGULAR)
		return;
	encrypted = l->file.l.inode.flags & HS_INODE_ENCRYPT;
	hs_case_open(&c, "LAY-13", v->file, l->file.t);
	if (!encrypted)
		hs_case_message(&c, "The object is marked as encrypted, the file is not.");
	hs_case_fact(&c, "file", "%s", encrypted ? "encrypted" : "not encrypted");
	for (size_t i = 0; i < n; i++) {
		hs_finding_add_other(&c.f, "%s", hs_case_fid(&c, v[i].object));
		hs_case_fact(&c, "object", "%s is %s", hs_case_fid(&c, v[i].object),
			     encrypted ? "not encrypted" : "encrypted");
		hs_object_view_load(l->v, v[i].object, &l->object);
		hs_item_begin(l->v, &c, 1);
		if (l->object.found == HS_LOOKUP_FOUND)
			hs_mend_flags(l->v, &c, hs_object_at(&l->object),
				      encrypted ? HS_INODE_ENCRYPT : 0,
				      encrypted ? 0 : HS_INODE_ENCRYPT);
		settle_both(l, &c, v[i].object, HS_FACT_ENC);
	}
	hs_case_close(l->v, &c, -1);
}

typedef void judge_file_fn(struct hs_layouts *l, const struct owned *v, size_t n);

static void by_file(struct hs_layouts *l, const struct owned_list *list, judge_file_fn *judge)
{
	size_t end;

	for (size_t i = 0; !l->v->err && i < list->n; i = end) {
		for (end = i + 1; end < list->n && hs_fid_eq(list->v[end].file, list->v[i].file);)
			end++;
		judge(l, &list->v[i], end - i);
	}
}

void hs_judge_owner(struct hs_layouts *l)
{
	struct owned_list list = {0};

	collect(l, HS_FACT_COMP, HS_FACT_COMP, &list);
	for (size_t i = 0; !l->v->err && i < list.n; i++)
		judge_component(l, &list.v[i]);
	collect(l, HS_FACT_OWN, HS_FACT_PROJ, &list);
	by_file(l, &list, judge_file_owner);
	collect(l, HS_FACT_ENC, HS_FACT_ENC, &list);
	by_file(l, &list, judge_encryption);
	free(list.v);
}
