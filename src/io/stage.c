/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Images of changed blocks, found by block number.
 */
#include "io/stage.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/u64map.h"
#include "io/channel.h"

struct image {
	uint64_t block;
	uint8_t *now;	 /* NULL: as below */
	uint8_t *then;	 /* at the mark, if it was changed since; NULL: as below */
	uint64_t marked; /* `then` is of this mark */
};

struct stage {
	struct hs_io io;
	struct hs_io *below;
	uint32_t block_size;
	struct hs_u64map index; /* block -> images[] */
	struct image *images;
	size_t n, room;
	size_t changed; /* images that are not as below */
	uint64_t mark;
	size_t *touched; /* images changed since the mark */
	size_t n_touched, touched_room;
};

static struct image *find(const struct stage *s, uint64_t block)
{
	const uint64_t *i = hs_u64map_get(&s->index, block);

	return i ? &s->images[*i] : NULL;
}

static errint_t read_block(struct stage *s, uint64_t block, uint8_t *buf)
{
	const struct image *img = find(s, block);

	if (img && img->now) {
		memcpy(buf, img->now, s->block_size);
		return 0;
	}
	return hs_io_pread(s->below, buf, s->block_size, block * s->block_size);
}

static errint_t stage_pread(struct hs_io *io, void *buf, size_t len, uint64_t off)
{
	struct stage *s = (struct stage *)io;
	uint8_t *p = buf;
	errint_t err;

	if (!hs_io_inside(io->size, len, off))
		return -ENODATA;
	err = hs_io_pread(s->below, buf, len, off);
	if (err && !s->changed)
		return err;
	while (len) {
		uint64_t block = off / s->block_size;
		size_t at = off % s->block_size;
		size_t part = len < s->block_size - at ? len : s->block_size - at;
		const struct image *img = s->changed ? find(s, block) : NULL;

		if (img && img->now)
			memcpy(p, img->now + at, part);
		else if (err && hs_io_pread(s->below, p, part, off))
			return err; /* some block cannot be read, and it is this one */
		p += part;
		len -= part;
		off += part;
	}
	return 0;
}

/* The image, ready to be changed; what it was at the mark is kept. */
static errint_t touch(struct stage *s, uint64_t block, struct image **out)
{
	struct image *img = find(s, block);
	uint8_t *copy;
	errint_t err;

	if (!img) {
		err = hs_array_grow(&s->images, &s->room, s->n + 1);
		if (!err)
			err = hs_u64map_put(&s->index, block, s->n);
		if (err)
			return err;
		img = &s->images[s->n++];
		*img = (struct image){.block = block};
	}
	*out = img;
	if (img->marked == s->mark && img->now)
		return 0;
	err = hs_array_grow(&s->touched, &s->touched_room, s->n_touched + 1);
	if (err)
		return err;
	copy = malloc(s->block_size);
	if (!copy)
		return -ENOMEM;
	err = read_block(s, block, copy);
	if (err) {
		free(copy);
		return err;
	}
	if (img->marked != s->mark) {
		free(img->then);
		img->then = img->now;
		img->marked = s->mark;
		s->touched[s->n_touched++] = (size_t)(img - s->images);
	}
	s->changed += !img->then;
	img->now = copy;
	return 0;
}

static errint_t stage_pwrite(struct hs_io *io, const void *buf, size_t len, uint64_t off)
{
	struct stage *s = (struct stage *)io;
	const uint8_t *p = buf;

	if (!hs_io_inside(io->size, len, off))
		return -ENOSPC;
	while (len) {
		uint64_t block = off / s->block_size;
		size_t at = off % s->block_size;
		size_t part = len < s->block_size - at ? len : s->block_size - at;
		struct image *img;
		errint_t err = touch(s, block, &img);

		if (err)
			return err;
		memcpy(img->now + at, p, part);
		p += part;
		len -= part;
		off += part;
	}
	return 0;
}

/* What is staged is nobody else's to make durable. */
static errint_t stage_flush(struct hs_io *io)
{
	(void)io;
	return 0;
}

struct stage_chan {
	struct hs_io_chan ch;
	struct stage *stage;
	struct hs_req_fifo waiting;
};

static errint_t stage_submit(struct hs_io_chan *ch, struct hs_io_req *req)
{
	hs_req_fifo_put(&((struct stage_chan *)ch)->waiting, req);
	return 0;
}

