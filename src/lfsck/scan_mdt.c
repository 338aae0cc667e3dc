/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One inode of an MDT: the minus facts of an object (equations 6.1, 6.2), its inline rules
 * (section 7), and the queueing of directories.
 */
#include "lfsck/scan.h"

/* What the linkEA of an object says. */
struct links {
	bool present;	 /* there is a usable linkEA */
	uint32_t valid;	 /* entries with a name; one whose parent is insane still says it */
	uint32_t remote; /* entries whose parent is not on this MDT */
	uint32_t absent; /* of these, on an absent one */
	struct hs_fid first;
	bool first_sane;
	bool first_absent;
};

/* Whether two entries are the same. Only objects with several names come here. */
static bool has_repeat(const struct hs_linkea *link)
{
	struct hs_linkea a = *link, b = *link;
	struct hs_linkea_entry x, y;
	size_t i = 0, k;

	while (hs_linkea_next(&a, &i, &x)) {
		k = i;
		while (hs_linkea_next(&b, &k, &y)) {
			if (x.name_len == y.name_len && hs_fid_eq(x.parent, y.parent) &&
			    !memcmp(x.name, y.name, x.name_len))
				return true;
		}
	}
	return false;
}

/* NAME minus facts; `g` is the object's group. */
static void scan_links(struct hs_worker *w, const struct hs_object *o, struct hs_group *g,
		       struct links *l)
{
	const struct hs_xattr *x = hs_xattr_trusted(o->xattrs, "link");
	struct hs_linkea_entry e;
	struct hs_fact_buf f;
	struct hs_linkea link;
	size_t pos = 0;

	*l = (struct links){0};
	if (!x || !x->value) {
		hs_object_mark(w, o, HS_M_LINK_NONE, x != NULL, 0);
		return;
	}
	if (!hs_linkea_open(x->value, x->value_len, &link)) {
		hs_object_mark(w, o, HS_M_LINK_MAGIC, x->value_len, 0);
		return;
	}
	l->present = true;
	while (hs_linkea_next(&link, &pos, &e)) {
		enum hs_presence presence;
		bool local;

		if (e.name_len == 0 || e.name_len > HS_LINKEA_NAME_MAX)
			continue;
		local = hs_worker_is_local(w, o->t, e.parent.seq, &presence);
		if (!l->valid) {
			l->first = e.parent;
			l->first_sane = e.valid;
			l->first_absent = presence == HS_ABSENT;
		}
		l->valid++;
		l->remote += !local;
		if (presence == HS_ABSENT) {
			l->absent++;
			w->counts[o->t->pos].undecided++;
			continue;
		}
		hs_fact_link(&f, o->fid, e.parent, e.name, e.name_len);
		hs_group_add(&w->emit, g, &f, -1);
	}
	w->counts[o->t->pos].links += l->valid;
	if (link.flaws & (HS_LINKEA_LENGTH | HS_LINKEA_RECORD | HS_LINKEA_COUNT))
		hs_object_mark(w, o, HS_M_LINK_LENGTH, link.flaws, 0);
	if (link.flaws & (HS_LINKEA_NAME | HS_LINKEA_PARENT))
		hs_object_mark(w, o, HS_M_LINK_ENTRY, link.flaws, 0);
	if (link.overflow_time)
		hs_object_mark(w, o, HS_M_LINK_OVERFLOW, link.overflow_time, l->valid);
	if (w->scan->digest_pass && l->valid > 1 && has_repeat(&link))
		hs_object_mark(w, o, HS_M_LINK_REPEATED, l->valid, 0);
	if (!l->valid && !link.overflow_time && !(link.flaws & ~HS_LINKEA_COUNT))
		hs_object_mark(w, o, HS_M_LINK_NONE, 0, 0);
}

static void mark_lmv(struct hs_worker *w, const struct hs_object *o, const struct hs_lmv *l)
{
	if (l->flaws & HS_LMVF_MAGIC)
		hs_object_mark(w, o, HS_M_LMV_MAGIC, 0, 0);
	if (l->flaws & HS_LMVF_COUNT)
		hs_object_mark(w, o, HS_M_LMV_COUNT, l->count, HS_LMV_MAX_COUNT);
	if (l->flaws & HS_LMVF_HASH)
		hs_object_mark(w, o, HS_M_LMV_HASH, l->hash, 0);
	if (l->flaws & HS_LMVF_INDEX)
		hs_object_mark(w, o, HS_M_LMV_INDEX, l->index, l->count);
	if (l->kind == HS_LMV_MASTER && l->index != o->t->id.index)
		hs_object_mark(w, o, HS_M_LMV_MDT, l->index, o->t->id.index);
	if ((l->kind == HS_LMV_MASTER || l->kind == HS_LMV_SHARD) && (l->hash & HS_LMV_CHANGING))
		hs_object_mark(w, o, HS_M_LMV_CHANGING, l->hash, 0);
	if (l->kind == HS_LMV_MASTER && (l->hash & HS_LMV_BAD_TYPE) &&
	    !(l->hash & HS_LMV_HASH_MASK))
		hs_object_mark(w, o, HS_M_LMV_BAD_TYPE, l->hash, 0);
}

