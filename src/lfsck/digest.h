/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The digest: B counters that all equations share, and one worker's way to add facts to them or,
 * in the suspect pass, to keep the facts of suspect counters (equations 4.3, 12).
 */
#ifndef HS_LFSCK_DIGEST_H
#define HS_LFSCK_DIGEST_H

#include <stdatomic.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/err.h"
#include "lfsck/fact.h"

/* Shared by all workers; the counters are added to with relaxed atomics. */
struct hs_digest {
	uint64_t seed;
	uint64_t buckets; /* B, at least 1 */
	_Atomic uint64_t *counters;
	uint64_t *suspect; /* bitmap of B bits; NULL during the digest pass */
};

errint_t hs_digest_init(struct hs_digest *d, uint64_t seed, uint64_t buckets);
void hs_digest_free(struct hs_digest *d);

/* What a key is worth in this run: it chooses the counter, and seeds the hashes of its facts. */
static inline uint64_t hs_digest_key(const struct hs_digest *d, struct hs_fid key)
{
	uint8_t b[HS_FID_SIZE];

	hs_fid_put_le(b, key);
	return XXH3_64bits_withSeed(b, sizeof(b), d->seed);
}

static inline uint64_t hs_digest_slot(const struct hs_digest *d, uint64_t key_hash)
{
	return (uint64_t)(((unsigned __int128)key_hash * d->buckets) >> 64);
}

/* Counter of a key. */
static inline uint64_t hs_digest_bucket(const struct hs_digest *d, struct hs_fid key)
{
	return hs_digest_slot(d, hs_digest_key(d, key));
}

static inline bool hs_digest_is_suspect(const struct hs_digest *d, uint64_t bucket)
{
	return d->suspect[bucket / 64] >> (bucket % 64) & 1;
}

/*
 * Ends the digest pass: every non-zero counter becomes a suspect bit and the counters are freed.
 * *count is the number of suspect counters.
 */
errint_t hs_digest_to_suspects(struct hs_digest *d, uint64_t *count);
void hs_digest_add_suspect(struct hs_digest *d, struct hs_fid key);

/* Where a kept fact was found. */
struct hs_prov {
	uint16_t target; /* position in the system's list */
	uint32_t ino;	 /* the inode, or the directory or index file the record lies in */
	uint32_t block;	 /* logical block of that record, or 0 */
};

/* One kept fact; variable length. */
struct hs_kept {
	uint64_t bucket;
	int64_t k; /* how often, with its sign; 0 for a witness that is no equation */
	struct hs_prov prov;
	uint16_t len;
	uint8_t bytes[]; /* struct hs_fact_buf's */
};

struct hs_keep; /* keep.h */

#define HS_EMIT_RING 32

/* One worker's end. Not shared. */
struct hs_emit {
	struct hs_digest *d;
	struct hs_keep *keep; /* suspect pass only */
	struct hs_prov prov;  /* of what is emitted next */
	uint64_t facts;
	/* additions on their way: the cache line is fetched while other work goes on */
	struct {
		uint64_t bucket;
		uint64_t value;
	} ring[HS_EMIT_RING];
	unsigned head;
};

void hs_emit_init(struct hs_emit *e, struct hs_digest *d, struct hs_keep *keep);

/* Empties the ring. Called before a worker says it is done. */
void hs_emit_flush(struct hs_emit *e);

/* Facts of one record that share a key: begin, any number of adds, end. */
struct hs_group {
	uint64_t key_hash;
	uint64_t bucket;
	uint64_t sum;
	bool wanted; /* digest pass, or a suspect counter */
};

static inline void hs_group_begin(struct hs_emit *e, struct hs_group *g, struct hs_fid key)
{
	g->key_hash = hs_digest_key(e->d, key);
	g->bucket = hs_digest_slot(e->d, g->key_hash);
	g->sum = 0;
	g->wanted = !e->d->suspect || hs_digest_is_suspect(e->d, g->bucket);
	if (!e->d->suspect)
		__builtin_prefetch((const void *)&e->d->counters[g->bucket], 1);
}

void hs_group_keep(struct hs_emit *e, struct hs_group *g, const struct hs_fact_buf *f, int64_t k);

/*
 * The value of a fact: its fields, hashed with a seed that its key and its tag make. Odd, so that
 * no multiple of it is 0 (equations 4.3). The key was hashed already, and what is left is short.
 */
static inline __attribute__((always_inline)) uint64_t hs_fact_value(const struct hs_group *g,
								    const struct hs_fact_buf *f)
{
	return XXH3_64bits_withSeed(f->b + HS_FACT_HEAD, f->len - (size_t)HS_FACT_HEAD,
				    g->key_hash + f->b[0] * 0x9e3779b97f4a7c15ull) |
	       1;
}

/*
 * k times the fact: positive for the plus side, negative for the minus side, 0 for a witness.
 * Inlined into every caller: most facts have a fixed length, and hashing a known length is short.
 */
static inline __attribute__((always_inline)) void
hs_group_add(struct hs_emit *e, struct hs_group *g, const struct hs_fact_buf *f, int64_t k)
{
	if (!g->wanted)
		return;
	if (e->d->suspect) {
		hs_group_keep(e, g, f, k);
		return;
	}
	g->sum += hs_fact_value(g, f) * (uint64_t)k;
	e->facts++;
}

static inline void hs_group_end(struct hs_emit *e, const struct hs_group *g)
{
	unsigned i = e->head++ % HS_EMIT_RING;

	if (e->d->suspect)
		return;
	atomic_fetch_add_explicit(&e->d->counters[e->ring[i].bucket], e->ring[i].value,
				  memory_order_relaxed);
	e->ring[i].bucket = g->bucket;
	e->ring[i].value = g->sum;
}

#endif
