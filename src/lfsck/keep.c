/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lfsck/keep.h"

#include <stdlib.h>

#include "base/array.h"

#define BLOCK_SIZE (256u * 1024)

struct hs_keep_block {
	struct hs_keep_block *next;
	size_t used;
	uint64_t data[(BLOCK_SIZE - 2 * sizeof(size_t)) / sizeof(uint64_t)];
};

static size_t kept_size(size_t len)
{
	return (sizeof(struct hs_kept) + len + 7) & ~(size_t)7;
}

void hs_keep_init(struct hs_keep *k, struct hs_slice *slice)
{
	memset(k, 0, sizeof(*k));
	k->slice = slice;
	k->end = UINT64_MAX;
}

void hs_keep_free(struct hs_keep *k)
{
	while (k->blocks) {
		struct hs_keep_block *b = k->blocks;

		k->blocks = b->next;
		free(b);
	}
	k->count = 0;
	k->bytes = 0;
	k->end = UINT64_MAX;
}

static struct hs_kept *block_first(struct hs_keep_block *b)
{
	return b->used ? (struct hs_kept *)b->data : NULL;
}

static struct hs_kept *block_next(struct hs_keep_block *b, struct hs_kept *f)
{
	uint8_t *p = (uint8_t *)f + kept_size(f->len);

	return p < (uint8_t *)b->data + b->used ? (struct hs_kept *)p : NULL;
}

/* Appends a block if the newest has no room for `size` bytes. */
static struct hs_kept *take_room(struct hs_keep *k, size_t size)
{
	struct hs_keep_block *b = k->blocks;

	if (!b || b->used + size > sizeof(b->data)) {
		b = malloc(sizeof(*b));
		if (!b) {
			k->err = -ENOMEM;
			return NULL;
		}
		b->next = k->blocks;
		b->used = 0;
		k->blocks = b;
		k->bytes += sizeof(*b);
	}
	b->used += size;
	k->count++;
	return (struct hs_kept *)((uint8_t *)b->data + b->used - size);
}

/* Moves the facts that are still in the slice to fresh blocks. */
static void sift(struct hs_keep *k, uint64_t end)
{
	struct hs_keep_block *old = k->blocks;
	struct hs_keep fresh;

	hs_keep_init(&fresh, k->slice);
	fresh.end = end;
	fresh.err = k->err;
	while (old) {
		struct hs_keep_block *b = old;

		for (struct hs_kept *f = block_first(b); f; f = block_next(b, f)) {
			struct hs_kept *copy;

			if (f->bucket >= end)
				continue;
			copy = take_room(&fresh, kept_size(f->len));
			if (copy)
				memcpy(copy, f, sizeof(*f) + f->len);
		}
		old = b->next;
		free(b);
	}
	*k = fresh;
}

/* Halves the slice, unless somebody just did; false if one counter is all that is left. */
static bool halve(struct hs_slice *s, uint64_t end)
{
	uint64_t half = s->first + (end - s->first) / 2;

	if (half == s->first)
		return false;
	atomic_compare_exchange_strong(&s->end, &end, half);
	return true;
}

/* Before another block is taken: shrinks the slice until there is room for it. */
static void make_room(struct hs_keep *k)
{
	while (k->blocks && k->bytes + sizeof(*k->blocks) > k->slice->limit) {
		uint64_t end = atomic_load(&k->slice->end);

		if (end < k->end)
			sift(k, end);
		else if (!halve(k->slice, end))
			break;
	}
}

void hs_keep_fact(struct hs_keep *k, uint64_t bucket, const struct hs_fact_buf *f, int64_t times,
		  const struct hs_prov *prov)
{
	size_t size = kept_size(f->len);
	struct hs_kept *kept;

	if (bucket < k->slice->first || bucket >= atomic_load(&k->slice->end))
		return;
	if (k->blocks && k->blocks->used + size > sizeof(k->blocks->data)) {
		make_room(k);
		if (bucket >= atomic_load(&k->slice->end))
			return;
	}
	kept = take_room(k, size);
	if (!kept)
		return;
	kept->bucket = bucket;
	kept->k = times;
	kept->prov = *prov;
	kept->len = f->len;
	memcpy(kept->bytes, f->b, f->len);
}

static struct hs_fid kept_fid(const struct hs_kept *f)
{
	return hs_fid_get_le(f->bytes + 1);
}

