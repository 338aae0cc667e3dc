/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The small values: trusted.hsm, trusted.som, trusted.dmv (format notes 9.5, 9.7), PENDING names.
 */
#include "cm.h"

#include "base/bytes.h"
#include "lustre/dmv.h"
#include "lustre/hsm.h"
#include "lustre/pendname.h"
#include "lustre/som.h"

static void hsm(void **state)
{
	uint8_t v[HS_HSM_SIZE] = {0};
	struct hs_hsm h;

	(void)state;
	hs_put_le32(v + 4, HS_HSM_EXISTS | HS_HSM_ARCHIVED);
	hs_put_le64(v + 8, 2);
	hs_put_le64(v + 16, 3);
	for (size_t len = 0; len <= sizeof(v); len++) {
		uint8_t *copy = exact_copy(v, len);

		assert_int_equal(hs_hsm_decode(copy, len, &h), len == sizeof(v));
		free(copy);
	}
	assert_true(h.flags == 9 && h.archive_id == 2 && h.archive_version == 3);
}

static void som(void **state)
{
	uint8_t v[HS_SOM_SIZE] = {0};
	struct hs_som s;

	(void)state;
	hs_put_le16(v, HS_SOM_LAZY);
	hs_put_le64(v + 8, 8);
	hs_put_le64(v + 16, 16);
	for (size_t len = 0; len <= sizeof(v); len++) {
		uint8_t *copy = exact_copy(v, len);

		assert_int_equal(hs_som_decode(copy, len, &s), len == sizeof(v));
		free(copy);
	}
	assert_true(s.valid == HS_SOM_LAZY && s.size == 8 && s.blocks == 16);
}

static void dmv(void **state)
{
	uint8_t v[HS_DMV_SIZE] = {0};
	struct hs_dmv d;

	(void)state;
	hs_put_le32(v, 0x0cd30cd0);
	hs_put_le32(v + 4, (uint32_t)-1);
	hs_put_le32(v + 8, HS_DMV_ANY_MDT);
	hs_put_le32(v + 12, 3);
	v[20] = 3;
	v[21] = 4;
	memset(v + 32, 'p', 16);
	for (size_t len = 0; len <= sizeof(v); len++) {
		uint8_t *copy = exact_copy(v, len);

		assert_int_equal(hs_dmv_decode(copy, len, &d), len == sizeof(v));
		free(copy);
	}
	assert_true(d.count == -1 && d.index == HS_DMV_ANY_MDT && d.hash == 3);
	assert_true(d.max_inherit == 3 && d.max_inherit_rr == 4);
	assert_int_equal(strlen(d.pool), 16);
	hs_put_le32(v, 0x0cd40cd0);
	assert_false(hs_dmv_decode(v, sizeof(v), &d));
}

static void pending_names(void **state)
{
	static const char *const good[] = {
		"0x200000bd0:0x1:0x0",
		"0000000200000bd0:00000001:00000000: 0",
	};
	static const char *const bad[] = {
		"",
		"[0x200000bd0:0x1:0x0]",
		"0000000200000bd0:00000001:00000000: 1",
		"0000000200000bd0:00000001:00000000:00",
		"0000000200000BD0:00000001:00000000: 0",
		"0000000200000bd0:00000001:00000000: ",
		"0000000200000bd0 00000001:00000000: 0",
		"file",
	};
	struct hs_fid f;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_true(hs_pendname_parse(good[i], strlen(good[i]), &f));
		assert_true(hs_fid_eq(f, (struct hs_fid){0x200000bd0, 1, 0}));
	}
	assert_true(hs_pendname_parse("0xffffffffffffffff:0xffffffff:0x123456", 38, &f));
	assert_true(hs_pendname_parse("0xffffffffffffffff:0xffffffff:0x12345", 37, &f));
	assert_int_equal(f.ver, 0x12345);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		uint8_t *copy = exact_copy(bad[i], strlen(bad[i]));

		assert_false(hs_pendname_parse((char *)copy, strlen(bad[i]), &f));
		free(copy);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hsm),
		cmocka_unit_test(som),
		cmocka_unit_test(dmv),
		cmocka_unit_test(pending_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
