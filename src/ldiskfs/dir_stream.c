/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Streaming one large directory in logical order through two windows.
 */
#include "ldiskfs/dir_stream.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "ldiskfs/readset.h"

#define WINDOW (1u << 20) /* bytes */

/* A run of blocks in a window. */
struct run {
	uint32_t logical, count;
	uint8_t *buf;
};

struct window {
	struct hs_readset reads;
	uint8_t *buf;
	bool *bad; /* a flag a block */
	struct run *runs;
	size_t n_runs;
};

struct hs_dir_stream {
	const struct hs_fs *fs;
	const struct hs_map *map; /* of the directory at hand, and so what follows */
	size_t extent;		  /* next to read */
	uint32_t skip;		  /* blocks of it that have been */
	uint64_t next; /* logical block expected next: what is missing before it is a hole */

	uint8_t *single; /* for blocks of the index */
	struct window w[2];
};

static void mark_bad(void *arg, uint8_t *buf)
{
	struct window *w = arg;

	w->bad[(size_t)(buf - w->buf) >> w->reads.fs->block_shift] = true;
}

static errint_t window_init(struct window *w, const struct hs_fs *fs)
{
	size_t blocks = WINDOW >> fs->block_shift;

	hs_readset_init(&w->reads, fs);
	w->reads.bad_block = mark_bad;
	w->reads.arg = w;
	w->buf = malloc(WINDOW);
	w->bad = calloc(blocks, sizeof(*w->bad));
	w->runs = calloc(blocks, sizeof(*w->runs));
	return w->buf && w->bad && w->runs ? 0 : -ENOMEM;
}

static void window_free(struct window *w)
{
	if (w->reads.fs)
		hs_readset_free(&w->reads);
	free(w->buf);
	free(w->bad);
	free(w->runs);
}

/* Takes the next blocks of the map into the window and starts to read them. */
static errint_t window_fill(struct hs_dir_stream *st, struct window *w)
{
	size_t left = WINDOW >> st->fs->block_shift;
	uint8_t *buf = w->buf;

	hs_readset_clear(&w->reads);
	memset(w->bad, 0, left * sizeof(*w->bad));
	w->n_runs = 0;
	while (left && st->extent < st->map->n) {
		const struct hs_extent *e = &st->map->v[st->extent];
		uint32_t count = e->count - st->skip;
		errint_t err;

		if (e->unwritten) {
			st->extent++;
			st->skip = 0;
			continue;
		}
		if (count > left)
			count = (uint32_t)left;
		w->runs[w->n_runs++] = (struct run){(uint32_t)e->logical + st->skip, count, buf};
		err = hs_readset_add(&w->reads, e->physical + st->skip, count, buf);
		if (err)
			return err;
		buf += (size_t)count << st->fs->block_shift;
		left -= count;
		st->skip += count;
		if (st->skip == e->count) {
			st->extent++;
			st->skip = 0;
		}
	}
	return hs_readset_start(&w->reads);
}

static int window_scan(struct hs_dir_stream *st, struct window *w, struct hs_dirscan *scan)
{
	for (size_t i = 0; i < w->n_runs; i++) {
		const struct run *run = &w->runs[i];

		if (run->logical > st->next)
			hs_dirscan_hole(scan, (uint32_t)st->next);
		st->next = (uint64_t)run->logical + run->count;
		for (uint32_t b = 0; b < run->count; b++) {
			const uint8_t *buf = run->buf + ((size_t)b << st->fs->block_shift);
			bool bad = w->bad[(size_t)(buf - w->buf) >> st->fs->block_shift];
			int ret = hs_dirscan_block(scan, run->logical + b, bad ? NULL : buf);

			if (ret)
				return ret;
		}
	}
	return 0;
}

static const uint8_t *read_single(void *arg, uint32_t logical)
{
	struct hs_dir_stream *st = arg;
	uint64_t physical = hs_map_find(st->map, logical);

	if (!physical || hs_fs_read_block(st->fs, physical, st->single))
		return NULL;
	return st->single;
}

static int run_windows(struct hs_dir_stream *st, struct hs_dirscan *scan)
{
	unsigned now = 0;
	errint_t err = window_fill(st, &st->w[0]);

	while (!err && st->w[now].n_runs) {
		err = hs_readset_finish(&st->w[now].reads);
		if (!err)
			err = window_fill(st, &st->w[!now]);
		if (!err) {
			int ret = window_scan(st, &st->w[now], scan);

			if (ret)
				return ret;
		}
		now = !now;
	}
	return err;
}

errint_t hs_dir_stream_new(const struct hs_fs *fs, struct hs_dir_stream **out)
{
	struct hs_dir_stream *st = calloc(1, sizeof(*st));
	errint_t err;

	*out = NULL;
	if (!st)
		return -ENOMEM;
	st->fs = fs;
	st->single = malloc(fs->geo.block_size);
	err = st->single ? 0 : -ENOMEM;
	for (unsigned i = 0; !err && i < 2; i++)
		err = window_init(&st->w[i], fs);
	if (err)
		hs_dir_stream_free(st);
	else
		*out = st;
	return err;
}

void hs_dir_stream_free(struct hs_dir_stream *st)
{
	if (!st)
		return;
	for (unsigned i = 0; i < 2; i++)
		window_free(&st->w[i]);
	free(st->single);
	free(st);
}

int hs_dir_stream_read(struct hs_dir_stream *st, struct hs_dirscan *scan,
		       const struct hs_dirscan_dir *d, const struct hs_map *map)
{
	int ret;

	st->map = map;
	st->extent = 0;
	st->skip = 0;
	st->next = 0;
	ret = hs_dirscan_begin(scan, d, read_single, st);
	if (!ret)
		ret = run_windows(st, scan);
	if (ret) {
		/* Buffers must not be filled behind the back of the next directory. */
		for (unsigned i = 0; i < 2; i++)
			hs_readset_drop(&st->w[i].reads);
		return ret;
	}
	if (st->next < scan->blocks && !(d->flags & HS_INODE_INLINE))
		hs_dirscan_hole(scan, (uint32_t)st->next);
	return hs_dirscan_end(scan);
}
