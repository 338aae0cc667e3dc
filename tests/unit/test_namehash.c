/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Name hashes of striped directories (format notes, section 10). */
#include "cm.h"

#include "lustre/namehash.h"
#include "lustre/namehash_internal.h"

static uint32_t stripe(uint32_t type, uint32_t count, const char *name)
{
	return hs_name_stripe(type, count, (const uint8_t *)name, strlen(name));
}

static void crush_numbers(void **state)
{
	(void)state;
	assert_int_equal(hs_crush_hash(0, 0), 430787817);
	assert_int_equal(hs_crush_hash(1, 2), 3079532188u);
	assert_int_equal(hs_crush_hash(4095, 7), 3549469005u);
}

static void fnv_numbers(void **state)
{
	(void)state;
	/* Published test values of FNV-1a, 64 bits. */
	assert_true(hs_fnv_1a_64((const uint8_t *)"", 0) == 0xcbf29ce484222325ull);
	assert_true(hs_fnv_1a_64((const uint8_t *)"a", 1) == 0xaf63dc4c8601ec8cull);
	assert_true(hs_fnv_1a_64((const uint8_t *)"foobar", 6) == 0x85944171f73967e8ull);
}

static void stripes(void **state)
{
	(void)state;
	/* The striped directory of a real 2.10 file system: shard 1 holds the odd ones. */
	assert_int_equal(stripe(HS_HASH_FNV_1A_64, 2, "rc0.d"), 0);
	assert_int_equal(stripe(HS_HASH_FNV_1A_64, 2, "rc6.d"), 0);
	assert_int_equal(stripe(HS_HASH_FNV_1A_64, 2, "init.d"), 1);
	assert_int_equal(stripe(HS_HASH_FNV_1A_64, 2, "rc.local"), 1);
	assert_int_equal(stripe(HS_HASH_ALL_CHARS, 7, "ab"), (97 + 98) % 7);
	assert_int_equal(stripe(HS_HASH_ALL_CHARS, 5, "\xff\xfe"), (255 + 254) % 5);
	assert_int_equal(stripe(HS_HASH_CRUSH2, 1, "x"), 0);
}

static void limits(void **state)
{
	(void)state;
	assert_int_equal(stripe(HS_HASH_UNKNOWN, 2, "x"), UINT32_MAX);
	assert_int_equal(stripe(5, 2, "x"), UINT32_MAX);
	assert_int_equal(stripe(HS_HASH_CRUSH, 0, "x"), UINT32_MAX);
	assert_int_equal(stripe(HS_HASH_CRUSH, HS_HASH_MAX_COUNT + 1, "x"), UINT32_MAX);
	assert_true(stripe(HS_HASH_CRUSH, HS_HASH_MAX_COUNT, "x") < HS_HASH_MAX_COUNT);
}

static void trimming(void **state)
{
	static const struct {
		const char *name, *crush, *crush2;
	} t[] = {
		{"plain", "plain", "plain"},
		{".f.aB3dEf", "f", "f"},
		{".f.abcdef", ".f.abcdef", ".f.abcdef"},
		{".f.ABCDEF", ".f.ABCDEF", ".f.ABCDEF"},
		{".f.123456", "f", ".f.123456"},
		{".f.12345a", "f", ".f.12345a"},
		{".f.a12345", ".f.a12345", "f"},
		{".f.aB-dEf", "f", ".f.aB-dEf"},
		{"..aB3dEf", "..aB3dEf", "..aB3dEf"},
		{"name.aB3dEfgh", "name", "name"},
		{"n.12345678", "n", "n.12345678"},
		{".aB3dEfgh", ".aB3dEfgh", ".aB3dEfgh"},
		{"file~", "file", "file"},
		{"file.~", "file.~", "file.~"},
		{"~", "~", "~"},
		{"a~", "a", "a"},
		{"a.bak", "a", "a"},
		{"a.SaV", "a", "a"},
		{".bak", ".bak", ".bak"},
		{"a.tmp", "a.tmp", "a.tmp"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		for (int second = 0; second < 2; second++) {
			const char *want = second ? t[i].crush2 : t[i].crush;
			size_t len = strlen(t[i].name);
			uint8_t *copy = exact_copy(t[i].name, len);
			const uint8_t *p = copy;

			hs_crush_trim(&p, &len, second);
			assert_int_equal(len, strlen(want));
			assert_memory_equal(p, want, len);
			free(copy);
		}
	}
	assert_int_equal(stripe(HS_HASH_CRUSH2, 5, "name.aB3dEfgh"),
			 stripe(HS_HASH_CRUSH2, 5, "name"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(crush_numbers), cmocka_unit_test(fnv_numbers),
		cmocka_unit_test(stripes),	 cmocka_unit_test(limits),
		cmocka_unit_test(trimming),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
