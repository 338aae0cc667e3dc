/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bitmaps of OST objects: setting, merging, double references, what is left of a difference. */
#include "cm.h"

#include "lfsck/objmap.h"

#define SEQ 0x240000400ull

static struct hs_fid obj(uint32_t id)
{
	return (struct hs_fid){SEQ, id, 0};
}

static unsigned get(const struct hs_objmap *m, uint32_t ost, struct hs_fid f)
{
	struct hs_objmap_cursor c = {0};

	return hs_objmap_get(m, &c, ost, f);
}

static void sets(void **state)
{
	/* Ids whose upper halves differ share nothing but the sequence. */
	struct hs_fid low = hs_fid_from_idif(7, 2), high = hs_fid_from_idif(0x700000007, 2);
	struct hs_objmap m = {0};

	(void)state;
	assert_int_equal(hs_objmap_set(&m, 0, obj(7), HS_OBJ_NO_PARENT | HS_OBJ_TOUCHED), 0);
	assert_int_equal(hs_objmap_set(&m, 2, low, HS_OBJ_NO_COMP), 0);
	assert_int_equal(hs_objmap_set(&m, 2, high, HS_OBJ_NO_OWNER), 0);
	assert_int_equal(get(&m, 0, obj(7)), HS_OBJ_NO_PARENT | HS_OBJ_TOUCHED);
	assert_int_equal(get(&m, 0, obj(8)), 0);
	assert_int_equal(get(&m, 1, obj(7)), 0);
	assert_int_equal(get(&m, 2, low), HS_OBJ_NO_COMP);
	assert_int_equal(get(&m, 2, high), HS_OBJ_NO_OWNER);
	assert_true(hs_objmap_optimize(&m) > 0);
	assert_int_equal(get(&m, 2, high), HS_OBJ_NO_OWNER);
	hs_objmap_free(&m);
}

/* The reader's cache must not answer for another sequence. */
static void cursor(void **state)
{
	struct hs_objmap_cursor c = {0};
	struct hs_objmap m = {0};

	(void)state;
	assert_int_equal(hs_objmap_set(&m, 0, obj(1), HS_OBJ_NO_PARENT), 0);
	assert_int_equal(hs_objmap_set(&m, 1, obj(2), HS_OBJ_NO_COMP), 0);
	assert_int_equal(hs_objmap_get(&m, &c, 0, obj(1)), HS_OBJ_NO_PARENT);
	assert_int_equal(hs_objmap_get(&m, &c, 1, obj(2)), HS_OBJ_NO_COMP);
	assert_int_equal(hs_objmap_get(&m, &c, 1, obj(1)), 0);
	assert_int_equal(hs_objmap_get(&m, &c, 9, obj(1)), 0);
	assert_int_equal(hs_objmap_get(&m, &c, 0, obj(1)), HS_OBJ_NO_PARENT);
	hs_objmap_free(&m);
}

static void twice_by_one(void **state)
{
	struct hs_objmap m = {0};

	(void)state;
	assert_int_equal(hs_objmap_set(&m, 0, obj(1), HS_OBJ_REFERENCED), 0);
	assert_int_equal(get(&m, 0, obj(1)), HS_OBJ_REFERENCED);
	assert_int_equal(hs_objmap_set(&m, 0, obj(1), HS_OBJ_REFERENCED), 0);
	assert_int_equal(get(&m, 0, obj(1)), HS_OBJ_REFERENCED | HS_OBJ_TWICE);
	hs_objmap_free(&m);
}