static errint_t stage_reap(struct hs_io_chan *ch, struct hs_io_req **out)
{
	struct stage_chan *c = (struct stage_chan *)ch;

	*out = hs_req_fifo_get(&c->waiting);
	(*out)->res = stage_pread(&c->stage->io, (*out)->buf, (*out)->len, (*out)->off);
	return 0;
}

static void stage_chan_close(struct hs_io_chan *ch)
{
	free(ch);
}

static const struct hs_io_chan_ops stage_chan_ops = {
	.submit = stage_submit,
	.reap = stage_reap,
	.close = stage_chan_close,
};

static errint_t stage_chan_open(struct hs_io *io, unsigned depth, struct hs_io_chan **out)
{
	struct stage_chan *c = calloc(1, sizeof(*c));

	(void)depth;
	if (!c)
		return -ENOMEM;
	c->ch.ops = &stage_chan_ops;
	c->stage = (struct stage *)io;
	*out = &c->ch;
	return 0;
}

void hs_stage_drop(struct hs_io *stage)
{
	struct stage *s = (struct stage *)stage;

	for (size_t i = 0; i < s->n; i++) {
		free(s->images[i].now);
		free(s->images[i].then);
	}
	hs_u64map_free(&s->index);
	s->n = 0;
	s->changed = 0;
	s->n_touched = 0;
	s->mark++;
}

static void stage_close(struct hs_io *io)
{
	struct stage *s = (struct stage *)io;

	hs_stage_drop(io);
	hs_io_close(s->below);
	free(s->images);
	free(s->touched);
	free(s);
}

static const struct hs_io_ops stage_ops = {
	.name = "stage",
	.pread = stage_pread,
	.pwrite = stage_pwrite,
	.flush = stage_flush,
	.chan_open = stage_chan_open,
	.close = stage_close,
};

errint_t hs_stage_open(struct hs_io *below, uint32_t block_size, struct hs_io **out)
{
	struct stage *s = calloc(1, sizeof(*s));

	if (!s) {
		hs_io_close(below);
		return -ENOMEM;
	}
	s->io = *below;
	s->io.ops = &stage_ops;
	s->io.writable = 1; /* in memory */
	s->below = below;
	s->block_size = block_size;
	s->mark = 1;
	*out = &s->io;
	return 0;
}

void hs_stage_mark(struct hs_io *stage)
{
	struct stage *s = (struct stage *)stage;

	for (size_t i = 0; i < s->n_touched; i++) {
		struct image *img = &s->images[s->touched[i]];

		free(img->then);
		img->then = NULL;
	}
	s->n_touched = 0;
	s->mark++;
}

void hs_stage_cancel(struct hs_io *stage)
{
	struct stage *s = (struct stage *)stage;

	for (size_t i = 0; i < s->n_touched; i++) {
		struct image *img = &s->images[s->touched[i]];

		s->changed -= img->now && !img->then;
		free(img->now);
		img->now = img->then;
		img->then = NULL;
	}
	s->n_touched = 0;
	s->mark++;
}

static int ascending(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

errint_t hs_stage_list(struct hs_io *stage, int since_mark, uint64_t **blocks, size_t *n)
{
	struct stage *s = (struct stage *)stage;
	uint64_t *v = calloc(s->changed + 1, sizeof(*v));
	uint8_t *below = malloc(s->block_size);
	size_t count = 0;
	errint_t err = v && below ? 0 : -ENOMEM;

	for (size_t i = 0; i < s->n && !err; i++) {
		const struct image *img = &s->images[i];

		if (!img->now || (since_mark && img->marked != s->mark))
			continue;
		if (since_mark && img->then) {
			if (memcmp(img->then, img->now, s->block_size))
				v[count++] = img->block;
			continue;
		}
		err = hs_io_pread(s->below, below, s->block_size, img->block * s->block_size);
		if (!err && memcmp(below, img->now, s->block_size))
			v[count++] = img->block;
	}
	free(below);
	if (err) {
		free(v);
		return err;
	}
	qsort(v, count, sizeof(*v), ascending);
	*blocks = v;
	*n = count;
	return 0;
}

size_t hs_stage_count(const struct hs_io *stage)
{
	return ((const struct stage *)stage)->changed;
}

const uint8_t *hs_stage_image(struct hs_io *stage, uint64_t block)
{
	const struct image *img = find((struct stage *)stage, block);

	return img ? img->now : NULL;
}
