/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading chunks of inode tables, several in flight, and walking the inodes in use.
 *
 * The chunks form a ring: submitted at its head, taken at its tail. Bitmaps are requests of their
 * own (bitmap_cache.h); a chunk is complete when both are.
 */
#include "ldiskfs/itable.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/bytes.h"
#include "ldiskfs/bitmap_cache.h"
#include "ldiskfs/fs_priv.h"

#define MAX_DEPTH  16u
#define BAD_WORDS  (HS_ITABLE_CHUNK / 1024 / 64) /* a bit a block, blocks of 1 KiB at least */
#define CHUNK_ROOM (HS_ITABLE_CHUNK + 65536u)	 /* a chunk is rounded up to whole blocks */

struct slot {
	struct hs_io_req req;
	struct hs_itable_chunk chunk;
	const struct hs_fs *fs;
	struct hs_io_chan *chan;
	void *tag;
	struct hs_bitmap_run *bitmaps;
	bool reading;
	uint64_t bad[BAD_WORDS + 1];
	uint8_t *buf;
};

struct fs_chan {
	const struct hs_fs *fs;
	struct hs_io_chan *chan;
};

struct hs_itable_reader {
	struct slot *slots;
	unsigned depth;
	unsigned tail, used; /* chunks submitted and not released; taken ones come first */
	unsigned taken;
	struct fs_chan *chans;
	size_t n_chans, chans_room;
	struct hs_bitmap_cache bitmaps;
};

errint_t hs_itable_reader_new(unsigned depth, struct hs_itable_reader **out)
{
	struct hs_itable_reader *r;

	*out = NULL;
	if (depth < 1 || depth > MAX_DEPTH)
		return -EINVAL;
	r = calloc(1, sizeof(*r));
	if (!r)
		return -ENOMEM;
	r->depth = depth;
	r->slots = calloc(depth, sizeof(*r->slots));
	if (!r->slots || hs_bitmap_cache_init(&r->bitmaps, depth)) {
		hs_itable_reader_free(r);
		return -ENOMEM;
	}
	for (unsigned i = 0; i < depth; i++) {
		r->slots[i].buf = malloc(CHUNK_ROOM);
		if (!r->slots[i].buf) {
			hs_itable_reader_free(r);
			return -ENOMEM;
		}
	}
	*out = r;
	return 0;
}

void hs_itable_reader_free(struct hs_itable_reader *r)
{
	if (!r)
		return;
	for (size_t i = 0; i < r->n_chans; i++)
		hs_io_chan_close(r->chans[i].chan);
	free(r->chans);
	hs_bitmap_cache_free(&r->bitmaps);
	for (unsigned i = 0; r->slots && i < r->depth; i++)
		free(r->slots[i].buf);
	free(r->slots);
	free(r);
}

bool hs_itable_reader_full(const struct hs_itable_reader *r)
{
	return r->used == r->depth;
}

/* A request a chunk and one for its bitmaps. */
static errint_t channel(struct hs_itable_reader *r, const struct hs_fs *fs, struct hs_io_chan **out)
{
	errint_t err;

	for (size_t i = 0; i < r->n_chans; i++) {
		if (r->chans[i].fs == fs) {
			*out = r->chans[i].chan;
			return 0;
		}
	}
	err = hs_array_grow(&r->chans, &r->chans_room, r->n_chans + 1);
	if (!err)
		err = hs_io_chan_open(fs->io, 2 * r->depth, out);
	if (!err)
		r->chans[r->n_chans++] = (struct fs_chan){fs, *out};
	return err;
}

errint_t hs_itable_submit(struct hs_itable_reader *r, const struct hs_fs *fs,
			  const struct hs_itable_chunk *chunk, void *tag)
{
	struct slot *s = &r->slots[(r->tail + r->used) % r->depth];
	struct hs_io_chan *chan;
	errint_t err;

	if (hs_itable_reader_full(r))
		return -EBUSY;
	if (chunk->len > CHUNK_ROOM || (uint64_t)chunk->count * fs->geo.inode_size > chunk->len ||
	    chunk->group >= fs->geo.groups)
		return -EINVAL;
	err = channel(r, fs, &chan);
	if (!err)
		err = hs_bitmap_get(&r->bitmaps, fs, chan, chunk->group, &s->bitmaps);
	if (err)
		return err;
	s->chunk = *chunk;
	s->fs = fs;
	s->chan = chan;
	s->tag = tag;
	s->req = (struct hs_io_req){
		.off = chunk->off,
		.len = chunk->len,
		.buf = s->buf,
		.tag = s,
	};
	err = hs_io_submit(chan, &s->req);
	if (err) {
		hs_bitmap_put(s->bitmaps);
		return err;
	}
	s->reading = true;
	r->used++;
	return 0;
}

