/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "xfs/inodes.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "work/queue.h"
#include "work/team.h"
#include "xfs/agsource.h"
#include "xfs/chunk.h"
#include "xfs/describe.h"
#include "xfs/report.h"

/* Chunks that may wait for a worker, for each worker. */
#define CHUNKS_WAITING 4

/* Damage of these explains why inodes cannot be listed. */
#define INODE_BTREES (HS_XFS_BIT(HS_XFS_AGI) | HS_XFS_BIT(HS_XFS_INOBT) | HS_XFS_BIT(HS_XFS_FINOBT))

struct batch {
	pthread_mutex_t lock; /* contended only when another worker has run out of chunks */
	unsigned next, n;
	struct hs_xfs_chunk chunk;
};

struct spread {
	struct hs_xfs_scan *scan;
	hs_xfs_inode_fn *fn;
	void *arg;

	struct hs_xfs_ag_source *sources;
	struct hs_queue *ags;	 /* of struct hs_xfs_ag_source */
	struct hs_queue *chunks; /* of struct hs_xfs_inogrp */
	struct hs_queue *spare;	 /* of struct hs_xfs_inogrp, not in use */
	struct hs_xfs_inogrp *items;
	atomic_uint readers; /* that have not ended */

	struct batch *batches;
	unsigned workers;

	/* the end of the scan, when workers help each other */
	pthread_mutex_t tail_lock;
	pthread_cond_t tail_moved;
	atomic_bool tail;
	unsigned owners; /* workers that have begun and may still load a chunk */
};

static errint_t handle_inode(struct spread *s, unsigned worker, struct hs_xfs_bstat *st)
{
	struct hs_strbuf text = HS_STRBUF_INIT;
	struct hs_xfs_scan *scan = s->scan;

	for (unsigned tries = 0; tries < HS_XFS_RELOADS; tries++) {
		errint_t rc = s->fn(worker, st, s->arg);
		uint32_t gen = st->gen;

		if (rc != -ESTALE)
			return rc;
		rc = hs_xfs_inode_load(&scan->fs, st->ino, st);
		if (rc == -EINTR || rc == -ESHUTDOWN)
			return rc;
		/* freed; or it is still the same, and the kernel does not check it this way */
		if (rc || st->gen == gen)
			return 0;
	}
	atomic_fetch_add(&scan->changing, 1);
	hs_xfs_describe_ino(&scan->fs, st->ino, &text);
	hs_xfs_say(scan, HS_XFS_INFO, hs_strbuf_str(&text),
		   "Changed too many times during scan; giving up.");
	hs_strbuf_free(&text);
	return 0;
}

static bool take_inode(struct batch *b, struct hs_xfs_bstat *out)
{
	bool got = false;

	pthread_mutex_lock(&b->lock);
	if (b->next < b->n) {
		*out = b->chunk.recs[b->next++];
		got = true;
	}
	pthread_mutex_unlock(&b->lock);
	return got;
}

/* Loads a chunk into the worker's batch and handles its inodes, with whoever helps. */
static errint_t handle_chunk(struct spread *s, unsigned worker, const struct hs_xfs_inogrp *grp)
{
	struct batch *b = &s->batches[worker];
	struct hs_xfs_bstat st;
	errint_t rc = hs_xfs_chunk_load(&s->scan->fs, grp, &b->chunk);

	if (rc)
		return rc;
	pthread_mutex_lock(&b->lock);
	b->next = 0;
	b->n = b->chunk.n;
	pthread_mutex_unlock(&b->lock);
	if (atomic_load(&s->tail)) {
		pthread_mutex_lock(&s->tail_lock);
		pthread_cond_broadcast(&s->tail_moved);
		pthread_mutex_unlock(&s->tail_lock);
	}
	while (!rc && take_inode(b, &st)) {
		rc = handle_inode(s, worker, &st);
		if (!rc)
			rc = hs_xfs_scan_ended(s->scan);
	}
	return rc;
}

static bool steal_inode(struct spread *s, struct hs_xfs_bstat *out)
{
	for (unsigned i = 0; i < s->workers; i++) {
		if (take_inode(&s->batches[i], out))
			return true;
	}
	return false;
}