/* The LMV EA of a directory; SHARD minus fact. */
static void scan_lmv(struct hs_worker *w, const struct hs_object *o, const struct links *l,
		     struct hs_group *g, struct hs_lmv *lmv)
{
	const struct hs_xattr *x = hs_xattr_trusted(o->xattrs, "lmv");
	struct hs_fact_buf f;

	lmv->kind = HS_LMV_NONE;
	lmv->flaws = 0;
	if (!!(o->lma.incompat & HS_LMAI_STRIPED) != (x != NULL))
		hs_object_mark(w, o, HS_M_LMV_FLAG, x != NULL, 0);
	if (!x || !x->value)
		return;
	hs_lmv_decode(x->value, x->value_len, lmv);
	mark_lmv(w, o, lmv);
	w->counts[o->t->pos].masters += lmv->kind == HS_LMV_MASTER;
	w->counts[o->t->pos].shards += lmv->kind == HS_LMV_SHARD;
	if (lmv->kind != HS_LMV_SHARD || l->first_absent)
		return;
	hs_fact_shard(&f, o->fid, l->first, lmv->index, lmv->count, lmv->hash);
	hs_group_add(&w->emit, g, &f, -1);
}

static void queue_directory(struct hs_worker *w, const struct hs_object *o, enum hs_dir_kind kind,
			    const struct links *l, const struct hs_lmv *lmv)
{
	struct hs_dir_job *job = hs_dir_job_new(w, o->t, kind, o->inode->ino);

	if (!job)
		return;
	job->has_fid = o->has_fid;
	job->fid = o->fid;
	job->nlink = o->inode->nlink;
	if (lmv)
		job->lmv = *lmv;
	job->lmv_judged =
		lmv && lmv->kind != HS_LMV_NONE && !lmv->flaws && !(lmv->hash & HS_LMV_BAD_TYPE);
	if (l) {
		job->has_parent = l->valid == 1 && l->first_sane;
		job->parent = l->first;
		job->parent_absent = l->valid == 1 && l->first_absent;
	}
	if (!job->has_fid && kind == HS_DIR_NAMESPACE)
		job->has_fid = hs_recover_dir_fid(o->t, o->inode, &job->fid);
	hs_scan_dir_queue(w, job, o->inode);
}

static void add_rpd(struct hs_worker *w, const struct hs_object *o, struct hs_group *g)
{
	struct hs_fact_buf f;

	if (!(o->lma.incompat & HS_LMAI_REMOTE_PARENT))
		return;
	hs_fact_inode(&f, HS_FACT_RPD, o->fid, o->t->id, o->inode->ino, o->type);
	hs_group_add(&w->emit, g, &f, -1);
}

static void check_placement(struct hs_worker *w, const struct hs_object *o)
{
	const struct hs_target *t = o->t;
	enum hs_presence presence;
	struct hs_tgt owner = hs_worker_owner(w, o->fid.seq, &presence);

	if (owner.kind == HS_NO_TARGET) {
		if (presence == HS_UNKNOWN)
			hs_object_mark(w, o, HS_M_SEQ_UNOWNED, 0, 0);
	} else if (!hs_tgt_eq(owner, t->id)) {
		hs_object_mark(w, o, HS_M_WRONG_TARGET, owner.kind, owner.index);
	} else if (t->has_seq_srv && hs_seq_is_normal(o->fid.seq) &&
		   o->fid.seq >= t->seq_srv.start && o->fid.seq < t->seq_srv.end) {
		hs_object_mark(w, o, HS_M_SEQ_FUTURE, t->seq_srv.start, 0);
	}
}

/* Class N: everything of section 6. */
static void scan_namespace(struct hs_worker *w, const struct hs_object *o)
{
	bool is_dir = hs_inode_is_dir(o->inode), is_root = hs_fid_is_root(o->fid);
	bool nameless = is_root || hs_fid_is_dot_lustre_fid(o->fid);
	int64_t n = is_root ? 0 : is_dir ? 1 : (int64_t)o->inode->nlink;
	struct links l = {0};
	struct hs_fact_buf f;
	struct hs_group g;
	struct hs_lmv lmv = {0};

	check_placement(w, o);
	hs_group_begin(&w->emit, &g, o->fid);
	hs_scan_add_oi(w, o, &g);
	if (!nameless) {
		scan_links(w, o, &g, &l);
		if (is_dir && l.present && l.valid != 1)
			hs_object_mark(w, o, HS_M_LINK_MANY, l.valid, 1);
		if (!!(o->lma.incompat & HS_LMAI_REMOTE_PARENT) != (l.remote > 0))
			hs_object_mark(w, o, HS_M_REMOTE_FLAG, l.remote, o->lma.incompat);
	}
	if (n - l.absent) {
		hs_fact_type(&f, o->fid, o->type);
		hs_group_add(&w->emit, &g, &f, -(n - (int64_t)l.absent));
	}
	if (n - l.remote) {
		hs_fact_inode(&f, HS_FACT_INO, o->fid, o->t->id, o->inode->ino, o->type);
		hs_group_add(&w->emit, &g, &f, -(n - (int64_t)l.remote));
	}
	add_rpd(w, o, &g);
	if (is_dir)
		scan_lmv(w, o, &l, &g, &lmv);
	hs_group_end(&w->emit, &g);
	if (is_dir) {
		w->counts[o->t->pos].directories++;
		queue_directory(w, o, HS_DIR_NAMESPACE, &l, &lmv);
	} else if (hs_inode_is_reg(o->inode)) {
		w->counts[o->t->pos].multiple_linked += o->inode->nlink > 1;
		hs_scan_layout(w, o);
	}
}

