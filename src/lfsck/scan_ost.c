/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One inode of an OST: an object's minus facts, and what only the OST knows of objects that were
 * never written (equations 6.1, 6.3).
 */
#include "lfsck/scan.h"
#include "lustre/parent.h"

#define MODE_UID_UNSET 04000u /* SUID: uid not set yet (format notes, section 8) */
#define MODE_GID_UNSET 02000u
#define MODE_PRJ_UNSET 01000u

/* The parent record, from trusted.fid or from the long LMA. */
struct parent {
	bool known; /* says which stripe of which file */
	struct hs_parent rec;
	bool has_comp; /* the component fields are stored */
};

static void read_parent(struct hs_worker *w, const struct hs_object *o, struct parent *p)
{
	const struct hs_xattr *x = hs_xattr_trusted(o->xattrs, "fid");

	*p = (struct parent){0};
	if (x && x->value) {
		p->known = hs_parent_decode(x->value, x->value_len, &p->rec);
		p->has_comp = p->known && p->rec.has_layout;
		if (p->rec.odd_size)
			hs_object_mark(w, o, HS_M_PARENT_SIZE, x->value_len, 0);
	} else if (o->has_lma && o->lma.has_stripe) {
		p->known = true;
		p->rec.file = o->lma.parent;
		p->rec.stripe_index = o->lma.stripe_index;
		p->has_comp = o->lma.has_comp;
		p->rec.comp_id = o->lma.comp_id;
		p->rec.comp_end = o->lma.comp_end;
	}
}

/* The bits of equations 6.3 for this object. */
static unsigned object_bits(const struct hs_scan *s, const struct hs_object *o,
			    const struct parent *p)
{
	const struct hs_inode *inode = o->inode;
	unsigned bits = 0;

	if (!p->known) {
		bits |= HS_OBJ_NO_PARENT;
		if (inode->ctime == 0 || s->sys->mdt_absent)
			bits |= HS_OBJ_NO_OWNER | HS_OBJ_NO_PROJECT;
		if (inode->ctime != 0 || !(inode->mode & MODE_UID_UNSET))
			bits |= HS_OBJ_TOUCHED;
	} else if (!p->has_comp || (p->rec.comp_id != 0 && p->rec.comp_end == 0)) {
		bits |= HS_OBJ_NO_COMP;
	}
	if (inode->mode & (MODE_UID_UNSET | MODE_GID_UNSET))
		bits |= HS_OBJ_NO_OWNER;
	if (inode->mode & MODE_PRJ_UNSET)
		bits |= HS_OBJ_NO_PROJECT;
	return bits;
}

/* Whether O/<seq>/d<n> exists; its loss is reported once, not for every object in it. */
static bool has_odir(const struct hs_target *t, uint64_t seq, uint64_t objid)
{
	uint32_t n = (uint32_t)(objid & (t->subdirs - 1));
	const struct hs_oseq *s = hs_target_oseq(t, seq);

	if (!s)
		return false;
	if (s->n_dirs == t->subdirs)
		return true;
	for (size_t i = 0; i < t->n_odirs; i++) {
		if (t->odirs[i].seq == seq && t->odirs[i].n == n)
			return true;
	}
	return false;
}

static void check_object(struct hs_worker *w, const struct hs_object *o, unsigned bits)
{
	enum hs_presence presence;
	struct hs_tgt owner;

	if (!hs_inode_is_reg(o->inode))
		hs_object_mark(w, o, HS_M_OBJ_TYPE, o->inode->mode, 0);
	else if (o->inode->nlink != 1)
		hs_object_mark(w, o, HS_M_OBJ_NLINK, o->inode->nlink, 1);
	owner = hs_worker_owner(w, o->fid.seq, &presence);
	if (owner.kind != HS_NO_TARGET && !hs_tgt_eq(owner, o->t->id))
		hs_object_mark(w, o, HS_M_WRONG_TARGET, owner.kind, owner.index);
	if ((bits & HS_OBJ_NO_PARENT) && (o->inode->size || o->inode->blocks))
		hs_object_mark(w, o, HS_M_PARENT_NONE, o->inode->size, o->inode->blocks);
}

