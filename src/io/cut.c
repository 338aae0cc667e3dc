/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Counting writes until the one that is torn.
 */
#include "io/cut.h"

#include <stdlib.h>

struct cut {
	struct hs_io io;
	struct hs_io *below;
	uint64_t left;
	uint64_t seen;
	uint32_t sectors;
	size_t longest;
};

static errint_t cut_pread(struct hs_io *io, void *buf, size_t len, uint64_t off)
{
	return hs_io_pread(((struct cut *)io)->below, buf, len, off);
}

static errint_t cut_pwrite(struct hs_io *io, const void *buf, size_t len, uint64_t off)
{
	struct cut *c = (struct cut *)io;
	size_t torn = (size_t)c->sectors * HS_CUT_SECTOR;

	if (len > c->longest)
		c->longest = len;
	if (c->seen++ < c->left)
		return hs_io_pwrite(c->below, buf, len, off);
	if (c->seen == c->left + 1 && torn) {
		if (torn >= len)
			torn = (len - 1) / HS_CUT_SECTOR * HS_CUT_SECTOR;
		if (torn)
			hs_io_pwrite(c->below, buf, torn, off);
	}
	return -EIO;
}

static errint_t cut_flush(struct hs_io *io)
{
	struct cut *c = (struct cut *)io;

	return c->seen > c->left ? -EIO : hs_io_flush(c->below);
}

static errint_t cut_chan_open(struct hs_io *io, unsigned depth, struct hs_io_chan **out)
{
	return hs_io_chan_open(((struct cut *)io)->below, depth, out);
}

static void cut_close(struct hs_io *io)
{
	hs_io_close(((struct cut *)io)->below);
	free(io);
}

static const struct hs_io_ops cut_ops = {
	.name = "cut",
	.pread = cut_pread,
	.pwrite = cut_pwrite,
	.flush = cut_flush,
	.chan_open = cut_chan_open,
	.close = cut_close,
};

errint_t hs_cut_open(struct hs_io *below, uint64_t writes, uint32_t sectors, struct hs_io **out)
{
	struct cut *c = calloc(1, sizeof(*c));

	if (!c)
		return -ENOMEM;
	c->io = *below;
	c->io.ops = &cut_ops;
	c->below = below;
	c->left = writes;
	c->sectors = sectors;
	*out = &c->io;
	return 0;
}

uint64_t hs_cut_writes(const struct hs_io *cut)
{
	return ((const struct cut *)cut)->seen;
}

size_t hs_cut_longest(const struct hs_io *cut)
{
	return ((const struct cut *)cut)->longest;
}
