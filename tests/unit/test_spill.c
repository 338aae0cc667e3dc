/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A block that grows, stays zero where it is new, and moves into a file.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/spill.h"

static void fill_and_check(struct hs_spill *s, size_t from, size_t to)
{
	uint8_t *p = s->p;

	for (size_t i = from; i < to; i++) {
		assert_int_equal(p[i], 0);
		p[i] = (uint8_t)(i * 7 + 1);
	}
	for (size_t i = 0; i < to; i++)
		assert_int_equal(p[i], (uint8_t)(i * 7 + 1));
}

static void grow_in_steps(const struct hs_spill_limit *limit, int spilled_at_the_end)
{
	struct hs_spill s = {0};
	size_t done = 0;

	for (size_t want = 100; want < 300000; want = want * 3 / 2) {
		assert_int_equal(hs_spill_grow(&s, want, limit), 0);
		assert_true(s.bytes >= want);
		fill_and_check(&s, done, want);
		done = want;
		assert_int_equal(hs_spill_grow(&s, want / 2, limit), 0); /* never shrinks */
		assert_true(s.bytes >= want);
	}
	assert_int_equal(s.file != 0, spilled_at_the_end);
	hs_spill_free(&s);
	assert_null(s.p);
}

static void stays_in_memory(void **state)
{
	(void)state;
	grow_in_steps(&(struct hs_spill_limit){SIZE_MAX, "/tmp"}, 0);
	grow_in_steps(&(struct hs_spill_limit){0, NULL}, 0);
}

static void moves_to_a_file(void **state)
{
	(void)state;
	grow_in_steps(&(struct hs_spill_limit){40000, "/tmp"}, 1);
	grow_in_steps(&(struct hs_spill_limit){0, "/tmp"}, 1);
}

static void says_what_went_wrong(void **state)
{
	const struct hs_spill_limit nowhere = {5000, "/nonexistent"};
	struct hs_spill s = {0};

	(void)state;
	assert_int_equal(hs_spill_grow(&s, 4000, &nowhere), 0);
	fill_and_check(&s, 0, 4000);
	assert_int_equal(hs_spill_grow(&s, 100000, &nowhere), -ENOENT);
	assert_int_equal(((uint8_t *)s.p)[3], 22); /* as it was */
	assert_int_equal(hs_spill_grow(&s, SIZE_MAX, &nowhere), -ENOMEM);
	hs_spill_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stays_in_memory),
		cmocka_unit_test(moves_to_a_file),
		cmocka_unit_test(says_what_went_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
