/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Identity and class of an inode (equations, sections 4.1 and 5). The class never depends on the
 * name space above the inode, so it is known when the inode is read.
 */
#include "lfsck/scan.h"

const char *hs_class_name(enum hs_class c)
{
	static const char *const names[HS_CLASSES] = {
		"unlinked", "remote-parent-dir", "structural",	"agent", "log", "object", "local",
		"orphan",   "namespace",	 "no-identity",
	};

	return names[c];
}

/* What no table of ours looks at: reserved and quota inodes, values of attributes. */
static bool is_plumbing(const struct hs_target *t, const struct hs_inode *inode)
{
	const struct hs_fs_geo *geo = hs_fs_geo(t->fs);

	return inode->ino < geo->first_ino || inode->ino == geo->project_quota_ino ||
	       (inode->flags & HS_INODE_EA_INODE);
}

static void read_identity(struct hs_worker *w, struct hs_object *o)
{
	const struct hs_xattr *x = hs_xattr_trusted(o->xattrs, "lma");
	bool internal;

	o->has_lma = x && x->value && hs_lma_decode(x->value, x->value_len, &o->lma);
	if (!o->has_lma)
		o->lma = (struct hs_lma){0};
	if (o->has_lma) {
		o->has_fid = true;
		o->fid = o->lma.fid;
		if (o->t->id.kind == HS_OST)
			o->fid = hs_fid_with_idif_ost(o->fid, o->t->id.index);
		if (o->lma.incompat & ~(uint32_t)HS_LMAI_SUPPORTED)
			hs_object_mark(w, o, HS_M_LMA_FLAGS, o->lma.incompat, HS_LMAI_SUPPORTED);
		return;
	}
	internal = hs_target_is_internal(o->t, o->inode->ino);
	if (hs_target_is_mdt(o->t) && o->t->id.index == 0 && !internal) {
		o->has_fid = true;
		o->fid = (struct hs_fid){o->inode->ino, o->inode->generation, 0};
	}
	hs_object_mark(w, o, x ? HS_M_LMA_SHORT : HS_M_LMA_NONE, internal, 0);
}

static bool is_local_fid(struct hs_fid f)
{
	return f.seq < HS_SEQ_NORMAL && !hs_fid_is_root(f) && f.seq != HS_SEQ_DOT_LUSTRE &&
	       !hs_seq_is_igif(f.seq) && !hs_seq_is_idif(f.seq);
}

static enum hs_class classify_mdt(struct hs_object *o)
{
	const struct hs_target *t = o->t;
	uint32_t ino = o->inode->ino;

	if (o->lma.incompat & HS_LMAI_AGENT)
		return HS_CLASS_AGENT;
	if (o->has_fid && (hs_fid_is_last_id(o->fid) || o->fid.seq == HS_SEQ_LLOG))
		return HS_CLASS_IDLOG;
	if (o->lma.compat & HS_LMAC_FID_ON_OST)
		return HS_CLASS_OBJECT;
	if (hs_target_is_internal(t, ino) || (o->has_fid && is_local_fid(o->fid)))
		return HS_CLASS_LOCAL;
	if (hs_target_pending(t, ino) || (o->lma.incompat & HS_LMAI_ORPHAN))
		return HS_CLASS_ORPHAN;
	return HS_CLASS_NAMESPACE;
}

static enum hs_class classify_ost(struct hs_object *o)
{
	if (o->has_fid && (hs_fid_is_last_id(o->fid) || o->fid.seq == HS_SEQ_LLOG))
		return HS_CLASS_IDLOG;
	if (o->lma.compat & HS_LMAC_FID_ON_OST)
		return HS_CLASS_OBJECT;
	return HS_CLASS_LOCAL;
}

void hs_object_classify(struct hs_worker *w, struct hs_object *o)
{
	o->has_fid = false;
	o->type = hs_inode_dirent_type(o->inode);
	if (is_plumbing(o->t, o->inode)) {
		o->lma = (struct hs_lma){0};
		o->class = HS_CLASS_STRUCTURAL;
		return;
	}
	if (o->inode->nlink == 0 && !hs_target_pending(o->t, o->inode->ino)) {
		const struct hs_xattr *x = hs_xattr_trusted(o->xattrs, "lma");

		if (!x || !x->value || !hs_lma_decode(x->value, x->value_len, &o->lma) ||
		    !(o->lma.incompat & HS_LMAI_ORPHAN)) {
			o->class = HS_CLASS_DEAD;
			if (!hs_fs_on_orphan_list(o->t->fs, o->inode->ino))
				hs_object_mark(w, o, HS_M_LEAK, o->inode->dtime, 0);
			return;
		}
	}
	if (hs_target_is_mdt(o->t) && o->inode->ino == o->t->rpd_ino) {
		o->class = HS_CLASS_RPD;
		return;
	}
	read_identity(w, o);
	if (o->lma.compat & HS_LMAC_NOT_IN_OI)
		o->class = HS_CLASS_STRUCTURAL;
	else if (hs_target_is_mdt(o->t))
		o->class = classify_mdt(o);
	else
		o->class = classify_ost(o);
}
