/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Running a scan: sources of all targets of one kind, workers that pull from them.
 */
#include "lfsck/scan.h"

#include <stdlib.h>

#include "base/array.h"
#include "lfsck/table_source.h"

#define CHUNKS_IN_FLIGHT 4 /* a worker */

errint_t hs_scan_init(struct hs_scan *s, struct hs_system *sys, struct hs_digest *digest,
		      unsigned workers, struct hs_stop *stop, const struct hs_spill_limit *spill)
{
	const struct hs_spill_limit each = {spill->in_memory / workers / sys->n_targets,
					    spill->dir};

	memset(s, 0, sizeof(*s));
	s->sys = sys;
	s->digest = digest;
	s->stop = stop;
	s->digest_pass = true;
	s->workers = calloc(workers, sizeof(*s->workers));
	if (!s->workers)
		return -ENOMEM;
	s->n_workers = workers;
	for (unsigned i = 0; i < workers; i++) {
		struct hs_worker *w = &s->workers[i];
		errint_t err;

		w->scan = s;
		w->id = i;
		hs_emit_init(&w->emit, digest, &w->keep);
		hs_keep_init(&w->keep, &s->slice);
		w->dirs = calloc(sys->n_targets, sizeof(struct hs_dir_reader *));
		w->xattrs = calloc(sys->n_targets, sizeof(*w->xattrs));
		w->counts = calloc(sys->n_targets, sizeof(*w->counts));
		if (!w->dirs || !w->xattrs || !w->counts)
			return -ENOMEM;
		err = hs_tree_part_init(&w->tree, sys->n_targets, &each);
		if (!err)
			err = hs_itable_reader_new(CHUNKS_IN_FLIGHT, &w->itable);
		for (size_t t = 0; !err && t < sys->n_targets; t++)
			err = hs_xattr_set_init(&w->xattrs[t], sys->targets[t]->fs);
		if (err)
			return err;
	}
	return 0;
}

static void worker_free(struct hs_worker *w, size_t n_targets)
{
	hs_itable_reader_free(w->itable);
	for (size_t t = 0; t < n_targets; t++) {
		if (w->dirs)
			hs_dir_reader_free(w->dirs[t]);
		if (w->xattrs)
			hs_xattr_set_free(&w->xattrs[t]);
	}
	while (w->jobs) {
		struct hs_dir_job *job = w->jobs;

		w->jobs = job->next_job;
		free(job);
	}
	hs_deferred_free(w);
	hs_keep_free(&w->keep);
	hs_marks_free(&w->marks);
	hs_objmap_free(&w->objects);
	hs_objmap_free(&w->refs);
	hs_tree_part_free(&w->tree);
	free(w->dirs);
	free(w->xattrs);
	free(w->counts);
	free(w->highs);
}

void hs_scan_free(struct hs_scan *s)
{
	for (unsigned i = 0; i < s->n_workers; i++)
		worker_free(&s->workers[i], s->sys->n_targets);
	free(s->workers);
	memset(s, 0, sizeof(*s));
}

void hs_worker_mark(struct hs_worker *w, const struct hs_target *t, enum hs_mark_code code,
		    struct hs_fid fid, uint32_t ino, uint32_t block, uint64_t a, uint64_t b,
		    const uint8_t *name, size_t name_len)
{
	struct hs_prov prov = {t->pos, ino, block};

	if (!w->scan->digest_pass)
		return;
	hs_mark_add(&w->marks, code, fid, &prov, a, b, name, name_len);
	if (w->scan->failout && !w->err && hs_mark_info(code)->weight == HS_MARK_UNREAD)
		w->err = -EUCLEAN;
}

void hs_worker_high(struct hs_worker *w, const struct hs_target *t, uint64_t seq, uint64_t id)
{
	size_t i = w->last_high;

	if (i >= w->n_highs || w->highs[i].seq != seq || w->highs[i].target != t->pos) {
		for (i = 0; i < w->n_highs; i++) {
			if (w->highs[i].seq == seq && w->highs[i].target == t->pos)
				break;
		}
		if (i == w->n_highs) {
			if (hs_array_grow(&w->highs, &w->highs_room, i + 1)) {
				w->err = -ENOMEM;
				return;
			}
			w->highs[w->n_highs++] = (struct hs_high){t->pos, seq, id};
		}
		w->last_high = i;
	}
	if (id > w->highs[i].id)
		w->highs[i].id = id;
}

struct hs_dir_reader *hs_worker_dirs(struct hs_worker *w, struct hs_target *t)
{
	if (!w->dirs[t->pos] && hs_dir_reader_new(t->fs, &w->dirs[t->pos]))
		w->err = -ENOMEM;
	return w->dirs[t->pos];
}

static void scan_inode(struct hs_worker *w, struct hs_target *t, const struct hs_inode *inode)
{
	struct hs_object o;

	o.t = t;
	o.inode = inode;
	o.xattrs = &w->xattrs[t->pos];
	if (hs_xattr_load(t->fs, inode, false, &w->xattrs[t->pos])) {
		w->err = -ENOMEM;
		return;
	}
	hs_object_classify(w, &o);
	w->counts[t->pos].inodes++;
	if (o.class == HS_CLASS_NAMESPACE && !o.has_fid)
		w->counts[t->pos].objects[HS_CLASS_NAMELESS]++;
	else
		w->counts[t->pos].objects[o.class]++;
	if (o.class == HS_CLASS_DEAD || o.class == HS_CLASS_STRUCTURAL)
		return;
	if (inode->csum_bad)
		hs_object_mark(w, &o, HS_M_INODE_CSUM, 0, 0);
	if (o.xattrs->flaws)
		hs_object_mark(w, &o, HS_M_XATTR_DAMAGED, o.xattrs->flaws, 0);
	if (hs_target_is_mdt(t))
		hs_scan_mdt_inode(w, &o);
	else
		hs_scan_ost_inode(w, &o);
}

