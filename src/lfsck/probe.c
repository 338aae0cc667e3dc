/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lfsck/probe.h"

#include <stdlib.h>

errint_t hs_probe_init(struct hs_probe *p, struct hs_system *sys, struct hs_objmap *objects)
{
	static const struct hs_spill_limit never = {SIZE_MAX, NULL};
	uint64_t count;
	errint_t err;

	memset(p, 0, sizeof(*p));
	err = hs_digest_init(&p->digest, 0, 1);
	if (!err)
		err = hs_digest_to_suspects(&p->digest, &count);
	if (!err) {
		p->digest.suspect[0] = 1;
		err = hs_scan_init(&p->scan, sys, &p->digest, 1, NULL, &never);
	}
	if (err) {
		hs_probe_free(p);
		return err;
	}
	p->scan.digest_pass = false;
	p->scan.objects = objects;
	p->scan.slice.limit = UINT64_MAX;
	atomic_store(&p->scan.slice.end, 1);
	return 0;
}

void hs_probe_free(struct hs_probe *p)
{
	if (p->scan.sys)
		hs_scan_free(&p->scan);
	hs_digest_free(&p->digest);
	memset(p, 0, sizeof(*p));
}

/* Moves what the worker kept into the delta. */
static errint_t drain(struct hs_probe *p, int sign, struct hs_delta *out)
{
	struct hs_worker *w = &p->scan.workers[0];
	struct hs_join join;
	errint_t err;

	hs_deferred_resolve(w);
	err = w->err ? w->err : w->keep.err;
	if (!err)
		err = hs_join_all(&w->keep, &join);
	if (err)
		return err;
	for (size_t i = 0; i < join.n_facts; i++) {
		struct hs_fact_buf f;

		f.len = join.facts[i]->len;
		memcpy(f.b, join.facts[i]->bytes, f.len);
		hs_delta_add(out, &f, sign * join.facts[i]->k);
	}
	hs_join_free(&join);
	hs_keep_free(&w->keep);
	return out->err;
}

/* Flags that the LMA of such an inode would have. */
static void override_fid(struct hs_worker *w, struct hs_object *o, struct hs_fid fid)
{
	const struct hs_xattr *link = hs_xattr_trusted(o->xattrs, "link");
	struct hs_linkea_entry e;
	enum hs_presence presence;
	struct hs_linkea l;
	size_t pos = 0;

	o->has_fid = o->has_lma = true;
	o->fid = o->lma.fid = fid;
	if (o->t->id.kind == HS_OST) {
		o->lma.compat |= HS_LMAC_FID_ON_OST;
		o->class = HS_CLASS_OBJECT;
		return;
	}
	if (hs_xattr_trusted(o->xattrs, "lmv"))
		o->lma.incompat |= HS_LMAI_STRIPED;
	o->lma.incompat &= ~(uint32_t)HS_LMAI_REMOTE_PARENT;
	if (link && link->value && hs_linkea_open(link->value, link->value_len, &l)) {
		while (hs_linkea_next(&l, &pos, &e)) {
			if (e.valid && !hs_worker_is_local(w, o->t, e.parent.seq, &presence))
				o->lma.incompat |= HS_LMAI_REMOTE_PARENT;
		}
	}
	if (o->class != HS_CLASS_ORPHAN)
		o->class = hs_target_is_internal(o->t, o->inode->ino) ? HS_CLASS_LOCAL
								      : HS_CLASS_NAMESPACE;
}

int hs_probe_inode(struct hs_probe *p, struct hs_target *t, uint32_t ino,
		   const struct hs_override *change, int sign, struct hs_delta *out)
{
	struct hs_worker *w = &p->scan.workers[0];
	struct hs_loaded l = {0};
	struct hs_object o;
	int rc = hs_load(&l, t, ino, false);
	errint_t err;

	if (rc != 1) {
		hs_loaded_free(&l);
		return rc;
	}
	o = (struct hs_object){.t = t, .inode = &l.inode, .xattrs = &l.xattrs};
	hs_object_classify(w, &o);
	if (change && change->set_fid)
		override_fid(w, &o, change->fid);
	if (o.class != HS_CLASS_DEAD && o.class != HS_CLASS_STRUCTURAL) {
		if (hs_target_is_mdt(t))
			hs_scan_mdt_inode(w, &o);
		else
			hs_scan_ost_inode(w, &o);
		hs_scan_dir_flush(w, t);
	}
	err = drain(p, sign, out);
	hs_loaded_free(&l);
	return err ? err : 1;
}

int hs_probe_job(struct hs_probe *p, struct hs_target *t, uint32_t ino, struct hs_dir_job *job)
{
	const struct hs_xattr *x;
	struct hs_loaded l = {0};
	int rc = hs_load(&l, t, ino, false);

	(void)p;
	memset(job, 0, sizeof(*job));
	if (rc == 1) {
		job->t = t;
		job->kind = HS_DIR_NAMESPACE;
		job->ino = ino;
		job->nlink = l.inode.nlink;
		job->has_fid = hs_loaded_fid(&l, &job->fid);
		x = hs_xattr_trusted(&l.xattrs, "lmv");
		if (x && x->value) {
			hs_lmv_decode(x->value, x->value_len, &job->lmv);
			job->lmv_judged = job->lmv.kind != HS_LMV_NONE && !job->lmv.flaws &&
					  !(job->lmv.hash & HS_LMV_BAD_TYPE);
		}
	}
	hs_loaded_free(&l);
	return rc;
}

errint_t hs_probe_entry(struct hs_probe *p, const struct hs_dir_job *job, struct hs_fid child,
			const struct hs_dirent *e, int sign, struct hs_delta *out)
{
	hs_scan_entry(&p->scan.workers[0], job, child, e);
	return drain(p, sign, out);
}
