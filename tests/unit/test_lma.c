/* SPDX-License-Identifier: GPL-2.0-or-later */
/* trusted.lma: both forms, every length (format notes 9.1). */
#include "cm.h"

#include "lustre/lma.h"

static const uint8_t value[64] = {
	0x38, 0,    0,	  0,	0x04, 0,    0,	  0, /* compat, incompat */
	0x01, 0,    0x01, 0,	1,    0,    0,	  0,	0x14, 0, 0, 0, 0, 0, 0, 0, /* self */
	0x01, 0x04, 0,	  0,	2,    0,    0,	  0,	0x2a, 0, 0, 0, /* parent sequence, oid */
	0x03, 0,    0x05, 0,					       /* index 3, count 5 */
	0,    0,    0x10, 0,					       /* 1 MiB */
	0x02, 0,    0x01, 0,					       /* component id */
	0,    0,    0x20, 0,	0,    0,    0,	  0,		       /* start */
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
};

static void long_form(void **state)
{
	struct hs_lma m;

	(void)state;
	assert_true(hs_lma_decode(value, sizeof(value), &m));
	assert_int_equal(m.compat, 0x38);
	assert_int_equal(m.incompat, HS_LMAI_REMOTE_PARENT);
	assert_true(hs_fid_eq(m.fid, (struct hs_fid){0x100010001, 0x14, 0}));
	assert_true(m.has_stripe && m.has_comp);
	assert_true(hs_fid_eq(m.parent, (struct hs_fid){0x200000401, 0x2a, 0}));
	assert_int_equal(m.stripe_index, 3);
	assert_int_equal(m.stripe_count, 5);
	assert_int_equal(m.stripe_size, 1 << 20);
	assert_int_equal(m.comp_id, 0x10002);
	assert_int_equal(m.comp_start, 2 << 20);
	assert_true(m.comp_end == UINT64_MAX);
}

static void flags_rule_the_long_form(void **state)
{
	uint8_t v[64];
	struct hs_lma m;

	(void)state;
	memcpy(v, value, sizeof(v));
	v[0] = HS_LMAC_FID_ON_OST | HS_LMAC_STRIPE_INFO;
	assert_true(hs_lma_decode(v, sizeof(v), &m));
	assert_true(m.has_stripe && !m.has_comp && m.comp_id == 0);
	v[0] = HS_LMAC_FID_ON_OST | HS_LMAC_COMP_INFO;
	assert_true(hs_lma_decode(v, sizeof(v), &m));
	assert_true(!m.has_stripe && !m.has_comp && hs_fid_is_zero(m.parent));
}

static void every_length(void **state)
{
	(void)state;
	for (size_t len = 0; len <= sizeof(value); len++) {
		uint8_t *copy = exact_copy(value, len);
		struct hs_lma m;

		assert_int_equal(hs_lma_decode(copy, len, &m), len >= HS_LMA_SIZE);
		assert_int_equal(m.has_stripe, len >= HS_LMA_LONG_SIZE);
		assert_int_equal(hs_fid_is_zero(m.fid), len < HS_LMA_SIZE);
		free(copy);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(long_form),
		cmocka_unit_test(flags_rule_the_long_form),
		cmocka_unit_test(every_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
