/* SPDX-License-Identifier: GPL-2.0-or-later */
/* FIDs: byte orders, classes of sequences, IDIF arithmetic, text (format notes, section 1). */
#include "cm.h"

#include "lustre/fid.h"

static void byte_orders(void **state)
{
	static const uint8_t le[16] = {0x01, 0x04, 0, 0, 2, 0, 0, 0, 0x2a, 0, 0, 0, 7, 0, 0, 0};
	static const uint8_t be[16] = {0, 0, 0, 2, 0, 0, 4, 1, 0, 0, 0, 0x2a, 0, 0, 0, 7};
	const struct hs_fid want = {0x200000401, 0x2a, 7};
	uint8_t out[16];

	(void)state;
	assert_true(hs_fid_eq(hs_fid_get_le(le), want));
	assert_true(hs_fid_eq(hs_fid_get_be(be), want));
	hs_fid_put_le(out, want);
	assert_memory_equal(out, le, 16);
	hs_fid_put_be(out, want);
	assert_memory_equal(out, be, 16);
}

static void sane(void **state)
{
	static const struct {
		struct hs_fid f;
		bool sane;
	} t[] = {
		{{0, 1, 0}, false},
		{{1, 1, 0}, true},
		{{11, 1, 5}, true},
		{{12, 1, 0}, true},
		{{0xffffffff, 1, 0}, true},
		{{0x100000000, 1, 0}, true},
		{{0x1ffffffff, 1, 0}, true},
		{{0x200000000, 1, 0}, true},
		{{0x200000401, 1, 0}, true},
		{{0x200000401, 1, 1}, false},
		{{0xffffffffffffffff, 1, 0}, true},
		{{0x200000007, 1, 2}, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		assert_int_equal(hs_fid_is_sane(t[i].f), t[i].sane);
}

static void last_id(void **state)
{
	(void)state;
	assert_true(hs_fid_is_last_id((struct hs_fid){0x200000401, 0, 0}));
	assert_true(hs_fid_is_last_id((struct hs_fid){HS_SEQ_LLOG, 0, 0}));
	assert_true(hs_fid_is_last_id((struct hs_fid){0x100010000, 0, 0}));
	assert_false(hs_fid_is_last_id((struct hs_fid){0x100010001, 0, 0}));
	assert_false(hs_fid_is_last_id((struct hs_fid){HS_SEQ_UPDATE_LOG, 0, 0}));
	assert_false(hs_fid_is_last_id((struct hs_fid){HS_SEQ_UPDATE_LOG_DIR, 0, 0}));
	assert_false(hs_fid_is_last_id((struct hs_fid){12, 0, 0}));
	assert_false(hs_fid_is_last_id((struct hs_fid){0x200000401, 1, 0}));
}

static void idif(void **state)
{
	struct hs_fid f = hs_fid_from_idif(0x123456789abcull, 0x0a0b);

	(void)state;
	assert_true(hs_fid_eq(f, (struct hs_fid){0x10a0b1234, 0x56789abc, 0}));
	assert_int_equal(hs_fid_objid(f), 0x123456789abcull);
	assert_int_equal(hs_fid_idif_ost(f), 0x0a0b);
	/* The form of old targets, whose index bits are zero, becomes that of the device. */
	f = hs_fid_with_idif_ost((struct hs_fid){0x100000000, 0x14, 0}, 1);
	assert_true(hs_fid_eq(f, (struct hs_fid){0x100010000, 0x14, 0}));
	f = hs_fid_with_idif_ost((struct hs_fid){0x280000400, 0x14, 0}, 1);
	assert_true(hs_fid_eq(f, (struct hs_fid){0x280000400, 0x14, 0}));
	assert_int_equal(hs_fid_objid((struct hs_fid){0x280000400, 0x42, 0}), 0x42);
}

static void text(void **state)
{
	char buf[HS_FID_TEXT];

	(void)state;
	assert_string_equal(hs_fid_text((struct hs_fid){0x200000401, 0x1, 0}, buf),
			    "[0x200000401:0x1:0x0]");
	assert_string_equal(hs_fid_text_plain((struct hs_fid){0, 0xab, 1}, buf), "0:0xab:0x1");
	assert_string_equal(hs_fid_text((struct hs_fid){UINT64_MAX, UINT32_MAX, UINT32_MAX}, buf),
			    "[0xffffffffffffffff:0xffffffff:0xffffffff]");
}

static void parse(void **state)
{
	static const struct {
		const char *text;
		struct hs_fid f;
	} good[] = {
		{"[0x200000401:0x1:0x0]", {0x200000401, 1, 0}},
		{"0x200000401:0x1:0x0", {0x200000401, 1, 0}},
		{"0:0xab:0", {0, 0xab, 0}},
		{"0xffffffffffffffff:0xffffffff:0xffffffff", {UINT64_MAX, UINT32_MAX, UINT32_MAX}},
	};
	static const char *const bad[] = {
		"",
		"[",
		"[]",
		"[0x1:0x1:0x0",
		"0x1:0x1:0x0]",
		"0x1:0x1",
		"0x1:0x1:",
		"0x1:0x1:0x0 ",
		" 0x1:0x1:0x0",
		"0x:0x1:0x0",
		"1:0x1:0x0",
		"0x1ffffffffffffffff:0x1:0x0",
		"0x1:0x1ffffffff:0x0",
		"0x1:0x1:0x0:0x0",
		"-0x1:0x1:0x0",
		"0x1:0xg:0x0",
		"00:0x1:0x0",
	};
	struct hs_fid f;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(hs_fid_parse(good[i].text, strlen(good[i].text), &f), 0);
		assert_true(hs_fid_eq(f, good[i].f));
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		uint8_t *copy = exact_copy(bad[i], strlen(bad[i]));

		assert_int_equal(hs_fid_parse((char *)copy, strlen(bad[i]), &f), -EINVAL);
		free(copy);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(byte_orders), cmocka_unit_test(sane), cmocka_unit_test(last_id),
		cmocka_unit_test(idif),	       cmocka_unit_test(text), cmocka_unit_test(parse),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
