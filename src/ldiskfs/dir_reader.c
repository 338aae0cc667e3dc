/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The directory reader: small directories are gathered until their blocks fill a few MiB, read
 * together in the order of the disk, and looked at one by one; large ones are streamed
 * (dir_stream.c).
 */
#include "ldiskfs/dir.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "ldiskfs/dir_stream.h"
#include "ldiskfs/readset.h"

#define BATCH_BYTES (4u << 20)
#define BATCH_DIRS  2048u
#define SMALL_BYTES (256u * 1024) /* a larger directory is streamed */

/* One block of a small directory. */
struct piece {
	uint64_t physical;
	uint32_t logical;
	bool bad;
	uint8_t *buf;
};

struct small_dir {
	struct hs_dirscan_dir d;
	size_t first, n; /* pieces */
};

struct large_dir {
	struct hs_inode inode;
	uint8_t raw[HS_EXT4_GOOD_OLD_INODE]; /* as far as the block map needs it */
	void *dir;
};

struct hs_dir_reader {
	const struct hs_fs *fs;
	struct hs_dirscan scan;
	struct hs_map map;
	struct hs_readset reads;
	struct hs_dir_stream *stream; /* made for the first large directory */

	struct small_dir *small;
	size_t n_small, small_room;
	struct large_dir *large;
	size_t n_large, large_room;

	struct piece *pieces;
	size_t n_pieces, pieces_room;
	struct piece **order; /* by physical block */
	size_t order_room;
	uint8_t *arena;
	size_t arena_room;
};

errint_t hs_dir_reader_new(const struct hs_fs *fs, struct hs_dir_reader **out)
{
	struct hs_dir_reader *r = calloc(1, sizeof(*r));

	*out = NULL;
	if (!r)
		return -ENOMEM;
	r->fs = fs;
	hs_readset_init(&r->reads, fs);
	if (hs_dirscan_init(&r->scan, fs)) {
		hs_dir_reader_free(r);
		return -ENOMEM;
	}
	*out = r;
	return 0;
}

void hs_dir_reader_free(struct hs_dir_reader *r)
{
	if (!r)
		return;
	hs_dir_stream_free(r->stream);
	hs_readset_free(&r->reads);
	hs_dirscan_free(&r->scan);
	hs_map_free(&r->map);
	free(r->small);
	free(r->large);
	free(r->pieces);
	free(r->order);
	free(r->arena);
	free(r);
}

bool hs_dir_reader_full(const struct hs_dir_reader *r)
{
	return r->n_small + r->n_large >= BATCH_DIRS ||
	       r->n_pieces << r->fs->block_shift >= BATCH_BYTES;
}

static errint_t queue_large(struct hs_dir_reader *r, const struct hs_inode *inode, void *dir)
{
	errint_t err = hs_array_grow(&r->large, &r->large_room, r->n_large + 1);

	if (!err) {
		struct large_dir *l = &r->large[r->n_large++];

		l->inode = *inode;
		memcpy(l->raw, inode->raw, sizeof(l->raw));
		l->dir = dir;
	}
	return err;
}

static void describe(const struct hs_inode *inode, const struct hs_map *map, void *dir,
		     struct hs_dirscan_dir *d)
{
	d->ino = inode->ino;
	d->generation = inode->generation;
	d->flags = inode->flags;
	d->size = inode->size;
	d->map_flaws = map->flaws;
	d->meta_blocks = map->meta_blocks;
	d->dir = dir;
}

static errint_t add_pieces(struct hs_dir_reader *r, const struct hs_extent *e)
{
	errint_t err = hs_array_grow(&r->pieces, &r->pieces_room, r->n_pieces + e->count);

	if (err)
		return err;
	for (uint32_t i = 0; i < e->count; i++)
		r->pieces[r->n_pieces++] = (struct piece){
			.physical = e->physical + i,
			.logical = (uint32_t)e->logical + i,
		};
	return 0;
}

errint_t hs_dir_queue(struct hs_dir_reader *r, const struct hs_inode *inode, void *dir)
{
	struct small_dir *s;
	errint_t err;

	if (!hs_inode_is_dir(inode))
		return -ENOTDIR;
	if (inode->size > SMALL_BYTES)
		return queue_large(r, inode, dir);
	err = hs_file_map(r->fs, inode, 0, &r->map);
	if (!err)
		err = hs_array_grow(&r->small, &r->small_room, r->n_small + 1);
	if (err)
		return err;
	s = &r->small[r->n_small];
	s->first = r->n_pieces;
	for (size_t i = 0; i < r->map.n; i++) {
		if (r->map.v[i].unwritten)
			continue;
		err = add_pieces(r, &r->map.v[i]);
		if (err) {
			r->n_pieces = s->first;
			return err;
		}
	}
	s->n = r->n_pieces - s->first;
	describe(inode, &r->map, dir, &s->d);
	r->n_small++;
	return 0;
}

