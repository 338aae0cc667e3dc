/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A channel on io_uring: one ring, used by one thread. Requests are collected and handed to the
 * kernel together, when BATCH of them wait or when the caller is about to wait itself, so that many
 * small reads cost one system call. A ring has room for a whole channel's depth; a request has at
 * most one entry in it, and its user data is the request.
 */
#include <errno.h>
#include <liburing.h>
#include <sched.h>
#include <stdlib.h>

#include "io/channel.h"

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define HS_TSAN
#endif
#elif defined(__SANITIZE_THREAD__)
#define HS_TSAN
#endif

/*
 * liburing maps its rings by system calls of its own, which ThreadSanitizer does not see: a ring
 * where another thread's used to be looks shared to it. It is told that one came after the other.
 */
#ifdef HS_TSAN
#include <sanitizer/tsan_interface.h>
#define ring_mapped(ops)   __tsan_acquire((void *)(uintptr_t)(ops))
#define ring_unmapped(ops) __tsan_release((void *)(uintptr_t)(ops))
#else
#define ring_mapped(ops)   ((void)(ops))
#define ring_unmapped(ops) ((void)(ops))
#endif

#define BATCH 8u

struct uring_chan {
	struct hs_io_chan ch;
	struct io_uring ring;
	int fd;
	uint64_t size;
	struct hs_req_fifo finished; /* without the kernel's help */
};

/* Hands over what was collected. What the kernel cannot take now stays for the next time. */
static void hand_over(struct uring_chan *c)
{
	(void)io_uring_submit(&c->ring);
}

/* Collects the read of what is still missing. */
static errint_t collect(struct uring_chan *c, struct hs_io_req *req)
{
	size_t left = req->len - req->done;
	struct io_uring_sqe *sqe = io_uring_get_sqe(&c->ring);

	if (!sqe)
		return -EBUSY;
	io_uring_prep_read(sqe, c->fd, (uint8_t *)req->buf + req->done,
			   (unsigned)(left < HS_DEVICE_TRANSFER ? left : HS_DEVICE_TRANSFER),
			   req->off + req->done);
	io_uring_sqe_set_data(sqe, req);
	return 0;
}

static errint_t uring_submit(struct hs_io_chan *ch, struct hs_io_req *req)
{
	struct uring_chan *c = (struct uring_chan *)ch;
	errint_t rc;

	req->done = 0;
	if (req->len == 0 || !hs_io_inside(c->size, req->len, req->off)) {
		req->res = req->len ? -ENODATA : 0;
		hs_req_fifo_put(&c->finished, req);
		return 0;
	}
	rc = collect(c, req);
	if (!rc && io_uring_sq_ready(&c->ring) >= BATCH)
		hand_over(c);
	return rc;
}

/* Reads the rest the plain way. */
static int finish_plainly(struct uring_chan *c, struct hs_io_req *req)
{
	req->res = hs_device_read(c->fd, c->size, (uint8_t *)req->buf + req->done,
				  req->len - req->done, req->off + req->done);
	return 1;
}

/* Takes a result of the kernel: 1 when the request is finished. */
static int take_result(struct uring_chan *c, struct hs_io_req *req, int res)
{
	switch (res) {
	case 0:
		req->res = -ENODATA; /* truncated since it was opened */
		return 1;
	case -EINTR:
	case -EAGAIN:
	case -EINVAL:
	case -EOPNOTSUPP:
		/*
		 * Not the device's word, but the ring's: disturbed, short of memory, or of a kernel
		 * whose io_uring lacks the operation. Not through the ring again: that could go on
		 * for ever.
		 */
		return finish_plainly(c, req);
	default:
		break;
	}
	if (res < 0) {
		req->res = hs_device_error(-res);
		return 1;
	}
	req->done += (size_t)res;
	if (req->done == req->len) {
		req->res = 0;
		return 1;
	}
	return collect(c, req) ? finish_plainly(c, req) : 0;
}

/* Hands over what was collected and waits for a result. */
static errint_t wait_result(struct uring_chan *c, struct io_uring_cqe **cqe)
{
	while (io_uring_peek_cqe(&c->ring, cqe)) {
		int rc = io_uring_submit_and_wait(&c->ring, 1);

		if (rc == -EAGAIN || rc == -EBUSY)
			sched_yield(); /* the kernel is short of memory for requests */
		else if (rc < 0 && rc != -EINTR)
			return rc;
	}
	return 0;
}

static errint_t uring_reap(struct hs_io_chan *ch, struct hs_io_req **out)
{
	struct uring_chan *c = (struct uring_chan *)ch;
	struct hs_io_req *req;

	for (;;) {
		struct io_uring_cqe *cqe;
		errint_t rc;
		int res;

		req = hs_req_fifo_get(&c->finished);
		if (req)
			break;
		rc = wait_result(c, &cqe);
		if (rc)
			return rc;
		req = io_uring_cqe_get_data(cqe);
		res = cqe->res;
		io_uring_cqe_seen(&c->ring, cqe);
		if (take_result(c, req, res))
			break;
	}
	*out = req;
	return 0;
}

static void uring_close(struct hs_io_chan *ch)
{
	struct uring_chan *c = (struct uring_chan *)ch;

	ring_unmapped(ch->ops);
	io_uring_queue_exit(&c->ring);
	free(c);
}

static const struct hs_io_chan_ops uring_ops = {
	.submit = uring_submit,
	.reap = uring_reap,
	.close = uring_close,
};

errint_t hs_uring_chan_open(int fd, uint64_t size, unsigned depth, struct hs_io_chan **out)
{
	struct uring_chan *c = calloc(1, sizeof(*c));
	int rc;

	if (!c)
		return -ENOMEM;
	rc = io_uring_queue_init(depth, &c->ring, 0);
	if (rc) {
		free(c);
		return rc;
	}
	c->ch.ops = &uring_ops;
	ring_mapped(c->ch.ops);
	c->fd = fd;
	c->size = size;
	*out = &c->ch;
	return 0;
}
