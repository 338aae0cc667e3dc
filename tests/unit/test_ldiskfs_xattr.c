/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tables of xattr entries: good ones and every way one can be wrong. */
#include "cm.h"

#include "base/bytes.h"
#include "ldiskfs/xattr_entry.h"

#define AREA 256u

struct area {
	uint8_t *b;
	size_t pos, value;
};

static struct area new_area(void)
{
	struct area a = {.b = calloc(1, AREA), .pos = 4, .value = AREA};

	assert_non_null(a.b);
	return a;
}

static uint8_t *put(struct area *a, uint8_t index, const char *name, const char *value)
{
	uint8_t *e = a->b + a->pos;
	size_t len = strlen(name), size = strlen(value);

	a->value -= (size + 3) & ~(size_t)3;
	memcpy(a->b + a->value, value, size);
	e[0] = (uint8_t)len;
	e[1] = index;
	hs_put_le16(e + 2, (uint16_t)(a->value - 4));
	hs_put_le32(e + 8, (uint32_t)size);
	memcpy(e + 16, name, len);
	a->pos += 16 + ((len + 3) & ~(size_t)3);
	return e;
}

static unsigned decode(const struct area *a, struct hs_xattr *v, unsigned *n)
{
	*n = 0;
	return hs_xattr_area_decode(a->b, AREA, 4, 4, false, v, n);
}

static void good_entries(void **state)
{
	struct hs_xattr v[HS_XATTR_MAX];
	struct area a = new_area();
	unsigned n;

	(void)state;
	assert_int_equal(decode(&a, v, &n), 0);
	assert_int_equal(n, 0);
	put(&a, 4, "lma", "twenty-four bytes of lma");
	put(&a, 4, "empty", "");
	put(&a, 1, "x", "y");
	assert_int_equal(decode(&a, v, &n), 0);
	assert_int_equal(n, 3);
	assert_int_equal(v[0].value_len, 24);
	assert_memory_equal(v[0].value, "twenty-four", 11);
	assert_int_equal(v[1].value_len, 0);
	assert_non_null(v[1].value);
	assert_int_equal(v[2].index, 1);
	assert_memory_equal(v[2].name, "x", 1);
	free(a.b);
}

static void bad_values_spare_the_rest(void **state)
{
	static const uint16_t offsets[] = {253, 65535, 0, 20};
	struct hs_xattr v[HS_XATTR_MAX];
	unsigned n;

	(void)state;
	for (size_t i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++) {
		struct area a = new_area();

		hs_put_le16(put(&a, 4, "lma", "four") + 2, offsets[i]);
		put(&a, 4, "lov", "fine");
		assert_int_equal(decode(&a, v, &n), HS_XATTR_AREA_VALUE);
		assert_int_equal(n, 2);
		assert_null(v[0].value);
		assert_int_equal(v[0].value_len, 0);
		assert_memory_equal(v[1].value, "fine", 4);
		free(a.b);
	}
}

static void bad_tables(void **state)
{
	struct hs_xattr v[HS_XATTR_MAX];
	struct area a = new_area();
	uint8_t *e;
	unsigned n;

	(void)state;
	put(&a, 4, "lma", "four");
	e = put(&a, 4, "lov", "fine");
	e[0] = 255; /* leads out of the area */
	assert_int_equal(decode(&a, v, &n), HS_XATTR_AREA_TABLE);
	assert_int_equal(n, 1);
	e[0] = 3;
	e[17] = 0; /* a NUL in the name */
	assert_int_equal(decode(&a, v, &n), HS_XATTR_AREA_TABLE);
	e[17] = 'o';
	hs_put_le32(e + 8, 0xfffffff0);
	assert_int_equal(decode(&a, v, &n), HS_XATTR_AREA_VALUE);
	memset(a.b + 4, 0xff, AREA - 4);
	assert_int_equal(decode(&a, v, &n), HS_XATTR_AREA_TABLE);
	assert_int_equal(n, 0);
	free(a.b);
}

static void more_than_fit(void **state)
{
	size_t len = 16 * (HS_XATTR_MAX + 2) + 4;
	uint8_t *b = calloc(1, len);
	struct hs_xattr *v = calloc(HS_XATTR_MAX, sizeof(*v));
	unsigned n = 0;

	(void)state;
	for (size_t i = 0; i < HS_XATTR_MAX + 1; i++)
		b[i * 16 + 1] = 1;
	assert_int_equal(hs_xattr_area_decode(b, len, 0, 0, true, v, &n), HS_XATTR_AREA_MANY);
	assert_int_equal(n, HS_XATTR_MAX);
	free(v);
	free(b);
}

static void values_in_ea_inodes(void **state)
{
	struct hs_xattr v[HS_XATTR_MAX];
	struct area a = new_area();
	uint8_t *e = put(&a, 4, "lov", "");
	unsigned n;

	(void)state;
	hs_put_le32(e + 4, 77);
	hs_put_le32(e + 8, 40000);
	assert_int_equal(decode(&a, v, &n), 0);
	assert_int_equal(v[0].ea_ino, 77);
	assert_int_equal(v[0].value_len, 40000);
	assert_null(v[0].value);
	hs_put_le32(e + 8, 1u << 30);
	assert_int_equal(decode(&a, v, &n), HS_XATTR_AREA_VALUE);
	hs_put_le32(e + 8, 0);
	assert_int_equal(decode(&a, v, &n), HS_XATTR_AREA_VALUE);
	free(a.b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_entries),	       cmocka_unit_test(bad_values_spare_the_rest),
		cmocka_unit_test(bad_tables),	       cmocka_unit_test(more_than_fit),
		cmocka_unit_test(values_in_ea_inodes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