static int compare_physical(const void *a, const void *b)
{
	uint64_t x = (*(struct piece *const *)a)->physical;
	uint64_t y = (*(struct piece *const *)b)->physical;

	return x < y ? -1 : x > y;
}

static void mark_bad(void *arg, uint8_t *buf)
{
	struct hs_dir_reader *r = arg;

	for (size_t i = 0; i < r->n_pieces; i++)
		if (r->pieces[i].buf == buf)
			r->pieces[i].bad = true;
}

/* Reads all pieces; a block that two directories claim is read once. */
static errint_t read_pieces(struct hs_dir_reader *r)
{
	uint32_t bs = r->fs->geo.block_size;
	bool sorted = true;
	uint8_t *buf;
	errint_t err;

	hs_readset_clear(&r->reads);
	if (!r->n_pieces)
		return 0;
	err = hs_array_grow(&r->order, &r->order_room, r->n_pieces);
	if (!err)
		err = hs_array_reserve((void **)&r->arena, &r->arena_room, r->n_pieces, bs);
	if (err)
		return err;
	for (size_t i = 0; i < r->n_pieces; i++) {
		r->order[i] = &r->pieces[i];
		sorted = sorted && (!i || r->pieces[i - 1].physical <= r->pieces[i].physical);
	}
	if (!sorted)
		qsort(r->order, r->n_pieces, sizeof(*r->order), compare_physical);
	buf = r->arena;
	for (size_t i = 0; i < r->n_pieces; i++) {
		struct piece *p = r->order[i];

		if (i && r->order[i - 1]->physical == p->physical) {
			p->buf = r->order[i - 1]->buf;
			continue;
		}
		p->buf = buf;
		err = hs_readset_add(&r->reads, p->physical, 1, buf);
		if (err)
			return err;
		buf += bs;
	}
	r->reads.bad_block = mark_bad;
	r->reads.arg = r;
	err = hs_readset_start(&r->reads);
	return err ? err : hs_readset_finish(&r->reads);
}

struct small_blocks {
	const struct piece *v;
	size_t n;
};

static const uint8_t *small_block(void *arg, uint32_t logical)
{
	const struct small_blocks *b = arg;
	size_t low = 0, high = b->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (b->v[mid].logical < logical)
			low = mid + 1;
		else
			high = mid;
	}
	if (low == b->n || b->v[low].logical != logical || b->v[low].bad)
		return NULL;
	return b->v[low].buf;
}

static int scan_small(struct hs_dir_reader *r, const struct small_dir *s)
{
	struct small_blocks blocks = {r->pieces + s->first, s->n};
	uint64_t next = 0;
	int ret = hs_dirscan_begin(&r->scan, &s->d, small_block, &blocks);

	for (size_t i = 0; !ret && i < s->n; i++) {
		const struct piece *p = &blocks.v[i];

		if (p->logical > next)
			hs_dirscan_hole(&r->scan, (uint32_t)next);
		next = (uint64_t)p->logical + 1;
		ret = hs_dirscan_block(&r->scan, p->logical, p->bad ? NULL : p->buf);
	}
	if (ret)
		return ret;
	if (next < r->scan.blocks && !(s->d.flags & HS_INODE_INLINE))
		hs_dirscan_hole(&r->scan, (uint32_t)next);
	return hs_dirscan_end(&r->scan);
}

static int scan_large(struct hs_dir_reader *r, struct large_dir *l)
{
	struct hs_dirscan_dir d;
	errint_t err;

	l->inode.raw = l->raw;
	err = hs_file_map(r->fs, &l->inode, 0, &r->map);
	if (err)
		return err;
	describe(&l->inode, &r->map, l->dir, &d);
	if (!r->stream)
		err = hs_dir_stream_new(r->fs, &r->stream);
	return err ? err : hs_dir_stream_read(r->stream, &r->scan, &d, &r->map);
}

int hs_dir_reader_flush(struct hs_dir_reader *r, const struct hs_dir_visitor *v, void *arg)
{
	int ret = read_pieces(r);

	r->scan.visitor = v;
	r->scan.arg = arg;
	for (size_t i = 0; !ret && i < r->n_small; i++)
		ret = scan_small(r, &r->small[i]);
	for (size_t i = 0; !ret && i < r->n_large; i++)
		ret = scan_large(r, &r->large[i]);
	r->n_small = 0;
	r->n_large = 0;
	r->n_pieces = 0;
	return ret;
}

int hs_dir_read(const struct hs_fs *fs, const struct hs_inode *dir, const struct hs_dir_visitor *v,
		void *arg)
{
	struct hs_dir_reader *r;
	int ret = hs_dir_reader_new(fs, &r);

	if (!ret)
		ret = hs_dir_queue(r, dir, NULL);
	if (!ret)
		ret = hs_dir_reader_flush(r, v, arg);
	hs_dir_reader_free(r);
	return ret;
}
