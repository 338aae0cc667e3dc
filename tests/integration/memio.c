/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "memio.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/channel.h"

bool memdev_open(struct memdev *d, const char *path)
{
	const char *slash = strrchr(path, '/');
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;

	memset(d, 0, sizeof(*d));
	snprintf(d->name, sizeof(d->name), "%.31s", slash ? slash + 1 : path);
	if (fd < 0 || fstat(fd, &st))
		return false;
	d->size = d->seen = (uint64_t)st.st_size;
	d->base = mmap(NULL, d->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_NORESERVE, fd, 0);
	close(fd);
	d->touched = calloc(d->size / MEM_BLOCK / 8 + 1, 1);
	return d->base != MAP_FAILED && d->touched;
}

void memdev_close(struct memdev *d)
{
	if (d->base)
		munmap(d->base, d->size);
	free(d->touched);
	memset(d, 0, sizeof(*d));
}

struct memio {
	struct hs_io io;
	struct memdev *dev;
};

static errint_t mem_pread(struct hs_io *io, void *buf, size_t len, uint64_t off)
{
	struct memdev *d = ((struct memio *)io)->dev;

	if (!hs_io_inside(d->seen, len, off))
		return -ENODATA;
	memcpy(buf, d->base + off, len);
	for (uint64_t b = off / MEM_BLOCK; d->noting && len && b <= (off + len - 1) / MEM_BLOCK;
	     b++)
		d->touched[b / 8] |= (uint8_t)(1u << (b % 8));
	return 0;
}

struct memchan {
	struct hs_io_chan ch;
	struct hs_io *io;
	struct hs_req_fifo waiting;
};

static errint_t mem_submit(struct hs_io_chan *ch, struct hs_io_req *req)
{
	hs_req_fifo_put(&((struct memchan *)ch)->waiting, req);
	return 0;
}

static errint_t mem_reap(struct hs_io_chan *ch, struct hs_io_req **out)
{
	struct memchan *c = (struct memchan *)ch;

	*out = hs_req_fifo_get(&c->waiting);
	(*out)->res = mem_pread(c->io, (*out)->buf, (*out)->len, (*out)->off);
	return 0;
}

static void mem_chan_close(struct hs_io_chan *ch)
{
	free(ch);
}

static const struct hs_io_chan_ops chan_ops = {
	.submit = mem_submit,
	.reap = mem_reap,
	.close = mem_chan_close,
};

static errint_t mem_chan_open(struct hs_io *io, unsigned depth, struct hs_io_chan **out)
{
	struct memchan *c = calloc(1, sizeof(*c));

	(void)depth;
	if (!c)
		return -ENOMEM;
	c->ch.ops = &chan_ops;
	c->io = io;
	*out = &c->ch;
	return 0;
}

static void mem_close(struct hs_io *io)
{
	free(io);
}

static const struct hs_io_ops ops = {
	.name = "memory",
	.pread = mem_pread,
	.chan_open = mem_chan_open,
	.close = mem_close,
};

errint_t memio_open(struct memdev *d, struct hs_io **out)
{
	struct memio *m = calloc(1, sizeof(*m));

	if (!m)
		return -ENOMEM;
	m->io.ops = &ops;
	m->io.name = d->name;
	m->io.size = d->seen;
	m->dev = d;
	*out = &m->io;
	return 0;
}
