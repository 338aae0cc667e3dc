/* SPDX-License-Identifier: GPL-2.0-or-later */
/* trusted.lmv, names in shards, names of shards (format notes 9.4 and section 10). */
#include "cm.h"

#include "base/bytes.h"
#include "lustre/lmv.h"

static void build(uint8_t v[HS_LMV_SIZE], uint32_t magic, uint32_t count, uint32_t index,
		  uint32_t hash)
{
	memset(v, 0, HS_LMV_SIZE);
	hs_put_le32(v, magic);
	hs_put_le32(v + 4, count);
	hs_put_le32(v + 8, index);
	hs_put_le32(v + 12, hash);
	hs_put_le32(v + 16, 5);
	hs_put_le32(v + 20, 1);
	hs_put_le32(v + 24, HS_HASH_FNV_1A_64);
	memcpy(v + 40, "0123456789abcdef", 16);
}

static unsigned flaws(uint32_t magic, uint32_t count, uint32_t index, uint32_t hash)
{
	uint8_t v[HS_LMV_SIZE];
	struct hs_lmv l;

	build(v, magic, count, index, hash);
	hs_lmv_decode(v, sizeof(v), &l);
	return l.flaws;
}

static void fields(void **state)
{
	uint8_t v[HS_LMV_SIZE];
	struct hs_lmv l;

	(void)state;
	build(v, HS_LMV_MAGIC_SHARD, 3, 2, HS_LMV_FIXED | HS_HASH_CRUSH);
	hs_lmv_decode(v, sizeof(v), &l);
	assert_int_equal(l.kind, HS_LMV_SHARD);
	assert_int_equal(l.count, 3);
	assert_int_equal(l.index, 2);
	assert_int_equal(l.hash, HS_LMV_FIXED | HS_HASH_CRUSH);
	assert_int_equal(l.version, 5);
	assert_int_equal(l.migrate_offset, 1);
	assert_int_equal(l.migrate_hash, HS_HASH_FNV_1A_64);
	assert_string_equal(l.pool, "0123456789abcdef");
	assert_int_equal(l.flaws, 0);
}

static void flaw_bits(void **state)
{
	const uint32_t m = HS_LMV_MAGIC_MASTER, s = HS_LMV_MAGIC_SHARD;

	(void)state;
	assert_int_equal(flaws(m, 2, 17, 2), 0);
	assert_int_equal(flaws(m, 0, 0, 2), HS_LMVF_COUNT);
	assert_int_equal(flaws(m, 2000, 0, 2), 0);
	assert_int_equal(flaws(m, 2001, 0, 2), HS_LMVF_COUNT);
	assert_int_equal(flaws(m, 0xfffffffb, 0, 2), HS_LMVF_COUNT);
	assert_int_equal(flaws(s, 2, 2, 2), HS_LMVF_INDEX);
	assert_int_equal(flaws(m, 2, 0, 0), HS_LMVF_HASH);
	assert_int_equal(flaws(m, 2, 0, 5), HS_LMVF_HASH);
	assert_int_equal(flaws(m, 2, 0, HS_LMV_BAD_TYPE), 0);
	assert_int_equal(flaws(m, 2, 0, HS_LMV_BAD_TYPE | 5), HS_LMVF_HASH);
	assert_int_equal(flaws(HS_LMV_MAGIC_USER, 2, 0, 2), HS_LMVF_MAGIC);
	assert_int_equal(flaws(HS_LMV_MAGIC_FOREIGN, 2, 0, 2), 0);
}

static void every_length(void **state)
{
	uint8_t v[HS_LMV_SIZE];
	struct hs_lmv l;

	(void)state;
	build(v, HS_LMV_MAGIC_MASTER, 2, 0, 2);
	for (size_t len = 0; len <= sizeof(v); len++) {
		uint8_t *copy = exact_copy(v, len);

		hs_lmv_decode(copy, len, &l);
		assert_int_equal(l.kind, len < HS_LMV_SIZE ? HS_LMV_NONE : HS_LMV_MASTER);
		assert_int_equal(l.flaws, len < HS_LMV_SIZE ? HS_LMVF_MAGIC : 0);
		free(copy);
	}
	build(v, HS_LMV_MAGIC_FOREIGN, 2, 0, 2);
	hs_lmv_decode(v, 20, &l);
	assert_int_equal(l.kind, HS_LMV_FOREIGN);
}

