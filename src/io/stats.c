/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Counting: relaxed additions, two a request, one more for a failure.
 */
#include "io/stats.h"

#include <stdatomic.h>
#include <stdlib.h>

struct counters {
	_Atomic uint64_t reads;
	_Atomic uint64_t read_bytes;
	_Atomic uint64_t failed;
	_Atomic uint64_t writes;
	_Atomic uint64_t write_bytes;
};

struct stats {
	struct hs_io io;
	struct hs_io *below;
	struct counters n;
};

struct stats_chan {
	struct hs_io_chan ch;
	struct hs_io_chan *below;
	struct counters *n;
};

static void add(_Atomic uint64_t *counter, uint64_t n)
{
	atomic_fetch_add_explicit(counter, n, memory_order_relaxed);
}

static uint64_t get(_Atomic uint64_t *counter)
{
	return atomic_load_explicit(counter, memory_order_relaxed);
}

static errint_t stats_pread(struct hs_io *io, void *buf, size_t len, uint64_t off)
{
	struct stats *st = (struct stats *)io;
	errint_t rc = hs_io_pread(st->below, buf, len, off);

	add(&st->n.reads, 1);
	add(&st->n.read_bytes, len);
	if (rc)
		add(&st->n.failed, 1);
	return rc;
}

static errint_t stats_pwrite(struct hs_io *io, const void *buf, size_t len, uint64_t off)
{
	struct stats *st = (struct stats *)io;
	errint_t rc = hs_io_pwrite(st->below, buf, len, off);

	add(&st->n.writes, 1);
	add(&st->n.write_bytes, len);
	if (rc)
		add(&st->n.failed, 1);
	return rc;
}

static errint_t stats_flush(struct hs_io *io)
{
	return hs_io_flush(((struct stats *)io)->below);
}

static errint_t stats_submit(struct hs_io_chan *ch, struct hs_io_req *req)
{
	struct stats_chan *c = (struct stats_chan *)ch;
	size_t len = req->len;
	errint_t rc = hs_io_submit(c->below, req);

	if (!rc) {
		add(&c->n->reads, 1);
		add(&c->n->read_bytes, len);
	}
	return rc;
}

static errint_t stats_reap(struct hs_io_chan *ch, struct hs_io_req **req)
{
	struct stats_chan *c = (struct stats_chan *)ch;
	errint_t rc = hs_io_reap(c->below, req);

	if (!rc && (*req)->res)
		add(&c->n->failed, 1);
	return rc;
}

static void stats_chan_close(struct hs_io_chan *ch)
{
	hs_io_chan_close(((struct stats_chan *)ch)->below);
	free(ch);
}

static const struct hs_io_chan_ops stats_chan_ops = {
	.submit = stats_submit,
	.reap = stats_reap,
	.close = stats_chan_close,
};

static errint_t stats_chan_open(struct hs_io *io, unsigned depth, struct hs_io_chan **out)
{
	struct stats *st = (struct stats *)io;
	struct stats_chan *c = calloc(1, sizeof(*c));
	errint_t rc;

	if (!c)
		return -ENOMEM;
	rc = hs_io_chan_open(st->below, depth, &c->below);
	if (rc) {
		free(c);
		return rc;
	}
	c->ch.ops = &stats_chan_ops;
	c->n = &st->n;
	*out = &c->ch;
	return 0;
}

static void stats_close(struct hs_io *io)
{
	hs_io_close(((struct stats *)io)->below);
	free(io);
}

static const struct hs_io_ops stats_ops = {
	.name = "stats",
	.pread = stats_pread,
	.pwrite = stats_pwrite,
	.flush = stats_flush,
	.chan_open = stats_chan_open,
	.close = stats_close,
};

errint_t hs_stats_open(struct hs_io *below, struct hs_io **out)
{
	struct stats *st = calloc(1, sizeof(*st));

	if (!st)
		return -ENOMEM;
	st->io = *below;
	st->io.ops = &stats_ops;
	st->below = below;
	*out = &st->io;
	return 0;
}

void hs_stats_get(struct hs_io *stats, struct hs_io_stats *out)
{
	struct stats *st = (struct stats *)stats;

	out->reads = get(&st->n.reads);
	out->read_bytes = get(&st->n.read_bytes);
	out->failed = get(&st->n.failed);
	out->writes = get(&st->n.writes);
	out->write_bytes = get(&st->n.write_bytes);
}