/* Class P: in the index, with its stripes; names do not count. */
static void scan_orphan(struct hs_worker *w, const struct hs_object *o)
{
	const struct hs_named_ino *pending = hs_target_pending(o->t, o->inode->ino);
	struct hs_group g;

	if (pending && !pending->name_is_fid)
		hs_object_mark(w, o, HS_M_PENDING_NAME, 0, 0);
	else if (pending && !hs_fid_eq(pending->fid, o->fid))
		hs_object_mark(w, o, HS_M_PENDING_FID, 0, 0);
	hs_group_begin(&w->emit, &g, o->fid);
	hs_scan_add_oi(w, o, &g);
	add_rpd(w, o, &g);
	hs_group_end(&w->emit, &g);
	if (hs_inode_is_reg(o->inode))
		hs_scan_layout(w, o);
	else if (hs_inode_is_dir(o->inode))
		queue_directory(w, o, HS_DIR_ORPHAN, NULL, NULL);
}

/* A symlink agent holds its FID as text in the inode (format notes, section 17). */
static bool agent_text_fits(const struct hs_object *o)
{
	char text[HS_FID_TEXT];
	size_t len = strlen(hs_fid_text(o->lma.fid, text));

	return o->inode->size == len && len < 60 && !memcmp(o->inode->raw + 40, text, len);
}

static void scan_agent(struct hs_worker *w, const struct hs_object *o)
{
	bool is_dir = hs_inode_is_dir(o->inode);
	enum hs_presence presence;
	struct hs_fact_buf f;
	struct hs_group g;

	hs_group_begin(&w->emit, &g, o->fid);
	hs_fact_inode(&f, HS_FACT_INO, o->fid, o->t->id, o->inode->ino, o->type);
	hs_group_add(&w->emit, &g, &f, -1);
	hs_group_end(&w->emit, &g);
	if (o->inode->nlink != (is_dir ? 2u : 1u))
		hs_object_mark(w, o, HS_M_AGENT_NLINK, o->inode->nlink, is_dir ? 2 : 1);
	if (hs_worker_is_local(w, o->t, o->fid.seq, &presence))
		hs_object_mark(w, o, HS_M_AGENT_LOCAL, 0, 0);
	if ((o->inode->mode & 0170000) == 0120000 && !agent_text_fits(o))
		hs_object_mark(w, o, HS_M_AGENT_TEXT, o->inode->size, 0);
	if (is_dir)
		queue_directory(w, o, HS_DIR_AGENT, NULL, NULL);
}

void hs_scan_mdt_inode(struct hs_worker *w, struct hs_object *o)
{
	struct hs_fact_buf f;
	struct hs_group g;

	hs_worker_at(w, o->t, o->inode->ino, 0);
	switch (o->class) {
	case HS_CLASS_RPD:
		if (hs_inode_is_dir(o->inode))
			queue_directory(w, o, HS_DIR_RPD, NULL, NULL);
		break;
	case HS_CLASS_AGENT:
		scan_agent(w, o);
		break;
	case HS_CLASS_IDLOG:
		if (hs_fid_is_last_id(o->fid))
			break;
		hs_worker_high(w, o->t, o->fid.seq, o->fid.oid);
		hs_group_begin(&w->emit, &g, o->fid);
		hs_fact_oname(&f, o->fid, o->t->id, o->inode->ino);
		hs_group_add(&w->emit, &g, &f, -1);
		hs_group_end(&w->emit, &g);
		break;
	case HS_CLASS_OBJECT:
		hs_object_mark(w, o, HS_M_OBJ_ON_MDT, 0, 0);
		break;
	case HS_CLASS_LOCAL:
		hs_scan_local(w, o);
		break;
	case HS_CLASS_ORPHAN:
		if (o->has_fid)
			scan_orphan(w, o);
		break;
	case HS_CLASS_NAMESPACE:
		if (o->has_fid)
			scan_namespace(w, o);
		else if (hs_inode_is_dir(o->inode))
			queue_directory(w, o, HS_DIR_NAMESPACE, NULL, NULL);
		break;
	default:
		break;
	}
}