/* Three workers; one object named by two of them, one by all, one twice by one. */
static void twice_by_merge(void **state)
{
	struct hs_objmap all = {0}, w[3] = {{0}};

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(hs_objmap_set(&w[i], 0, obj(10 + i), HS_OBJ_REFERENCED), 0);
		assert_int_equal(hs_objmap_set(&w[i], 0, obj(5), HS_OBJ_REFERENCED), 0);
		assert_int_equal(hs_objmap_set(&w[i], i, obj(6), HS_OBJ_REFERENCED), 0);
	}
	assert_int_equal(hs_objmap_set(&w[0], 0, obj(4), HS_OBJ_REFERENCED), 0);
	assert_int_equal(hs_objmap_set(&w[2], 0, obj(4), HS_OBJ_REFERENCED), 0);
	assert_int_equal(hs_objmap_set(&w[1], 0, obj(11), HS_OBJ_REFERENCED), 0);
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(hs_objmap_merge(&all, &w[i]), 0);
		assert_int_equal(w[i].n, 0);
	}
	assert_int_equal(get(&all, 0, obj(5)), HS_OBJ_REFERENCED | HS_OBJ_TWICE);
	assert_int_equal(get(&all, 0, obj(4)), HS_OBJ_REFERENCED | HS_OBJ_TWICE);
	assert_int_equal(get(&all, 0, obj(11)), HS_OBJ_REFERENCED | HS_OBJ_TWICE);
	assert_int_equal(get(&all, 0, obj(10)), HS_OBJ_REFERENCED);
	assert_int_equal(get(&all, 0, obj(6)), HS_OBJ_REFERENCED); /* one on each OST */
	assert_int_equal(get(&all, 2, obj(6)), HS_OBJ_REFERENCED);
	hs_objmap_free(&all);
}

struct seen {
	unsigned n;
	uint32_t ost[8];
	struct hs_fid fid[8];
};

static int note(void *arg, uint32_t ost, struct hs_fid f)
{
	struct seen *s = arg;

	s->ost[s->n] = ost;
	s->fid[s->n++] = f;
	return s->n == 8 ? 99 : 0;
}

/* Touched and not referenced; ascending; an early end is passed on. */
static void difference(void **state)
{
	struct hs_objmap objects = {0}, refs = {0};
	struct hs_fid idif = hs_fid_from_idif(0x100000003, 1);
	struct seen s = {0};

	(void)state;
	for (uint32_t i = 1; i <= 5; i++)
		hs_objmap_set(&objects, 0, obj(i), HS_OBJ_TOUCHED);
	hs_objmap_set(&objects, 0, obj(6), HS_OBJ_NO_PARENT);
	hs_objmap_set(&objects, 1, idif, HS_OBJ_TOUCHED);
	hs_objmap_set(&refs, 0, obj(2), HS_OBJ_REFERENCED);
	hs_objmap_set(&refs, 0, obj(5), HS_OBJ_REFERENCED);
	hs_objmap_set(&refs, 1, obj(1), HS_OBJ_REFERENCED);
	assert_int_equal(
		hs_objmap_each(&objects, HS_OBJ_TOUCHED, &refs, HS_OBJ_REFERENCED, note, &s), 0);
	assert_int_equal(s.n, 4);
	assert_true(hs_fid_eq(s.fid[0], obj(1)));
	assert_true(hs_fid_eq(s.fid[1], obj(3)));
	assert_true(hs_fid_eq(s.fid[2], obj(4)));
	assert_true(hs_fid_eq(s.fid[3], idif));
	assert_int_equal(s.ost[3], 1);

	s.n = 0;
	hs_objmap_set(&objects, 0, obj(9), HS_OBJ_TOUCHED | HS_OBJ_NO_PARENT);
	assert_int_equal(
		hs_objmap_each(&objects, HS_OBJ_TOUCHED | HS_OBJ_NO_PARENT, NULL, 0, note, &s), 0);
	assert_int_equal(s.n, 1);
	s.n = 7;
	assert_int_equal(hs_objmap_each(&objects, HS_OBJ_TOUCHED, NULL, 0, note, &s), 99);
	hs_objmap_free(&objects);
	hs_objmap_free(&refs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sets),		cmocka_unit_test(cursor),
		cmocka_unit_test(twice_by_one), cmocka_unit_test(twice_by_merge),
		cmocka_unit_test(difference),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
