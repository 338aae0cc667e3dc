/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lfsck/digest.h"

#include <stdlib.h>
#include <sys/mman.h>

#include "lfsck/keep.h"

/* Large arrays come from mmap: zero pages cost nothing until they are touched. */
static void *map_zeroed(size_t bytes)
{
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		return NULL;
	madvise(p, bytes, MADV_HUGEPAGE);
	return p;
}

errint_t hs_digest_init(struct hs_digest *d, uint64_t seed, uint64_t buckets)
{
	memset(d, 0, sizeof(*d));
	d->seed = seed;
	d->buckets = buckets ? buckets : 1;
	d->counters = map_zeroed(d->buckets * sizeof(*d->counters));
	return d->counters ? 0 : -ENOMEM;
}

void hs_digest_free(struct hs_digest *d)
{
	if (d->counters)
		munmap((void *)d->counters, d->buckets * sizeof(*d->counters));
	free(d->suspect);
	memset(d, 0, sizeof(*d));
}

errint_t hs_digest_to_suspects(struct hs_digest *d, uint64_t *count)
{
	*count = 0;
	d->suspect = calloc(d->buckets / 64 + 1, sizeof(*d->suspect));
	if (!d->suspect)
		return -ENOMEM;
	for (uint64_t i = 0; i < d->buckets; i++) {
		if (atomic_load_explicit(&d->counters[i], memory_order_relaxed)) {
			d->suspect[i / 64] |= 1ull << (i % 64);
			++*count;
		}
	}
	munmap((void *)d->counters, d->buckets * sizeof(*d->counters));
	d->counters = NULL;
	return 0;
}

void hs_digest_add_suspect(struct hs_digest *d, struct hs_fid key)
{
	uint64_t i = hs_digest_bucket(d, key);

	d->suspect[i / 64] |= 1ull << (i % 64);
}

void hs_emit_init(struct hs_emit *e, struct hs_digest *d, struct hs_keep *keep)
{
	memset(e, 0, sizeof(*e));
	e->d = d;
	e->keep = keep;
}

void hs_emit_flush(struct hs_emit *e)
{
	if (e->d->suspect)
		return;
	for (unsigned i = 0; i < HS_EMIT_RING; i++) {
		atomic_fetch_add_explicit(&e->d->counters[e->ring[i].bucket], e->ring[i].value,
					  memory_order_relaxed);
		e->ring[i].value = 0;
	}
}

void hs_group_keep(struct hs_emit *e, struct hs_group *g, const struct hs_fact_buf *f, int64_t k)
{
	hs_keep_fact(e->keep, g->bucket, f, k, &e->prov);
}