/* After the last chunk: inodes of the batches that others still hold. */
static errint_t help(struct spread *s, unsigned worker)
{
	struct hs_xfs_bstat st;
	errint_t rc = 0;

	pthread_mutex_lock(&s->tail_lock);
	s->owners--;
	atomic_store(&s->tail, true);
	pthread_cond_broadcast(&s->tail_moved);
	while (!rc) {
		if (steal_inode(s, &st)) {
			pthread_mutex_unlock(&s->tail_lock);
			rc = handle_inode(s, worker, &st);
			if (!rc)
				rc = hs_xfs_scan_ended(s->scan);
			pthread_mutex_lock(&s->tail_lock);
		} else if (s->owners == 0) {
			break;
		} else {
			pthread_cond_wait(&s->tail_moved, &s->tail_lock);
		}
	}
	pthread_mutex_unlock(&s->tail_lock);
	return rc;
}

static errint_t worker_main(unsigned worker, void *arg)
{
	struct spread *s = arg;
	struct hs_xfs_inogrp *item;
	errint_t rc = 0;

	pthread_mutex_lock(&s->tail_lock);
	s->owners++;
	pthread_mutex_unlock(&s->tail_lock);
	/* after an error the queue is still emptied, or the readers would wait for ever */
	while ((item = hs_queue_pop(s->chunks))) {
		struct hs_xfs_inogrp grp = *item;

		hs_queue_push(s->spare, item);
		if (!rc)
			rc = hs_xfs_scan_ended(s->scan);
		if (!rc) {
			rc = handle_chunk(s, worker, &grp);
			if (rc)
				hs_xfs_scan_end(s->scan, rc);
		}
	}
	if (!rc)
		rc = hs_xfs_scan_ended(s->scan);
	if (rc) {
		pthread_mutex_lock(&s->tail_lock);
		s->owners--;
		pthread_cond_broadcast(&s->tail_moved);
		pthread_mutex_unlock(&s->tail_lock);
		return rc;
	}
	rc = help(s, worker);
	if (rc)
		hs_xfs_scan_end(s->scan, rc);
	return rc;
}

/* What next() of an AG's source said other than "here is a chunk". */
static errint_t ag_ended(struct hs_xfs_scan *scan, struct hs_xfs_ag_source *src, errint_t rc)
{
	struct hs_xfs_object ag = {.scope = HS_XFS_SCOPE_AG, .id = src->agno};
	struct hs_xfs_outcome bad = {.n = 1,
				     .r = {{.type = HS_XFS_INOBT, .flags = HS_XFS_SCRUB_CORRUPT}}};

	switch (rc) {
	case 0:
		return 0;
	case -EINTR:
	case -ESHUTDOWN:
	case -EPERM:
	case -ENOMEM:
		return rc;
	case -EUCLEAN:
		atomic_fetch_add(&scan->unlisted, 1);
		if (hs_xfs_is_known(scan, HS_XFS_SCOPE_AG, src->agno, INODE_BTREES))
			return 0;
		hs_xfs_say(scan, HS_XFS_INFO, scan->fs.shown,
			   "AG %u inode btree is corrupt near agino %" PRIu64 ".", src->agno,
			   hs_xfs_ino_agino(&scan->fs, src->next_ino));
		return hs_xfs_judge(scan, &ag, &bad);
	default:
		hs_xfs_unchecked(scan, &ag, HS_XFS_INOBT, rc);
		return 0;
	}
}

/* The last one to leave tells the workers that no more chunks will come. */
static void leave_readers(struct spread *s)
{
	if (atomic_fetch_sub(&s->readers, 1) == 1)
		hs_queue_close(s->chunks);
}

static void reader_main(void *arg)
{
	struct spread *s = arg;
	struct hs_xfs_ag_source *src;

	while ((src = hs_queue_pop(s->ags))) {
		int rc = 0;

		while (!hs_xfs_scan_ended(s->scan)) {
			struct hs_xfs_inogrp *item = hs_queue_pop(s->spare);

			rc = src->src.ops->next(&src->src, item);
			if (rc != 1) {
				hs_queue_push(s->spare, item);
				break;
			}
			hs_queue_push(s->chunks, item);
		}
		hs_xfs_ag_source_release(src);
		rc = rc == 1 ? 0 : ag_ended(s->scan, src, rc);
		if (rc)
			hs_xfs_scan_end(s->scan, rc);
	}
	leave_readers(s);
}

