/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counters, kept facts, slices and the join. */
#include "cm.h"

#include "lfsck/keep.h"
#include "work/team.h"

static struct hs_fid fid(uint32_t i)
{
	return (struct hs_fid){0x200000400 + i / 1000, 1 + i % 1000, 0};
}

static const struct hs_prov nowhere;

static void keep_type(struct hs_keep *k, uint64_t bucket, uint32_t i, uint8_t type, int64_t times)
{
	struct hs_fact_buf f;

	hs_fact_type(&f, fid(i), type);
	hs_keep_fact(k, bucket, &f, times, &nowhere);
}

/* Facts of one FID from two workers: balanced ones vanish, the rest keeps its sum. */
static void joins(void **state)
{
	struct hs_slice slice = {.first = 0, .end = 10, .limit = 1 << 20};
	const struct hs_fid marked[] = {fid(3), fid(4), fid(4)};
	struct hs_keep keeps[2];
	const struct hs_suspect *s;
	struct hs_join j;
	size_t next;

	(void)state;
	hs_keep_init(&keeps[0], &slice);
	hs_keep_init(&keeps[1], &slice);
	keep_type(&keeps[0], 1, 1, 1, 2);
	keep_type(&keeps[1], 1, 1, 1, -2); /* balanced */
	keep_type(&keeps[1], 2, 2, 1, -3);
	keep_type(&keeps[0], 2, 2, 1, 1);
	keep_type(&keeps[0], 2, 2, 2, 1);
	keep_type(&keeps[0], 3, 3, 1, 1); /* balanced, but marked */
	keep_type(&keeps[1], 3, 3, 1, -1);
	keep_type(&keeps[0], 10, 5, 1, 1); /* beyond the slice */
	assert_int_equal(hs_join(keeps, 2, &slice, marked, 3, &j), 0);
	assert_int_equal(j.n_suspects, 3);
	assert_null(hs_join_find(&j, fid(1)));
	assert_null(hs_join_find(&j, fid(5)));
	s = hs_join_find(&j, fid(2));
	assert_non_null(s);
	assert_false(s->marked);
	assert_int_equal(s->count, 3);
	assert_int_equal(hs_join_net(&j, s->first, s->first + s->count, &next), -2);
	assert_int_equal(hs_join_net(&j, next, s->first + s->count, &next), 1);
	assert_int_equal(next, s->first + s->count);
	s = hs_join_find(&j, fid(3));
	assert_non_null(s);
	assert_true(s->marked);
	s = hs_join_find(&j, fid(4));
	assert_non_null(s);
	assert_true(s->marked);
	assert_int_equal(s->count, 0);
	hs_join_free(&j);
	hs_keep_free(&keeps[0]);
	hs_keep_free(&keeps[1]);
}

static void nothing_joins(void **state)
{
	struct hs_slice slice = {.first = 0, .end = 10, .limit = 1 << 20};
	struct hs_keep keep;
	struct hs_join j;

	(void)state;
	hs_keep_init(&keep, &slice);
	assert_int_equal(hs_join(&keep, 1, &slice, NULL, 0, &j), 0);
	assert_int_equal(j.n_suspects, 0);
	hs_join_free(&j);
	hs_keep_free(&keep);
}

#define COUNTERS 1000u
#define FACTS	 200000u

/* Slice after slice, every fact is seen exactly once, and no worker outgrows its limit. */
static void slices(void **state)
{
	struct hs_slice slice = {.limit = 2 << 20};
	uint64_t first = 0, seen = 0, passes = 0;

	(void)state;
	while (first < COUNTERS) {
		struct hs_keep keeps[2];
		struct hs_join j;

		slice.first = first;
		slice.end = COUNTERS;
		for (unsigned w = 0; w < 2; w++)
			hs_keep_init(&keeps[w], &slice);
		for (uint32_t i = 0; i < FACTS; i++) {
			keep_type(&keeps[i % 5 == 0], i * 7919 % COUNTERS, i, 1, 1);
			assert_in_range(keeps[0].bytes, 0, slice.limit);
		}
		assert_true(slice.end > first);
		assert_int_equal(hs_join(keeps, 2, &slice, NULL, 0, &j), 0);
		for (size_t i = 0; i < j.n_facts; i++)
			assert_in_range(j.facts[i]->bucket, first, slice.end - 1);
		seen += j.n_facts;
		assert_int_equal(j.n_suspects, j.n_facts);
		hs_join_free(&j);
		for (unsigned w = 0; w < 2; w++)
			hs_keep_free(&keeps[w]);
		first = slice.end;
		passes++;
	}
	assert_int_equal(seen, FACTS);
	/* 160,000 facts of 64 bytes in 2 MiB: 5 would do, and halving wastes less than as much */
	assert_in_range(passes, 5, 12);
}

/* One counter cannot be cut: its facts are kept whatever they need. */
static void one_counter(void **state)
{
	struct hs_slice slice = {.first = 5, .end = 7, .limit = 1};
	struct hs_keep keep;
	struct hs_join j;

	(void)state;
	hs_keep_init(&keep, &slice);
	for (uint32_t i = 0; i < 50000; i++)
		keep_type(&keep, 5 + i % 2, i, 1, 1);
	assert_int_equal(slice.end, 6);
	assert_int_equal(hs_join(&keep, 1, &slice, NULL, 0, &j), 0);
	assert_int_equal(j.n_facts, 25000);
	hs_join_free(&j);
	hs_keep_free(&keep);
}

/* ---- counters ---- */

struct adding {
	struct hs_digest *d;
	struct hs_emit emit[4];
};

static errint_t add_all(unsigned id, void *arg)
{
	struct adding *a = arg;

	hs_emit_init(&a->emit[id], a->d, NULL);
	for (uint32_t i = 0; i < 20000; i++) {
		struct hs_fact_buf f;
		struct hs_group g;

		hs_fact_type(&f, fid(i), 1);
		hs_group_begin(&a->emit[id], &g, fid(i));
		/* three plus, one minus three times; one FID is left over */
		hs_group_add(&a->emit[id], &g, &f, id ? 1 : i == 777 ? -2 : -3);
		hs_group_end(&a->emit[id], &g);
	}
	hs_emit_flush(&a->emit[id]);
	return 0;
}

/* Whatever the threads interleave, the sums are the same. */
static void counters(void **state)
{
	static const uint64_t sizes[] = {1, 7, 64, 100000};

	(void)state;
	for (unsigned s = 0; s < 4; s++) {
		struct hs_digest d;
		struct adding a = {.d = &d};
		uint64_t n, bucket;

		assert_int_equal(hs_digest_init(&d, 42 + s, sizes[s]), 0);
		assert_int_equal(hs_team_run(4, add_all, &a), 0);
		assert_int_equal(hs_digest_to_suspects(&d, &n), 0);
		assert_int_equal(n, 1);
		bucket = hs_digest_bucket(&d, fid(777));
		assert_in_range(bucket, 0, sizes[s] - 1);
		assert_true(hs_digest_is_suspect(&d, bucket));
		assert_int_equal(a.emit[0].facts, 20000);
		hs_digest_free(&d);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(joins),    cmocka_unit_test(nothing_joins),
		cmocka_unit_test(slices),   cmocka_unit_test(one_counter),
		cmocka_unit_test(counters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