static void scan_chunk(struct hs_worker *w, struct hs_itable_walk *walk)
{
	struct hs_target *t = walk->tag;
	struct hs_inode inode;
	int rc;

	if (walk->bitmap_err)
		hs_worker_mark(w, t, HS_M_INODE_BITMAP, (struct hs_fid){0}, walk->chunk.first_ino,
			       0, walk->chunk.group, 0, NULL, 0);
	while (!w->err && (rc = hs_itable_walk_next(walk, &inode)) != 0) {
		if (rc == 1)
			scan_inode(w, t, &inode);
		else
			hs_worker_mark(w, t, HS_M_INODE_UNREAD, (struct hs_fid){0}, inode.ino, 0, 0,
				       0, NULL, 0);
	}
	if (hs_target_is_mdt(t))
		hs_scan_dir_flush(w, t);
	atomic_fetch_add_explicit(&w->scan->done, walk->chunk.count, memory_order_relaxed);
}

/* The sources of one run, in the order of the targets. */
struct sources {
	struct hs_source **v;
	struct hs_target **target; /* parallel to v */
	bool *is_table;
	size_t n;
};

struct run {
	struct hs_scan *s;
	struct sources src;
};

static size_t source_index(const struct sources *s, const struct hs_source *src)
{
	size_t i = 0;

	while (s->v[i] != src)
		i++;
	return i;
}

/* Takes items until none is left or the reader is full. False: the feed is empty. */
static bool fill(struct hs_worker *w, struct hs_feed *feed, const struct sources *sources)
{
	union {
		struct hs_itable_chunk chunk;
		struct hs_table_item table;
	} item;
	struct hs_source *src;

	while (!hs_itable_reader_full(w->itable) && !w->err) {
		size_t i;

		if (!hs_feed_next(feed, &item, &src))
			return false;
		i = source_index(sources, src);
		if (sources->is_table[i])
			hs_table_scan(w, sources->target[i], &item.table);
		else if (hs_itable_submit(w->itable, sources->target[i]->fs, &item.chunk,
					  sources->target[i]))
			w->err = -EIO;
	}
	return true;
}

static errint_t work(unsigned id, struct hs_feed *feed, void *arg)
{
	struct run *r = arg;
	struct hs_worker *w = &r->s->workers[id];
	struct hs_itable_walk walk;

	for (;;) {
		bool more = fill(w, feed, &r->src);

		if (hs_itable_take(w->itable, &walk) == 1) {
			scan_chunk(w, &walk);
			hs_itable_release(w->itable, &walk);
		} else if (!more || w->err) {
			break;
		}
	}
	hs_deferred_resolve(w);
	hs_emit_flush(&w->emit);
	if (!w->err)
		w->err = w->keep.err ? w->keep.err : w->marks.err;
	return w->err;
}

static void sources_free(struct sources *s)
{
	for (size_t i = 0; i < s->n; i++) {
		if (s->is_table[i])
			hs_table_source_free(s->v[i]);
		else
			hs_itable_source_free(s->v[i]);
	}
	free(s->v);
	free(s->target);
	free(s->is_table);
}

static errint_t sources_open(struct hs_scan *scan, enum hs_scan_part part, struct sources *s)
{
	struct hs_system *sys = scan->sys;
	errint_t err = 0;

	memset(s, 0, sizeof(*s));
	s->v = calloc(2 * sys->n_targets, sizeof(struct hs_source *));
	s->target = calloc(2 * sys->n_targets, sizeof(struct hs_target *));
	s->is_table = calloc(2 * sys->n_targets, sizeof(*s->is_table));
	if (!s->v || !s->target || !s->is_table)
		return -ENOMEM;
	for (size_t i = 0; !err && i < sys->n_targets; i++) {
		struct hs_target *t = sys->targets[i];

		if (hs_target_is_mdt(t) != (part == HS_SCAN_MDTS))
			continue;
		for (int table = 0; !err && table < 2; table++) {
			err = table ? hs_table_source_new(t, &s->v[s->n])
				    : hs_itable_source_new(t->fs, &s->v[s->n]);
			if (err)
				break;
			s->target[s->n] = t;
			s->is_table[s->n] = table;
			atomic_fetch_add(&scan->total, s->v[s->n]->total);
			s->n++;
		}
	}
	return err;
}

static errint_t checkpoint(void *arg, int final)
{
	struct run *r = arg;
	const struct hs_scan_log *log = &r->s->log;
	errint_t err = 0;

	(void) final;
	for (size_t i = 0; log->position && !err && i < r->src.n; i++) {
		struct hs_position pos;

		r->src.v[i]->ops->tell(r->src.v[i], &pos);
		err = log->position(log->arg, r->src.target[i], r->src.v[i]->name, &pos);
	}
	return err || !log->commit ? err : log->commit(log->arg);
}

errint_t hs_scan_run(struct hs_scan *s, enum hs_scan_part part)
{
	struct run r = {.s = s};
	struct hs_pipeline p = {
		.workers = s->n_workers,
		.stop = s->stop,
		.work = work,
		.checkpoint = checkpoint,
		.checkpoint_ns = s->log.interval_ns,
		.arg = &r,
	};
	errint_t err = sources_open(s, part, &r.src);

	if (!err) {
		p.sources = r.src.v;
		p.n_sources = r.src.n;
		err = hs_pipeline_run(&p);
	}
	sources_free(&r.src);
	return err;
}
