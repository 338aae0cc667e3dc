/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names below O/ (format notes, section 8). */
#include "cm.h"

#include "lustre/objname.h"

static void sequences(void **state)
{
	static const struct {
		const char *name;
		uint64_t seq;
	} good[] = {
		{"0", 0},
		{"1", 1},
		{"10", 10},
		{"11", 11},
		{"1f", 0x1f},
		{"200000003", 0x200000003},
		{"280000400", 0x280000400},
		{"ffffffffffffffff", UINT64_MAX},
	};
	static const char *const bad[] = {
		"",
		"00",
		"01",
		"0x1",
		"c",
		"12",
		"1e",
		"100000000",
		"1ffffffff",
		"2C0000400",
		"10000000000000000",
		"LAST_ID",
		"-1",
		" 1",
	};
	uint64_t seq;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_true(hs_objname_parse_seq(good[i].name, strlen(good[i].name), &seq));
		assert_true(seq == good[i].seq);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		uint8_t *copy = exact_copy(bad[i], strlen(bad[i]));

		assert_false(hs_objname_parse_seq((char *)copy, strlen(bad[i]), &seq));
		free(copy);
	}
}

static void subdirs(void **state)
{
	uint32_t n;

	(void)state;
	assert_true(hs_objname_parse_subdir("d0", 2, 32, &n) && n == 0);
	assert_true(hs_objname_parse_subdir("d31", 3, 32, &n) && n == 31);
	assert_false(hs_objname_parse_subdir("d32", 3, 32, &n));
	assert_false(hs_objname_parse_subdir("d01", 3, 32, &n));
	assert_false(hs_objname_parse_subdir("d", 1, 32, &n));
	assert_false(hs_objname_parse_subdir("x1", 2, 32, &n));
	assert_false(hs_objname_parse_subdir("d1a", 3, 32, &n));
}

static void ids(void **state)
{
	uint64_t id;

	(void)state;
	assert_true(hs_objname_parse_objid(0, "42", 2, &id) && id == 42);
	assert_true(hs_objname_parse_objid(0x100010000, "42", 2, &id) && id == 42);
	assert_true(hs_objname_parse_objid(10, "42", 2, &id) && id == 42);
	assert_true(hs_objname_parse_objid(0x280000400, "42", 2, &id) && id == 0x42);
	assert_true(hs_objname_parse_objid(0x280000400, "ffffffff", 8, &id) && id == UINT32_MAX);
	assert_true(hs_objname_parse_objid(0, "281474976710655", 15, &id) &&
		    id == (1ull << 48) - 1);
	assert_false(hs_objname_parse_objid(0, "281474976710656", 15, &id));
	assert_false(hs_objname_parse_objid(0x280000400, "100000000", 9, &id));
	assert_false(hs_objname_parse_objid(0, "2a", 2, &id));
	assert_false(hs_objname_parse_objid(0, "0", 1, &id));
	assert_false(hs_objname_parse_objid(0, "042", 3, &id));
	assert_false(hs_objname_parse_objid(0x280000400, "2A", 2, &id));
	assert_false(hs_objname_parse_objid(0, "99999999999999999999", 20, &id));
	assert_false(hs_objname_parse_objid(0, "LAST_ID", 7, &id));
}

static void fids(void **state)
{
	(void)state;
	assert_true(hs_fid_eq(hs_objname_fid(0, 20, true, 1), (struct hs_fid){0x100010000, 20, 0}));
	assert_true(hs_fid_eq(hs_objname_fid(0x280000400, 0x42, true, 1),
			      (struct hs_fid){0x280000400, 0x42, 0}));
	assert_true(hs_fid_eq(hs_objname_fid(1, 3, false, 0), (struct hs_fid){1, 3, 0}));
}

static const char *path(struct hs_fid f, uint32_t subdirs_of_target)
{
	static char buf[64];

	assert_in_range(hs_objname_path(f, subdirs_of_target, buf, sizeof(buf)), 1,
			sizeof(buf) - 1);
	return buf;
}

static void paths(void **state)
{
	(void)state;
	assert_string_equal(path((struct hs_fid){0x280000400, 0x42, 0}, 32), "O/280000400/d2/42");
	assert_string_equal(path((struct hs_fid){0x100010000, 20, 0}, 32), "O/0/d20/20");
	assert_string_equal(path((struct hs_fid){0x100010000, 100, 0}, 64), "O/0/d36/100");
	assert_string_equal(path((struct hs_fid){0x100010000, 100, 0}, 0), "O/0/d4/100");
	assert_string_equal(path((struct hs_fid){0x100010000, 0, 0}, 32), "O/0/LAST_ID");
	assert_string_equal(path((struct hs_fid){0x100010001, 0, 0}, 32), "O/0/d0/4294967296");
	assert_string_equal(path((struct hs_fid){10, 11, 0}, 32), "O/10/d11/11");
	assert_string_equal(path((struct hs_fid){0x200000003, 0, 0}, 32), "O/200000003/LAST_ID");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sequences), cmocka_unit_test(subdirs), cmocka_unit_test(ids),
		cmocka_unit_test(fids),	     cmocka_unit_test(paths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
