/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A channel on pread. submit() must not wait for the device, so requests are kept in order and each
 * is read when it is reaped.
 */
#include <stdlib.h>

#include "io/channel.h"

struct sync_chan {
	struct hs_io_chan ch;
	int fd;
	uint64_t size;
	struct hs_req_fifo waiting;
};

static errint_t sync_submit(struct hs_io_chan *ch, struct hs_io_req *req)
{
	struct sync_chan *c = (struct sync_chan *)ch;

	hs_req_fifo_put(&c->waiting, req);
	return 0;
}

static errint_t sync_reap(struct hs_io_chan *ch, struct hs_io_req **out)
{
	struct sync_chan *c = (struct sync_chan *)ch;
	struct hs_io_req *req = hs_req_fifo_get(&c->waiting);

	req->res = hs_device_read(c->fd, c->size, req->buf, req->len, req->off);
	*out = req;
	return 0;
}

static void sync_close(struct hs_io_chan *ch)
{
	free(ch);
}

static const struct hs_io_chan_ops sync_ops = {
	.submit = sync_submit,
	.reap = sync_reap,
	.close = sync_close,
};

errint_t hs_sync_chan_open(int fd, uint64_t size, struct hs_io_chan **out)
{
	struct sync_chan *c = calloc(1, sizeof(*c));

	if (!c)
		return -ENOMEM;
	c->ch.ops = &sync_ops;
	c->fd = fd;
	c->size = size;
	*out = &c->ch;
	return 0;
}
