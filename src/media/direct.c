/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "media/direct.h"

#include <stdlib.h>
#include <sys/mman.h>

struct direct {
	struct hs_media_reader r; /* first member */
	struct hs_io *io;
	size_t limit;
	unsigned workers;
	void *buf[]; /* one a worker, mapped on first use by that worker */
};

static void *map_buffer(size_t len)
{
	void *p = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		return NULL;
	/* fewer pages to pin for each read; a kernel without them does it with small ones */
	madvise(p, len, MADV_HUGEPAGE);
	return p;
}

/* A failed read says nothing about its parts, so the whole of it is narrowed. */
static errint_t verify(struct hs_media_reader *r, unsigned worker, uint64_t off, uint64_t len,
		       uint64_t *good)
{
	struct direct *d = (struct direct *)r;

	*good = 0;
	if (worker >= d->workers || len > d->limit)
		return -EINVAL;
	if (!d->buf[worker])
		d->buf[worker] = map_buffer(d->limit);
	if (!d->buf[worker])
		return -ENOMEM;
	return hs_io_pread(d->io, d->buf[worker], len, off);
}

errint_t hs_media_direct_new(struct hs_io *io, unsigned workers, uint64_t limit,
			     struct hs_media_reader **out)
{
	struct direct *d = calloc(1, sizeof(*d) + workers * sizeof(void *));

	if (!d)
		return -ENOMEM;
	d->r.verify = verify;
	d->r.reach = limit;
	d->io = io;
	d->limit = limit;
	d->workers = workers;
	*out = &d->r;
	return 0;
}

void hs_media_direct_free(struct hs_media_reader *reader)
{
	struct direct *d = (struct direct *)reader;

	for (unsigned i = 0; d && i < d->workers; i++) {
		if (d->buf[i])
			munmap(d->buf[i], d->limit);
	}
	free(d);
}
