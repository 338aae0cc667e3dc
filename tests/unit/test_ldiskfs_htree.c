/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The hash index: roots at both places, nodes, hashes against libext2fs. */
#include "cm.h"

#include <ext2fs/ext2_fs.h>
#include <ext2fs/ext2fs.h>

#include "ldiskfs/dirhash.h"
#include "ldiskfs/dirindex.h"
#include "ldiskfs/htree.h"

#define BLOCK 1024u

/* `shift`: 0 or the 16 bytes a FID behind `..` takes. */
static uint8_t *make_root(uint32_t shift, uint32_t tail, uint16_t count)
{
	uint8_t *b = calloc(1, BLOCK);
	uint32_t info = 24 + shift;

	assert_non_null(b);
	hs_put_le32(b, 12);
	hs_put_le16(b + 4, 12);
	b[6] = 1;
	b[7] = 2;
	b[8] = '.';
	hs_put_le32(b + 12, 2);
	hs_put_le16(b + 16, BLOCK - 12);
	b[18] = 2;
	b[19] = shift ? 0x12 : 2;
	b[20] = b[21] = '.';
	if (shift)
		b[23] = 17;
	b[info + 4] = 1;
	b[info + 5] = 8;
	hs_put_le16(b + info + 8, (uint16_t)((BLOCK - info - 8 - tail) / 8));
	hs_put_le16(b + info + 10, count);
	return b;
}

static void roots(void **state)
{
	struct hs_dx_root r;

	(void)state;
	for (uint32_t shift = 0; shift <= 16; shift += 16) {
		for (uint32_t tail = 0; tail <= 8; tail += 8) {
			uint8_t *b = make_root(shift, tail, 3);

			assert_true(hs_dx_root_decode(b, BLOCK, true, tail, &r));
			assert_int_equal(r.hash_version, 1);
			assert_int_equal(r.levels, 0);
			assert_int_equal(r.node.count, 3);
			assert_ptr_equal(r.node.entries, b + 32 + shift);
			assert_false(hs_dx_root_decode(b, BLOCK, true, !tail, &r));
			if (shift)
				assert_false(hs_dx_root_decode(b, BLOCK, false, tail, &r));
			free(b);
		}
	}
}

static void damaged_roots(void **state)
{
	/* offset, value: each alone makes it no root */
	static const uint16_t damage[][2] = {
		{4, 16}, {16, 12}, {18, 3}, {23, 18}, {40, 1}, {44, 3},
		{45, 7}, {46, 3},  {47, 1}, {48, 5},  {50, 0}, {51, 4},
	};
	struct hs_dx_root r;

	(void)state;
	for (size_t i = 0; i < sizeof(damage) / sizeof(damage[0]); i++) {
		uint8_t *b = make_root(16, 0, 3);

		assert_true(hs_dx_root_decode(b, BLOCK, true, false, &r));
		b[damage[i][0]] = (uint8_t)damage[i][1];
		assert_false(hs_dx_root_decode(b, BLOCK, true, false, &r));
		free(b);
	}
}

static void nodes(void **state)
{
	uint8_t *b = calloc(1, BLOCK);
	struct hs_dx_node n;

	(void)state;
	hs_put_le16(b + 4, BLOCK);
	hs_put_le16(b + 8, 127);
	hs_put_le16(b + 10, 127);
	assert_true(hs_dx_node_decode(b, BLOCK, false, &n));
	assert_int_equal(n.count, 127);
	assert_int_equal(hs_dx_csum_len(b, &n), BLOCK);
	assert_false(hs_dx_node_decode(b, BLOCK, true, &n));
	hs_put_le16(b + 10, 128);
	assert_false(hs_dx_node_decode(b, BLOCK, false, &n));
	free(b);
}

static void hashes_are_those_of_libext2fs(void **state)
{
	uint8_t seeds[2][16] = {{0}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}};
	uint8_t *block = calloc(1, 65536);
	uint16_t offsets[64];
	uint64_t out[64], plain[64];

	(void)state;
	srand(1);
	for (unsigned round = 0; round < 600; round++) {
		const uint8_t *seed = seeds[round & 1];
		uint8_t version = (uint8_t)(round / 2 % 6);
		size_t n = 1 + (size_t)rand() % 20, pos = 0;
		__u32 words[4];

		for (size_t i = 0; i < 4; i++)
			words[i] = hs_get_le32(seed + 4 * i);
		for (size_t i = 0; i < n; i++) {
			uint8_t len = (uint8_t)(1 + rand() % (round % 3 ? 40 : 255));

			offsets[i] = (uint16_t)pos;
			block[pos + 6] = len;
			for (uint8_t k = 0; k < len; k++)
				block[pos + 8 + k] =
					(uint8_t)(round % 5 ? 'a' + rand() % 26 : rand());
			pos += (8u + len + 3u) & ~3u;
		}
		hs_dirhash_block(version, seed, block, offsets, n, out);
		hs_dirhash_block_plain(version, seed, block, offsets, n, plain);
		assert_memory_equal(out, plain, n * sizeof(out[0]));
		for (size_t i = 0; i < n; i++) {
			const uint8_t *e = block + offsets[i];
			ext2_dirhash_t major, minor;

			assert_int_equal(ext2fs_dirhash(version, (const char *)e + 8, e[6], words,
							&major, &minor),
					 0);
			major &= ~1u;
			if (major == 0xfffffffe)
				major -= 2;
			assert_int_equal(out[i], (uint64_t)major << 32 | minor);
			assert_int_equal(out[i], hs_dirhash(version, seed, e + 8, e[6]));
		}
	}
	free(block);
}

