/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Blocks of IAM index files, with the geometry of an OI file (format notes, section 11). */
#include "cm.h"

#include "base/bytes.h"
#include "lustre/iam.h"

#define BLOCK 4096

static void build_root(uint8_t b[BLOCK], uint16_t key, uint16_t rec, uint16_t limit, uint16_t count)
{
	memset(b, 0, BLOCK);
	hs_put_le64(b, 0xbedabb1edull);
	hs_put_le16(b + 8, key);
	hs_put_le16(b + 10, rec);
	hs_put_le16(b + 12, 4);
	hs_put_le16(b + 16, limit);
	hs_put_le16(b + 18, count);
	hs_put_le32(b + 20, 9);
	for (unsigned k = 1; k < count && k < limit; k++) {
		uint8_t *slot = b + 16 + (size_t)k * (key + 4u);

		hs_put_be32(slot, k - 1);
		hs_put_le32(slot + key, 100 + k);
	}
}

static void build_leaf(uint8_t b[BLOCK], uint16_t count)
{
	memset(b, 0, BLOCK);
	hs_put_le16(b, 0x1976);
	hs_put_le16(b + 2, count);
	for (unsigned k = 0; k < count && k < 170; k++) {
		hs_put_be64(b + 4 + k * 24, k);
		hs_put_be32(b + 4 + k * 24 + 16, 1000 + k);
	}
}

static const struct hs_iam_root oi = {.key_size = 16, .rec_size = 8, .ptr_size = 4};

static void root(void **state)
{
	struct hs_iam_root r;
	struct hs_iam_node n;
	uint8_t b[BLOCK];

	(void)state;
	build_root(b, 16, 8, 203, 4);
	assert_int_equal(hs_iam_decode_root(b, BLOCK, 16, 8, &r, &n), 0);
	assert_int_equal(r.levels, 0);
	assert_int_equal(r.idle, 9);
	assert_int_equal(n.count, 3);
	assert_true(hs_iam_key_is_zero(&n, 0));
	assert_false(hs_iam_key_is_zero(&n, 1));
	assert_int_equal(hs_iam_child(&n, 0), 101);
	assert_int_equal(hs_iam_child(&n, 2), 103);
	build_root(b, 8, 24, 340, 2);
	assert_int_equal(hs_iam_decode_root(b, BLOCK, 8, 24, &r, &n), 0);
	assert_int_equal(n.count, 1);
}

/* The sizes are those the root itself says, so an index of any kind can be asked. */
static void unknown_sizes(void **state)
{
	uint8_t b[BLOCK];

	(void)state;
	build_root(b, 8, 24, 340, 2);
	assert_int_equal(hs_iam_check_root(b, BLOCK), 0);
	build_root(b, 16, 8, 203, 4);
	assert_int_equal(hs_iam_check_root(b, BLOCK), 0);
	hs_put_le16(b + 8, 0);
	assert_int_equal(hs_iam_check_root(b, BLOCK), HS_IAM_SIZES);
	memset(b, 0, 16);
	assert_int_equal(hs_iam_check_root(b, BLOCK), HS_IAM_MAGIC);
	assert_int_equal(hs_iam_check_root(b, 9), HS_IAM_SHORT);
}

static void root_flaws(void **state)
{
	struct hs_iam_root r;
	struct hs_iam_node n;
	uint8_t b[BLOCK];

	(void)state;
	build_root(b, 16, 8, 204, 4);
	assert_int_equal(hs_iam_decode_root(b, BLOCK, 16, 8, &r, &n), HS_IAM_LIMIT);
	assert_int_equal(n.count, 3);
	build_root(b, 16, 8, 203, 203);
	hs_put_le16(b + 18, 0xffff);
	assert_int_equal(hs_iam_decode_root(b, BLOCK, 16, 8, &r, &n), HS_IAM_COUNT);
	assert_int_equal(n.count, 202);
	build_root(b, 16, 8, 203, 0);
	assert_int_equal(hs_iam_decode_root(b, BLOCK, 16, 8, &r, &n), HS_IAM_COUNT);
	assert_int_equal(n.count, 0);
	assert_int_equal(hs_iam_decode_root(b, BLOCK, 8, 24, &r, &n), HS_IAM_SIZES);
	assert_int_equal(n.count, 0);
	hs_put_le16(b + 12, 2);
	assert_int_equal(hs_iam_decode_root(b, BLOCK, 16, 8, &r, &n), HS_IAM_SIZES);
	b[0]++;
	assert_int_equal(hs_iam_decode_root(b, BLOCK, 16, 8, &r, &n), HS_IAM_MAGIC);
	build_root(b, 16, 8, 203, 4);
	b[14] = 200;
	assert_int_equal(hs_iam_decode_root(b, BLOCK, 16, 8, &r, &n), HS_IAM_LEVELS);
	build_root(b, 16, 8, 203, 4);
	hs_put_be32(b + 16 + 3 * 20, 1);
	assert_int_equal(hs_iam_decode_root(b, BLOCK, 16, 8, &r, &n), HS_IAM_ORDER);
}

