/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sequence ranges and the merged table (format notes, section 13). */
#include "cm.h"

#include "lustre/fld.h"

static struct hs_seq_range range(uint64_t start, uint64_t end, uint8_t kind, uint32_t index)
{
	return (struct hs_seq_range){.start = start, .end = end, .target = {kind, index}};
}

static void put_be(uint8_t r[24], uint64_t start, uint64_t end, uint32_t index, uint32_t flags)
{
	hs_put_be64(r, start);
	hs_put_be64(r + 8, end);
	hs_put_be32(r + 16, index);
	hs_put_be32(r + 20, flags);
}

static void records(void **state)
{
	struct hs_seq_range out;
	uint8_t r[24];

	(void)state;
	put_be(r, 0x280000400, 0x2c0000400, 1, 1);
	assert_true(hs_fld_decode(r, 24, &out));
	assert_true(out.start == 0x280000400 && out.end == 0x2c0000400);
	assert_true(hs_tgt_eq(out.target, (struct hs_tgt){HS_OST, 1}));
	for (size_t len = 0; len < 24; len++) {
		uint8_t *copy = exact_copy(r, len);

		assert_false(hs_fld_decode(copy, len, &out));
		assert_false(hs_seq_file_decode(copy, len, &out));
		free(copy);
	}
	put_be(r, 0, 0, 0, 0);
	assert_false(hs_fld_decode(r, 24, &out));
	assert_true(hs_seq_file_decode(r, 24, &out));
	put_be(r, 5, 4, 0, 0);
	assert_false(hs_fld_decode(r, 24, &out));
	put_be(r, 4, 5, 0, 2);
	assert_false(hs_fld_decode(r, 24, &out));
	put_be(r, 4, 5, 0x10000, 0);
	assert_false(hs_fld_decode(r, 24, &out));
	put_be(r, 4, 5, 0, 3);
	assert_true(hs_fld_decode(r, 24, &out));
	assert_int_equal(out.target.kind, HS_NO_TARGET);
	hs_put_le64(r, 0x200001b70);
	hs_put_le64(r + 8, 0x240000400);
	hs_put_le32(r + 16, 0);
	hs_put_le32(r + 20, 0);
	assert_true(hs_seq_file_decode(r, 24, &out));
	assert_true(out.start == 0x200001b70 && out.target.kind == HS_MDT);
}

/* In any order of adding the table must come out the same. */
static void owners(void **state)
{
	const struct hs_seq_range r[] = {
		range(0xc, 0x100000000, HS_MDT, 0),
		range(0x200000002, 0x200000003, HS_MDT, 0),
		range(0x200000007, 0x200000008, HS_MDT, 0),
		range(0x200000400, 0x240000400, HS_MDT, 0),
		range(0x240000400, 0x280000400, HS_MDT, 1),
		range(0x280000400, 0x2c0000400, HS_OST, 0),
		range(0x2c0000400, 0x300000400, HS_OST, 1),
	};
	const size_t n = sizeof(r) / sizeof(r[0]);

	(void)state;
	for (size_t step = 1; step < n; step++) {
		struct hs_fld fld = {0};
		bool conflict;

		for (size_t i = 0; i < n; i++) {
			assert_int_equal(hs_fld_add(&fld, &r[i * step % n], &conflict), 0);
			assert_false(conflict);
		}
		assert_int_equal(fld.count, n);
		for (size_t i = 0; i < n; i++) {
			assert_true(hs_tgt_eq(hs_fld_owner(&fld, r[i].start), r[i].target));
			assert_true(hs_tgt_eq(hs_fld_owner(&fld, r[i].end - 1), r[i].target));
		}
		assert_int_equal(hs_fld_owner(&fld, 0).kind, HS_NO_TARGET);
		assert_int_equal(hs_fld_owner(&fld, 0x200000001).kind, HS_NO_TARGET);
		assert_int_equal(hs_fld_owner(&fld, 0x300000400).kind, HS_NO_TARGET);
		assert_int_equal(hs_fld_owner(&fld, UINT64_MAX).kind, HS_NO_TARGET);
		hs_fld_free(&fld);
	}
}

static void without_a_table(void **state)
{
	struct hs_fld fld = {0};

	(void)state;
	assert_true(hs_tgt_eq(hs_fld_owner(&fld, 12), (struct hs_tgt){HS_MDT, 0}));
	assert_true(hs_tgt_eq(hs_fld_owner(&fld, 0x1000a0001), (struct hs_tgt){HS_OST, 10}));
	assert_int_equal(hs_fld_owner(&fld, 0x200000400).kind, HS_NO_TARGET);
}

static void conflicts(void **state)
{
	const struct {
		struct hs_seq_range r;
		bool conflict;
	} t[] = {
		{range(100, 200, HS_MDT, 0), false}, {range(120, 130, HS_MDT, 0), false},
		{range(120, 130, HS_OST, 0), true},  {range(100, 200, HS_MDT, 1), true},
		{range(150, 250, HS_MDT, 0), true},  {range(50, 101, HS_MDT, 0), true},
		{range(50, 300, HS_MDT, 0), true},   {range(7, 7, HS_MDT, 0), false},
	};
	struct hs_fld fld = {0};
	bool conflict;

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		assert_int_equal(hs_fld_add(&fld, &t[i].r, &conflict), 0);
		assert_int_equal(conflict, t[i].conflict);
		assert_int_equal(fld.count, 1);
	}
	assert_int_equal(
		hs_fld_add(&fld, &(struct hs_seq_range){.start = 200, .end = 201}, &conflict), 0);
	assert_int_equal(fld.count, 2);
	hs_fld_free(&fld);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records),
		cmocka_unit_test(owners),
		cmocka_unit_test(without_a_table),
		cmocka_unit_test(conflicts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
