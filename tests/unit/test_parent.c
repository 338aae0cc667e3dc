/* SPDX-License-Identifier: GPL-2.0-or-later */
/* trusted.fid of OST objects in all its sizes (format notes 9.6). */
#include "cm.h"

#include "lustre/parent.h"

static const uint8_t value[52] = {
	0x01, 0x04, 0,	  0, 2, 0, 0, 0, 0x2a, 0, 0,	0, 3, 0, 0, 0, /* parent, index 3 */
	0,    0,    0x10, 0, 4, 0, 0, 0, 0,    0, 0x20, 0, 0, 0, 0, 0, /* size, count, start */
	0,    0,    0x40, 0, 0, 0, 0, 0, 7,    0, 1,	0,	       /* end, component */
	9,    0,    0,	  0, 1, 0, 0, 0,			       /* version, range */
};

static void every_length(void **state)
{
	(void)state;
	for (size_t len = 0; len <= sizeof(value); len++) {
		bool odd = len != 16 && len != 32 && len != 44 && len != 52;
		uint8_t *copy = exact_copy(value, len);
		struct hs_parent p;

		assert_int_equal(hs_parent_decode(copy, len, &p), len >= 16);
		assert_int_equal(p.odd_size, odd);
		assert_int_equal(p.has_layout, len >= 44);
		assert_int_equal(p.has_version, len >= 52);
		assert_int_equal(p.comp_id, len >= 44 ? 0x10007 : 0);
		free(copy);
	}
}

static void fields(void **state)
{
	struct hs_parent p;

	(void)state;
	assert_true(hs_parent_decode(value, sizeof(value), &p));
	assert_true(hs_fid_eq(p.file, (struct hs_fid){0x200000401, 0x2a, 0}));
	assert_int_equal(p.stripe_index, 3);
	assert_int_equal(p.stripe_size, 1 << 20);
	assert_int_equal(p.stripe_count, 4);
	assert_int_equal(p.comp_start, 2 << 20);
	assert_int_equal(p.comp_end, 4 << 20);
	assert_int_equal(p.layout_version, 9);
	assert_int_equal(p.range, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_length),
		cmocka_unit_test(fields),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