static void checksums_are_those_of_libext2fs(void **state)
{
	hs_crc32c_fn *best = hs_crc32c_best();
	uint8_t *buf = malloc(5000);

	(void)state;
	srand(2);
	for (size_t i = 0; i < 5000; i++)
		buf[i] = (uint8_t)rand();
	for (size_t len = 0; len < 5000; len += len < 1000 ? 1 : 61) {
		uint8_t *end = buf + 5000 - len;

		assert_int_equal(best(~0u, end, len), hs_crc32c_plain(~0u, end, len));
		assert_int_equal(best(7, end, len), ext2fs_crc32c_le(7, end, len));
	}
	free(buf);
}

struct blocks {
	uint8_t *b[8];
};

static const uint8_t *get_block(void *arg, uint32_t logical)
{
	struct blocks *blocks = arg;

	return logical < 8 ? blocks->b[logical] : NULL;
}

static void put_entry(uint8_t *entries, uint32_t i, uint32_t hash, uint32_t block)
{
	if (i)
		hs_put_le32(entries + (size_t)i * 8, hash);
	hs_put_le32(entries + (size_t)i * 8 + 4, block);
}

static void an_index_of_two_levels(void **state)
{
	struct hs_fs fs = {.geo.block_size = BLOCK, .block_shift = 10, .has_dirdata = true};
	struct hs_inode dir = {.ino = 12};
	struct hs_dirindex x = {0};
	struct blocks blocks = {.b = {make_root(16, 0, 2), calloc(1, BLOCK), calloc(1, BLOCK)}};
	const struct hs_dirleaf *leaf;

	(void)state;
	fs.crc32c = hs_crc32c_plain;
	blocks.b[0][46] = 1;
	put_entry(blocks.b[0] + 48, 0, 0, 1);
	put_entry(blocks.b[0] + 48, 1, 0x80000001, 2);
	for (unsigned i = 1; i <= 2; i++) {
		hs_put_le16(blocks.b[i] + 4, BLOCK);
		hs_put_le16(blocks.b[i] + 8, 127);
		hs_put_le16(blocks.b[i] + 10, 2);
	}
	put_entry(blocks.b[1] + 8, 0, 0, 3);
	put_entry(blocks.b[1] + 8, 1, 0x40000000, 4);
	put_entry(blocks.b[2] + 8, 0, 0, 6);
	put_entry(blocks.b[2] + 8, 1, 0xc0000000, 5);
	assert_int_equal(hs_dirindex_build(&fs, &dir, 7, get_block, &blocks, &x), 0);
	assert_int_equal(x.flaws, 0);
	assert_int_equal(x.n, 6);
	assert_int_equal(x.nodes, 3);
	leaf = hs_dirindex_find(&x, 4);
	assert_non_null(leaf);
	assert_int_equal(leaf->low, 0x40000000);
	assert_int_equal(leaf->high, 0x80000000);
	assert_true(leaf->into_next && !leaf->from_previous);
	leaf = hs_dirindex_find(&x, 6);
	assert_int_equal(leaf->low, 0x80000000);
	assert_int_equal(leaf->high, 0xbfffffff);
	assert_true(leaf->from_previous && !leaf->into_next);
	assert_int_equal(hs_dirindex_find(&x, 5)->high, 0xfffffffe);
	assert_true(hs_dirindex_find(&x, 1)->is_node);
	assert_null(hs_dirindex_find(&x, 7));

	/* One block in two places; hashes that descend; a leaf beyond the end; a node that is none.
	 */
	put_entry(blocks.b[2] + 8, 1, 0xc0000000, 4);
	assert_int_equal(hs_dirindex_build(&fs, &dir, 7, get_block, &blocks, &x), 0);
	assert_true(x.flaws & HS_DIRF_INDEX);
	put_entry(blocks.b[2] + 8, 1, 0x70000000, 5);
	assert_int_equal(hs_dirindex_build(&fs, &dir, 7, get_block, &blocks, &x), 0);
	assert_true(x.flaws & HS_DIRF_INDEX);
	put_entry(blocks.b[2] + 8, 1, 0xc0000000, 7);
	assert_int_equal(hs_dirindex_build(&fs, &dir, 7, get_block, &blocks, &x), 0);
	assert_true(x.flaws & HS_DIRF_INDEX);
	assert_int_equal(x.bad_block, 2);
	put_entry(blocks.b[2] + 8, 1, 0xc0000000, 5);
	put_entry(blocks.b[0] + 48, 1, 0x80000000, 1);
	assert_int_equal(hs_dirindex_build(&fs, &dir, 7, get_block, &blocks, &x), 0);
	assert_true(x.flaws & HS_DIRF_INDEX);
	hs_dirindex_free(&x);
	for (unsigned i = 0; i < 3; i++)
		free(blocks.b[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(roots),
		cmocka_unit_test(damaged_roots),
		cmocka_unit_test(nodes),
		cmocka_unit_test(hashes_are_those_of_libext2fs),
		cmocka_unit_test(checksums_are_those_of_libext2fs),
		cmocka_unit_test(an_index_of_two_levels),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