/* Reaps until *reading is false. */
static errint_t wait_for(struct hs_io_chan *chan, const bool *reading)
{
	while (*reading) {
		struct hs_io_req *req;
		errint_t err = hs_io_reap(chan, &req);

		if (err)
			return err;
		if (!req)
			return -EIO;
		if (req->tag)
			((struct slot *)req->tag)->reading = false;
		else
			hs_bitmap_run_of(req)->reading = false;
	}
	return 0;
}

/* One bad sector must not cost a whole chunk. Returns the number of blocks that were read. */
static uint32_t read_singly(struct slot *s)
{
	uint32_t bs = s->fs->geo.block_size, good = 0;

	memset(s->bad, 0, sizeof(s->bad));
	for (uint32_t i = 0; i < s->chunk.len / bs; i++) {
		uint32_t at = i * bs;

		if (hs_io_pread(s->fs->io, s->buf + at, bs, s->chunk.off + at)) {
			memset(s->buf + at, 0, bs);
			s->bad[i / 64] |= 1ull << (i % 64);
		} else {
			good++;
		}
	}
	return good;
}

int hs_itable_take(struct hs_itable_reader *r, struct hs_itable_walk *walk)
{
	struct slot *s = &r->slots[(r->tail + r->taken) % r->depth];
	errint_t err;

	if (r->taken == r->used)
		return 0;
	err = wait_for(s->chan, &s->reading);
	if (!err)
		err = wait_for(s->chan, &s->bitmaps->reading);
	if (err)
		return err;
	r->taken++;
	memset(walk, 0, sizeof(*walk));
	walk->chunk = s->chunk;
	walk->fs = s->fs;
	walk->tag = s->tag;
	walk->data = s->buf;
	walk->first_bit = (s->chunk.first_ino - 1) % s->fs->geo.inodes_per_group;
	walk->bitmap = hs_bitmap_of(s->bitmaps, s->chunk.group, &walk->bitmap_err);
	if (s->req.res) {
		if (!read_singly(s))
			walk->err = s->req.res;
		walk->bad = s->bad;
	}
	return 1;
}

void hs_itable_release(struct hs_itable_reader *r, struct hs_itable_walk *walk)
{
	hs_bitmap_put(r->slots[r->tail].bitmaps);
	r->tail = (r->tail + 1) % r->depth;
	r->used--;
	r->taken--;
	walk->data = NULL;
	walk->bitmap = NULL;
	walk->bad = NULL;
}

/*
 * The next set bit of the bitmap from `bit` on, `end` if there is none before it. Groups have a
 * multiple of eight inodes, so whole bytes can be looked at.
 */
static uint32_t next_set(const uint8_t *bitmap, uint32_t bit, uint32_t end)
{
	while (bit < end) {
		uint32_t rest = (uint32_t)bitmap[bit / 8] >> (bit % 8);

		if (rest) {
			bit += (uint32_t)__builtin_ctz(rest);
			return bit < end ? bit : end;
		}
		bit = (bit / 8 + 1) * 8;
		while (bit < end && end - bit >= 64 && !hs_get_le64(bitmap + bit / 8))
			bit += 64;
	}
	return end;
}

/* Without a bitmap: what a running system would take for an inode in use. */
static bool looks_used(const struct hs_fs *fs, const struct hs_inode *inode)
{
	return inode->nlink || (inode->mode && !inode->dtime) ||
	       hs_fs_on_orphan_list(fs, inode->ino);
}

/*
 * Fetches what the next inode will be asked for: its fields and attribute names, at its start, and
 * the values of its attributes, at its end.
 */
static inline void prefetch_inode(const uint8_t *raw, uint32_t size)
{
	for (unsigned i = 0; i < 256; i += 64)
		__builtin_prefetch(raw + i);
	for (unsigned i = 64; i <= 256 && size > 256; i += 64)
		__builtin_prefetch(raw + size - i);
}

int hs_itable_walk_next(struct hs_itable_walk *walk, struct hs_inode *out)
{
	const struct hs_fs *fs = walk->fs;
	uint32_t size = fs->geo.inode_size;

	while (walk->next < walk->chunk.count) {
		uint32_t i = walk->next;
		const uint8_t *raw;

		if (walk->bitmap) {
			uint32_t first = walk->first_bit;

			i = next_set(walk->bitmap, first + i, first + walk->chunk.count) - first;
			if (i == walk->chunk.count)
				break;
		}
		walk->next = i + 1;
		raw = walk->data + (size_t)i * size;
		if (walk->bad) {
			size_t block = (size_t)i * size >> fs->block_shift;

			if (walk->bad[block / 64] >> (block % 64) & 1) {
				memset(out, 0, sizeof(*out));
				out->ino = walk->chunk.first_ino + i;
				return -EIO;
			}
		}
		prefetch_inode(raw + size, size);
		hs_inode_decode(fs, walk->chunk.first_ino + i, raw, out);
		if (walk->bitmap || looks_used(fs, out))
			return 1;
	}
	walk->next = walk->chunk.count;
	return 0;
}
