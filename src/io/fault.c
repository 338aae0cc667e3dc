/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Planted faults. The layer below does the read first and the outcome is altered afterwards, so a
 * planted fault takes the same way, in the same order, as a real one. What is planted is sorted by
 * offset and only read while requests run: no locks.
 */
#include "io/fault.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"

/* What a failed read leaves in the buffer: nobody shall live on bytes it was not given. */
#define POISON 0xdb

struct range {
	uint64_t off;
	uint64_t end;
	uint64_t reach; /* the greatest end of this range and all before it */
	errint_t err;	/* of a failing range */
	uint8_t *bytes; /* of a replaced range */
};

struct ranges {
	struct range *items;
	size_t count;
	size_t room;
};

struct fault {
	struct hs_io io;
	struct hs_io *below;
	struct ranges failing;
	struct ranges replaced;
};

struct fault_chan {
	struct hs_io_chan ch;
	struct hs_io_chan *below;
	const struct fault *fault;
};

/* Index of the first range that begins at or behind off. */
static size_t first_from(const struct ranges *r, uint64_t off)
{
	size_t lo = 0, hi = r->count;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (r->items[mid].off < off)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/*
 * Walks the ranges that touch [off, end), backwards: start with *at = first_from(r, end). NULL when
 * there are no more.
 */
static const struct range *next_touching(const struct ranges *r, uint64_t off, size_t *at)
{
	while (*at > 0 && r->items[*at - 1].reach > off) {
		const struct range *item = &r->items[--*at];

		if (item->end > off)
			return item;
	}
	return NULL;
}

static errint_t insert(struct ranges *r, const struct range *item)
{
	size_t at = first_from(r, item->off);
	uint64_t reach;
	errint_t rc = hs_array_grow(&r->items, &r->room, r->count + 1);

	if (rc)
		return rc;
	memmove(&r->items[at + 1], &r->items[at], (r->count - at) * sizeof(*r->items));
	r->items[at] = *item;
	r->count++;
	reach = at ? r->items[at - 1].reach : 0;
	for (size_t i = at; i < r->count; i++) {
		if (r->items[i].end > reach)
			reach = r->items[i].end;
		r->items[i].reach = reach;
	}
	return 0;
}

/* Copies what two ranges share from src to dst. */
static void copy_shared(uint8_t *dst, uint64_t dst_off, uint64_t dst_end, const uint8_t *src,
			uint64_t src_off, uint64_t src_end)
{
	uint64_t off = dst_off > src_off ? dst_off : src_off;
	uint64_t end = dst_end < src_end ? dst_end : src_end;

	memcpy(dst + (off - dst_off), src + (off - src_off), end - off);
}

static errint_t alter(const struct fault *f, void *buf, size_t len, uint64_t off, errint_t rc)
{
	const struct range *item;
	uint64_t end;
	size_t at;

	if (f->failing.count == 0 && f->replaced.count == 0)
		return rc;
	if (len == 0 || __builtin_add_overflow(off, len, &end))
		return rc;
	at = first_from(&f->failing, end);
	item = next_touching(&f->failing, off, &at);
	if (item) {
		memset(buf, POISON, len);
		return item->err;
	}
	if (rc)
		return rc;
	at = first_from(&f->replaced, end);
	while ((item = next_touching(&f->replaced, off, &at)))
		copy_shared(buf, off, end, item->bytes, item->off, item->end);
	return 0;
}

static errint_t fault_pread(struct hs_io *io, void *buf, size_t len, uint64_t off)
{
	struct fault *f = (struct fault *)io;

	return alter(f, buf, len, off, hs_io_pread(f->below, buf, len, off));
}

static errint_t fault_pwrite(struct hs_io *io, const void *buf, size_t len, uint64_t off)
{
	return hs_io_pwrite(((struct fault *)io)->below, buf, len, off);
}

static errint_t fault_flush(struct hs_io *io)
{
	return hs_io_flush(((struct fault *)io)->below);
}

static errint_t fault_submit(struct hs_io_chan *ch, struct hs_io_req *req)
{
	return hs_io_submit(((struct fault_chan *)ch)->below, req);
}

static errint_t fault_reap(struct hs_io_chan *ch, struct hs_io_req **out)
{
	struct fault_chan *c = (struct fault_chan *)ch;
	errint_t rc = hs_io_reap(c->below, out);
	struct hs_io_req *req = *out;

	if (!rc)
		req->res = alter(c->fault, req->buf, req->len, req->off, req->res);
	return rc;
}

static void fault_chan_close(struct hs_io_chan *ch)
{
	hs_io_chan_close(((struct fault_chan *)ch)->below);
	free(ch);
}

static const struct hs_io_chan_ops fault_chan_ops = {
	.submit = fault_submit,
	.reap = fault_reap,
	.close = fault_chan_close,
};

static errint_t fault_chan_open(struct hs_io *io, unsigned depth, struct hs_io_chan **out)
{
	struct fault *f = (struct fault *)io;
	struct fault_chan *c = calloc(1, sizeof(*c));
	errint_t rc;

	if (!c)
		return -ENOMEM;
	rc = hs_io_chan_open(f->below, depth, &c->below);
	if (rc) {
		free(c);
		return rc;
	}
	c->ch.ops = &fault_chan_ops;
	c->fault = f;
	*out = &c->ch;
	return 0;
}

static void fault_close(struct hs_io *io)
{
	struct fault *f = (struct fault *)io;

	hs_io_close(f->below);
	for (size_t i = 0; i < f->replaced.count; i++)
		free(f->replaced.items[i].bytes);
	free(f->replaced.items);
	free(f->failing.items);
	free(f);
}

static const struct hs_io_ops fault_ops = {
	.name = "fault",
	.pread = fault_pread,
	.pwrite = fault_pwrite,
	.flush = fault_flush,
	.chan_open = fault_chan_open,
	.close = fault_close,
};

errint_t hs_fault_open(struct hs_io *below, struct hs_io **out)
{
	struct fault *f = calloc(1, sizeof(*f));

	if (!f)
		return -ENOMEM;
	f->io = *below;
	f->io.ops = &fault_ops;
	f->below = below;
	*out = &f->io;
	return 0;
}

errint_t hs_fault_add(struct hs_io *fault, uint64_t off, uint64_t len, errint_t err)
{
	struct range item = {.off = off, .err = err};

	if (err >= 0 || __builtin_add_overflow(off, len, &item.end))
		return -EINVAL;
	if (len == 0)
		return 0;
	return insert(&((struct fault *)fault)->failing, &item);
}

errint_t hs_fault_replace(struct hs_io *fault, uint64_t off, const void *bytes, size_t len)
{
	struct ranges *r = &((struct fault *)fault)->replaced;
	struct range item = {.off = off};
	const struct range *old;
	errint_t rc;
	size_t at;

	if (__builtin_add_overflow(off, len, &item.end))
		return -EINVAL;
	if (len == 0)
		return 0;
	item.bytes = malloc(len);
	if (!item.bytes)
		return -ENOMEM;
	memcpy(item.bytes, bytes, len);
	rc = insert(r, &item);
	if (rc) {
		free(item.bytes);
		return rc;
	}
	/* the newest wins: where ranges overlap all of them hold its bytes, so order is no matter
	 */
	at = first_from(r, item.end);
	while ((old = next_touching(r, off, &at)))
		copy_shared(old->bytes, old->off, old->end, bytes, off, item.end);
	return 0;
}