static void scan_object(struct hs_worker *w, const struct hs_object *o)
{
	struct hs_target *t = o->t;
	uint64_t seq = hs_seq_is_idif(o->fid.seq) ? 0 : o->fid.seq;
	uint64_t objid = hs_fid_objid(o->fid);
	enum hs_presence file_owner = HS_PRESENT;
	struct hs_fact_buf f;
	struct hs_group g;
	struct parent p;
	unsigned bits;

	read_parent(w, o, &p);
	bits = object_bits(w->scan, o, &p);
	hs_worker_high(w, t, seq, objid);
	check_object(w, o, bits);
	if (w->scan->digest_pass && bits && hs_objmap_set(&w->objects, t->id.index, o->fid, bits))
		w->err = -ENOMEM;

	hs_group_begin(&w->emit, &g, o->fid);
	if (has_odir(t, seq, objid)) {
		hs_fact_oname(&f, o->fid, t->id, o->inode->ino);
		hs_group_add(&w->emit, &g, &f, -1);
	} else {
		hs_worker_mark(w, t, HS_M_ODIR_LOST, (struct hs_fid){0}, o->inode->ino, 0, seq,
			       objid & (t->subdirs - 1), NULL, 0);
	}
	if (p.known && !hs_fid_is_zero(p.rec.file))
		hs_worker_owner(w, p.rec.file.seq, &file_owner);
	if (file_owner == HS_ABSENT) {
		w->counts[t->pos].undecided++;
		hs_group_end(&w->emit, &g);
		return;
	}
	if (p.known) {
		hs_fact_stripe(&f, HS_FACT_LAY, o->fid, p.rec.file, p.rec.stripe_index,
			       t->id.index);
		hs_group_add(&w->emit, &g, &f, -1);
		if (!(bits & HS_OBJ_NO_COMP) && p.rec.comp_id) {
			hs_fact_id(&f, HS_FACT_COMP, o->fid, p.rec.comp_id);
			hs_group_add(&w->emit, &g, &f, -1);
		}
		if (o->inode->flags & HS_INODE_ENCRYPT) {
			hs_fact_start(&f, HS_FACT_ENC, o->fid);
			hs_group_add(&w->emit, &g, &f, -1);
		}
	}
	/* nobody may ever have used a parentless object: whether it must match is for its file */
	if (!(bits & HS_OBJ_NO_OWNER)) {
		hs_fact_owner(&f, o->fid, o->inode->uid, o->inode->gid);
		hs_group_add(&w->emit, &g, &f, -1);
	}
	if (!(bits & HS_OBJ_NO_PROJECT) && o->inode->projid && t->has_project) {
		hs_fact_id(&f, HS_FACT_PROJ, o->fid, o->inode->projid);
		hs_group_add(&w->emit, &g, &f, -1);
	}
	hs_group_end(&w->emit, &g);
}

void hs_scan_ost_inode(struct hs_worker *w, struct hs_object *o)
{
	struct hs_fact_buf f;
	struct hs_group g;

	hs_worker_at(w, o->t, o->inode->ino, 0);
	switch (o->class) {
	case HS_CLASS_OBJECT:
		scan_object(w, o);
		break;
	case HS_CLASS_IDLOG:
		if (hs_fid_is_last_id(o->fid))
			break;
		hs_group_begin(&w->emit, &g, o->fid);
		hs_fact_oname(&f, o->fid, o->t->id, o->inode->ino);
		hs_group_add(&w->emit, &g, &f, -1);
		hs_group_end(&w->emit, &g);
		break;
	case HS_CLASS_LOCAL:
		if (!o->has_fid)
			break;
		if (hs_seq_is_normal(o->fid.seq) || hs_seq_is_idif(o->fid.seq))
			hs_object_mark(w, o, HS_M_OBJ_NOT_MARKED, 0, 0);
		hs_scan_local(w, o);
		break;
	default:
		break;
	}
}
