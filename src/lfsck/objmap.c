/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lfsck/objmap.h"

#include <roaring/roaring.h>
#include <stdlib.h>

#include "base/array.h"

/* Objects of one sequence whose ids share the upper 32 bits. */
struct hs_objmap_seq {
	uint32_t ost;
	uint32_t high;
	uint64_t seq; /* IDIF: HS_SEQ_IDIF with the OST index, without id bits */
	roaring_bitmap_t *bit[HS_OBJ_BITS];
	roaring_bitmap_t *any; /* union of the bits; NULL before hs_objmap_optimize() */
};

static void split(struct hs_fid f, uint64_t *seq, uint32_t *high, uint32_t *low)
{
	uint64_t id = hs_fid_objid(f);

	*seq = hs_seq_is_idif(f.seq) ? f.seq & ~0xffffull : f.seq;
	*high = (uint32_t)(id >> 32);
	*low = (uint32_t)id;
}

static struct hs_fid join(const struct hs_objmap_seq *s, uint32_t low)
{
	if (hs_seq_is_idif(s->seq))
		return hs_fid_from_idif((uint64_t)s->high << 32 | low, s->ost);
	return (struct hs_fid){s->seq, low, 0};
}

static int cmp_seq(const struct hs_objmap_seq *s, uint32_t ost, uint64_t seq, uint32_t high)
{
	if (s->ost != ost)
		return s->ost < ost ? -1 : 1;
	if (s->seq != seq)
		return s->seq < seq ? -1 : 1;
	return (s->high > high) - (s->high < high);
}

