/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The two channels of a device, for device.c only, and what they share.
 */
#ifndef HS_IO_CHANNEL_H
#define HS_IO_CHANNEL_H

#include <stdint.h>

#include "io/io.h"

/*
 * Bytes moved by one call or ring entry; a larger request is done in parts. Far below what the
 * kernel takes (a little less than 2 GiB), far above where a larger one would be faster.
 */
#define HS_DEVICE_TRANSFER ((size_t)64 << 20)

/* Requests in order of arrival, linked through hs_io_req.next. All zero is an empty list. */
struct hs_req_fifo {
	struct hs_io_req *first, *last;
};

static inline void hs_req_fifo_put(struct hs_req_fifo *f, struct hs_io_req *req)
{
	req->next = NULL;
	if (f->first)
		f->last->next = req;
	else
		f->first = req;
	f->last = req;
}

/* NULL when empty. */
static inline struct hs_io_req *hs_req_fifo_get(struct hs_req_fifo *f)
{
	struct hs_io_req *req = f->first;

	if (req)
		f->first = req->next;
	return req;
}

static inline int hs_io_inside(uint64_t size, size_t len, uint64_t off)
{
	return off <= size && len <= size - off;
}

/*
 * In this house -ENODATA means "beyond the end"; the block layer says it of an unreadable medium.
 */
static inline errint_t hs_device_error(int err)
{
	return err == ENODATA ? -EIO : -err;
}

/* All of it or an error, see struct hs_io_req; `size` is the device's. */
errint_t hs_device_read(int fd, uint64_t size, void *buf, size_t len, uint64_t off);

/* Reads when it is asked for the result: the one that always works. */
errint_t hs_sync_chan_open(int fd, uint64_t size, struct hs_io_chan **out);

/* Any error means: use the other one. */
errint_t hs_uring_chan_open(int fd, uint64_t size, unsigned depth, struct hs_io_chan **out);

#endif
