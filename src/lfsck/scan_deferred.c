/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Entries without a FID, and directories without one: their identity comes from a second inode
 * (equations 4.4). Entries are resolved in batches, in inode order.
 */
#include <stdlib.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "lfsck/scan.h"

#define BATCH	  4096 /* entries kept before they are resolved */
#define MAX_VOTES 10   /* children asked for the FID of their directory */

struct deferred_entry {
	struct hs_target *t;
	struct hs_dir_job *job; /* a copy of what hs_scan_entry() needs */
	struct hs_dirent e;
	uint8_t name[255];
};

struct hs_deferred {
	struct deferred_entry *v;
	size_t n, room;
};

void hs_deferred_add(struct hs_worker *w, const struct hs_dir_job *job, const struct hs_dirent *e)
{
	struct hs_deferred *d = w->deferred;
	struct deferred_entry *item;
	struct hs_dir_job *copy;

	if (!d) {
		d = w->deferred = calloc(1, sizeof(*d));
		if (!d) {
			w->err = -ENOMEM;
			return;
		}
	}
	copy = malloc(sizeof(*copy));
	if (!copy || hs_array_grow(&d->v, &d->room, d->n + 1)) {
		free(copy);
		w->err = -ENOMEM;
		return;
	}
	*copy = *job;
	item = &d->v[d->n++];
	item->t = job->t;
	item->job = copy;
	item->e = *e;
	memcpy(item->name, e->name, e->name_len);
	if (d->n >= BATCH)
		hs_deferred_resolve(w);
}

static int cmp_entry(const void *pa, const void *pb)
{
	const struct deferred_entry *a = pa, *b = pb;

	if (a->t->pos != b->t->pos)
		return a->t->pos < b->t->pos ? -1 : 1;
	return (a->e.ino > b->e.ino) - (a->e.ino < b->e.ino);
}

/* Identity of an inode, as class.c would find it; false if it has none or cannot be read. */
static bool identity(struct hs_worker *w, struct hs_target *t, uint32_t ino, uint8_t *raw,
		     struct hs_fid *fid)
{
	const struct hs_xattr *x;
	struct hs_inode inode;
	struct hs_lma lma;

	if (hs_inode_read(t->fs, ino, raw, &inode))
		return false;
	if (hs_xattr_load(t->fs, &inode, false, &w->xattrs[t->pos])) {
		w->err = -ENOMEM;
		return false;
	}
	x = hs_xattr_trusted(&w->xattrs[t->pos], "lma");
	if (x && x->value && hs_lma_decode(x->value, x->value_len, &lma)) {
		*fid = lma.fid;
		return true;
	}
	if (t->id.index != 0 || hs_inode_in_use(t->fs, ino) != 1)
		return false;
	*fid = (struct hs_fid){ino, inode.generation, 0};
	return true;
}

static void resolve(struct hs_worker *w, struct deferred_entry *item)
{
	hs_autofree uint8_t *raw = malloc(hs_fs_geo(item->t->fs)->inode_size);
	const struct hs_dir_job *job = item->job;
	struct hs_fid fid;

	if (!raw) {
		w->err = -ENOMEM;
		return;
	}
	item->e.name = item->name;
	if (!identity(w, item->t, item->e.ino, raw, &fid)) {
		hs_worker_mark(w, item->t, HS_M_ENTRY_NO_ID, job->fid, job->ino, item->e.block,
			       item->e.ino, 0, item->name, item->e.name_len);
		return;
	}
	hs_worker_mark(w, item->t, HS_M_ENTRY_NO_FID, fid, job->ino, item->e.block, item->e.ino, 0,
		       item->name, item->e.name_len);
	hs_scan_entry(w, job, fid, &item->e);
}

void hs_deferred_resolve(struct hs_worker *w)
{
	struct hs_deferred *d = w->deferred;

	if (!d || !d->n)
		return;
	qsort(d->v, d->n, sizeof(*d->v), cmp_entry);
	for (size_t i = 0; i < d->n; i++) {
		if (!w->err)
			resolve(w, &d->v[i]);
		free(d->v[i].job);
	}
	d->n = 0;
}

void hs_deferred_free(struct hs_worker *w)
{
	if (!w->deferred)
		return;
	for (size_t i = 0; i < w->deferred->n; i++)
		free(w->deferred->v[i].job);
	free(w->deferred->v);
	free(w->deferred);
	w->deferred = NULL;
}

/* Asking the children of a directory. */
struct vote {
	struct hs_target *t;
	struct hs_xattr_set xattrs;
	uint8_t *raw;
	unsigned asked;
	struct hs_fid fids[MAX_VOTES];
	unsigned votes[MAX_VOTES];
	unsigned n;
};

static void count_vote(struct vote *v, struct hs_fid fid)
{
	for (unsigned i = 0; i < v->n; i++) {
		if (hs_fid_eq(v->fids[i], fid)) {
			v->votes[i]++;
			return;
		}
	}
	v->fids[v->n] = fid;
	v->votes[v->n++] = 1;
}

static int ask_child(void *arg, void *dir, const struct hs_dirent *e)
{
	struct vote *v = arg;
	struct hs_linkea_entry entry;
	const struct hs_xattr *x;
	struct hs_linkea link;
	struct hs_inode inode;
	size_t pos = 0;

	(void)dir;
	if (!e->ino ||
	    (e->name[0] == '.' && (e->name_len == 1 || (e->name_len == 2 && e->name[1] == '.'))))
		return 0;
	if (v->asked++ >= MAX_VOTES)
		return 1;
	if (hs_inode_read(v->t->fs, e->ino, v->raw, &inode))
		return 0;
	if (hs_xattr_load(v->t->fs, &inode, false, &v->xattrs))
		return -ENOMEM;
	x = hs_xattr_trusted(&v->xattrs, "link");
	if (!x || !x->value || !hs_linkea_open(x->value, x->value_len, &link))
		return 0;
	while (hs_linkea_next(&link, &pos, &entry)) {
		if (entry.valid && entry.name_len == e->name_len &&
		    !memcmp(entry.name, e->name, e->name_len)) {
			count_vote(v, entry.parent);
			break;
		}
	}
	return 0;
}

bool hs_recover_dir_fid(struct hs_target *t, const struct hs_inode *dir, struct hs_fid *fid)
{
	const struct hs_dir_visitor visitor = {.entry = ask_child};
	struct vote v = {.t = t, .raw = malloc(hs_fs_geo(t->fs)->inode_size)};
	unsigned best = 0;

	if (v.raw && !hs_xattr_set_init(&v.xattrs, t->fs)) {
		hs_dir_read(t->fs, dir, &visitor, &v);
		hs_xattr_set_free(&v.xattrs);
	}
	for (unsigned i = 0; i < v.n; i++) {
		if (v.votes[i] > best) {
			best = v.votes[i];
			*fid = v.fids[i];
		}
	}
	free(v.raw);
	return best > 0;
}