/* Position of the sequence, or where it would go. */
static size_t search(const struct hs_objmap *m, uint32_t ost, uint64_t seq, uint32_t high,
		     bool *found)
{
	size_t lo = 0, hi = m->n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		int c = cmp_seq(m->seqs[mid], ost, seq, high);

		if (c == 0) {
			*found = true;
			return mid;
		}
		if (c < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	*found = false;
	return lo;
}

static void free_seq(struct hs_objmap_seq *s)
{
	for (unsigned i = 0; i < HS_OBJ_BITS; i++) {
		if (s->bit[i])
			roaring_bitmap_free(s->bit[i]);
	}
	if (s->any)
		roaring_bitmap_free(s->any);
	free(s);
}

void hs_objmap_free(struct hs_objmap *m)
{
	for (size_t i = 0; i < m->n; i++)
		free_seq(m->seqs[i]);
	free(m->seqs);
	memset(m, 0, sizeof(*m));
}

static errint_t insert(struct hs_objmap *m, size_t at, struct hs_objmap_seq *s)
{
	errint_t err = hs_array_grow(&m->seqs, &m->room, m->n + 1);

	if (err)
		return err;
	memmove(m->seqs + at + 1, m->seqs + at, (m->n - at) * sizeof(*m->seqs));
	m->seqs[at] = s;
	m->n++;
	return 0;
}

static struct hs_objmap_seq *get_seq(struct hs_objmap *m, uint32_t ost, uint64_t seq, uint32_t high)
{
	struct hs_objmap_seq *s = m->last;
	bool found;
	size_t at;

	if (s && !cmp_seq(s, ost, seq, high))
		return s;
	at = search(m, ost, seq, high, &found);
	if (!found) {
		s = calloc(1, sizeof(*s));
		if (!s)
			return NULL;
		s->ost = ost;
		s->seq = seq;
		s->high = high;
		if (insert(m, at, s)) {
			free(s);
			return NULL;
		}
	}
	m->last = m->seqs[at];
	return m->last;
}

static errint_t set_bit(struct hs_objmap_seq *s, unsigned i, uint32_t low, bool *was)
{
	if (!s->bit[i])
		s->bit[i] = roaring_bitmap_create();
	if (!s->bit[i])
		return -ENOMEM;
	*was = !roaring_bitmap_add_checked(s->bit[i], low);
	return 0;
}

errint_t hs_objmap_set(struct hs_objmap *m, uint32_t ost, struct hs_fid object, unsigned bits)
{
	struct hs_objmap_seq *s;
	uint32_t high, low;
	uint64_t seq;
	errint_t err = 0;

	split(object, &seq, &high, &low);
	s = get_seq(m, ost, seq, high);
	if (!s)
		return -ENOMEM;
	for (unsigned i = 0; !err && i < HS_OBJ_BITS; i++) {
		bool was = false;

		if (!(bits >> i & 1))
			continue;
		err = set_bit(s, i, low, &was);
		if (!err && was && 1u << i == HS_OBJ_REFERENCED)
			err = set_bit(s, __builtin_ctz(HS_OBJ_TWICE), low, &was);
	}
	return err;
}

unsigned hs_objmap_get(const struct hs_objmap *m, struct hs_objmap_cursor *c, uint32_t ost,
		       struct hs_fid object)
{
	const struct hs_objmap_seq *s = c->last;
	uint32_t high, low;
	unsigned bits = 0;
	uint64_t seq;

	split(object, &seq, &high, &low);
	if (!s || cmp_seq(s, ost, seq, high)) {
		bool found;
		size_t at = search(m, ost, seq, high, &found);

		if (!found)
			return 0;
		s = c->last = m->seqs[at];
	}
	/* most objects were written in full and have none */
	if (s->any && !roaring_bitmap_contains(s->any, low))
		return 0;
	for (unsigned i = 0; i < HS_OBJ_BITS; i++) {
		if (s->bit[i] && roaring_bitmap_contains(s->bit[i], low))
			bits |= 1u << i;
	}
	return bits;
}

/* a |= b, with the double references found on the way. */
static errint_t merge_seq(struct hs_objmap_seq *a, struct hs_objmap_seq *b)
{
	const unsigned ref = __builtin_ctz(HS_OBJ_REFERENCED), twice = __builtin_ctz(HS_OBJ_TWICE);

	if (a->bit[ref] && b->bit[ref] && roaring_bitmap_intersect(a->bit[ref], b->bit[ref])) {
		roaring_bitmap_t *both = roaring_bitmap_and(a->bit[ref], b->bit[ref]);

		if (!both)
			return -ENOMEM;
		if (a->bit[twice]) {
			roaring_bitmap_or_inplace(a->bit[twice], both);
			roaring_bitmap_free(both);
		} else {
			a->bit[twice] = both;
		}
	}
	for (unsigned i = 0; i < HS_OBJ_BITS; i++) {
		if (!b->bit[i])
			continue;
		if (a->bit[i]) {
			roaring_bitmap_or_inplace(a->bit[i], b->bit[i]);
		} else {
			a->bit[i] = b->bit[i];
			b->bit[i] = NULL;
		}
	}
	return 0;
}

errint_t hs_objmap_merge(struct hs_objmap *to, struct hs_objmap *from)
{
	errint_t err = 0;

	for (size_t i = 0; !err && i < from->n; i++) {
		struct hs_objmap_seq *s = from->seqs[i];
		bool found;
		size_t at = search(to, s->ost, s->seq, s->high, &found);

		if (found) {
			err = merge_seq(to->seqs[at], s);
			continue;
		}
		err = insert(to, at, s);
		if (!err)
			from->seqs[i] = NULL;
	}
	for (size_t i = 0; i < from->n; i++) {
		if (from->seqs[i])
			free_seq(from->seqs[i]);
	}
	from->n = 0;
	hs_objmap_free(from);
	to->last = NULL;
	return err;
}

/* A shortcut for readers: without memory for it they look at each bitmap. */
static void make_union(struct hs_objmap_seq *s)
{
	if (!s->any)
		s->any = roaring_bitmap_create();
	for (unsigned i = 0; s->any && i < HS_OBJ_BITS; i++) {
		if (s->bit[i])
			roaring_bitmap_or_inplace(s->any, s->bit[i]);
	}
	if (s->any)
		roaring_bitmap_run_optimize(s->any);
}

size_t hs_objmap_optimize(struct hs_objmap *m)
{
	size_t bytes = 0;

	for (size_t i = 0; i < m->n; i++) {
		for (unsigned k = 0; k < HS_OBJ_BITS; k++) {
			if (!m->seqs[i]->bit[k])
				continue;
			roaring_bitmap_run_optimize(m->seqs[i]->bit[k]);
			bytes += roaring_bitmap_portable_size_in_bytes(m->seqs[i]->bit[k]);
		}
		make_union(m->seqs[i]);
	}
	return bytes;
}

/* Intersection of the wanted bitmaps minus the union of the unwanted ones; NULL: empty. */
static errint_t select_objects(const struct hs_objmap_seq *s, unsigned want,
			       const struct hs_objmap_seq *o, unsigned unless,
			       roaring_bitmap_t **out)
{
	roaring_bitmap_t *r = NULL;

	*out = NULL;
	for (unsigned i = 0; i < HS_OBJ_BITS; i++) {
		if (!(want >> i & 1))
			continue;
		if (!s->bit[i]) {
			if (r)
				roaring_bitmap_free(r);
			return 0;
		}
		if (!r) {
			r = roaring_bitmap_copy(s->bit[i]);
			if (!r)
				return -ENOMEM;
		} else {
			roaring_bitmap_and_inplace(r, s->bit[i]);
		}
	}
	for (unsigned i = 0; r && o && i < HS_OBJ_BITS; i++) {
		if ((unless >> i & 1) && o->bit[i])
			roaring_bitmap_andnot_inplace(r, o->bit[i]);
	}
	*out = r;
	return 0;
}

int hs_objmap_each(const struct hs_objmap *a, unsigned want, const struct hs_objmap *b,
		   unsigned unless, int (*fn)(void *arg, uint32_t ost, struct hs_fid object),
		   void *arg)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < a->n; i++) {
		const struct hs_objmap_seq *s = a->seqs[i], *o = NULL;
		roaring_uint32_iterator_t it;
		roaring_bitmap_t *r;

		if (b) {
			bool found;
			size_t at = search(b, s->ost, s->seq, s->high, &found);

			if (found)
				o = b->seqs[at];
		}
		rc = select_objects(s, want, o, unless, &r);
		if (rc || !r)
			continue;
		roaring_init_iterator(r, &it);
		while (!rc && it.has_value) {
			rc = fn(arg, s->ost, join(s, it.current_value));
			roaring_advance_uint32_iterator(&it);
		}
		roaring_bitmap_free(r);
	}
	return rc;
}
