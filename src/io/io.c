/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The dispatch: checks what holds for every layer and counts what a channel has in flight.
 */
#include "io/io.h"

#define MAX_DEPTH 256u

errint_t hs_io_pread(struct hs_io *io, void *buf, size_t len, uint64_t off)
{
	return io->ops->pread(io, buf, len, off);
}

errint_t hs_io_pwrite(struct hs_io *io, const void *buf, size_t len, uint64_t off)
{
	if (!io->writable)
		return -EROFS;
	return io->ops->pwrite(io, buf, len, off);
}

errint_t hs_io_flush(struct hs_io *io)
{
	return io->writable ? io->ops->flush(io) : 0;
}

errint_t hs_io_chan_open(struct hs_io *io, unsigned depth, struct hs_io_chan **out)
{
	struct hs_io_chan *ch;
	errint_t rc;

	if (depth < 1 || depth > MAX_DEPTH)
		return -EINVAL;
	rc = io->ops->chan_open(io, depth, &ch);
	if (rc)
		return rc;
	ch->depth = depth;
	ch->inflight = 0;
	*out = ch;
	return 0;
}

errint_t hs_io_submit(struct hs_io_chan *ch, struct hs_io_req *req)
{
	errint_t rc;

	if (ch->inflight >= ch->depth)
		return -EBUSY;
	rc = ch->ops->submit(ch, req);
	if (!rc)
		ch->inflight++;
	return rc;
}

errint_t hs_io_reap(struct hs_io_chan *ch, struct hs_io_req **req)
{
	errint_t rc;

	*req = NULL;
	if (ch->inflight == 0)
		return 0;
	rc = ch->ops->reap(ch, req);
	if (!rc)
		ch->inflight--;
	return rc;
}

void hs_io_chan_close(struct hs_io_chan *ch)
{
	struct hs_io_req *req;

	if (!ch)
		return;
	while (ch->inflight && !hs_io_reap(ch, &req))
		;
	ch->ops->close(ch);
}

void hs_io_close(struct hs_io *io)
{
	if (io)
		io->ops->close(io);
}
