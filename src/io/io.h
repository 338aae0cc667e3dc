/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One interface for everything that is read or written in blocks: devices, image files, and layers
 * stacked on them (statistics, fault injection; later throttle, undo and the journal overlay).
 *
 * Two ways to read: hs_io_pread() from any thread, and channels, one a thread, that keep many
 * requests in flight. A layer passes both down.
 */
#ifndef HS_IO_IO_H
#define HS_IO_IO_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct hs_io;
struct hs_io_chan;

/*
 * One read in flight. The caller owns it and its buffer and leaves both alone between submit and
 * reap. A result is 0 only if every byte was read; -ENODATA if any byte lies beyond the end of the
 * device (a truncated image), -EIO and so on as the device says.
 */
struct hs_io_req {
	uint64_t off; /* bytes from the start of the device */
	size_t len;
	void *buf;
	void *tag;		/* the caller's */
	errint_t res;		/* valid after reap */
	size_t done;		/* used by the layers while the request is in flight */
	struct hs_io_req *next; /* likewise */
};

struct hs_io_ops {
	const char *name;
	errint_t (*pread)(struct hs_io *io, void *buf, size_t len, uint64_t off);
	errint_t (*pwrite)(struct hs_io *io, const void *buf, size_t len, uint64_t off);
	errint_t (*flush)(struct hs_io *io);
	errint_t (*chan_open)(struct hs_io *io, unsigned depth, struct hs_io_chan **out);
	void (*close)(struct hs_io *io);
};

struct hs_io_chan_ops {
	errint_t (*submit)(struct hs_io_chan *ch, struct hs_io_req *req);
	errint_t (*reap)(struct hs_io_chan *ch, struct hs_io_req **req);
	void (*close)(struct hs_io_chan *ch);
};

/* Implementations embed these as their first member. */
struct hs_io {
	const struct hs_io_ops *ops;
	const char *name; /* for messages: the path the user gave; lives as long as the io */
	uint64_t size;	  /* bytes */
	int writable;
};

struct hs_io_chan {
	const struct hs_io_chan_ops *ops;
	unsigned depth;	   /* requests that may be in flight */
	unsigned inflight; /* kept by hs_io_submit() and hs_io_reap() */
};

/* All of it or an error, see struct hs_io_req. Any thread. */
errint_t hs_io_pread(struct hs_io *io, void *buf, size_t len, uint64_t off);

/* -EROFS when the io was opened read-only, -ENOSPC beyond the end. Any thread. */
errint_t hs_io_pwrite(struct hs_io *io, const void *buf, size_t len, uint64_t off);
errint_t hs_io_flush(struct hs_io *io);

/* A channel belongs to the thread that opened it. depth 1..256. */
errint_t hs_io_chan_open(struct hs_io *io, unsigned depth, struct hs_io_chan **out);

/* Never blocks for the device; -EBUSY when `depth` requests are already in flight. */
errint_t hs_io_submit(struct hs_io_chan *ch, struct hs_io_req *req);

/* Waits for any request of this channel; *req is NULL when none is in flight. */
errint_t hs_io_reap(struct hs_io_chan *ch, struct hs_io_req **req);

/* Waits for what is in flight. NULL is allowed. */
void hs_io_chan_close(struct hs_io_chan *ch);

/* Closes the layer and everything below it. NULL is allowed. */
void hs_io_close(struct hs_io *io);

#endif