/* By key, tag, fields, then place: an order that does not depend on the workers. */
static int cmp_kept(const void *pa, const void *pb)
{
	const struct hs_kept *a = *(struct hs_kept *const *)pa, *b = *(struct hs_kept *const *)pb;
	int c = hs_fid_cmp(kept_fid(a), kept_fid(b));

	if (c)
		return c;
	c = memcmp(a->bytes, b->bytes, a->len < b->len ? a->len : b->len);
	if (c)
		return c;
	if (a->len != b->len)
		return a->len < b->len ? -1 : 1;
	if (a->prov.target != b->prov.target)
		return a->prov.target < b->prov.target ? -1 : 1;
	if (a->prov.ino != b->prov.ino)
		return a->prov.ino < b->prov.ino ? -1 : 1;
	if (a->prov.block != b->prov.block)
		return a->prov.block < b->prov.block ? -1 : 1;
	return a->k < b->k ? -1 : a->k > b->k;
}

int64_t hs_join_net(const struct hs_join *j, size_t i, size_t end, size_t *next)
{
	const struct hs_kept *f = j->facts[i];
	int64_t net = 0;

	for (; i < end; i++) {
		const struct hs_kept *o = j->facts[i];

		if (o->len != f->len || memcmp(o->bytes, f->bytes, f->len))
			break;
		net += o->k;
	}
	*next = i;
	return net;
}

static bool balanced(const struct hs_join *j, size_t first, size_t end)
{
	while (first < end) {
		if (hs_join_net(j, first, end, &first))
			return false;
	}
	return true;
}

static errint_t add_suspect(struct hs_join *j, struct hs_fid fid, size_t first, size_t count,
			    bool marked)
{
	errint_t err = hs_array_grow(&j->suspects, &j->room, j->n_suspects + 1);

	if (!err)
		j->suspects[j->n_suspects++] = (struct hs_suspect){fid, first, count, marked};
	return err;
}

static errint_t collect(struct hs_keep *keeps, unsigned n, const struct hs_slice *slice,
			struct hs_join *out)
{
	uint64_t end = atomic_load(&slice->end);
	size_t total = 0;

	for (unsigned i = 0; i < n; i++) {
		if (keeps[i].err)
			return keeps[i].err;
		total += keeps[i].count;
	}
	out->facts = malloc((total ? total : 1) * sizeof(struct hs_kept *));
	if (!out->facts)
		return -ENOMEM;
	for (unsigned i = 0; i < n; i++) {
		for (struct hs_keep_block *b = keeps[i].blocks; b; b = b->next) {
			for (struct hs_kept *f = block_first(b); f; f = block_next(b, f)) {
				if (f->bucket < end)
					out->facts[out->n_facts++] = f;
			}
		}
	}
	qsort(out->facts, out->n_facts, sizeof(struct hs_kept *), cmp_kept);
	return 0;
}

errint_t hs_join(struct hs_keep *keeps, unsigned n, const struct hs_slice *slice,
		 const struct hs_fid *marked, size_t n_marked, struct hs_join *out)
{
	size_t m = 0, i = 0;
	errint_t err;

	memset(out, 0, sizeof(*out));
	err = collect(keeps, n, slice, out);
	while (!err && (i < out->n_facts || m < n_marked)) {
		struct hs_fid fid = i < out->n_facts ? kept_fid(out->facts[i]) : marked[m];
		size_t first = i;
		bool is_marked;

		if (m < n_marked && hs_fid_cmp(marked[m], fid) < 0)
			fid = marked[m];
		while (i < out->n_facts && hs_fid_eq(kept_fid(out->facts[i]), fid))
			i++;
		is_marked = m < n_marked && hs_fid_eq(marked[m], fid);
		while (m < n_marked && hs_fid_eq(marked[m], fid))
			m++;
		if (is_marked || !balanced(out, first, i))
			err = add_suspect(out, fid, first, i - first, is_marked);
	}
	if (err)
		hs_join_free(out);
	return err;
}

errint_t hs_join_all(struct hs_keep *keep, struct hs_join *out)
{
	memset(out, 0, sizeof(*out));
	return collect(keep, 1, keep->slice, out);
}

void hs_join_free(struct hs_join *j)
{
	free(j->facts);
	free(j->suspects);
	memset(j, 0, sizeof(*j));
}

const struct hs_suspect *hs_join_find(const struct hs_join *j, struct hs_fid fid)
{
	size_t lo = 0, hi = j->n_suspects;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		int c = hs_fid_cmp(j->suspects[mid].fid, fid);

		if (c == 0)
			return &j->suspects[mid];
		if (c < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}