static void index_node(void **state)
{
	struct hs_iam_node n;
	uint8_t b[BLOCK] = {0};

	(void)state;
	hs_put_le16(b, 204);
	hs_put_le16(b + 2, 3);
	hs_put_be32(b + 20, 5);
	hs_put_le32(b + 36, 77);
	hs_put_be32(b + 40, 6);
	hs_put_le32(b + 56, 78);
	assert_int_equal(hs_iam_decode_index(b, BLOCK, &oi, &n), 0);
	assert_int_equal(n.count, 2);
	assert_int_equal(hs_iam_child(&n, 1), 78);
	hs_put_le16(b, 203);
	assert_int_equal(hs_iam_decode_index(b, BLOCK, &oi, &n), HS_IAM_LIMIT);
	assert_int_equal(hs_iam_decode_index(b, BLOCK, &(struct hs_iam_root){0}, &n), HS_IAM_SIZES);
}

static void leaf(void **state)
{
	struct hs_iam_node n;
	uint8_t b[BLOCK];

	(void)state;
	build_leaf(b, 3);
	assert_int_equal(hs_iam_decode_leaf(b, BLOCK, &oi, &n), 0);
	assert_int_equal(n.count, 3);
	assert_true(hs_iam_key_is_zero(&n, 0));
	assert_int_equal(hs_get_be64(hs_iam_key(&n, 2)), 2);
	assert_int_equal(hs_get_be32(hs_iam_rec(&n, 2)), 1002);
	build_leaf(b, 0);
	assert_int_equal(hs_iam_decode_leaf(b, BLOCK, &oi, &n), 0);
	build_leaf(b, 170);
	assert_int_equal(hs_iam_decode_leaf(b, BLOCK, &oi, &n), 0);
	build_leaf(b, 171);
	assert_int_equal(hs_iam_decode_leaf(b, BLOCK, &oi, &n), HS_IAM_COUNT);
	assert_int_equal(n.count, 170);
	build_leaf(b, 3);
	hs_put_be64(b + 4 + 24, 2);
	assert_int_equal(hs_iam_decode_leaf(b, BLOCK, &oi, &n), HS_IAM_ORDER);
	b[0] = 0;
	assert_int_equal(hs_iam_decode_leaf(b, BLOCK, &oi, &n), HS_IAM_MAGIC);
}

static void idle(void **state)
{
	struct hs_iam_idle i;
	uint8_t b[BLOCK] = {0};

	(void)state;
	hs_put_le16(b, 0x7903);
	hs_put_le16(b + 2, 2);
	hs_put_le32(b + 4, 33);
	hs_put_le32(b + 12, 44);
	assert_int_equal(hs_iam_decode_idle(b, BLOCK, &i), 0);
	assert_int_equal(i.next, 33);
	assert_int_equal(i.count, 2);
	assert_int_equal(hs_get_le32(i.first + 4), 44);
	hs_put_le16(b + 2, 0xffff);
	assert_int_equal(hs_iam_decode_idle(b, BLOCK, &i), HS_IAM_COUNT);
	assert_int_equal(i.count, 1022);
}

/* Whatever the length, what a node promises lies inside the block. */
static void every_length(void **state)
{
	struct hs_iam_root r;
	struct hs_iam_node n;
	struct hs_iam_idle i;
	uint8_t b[BLOCK];

	(void)state;
	build_root(b, 16, 8, 203, 203);
	for (size_t len = 0; len < 200; len++) {
		uint8_t *copy = exact_copy(b, len);

		hs_iam_decode_root(copy, len, 16, 8, &r, &n);
		assert_true(n.first + n.count * n.stride <= copy + len);
		hs_iam_decode_index(copy, len, &oi, &n);
		assert_true(n.first + n.count * n.stride <= copy + len);
		free(copy);
	}
	build_leaf(b, 170);
	for (size_t len = 0; len < 200; len++) {
		uint8_t *copy = exact_copy(b, len);

		hs_iam_decode_leaf(copy, len, &oi, &n);
		assert_true(n.first + n.count * n.stride <= copy + len);
		hs_iam_decode_idle(copy, len, &i);
		free(copy);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(root),		 cmocka_unit_test(root_flaws),
		cmocka_unit_test(unknown_sizes), cmocka_unit_test(index_node),
		cmocka_unit_test(leaf),		 cmocka_unit_test(idle),
		cmocka_unit_test(every_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