/* One worker, no queues. */
static errint_t scan_alone(struct spread *s)
{
	struct hs_xfs_scan *scan = s->scan;

	for (uint32_t ag = 0; ag < scan->fs.geom.agcount; ag++) {
		struct hs_xfs_ag_source *src = &s->sources[0];
		struct hs_xfs_inogrp grp;
		int got;

		hs_xfs_ag_source_init(src, &scan->fs, ag);
		while ((got = src->src.ops->next(&src->src, &grp)) == 1) {
			errint_t rc = hs_xfs_scan_ended(scan);

			if (!rc)
				rc = handle_chunk(s, 0, &grp);
			if (rc) {
				hs_xfs_ag_source_release(src);
				return rc;
			}
		}
		hs_xfs_ag_source_release(src);
		got = ag_ended(scan, src, got);
		if (got)
			return got;
	}
	return 0;
}

static errint_t spread_init(struct spread *s, unsigned readers)
{
	uint32_t ags = s->scan->fs.geom.agcount;
	size_t waiting = (size_t)s->workers * CHUNKS_WAITING;
	size_t items = waiting + readers + s->workers;
	errint_t rc = hs_queue_new(ags, &s->ags);

	if (!rc)
		rc = hs_queue_new(waiting, &s->chunks);
	if (!rc)
		rc = hs_queue_new(items, &s->spare);
	if (rc)
		return rc;
	s->sources = calloc(ags, sizeof(*s->sources));
	s->items = calloc(items, sizeof(*s->items));
	if (!s->sources || !s->items)
		return -ENOMEM;
	for (uint32_t ag = 0; ag < ags; ag++) {
		hs_xfs_ag_source_init(&s->sources[ag], &s->scan->fs, ag);
		hs_queue_push(s->ags, &s->sources[ag]);
	}
	hs_queue_close(s->ags);
	for (size_t i = 0; i < items; i++)
		hs_queue_push(s->spare, &s->items[i]);
	return 0;
}

static errint_t scan_spread(struct spread *s)
{
	unsigned want =
		s->workers < s->scan->fs.geom.agcount ? s->workers : s->scan->fs.geom.agcount;
	struct hs_side **sides;
	unsigned started = 0;
	errint_t rc;

	rc = spread_init(s, want);
	if (rc)
		return rc;
	sides = calloc(want, sizeof(*sides));
	if (!sides)
		return -ENOMEM;
	atomic_store(&s->readers, 1); /* this thread, until all are started */
	for (unsigned i = 0; i < want; i++) {
		atomic_fetch_add(&s->readers, 1);
		if (hs_side_start(reader_main, s, &sides[started]) == 0)
			started++;
		else
			atomic_fetch_sub(&s->readers, 1);
	}
	leave_readers(s);
	if (started == 0) {
		free(sides);
		return scan_alone(s);
	}
	rc = hs_team_run(s->workers, worker_main, s);
	for (unsigned i = 0; i < started; i++)
		hs_side_join(sides[i]);
	free(sides);
	return rc;
}

errint_t hs_xfs_each_inode(struct hs_xfs_scan *scan, hs_xfs_inode_fn *fn, void *arg)
{
	struct spread s = {
		.scan = scan, .fn = fn, .arg = arg, .workers = hs_xfs_workers(scan->opt)};
	errint_t rc = -ENOMEM;

	pthread_mutex_init(&s.tail_lock, NULL);
	pthread_cond_init(&s.tail_moved, NULL);
	s.batches = calloc(s.workers, sizeof(*s.batches));
	for (unsigned i = 0; s.batches && i < s.workers; i++)
		pthread_mutex_init(&s.batches[i].lock, NULL);
	if (s.batches && s.workers > 1) {
		rc = scan_spread(&s);
	} else if (s.batches) {
		s.sources = calloc(1, sizeof(*s.sources));
		if (s.sources)
			rc = scan_alone(&s);
	}
	if (!rc)
		rc = hs_xfs_scan_ended(scan);
	for (unsigned i = 0; s.batches && i < s.workers; i++)
		pthread_mutex_destroy(&s.batches[i].lock);
	free(s.batches);
	free(s.sources);
	free(s.items);
	hs_queue_free(s.ags);
	hs_queue_free(s.chunks);
	hs_queue_free(s.spare);
	pthread_cond_destroy(&s.tail_moved);
	pthread_mutex_destroy(&s.tail_lock);
	return rc;
}