static bool fits(uint32_t hash, uint32_t count, uint32_t offset, uint32_t old, uint32_t index,
		 const char *name)
{
	struct hs_lmv l = {
		.kind = HS_LMV_SHARD,
		.count = count,
		.index = index,
		.hash = hash,
		.migrate_offset = offset,
		.migrate_hash = old,
	};

	return hs_lmv_name_fits(&l, index, (const uint8_t *)name, strlen(name));
}

/* all_chars of "a" is 97: 97 % 2 = 1, 97 % 3 = 1, 97 % 4 = 1, 97 % 5 = 2, 97 % 6 = 1, 97 % 7 = 6.
 */
static void names(void **state)
{
	const uint32_t a = HS_HASH_ALL_CHARS;

	(void)state;
	assert_true(fits(a, 5, 0, 0, 2, "a"));
	assert_false(fits(a, 5, 0, 0, 1, "a"));
	assert_true(fits(HS_LMV_BAD_TYPE, 5, 0, 0, 1, "a"));

	/* Migrating: 3 targets, then 5 sources. */
	assert_true(fits(HS_LMV_MIGRATION | a, 8, 3, a, 1, "a"));
	assert_true(fits(HS_LMV_MIGRATION | a, 8, 3, a, 3 + 2, "a"));
	assert_false(fits(HS_LMV_MIGRATION | a, 8, 3, a, 2, "a"));
	assert_true(fits(HS_LMV_MIGRATION | a, 8, 9, a, 2, "a"));

	/* Splitting from 5 to 7, merging from 7 to 5. */
	assert_true(fits(HS_LMV_MIGRATION | HS_LMV_SPLIT | a, 7, 5, a, 6, "a"));
	assert_true(fits(HS_LMV_MIGRATION | HS_LMV_SPLIT | a, 7, 5, a, 2, "a"));
	assert_false(fits(HS_LMV_MIGRATION | HS_LMV_SPLIT | a, 7, 5, a, 1, "a"));
	assert_true(fits(HS_LMV_MIGRATION | HS_LMV_MERGE | a, 7, 5, a, 6, "a"));
	assert_true(fits(HS_LMV_MIGRATION | HS_LMV_MERGE | a, 7, 5, a, 2, "a"));
	assert_false(fits(HS_LMV_MIGRATION | HS_LMV_MERGE | a, 7, 5, a, 0, "a"));
}

static void shard_names(void **state)
{
	static const char *const bad[] = {
		"",
		"[",
		"[]:0",
		"[0x200000401:0x3:0x0]",
		"[0x200000401:0x3:0x0]:",
		"[0x200000401:0x3:0x0]:01",
		"[0x200000401:0x3:0x0]:-1",
		"0x200000401:0x3:0x0:1",
		"[0x200000401:0x3:0x0]1",
		"[0x200000401:0x3]:1",
		"[0x200000401:0x3:0x0]:4294967296",
	};
	const char *good = "[0x200000401:0x3:0x0]:12";
	struct hs_fid f;
	uint32_t index;

	(void)state;
	assert_true(hs_lmv_parse_shard_name((const uint8_t *)good, strlen(good), &f, &index));
	assert_true(hs_fid_eq(f, (struct hs_fid){0x200000401, 3, 0}));
	assert_int_equal(index, 12);
	assert_true(hs_lmv_parse_shard_name((const uint8_t *)"[0x1:0x2:0x0]:0", 15, &f, &index));
	assert_int_equal(index, 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		uint8_t *copy = exact_copy(bad[i], strlen(bad[i]));

		assert_false(hs_lmv_parse_shard_name(copy, strlen(bad[i]), &f, &index));
		free(copy);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields),	cmocka_unit_test(flaw_bits),
		cmocka_unit_test(every_length), cmocka_unit_test(names),
		cmocka_unit_test(shard_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
