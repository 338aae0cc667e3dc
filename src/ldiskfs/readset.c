/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads that belong together.
 */
#include "ldiskfs/readset.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"

void hs_readset_init(struct hs_readset *s, const struct hs_fs *fs)
{
	memset(s, 0, sizeof(*s));
	s->fs = fs;
}

void hs_readset_free(struct hs_readset *s)
{
	hs_io_chan_close(s->chan);
	free(s->reqs);
	memset(s, 0, sizeof(*s));
}

void hs_readset_clear(struct hs_readset *s)
{
	s->n = 0;
	s->sent = 0;
	s->done = 0;
}

errint_t hs_readset_add(struct hs_readset *s, uint64_t physical, uint32_t count, uint8_t *buf)
{
	uint64_t off = physical << s->fs->block_shift;
	size_t len = (size_t)count << s->fs->block_shift;

	if (s->n) {
		struct hs_io_req *last = &s->reqs[s->n - 1];

		if (last->off + last->len == off && (uint8_t *)last->buf + last->len == buf &&
		    last->len + len <= HS_READSET_REQUEST) {
			last->len += len;
			return 0;
		}
	}
	while (len) {
		size_t part = len < HS_READSET_REQUEST ? len : HS_READSET_REQUEST;
		errint_t err = hs_array_grow(&s->reqs, &s->room, s->n + 1);

		if (err)
			return err;
		s->reqs[s->n++] = (struct hs_io_req){.off = off, .len = part, .buf = buf};
		off += part;
		buf += part;
		len -= part;
	}
	return 0;
}

/* The channel failed, not a read: waits for what is in flight and gives the channel up. */
static errint_t abandon(struct hs_readset *s, errint_t err)
{
	hs_io_chan_close(s->chan);
	s->chan = NULL;
	hs_readset_clear(s);
	return err;
}

static errint_t send(struct hs_readset *s)
{
	while (s->sent < s->n && s->chan->inflight < s->chan->depth) {
		errint_t err = hs_io_submit(s->chan, &s->reqs[s->sent]);

		if (err)
			return abandon(s, err);
		s->sent++;
	}
	return 0;
}

errint_t hs_readset_start(struct hs_readset *s)
{
	errint_t err;

	if (!s->n)
		return 0;
	/* One short read is not worth a channel. */
	if (s->n == 1 && !s->chan) {
		struct hs_io_req *req = &s->reqs[0];

		req->res = hs_io_pread(s->fs->io, req->buf, req->len, req->off);
		s->sent = s->done = 1;
		return 0;
	}
	if (!s->chan) {
		err = hs_io_chan_open(s->fs->io, HS_READSET_DEPTH, &s->chan);
		if (err)
			return err;
	}
	return send(s);
}

static void read_singly(struct hs_readset *s, const struct hs_io_req *req)
{
	uint32_t bs = s->fs->geo.block_size;

	for (size_t at = 0; at < req->len; at += bs) {
		uint8_t *buf = (uint8_t *)req->buf + at;

		if (hs_io_pread(s->fs->io, buf, bs, req->off + at))
			s->bad_block(s->arg, buf);
	}
}

errint_t hs_readset_finish(struct hs_readset *s)
{
	while (s->done < s->n) {
		struct hs_io_req *req;
		errint_t err = hs_io_reap(s->chan, &req);

		if (err || !req)
			return abandon(s, err ? err : -EIO);
		s->done++;
		err = send(s);
		if (err)
			return err;
	}
	for (size_t i = 0; i < s->n; i++)
		if (s->reqs[i].res)
			read_singly(s, &s->reqs[i]);
	return 0;
}

void hs_readset_drop(struct hs_readset *s)
{
	if (s->done < s->sent)
		abandon(s, 0);
	hs_readset_clear(s);
}
