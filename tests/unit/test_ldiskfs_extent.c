/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Extent trees and block maps over a handmade device of a few blocks: what is sound is found, what
 * is not is flagged, and nothing goes round in circles.
 */
#include "cm.h"

#include "base/bytes.h"
#include "ldiskfs/extent.h"
#include "ldiskfs/file.h"
#include "ldiskfs/fs_priv.h"

#define BLOCK  1024u
#define BLOCKS 64u

/* A device in memory. */
struct mem_io {
	struct hs_io io;
	uint8_t b[BLOCKS * BLOCK];
	uint64_t reads;
	uint64_t bad; /* block whose reads fail, 0: none */
};

static errint_t mem_pread(struct hs_io *io, void *buf, size_t len, uint64_t off)
{
	struct mem_io *m = (struct mem_io *)io;

	m->reads++;
	if (m->bad && off / BLOCK == m->bad)
		return -EIO;
	memcpy(buf, m->b + off, len);
	return 0;
}

static const struct hs_io_ops mem_ops = {.name = "mem", .pread = mem_pread};

struct world {
	struct mem_io mem;
	struct hs_fs fs;
	uint8_t raw[256];
	struct hs_inode inode;
	struct hs_map map;
};

static struct world *new_world(uint32_t flags)
{
	struct world *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	w->mem.io.ops = &mem_ops;
	w->mem.io.name = "mem";
	w->mem.io.size = sizeof(w->mem.b);
	w->fs.io = &w->mem.io;
	w->fs.geo.block_size = BLOCK;
	w->fs.geo.blocks = BLOCKS;
	w->fs.geo.first_block = 1;
	w->fs.geo.inode_size = 256;
	w->fs.block_shift = 10;
	w->fs.crc32c = hs_crc32c_plain;
	w->inode.ino = 12;
	w->inode.mode = 0100644;
	w->inode.flags = flags;
	w->inode.size = 1000 * BLOCK;
	w->inode.raw = w->raw;
	return w;
}

static void free_world(struct world *w)
{
	hs_map_free(&w->map);
	free(w);
}

static void map(struct world *w)
{
	assert_int_equal(hs_file_map(&w->fs, &w->inode, 0, &w->map), 0);
}

static uint8_t *block(struct world *w, unsigned n)
{
	return w->mem.b + (size_t)n * BLOCK;
}

static void header(uint8_t *p, uint16_t count, uint16_t max, uint16_t depth)
{
	hs_put_le16(p, 0xf30a);
	hs_put_le16(p + 2, count);
	hs_put_le16(p + 4, max);
	hs_put_le16(p + 6, depth);
}

static void leaf(uint8_t *node, unsigned i, uint32_t logical, uint16_t len, uint32_t physical)
{
	uint8_t *p = node + 12 * (i + 1);

	hs_put_le32(p, logical);
	hs_put_le16(p + 4, len);
	hs_put_le16(p + 6, 0);
	hs_put_le32(p + 8, physical);
}

static void idx(uint8_t *node, unsigned i, uint32_t logical, uint32_t child)
{
	uint8_t *p = node + 12 * (i + 1);

	hs_put_le32(p, logical);
	hs_put_le32(p + 4, child);
	hs_put_le16(p + 8, 0);
}

static void extents_in_the_inode(void **state)
{
	struct world *w = new_world(HS_INODE_EXTENTS);
	uint8_t *root = w->raw + 40;

	(void)state;
	header(root, 3, 4, 0);
	leaf(root, 0, 0, 2, 10);
	leaf(root, 1, 2, 1, 12);
	leaf(root, 2, 9, 32768 + 3, 20);
	map(w);
	assert_int_equal(w->map.flaws, 0);
	assert_int_equal(w->map.n, 2); /* neighbours are joined */
	assert_int_equal(w->map.v[0].count, 3);
	assert_true(w->map.v[1].unwritten);
	assert_int_equal(hs_map_find(&w->map, 2), 12);
	assert_int_equal(hs_map_find(&w->map, 3), 0);
	assert_int_equal(hs_map_find(&w->map, 11), 22);
	assert_int_equal(hs_file_map(&w->fs, &w->inode, 10, &w->map), 0);
	assert_int_equal(w->map.v[1].count, 1);
	w->inode.size = BLOCK + 1;
	map(w);
	assert_int_equal(w->map.n, 1);
	assert_int_equal(w->map.v[0].count, 2);
	free_world(w);
}

static void bad_extents_are_left_out(void **state)
{
	static const struct {
		uint32_t logical;
		uint16_t len;
		uint32_t physical;
	} bad[] = {{1, 1, 30},	   {5, 0, 30},		{5, 1, 0},	     {5, 1, 1},
		   {5, 1, BLOCKS}, {5, 10, BLOCKS - 9}, {0xffffffff, 2, 30}, {5, 1, 0xffffffff}};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct world *w = new_world(HS_INODE_EXTENTS);
		uint8_t *root = w->raw + 40;

		header(root, 3, 4, 0);
		leaf(root, 0, 0, 2, 10);
		leaf(root, 1, bad[i].logical, bad[i].len, bad[i].physical);
		leaf(root, 2, 50, 1, 40);
		map(w);
		assert_int_equal(w->map.flaws, HS_MAPF_BAD);
		assert_int_equal(w->map.n, 2);
		assert_int_equal(hs_map_find(&w->map, 50), 40);
		free_world(w);
	}
}

static void trees(void **state)
{
	struct world *w = new_world(HS_INODE_EXTENTS);
	uint8_t *root = w->raw + 40;

	(void)state;
	header(root, 2, 4, 2);
	idx(root, 0, 0, 5);
	idx(root, 1, 100, 6);
	header(block(w, 5), 1, 84, 1);
	idx(block(w, 5), 0, 0, 7);
	header(block(w, 6), 2, 84, 1);
	idx(block(w, 6), 0, 100, 8);
	idx(block(w, 6), 1, 200, 9);
	for (unsigned i = 7; i <= 9; i++) {
		header(block(w, i), 1, 84, 0);
		leaf(block(w, i), 0, 100 * (i - 7), 1, 30 + i);
	}
	map(w);
	assert_int_equal(w->map.flaws, 0);
	assert_int_equal(w->map.n, 3);
	assert_int_equal(w->map.meta_blocks, 5);
	assert_int_equal(hs_map_find(&w->map, 200), 39);

	/* A wrong depth, a leaf outside its parent's part, a cycle, a node met twice, a bad sector.
	 */
	header(block(w, 8), 1, 84, 1);
	map(w);
	assert_int_equal(w->map.flaws, HS_MAPF_BAD);
	assert_int_equal(w->map.n, 2);
	header(block(w, 8), 1, 84, 0);
	leaf(block(w, 8), 0, 250, 1, 38);
	map(w);
	assert_int_equal(w->map.flaws, HS_MAPF_BAD);
	assert_int_equal(w->map.n, 2);
	leaf(block(w, 8), 0, 100, 1, 38);
	idx(block(w, 6), 0, 100, 6);
	map(w);
	assert_int_equal(w->map.flaws, HS_MAPF_BAD);
	idx(block(w, 6), 0, 100, 9);
	map(w);
	assert_int_equal(w->map.flaws, HS_MAPF_BAD);
	idx(block(w, 6), 0, 100, 8);
	w->mem.bad = 6;
	map(w);
	assert_int_equal(w->map.flaws, HS_MAPF_READ);
	assert_int_equal(w->map.n, 1);
	free_world(w);
}

static void a_checksum_behind_the_entries(void **state)
{
	struct world *w = new_world(HS_INODE_EXTENTS);
	uint8_t *root = w->raw + 40, *b = block(w, 5);
	uint32_t seed;

	(void)state;
	w->fs.geo.has_metadata_csum = true;
	header(root, 1, 4, 1);
	idx(root, 0, 0, 5);
	header(b, 1, 84, 0);
	leaf(b, 0, 0, 1, 30);
	map(w);
	assert_int_equal(w->map.flaws, HS_MAPF_BAD);
	seed = hs_inode_csum_seed(&w->fs, 12, 0);
	hs_put_le32(b + 12 + 84 * 12, hs_crc32c_plain(seed, b, 12 + 84 * 12));
	map(w);
	assert_int_equal(w->map.flaws, 0);
	assert_int_equal(w->map.n, 1);
	free_world(w);
}

static void block_maps(void **state)
{
	struct world *w = new_world(0);
	uint8_t *p = w->raw + 40;
	uint8_t buf[3 * BLOCK];
	size_t got;

	(void)state;
	hs_put_le32(p, 20);
	hs_put_le32(p + 4, 21);
	hs_put_le32(p + 12 * 4, 5); /* single */
	hs_put_le32(block(w, 5), 22);
	hs_put_le32(block(w, 5) + 4 * 255, 23);
	hs_put_le32(p + 13 * 4, 6); /* double */
	hs_put_le32(block(w, 6) + 4, 7);
	hs_put_le32(block(w, 7) + 8, 24);
	map(w);
	assert_int_equal(w->map.flaws, 0);
	assert_int_equal(w->map.meta_blocks, 3);
	assert_int_equal(hs_map_find(&w->map, 0), 20);
	assert_int_equal(hs_map_find(&w->map, 12), 22);
	assert_int_equal(hs_map_find(&w->map, 267), 23);
	assert_int_equal(hs_map_find(&w->map, 268 + 256 + 2), 24);
	assert_int_equal(hs_map_find(&w->map, 268), 0);

	/* Reading goes straight to what it needs, and holes are zero. */
	memset(block(w, 24), 0xaa, BLOCK);
	w->mem.reads = 0;
	assert_int_equal(hs_file_pread(&w->fs, &w->inode, buf, sizeof(buf), 525 * BLOCK, &got), 0);
	assert_int_equal(got, sizeof(buf));
	assert_int_equal(w->mem.reads, 3);
	assert_int_equal(buf[0], 0);
	assert_int_equal(buf[BLOCK], 0xaa);
	assert_int_equal(buf[2 * BLOCK], 0);
	w->inode.size = 526 * BLOCK + 5;
	assert_int_equal(hs_file_pread(&w->fs, &w->inode, buf, sizeof(buf), 526 * BLOCK, &got), 0);
	assert_int_equal(got, 5);
	free_world(w);
}

static void indirect_blocks_in_circles(void **state)
{
	struct world *w = new_world(0);
	uint8_t *p = w->raw + 40;

	(void)state;
	w->inode.size = UINT64_MAX;
	/* A triple indirect block full of pointers to itself, and to one other. */
	hs_put_le32(p + 14 * 4, 5);
	for (unsigned i = 0; i < 256; i++)
		hs_put_le32(block(w, 5) + 4 * i, i % 2 ? 5 : 6);
	for (unsigned i = 0; i < 256; i++)
		hs_put_le32(block(w, 6) + 4 * i, 7);
	for (unsigned i = 0; i < 256; i++)
		hs_put_le32(block(w, 7) + 4 * i, 20);
	map(w);
	assert_int_equal(w->map.flaws, HS_MAPF_BAD);
	assert_true(w->map.meta_blocks <= 3);
	assert_true(w->map.n <= 256);
	free_world(w);
}

static void extents_that_map_more_than_there_is(void **state)
{
	struct world *w = new_world(HS_INODE_EXTENTS);
	uint8_t *root = w->raw + 40;
	uint64_t total = 0;

	(void)state;
	header(root, 4, 4, 0);
	for (unsigned i = 0; i < 4; i++)
		leaf(root, i, i * 50, 50, 10);
	map(w);
	assert_int_equal(w->map.flaws, HS_MAPF_BAD);
	for (size_t i = 0; i < w->map.n; i++)
		total += w->map.v[i].count;
	assert_true(total <= BLOCKS);
	free_world(w);
}

static void inodes_without_blocks(void **state)
{
	static const uint16_t modes[] = {0010644, 0020644, 0060644, 0140644, 0120777};

	(void)state;
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		struct world *w = new_world(0);
		char text[8];
		size_t got;

		memcpy(w->raw + 40, "target", 6);
		w->inode.mode = modes[i];
		w->inode.size = modes[i] == 0120777 ? 6 : 0;
		map(w);
		assert_int_equal(w->map.n, 0);
		assert_int_equal(w->map.flaws, 0);
		assert_int_equal(hs_file_pread(&w->fs, &w->inode, text, 8, 0, &got), 0);
		assert_int_equal(got, w->inode.size);
		if (got)
			assert_memory_equal(text, "target", 6);
		free_world(w);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(extents_in_the_inode),
		cmocka_unit_test(bad_extents_are_left_out),
		cmocka_unit_test(trees),
		cmocka_unit_test(a_checksum_behind_the_entries),
		cmocka_unit_test(block_maps),
		cmocka_unit_test(indirect_blocks_in_circles),
		cmocka_unit_test(extents_that_map_more_than_there_is),
		cmocka_unit_test(inodes_without_blocks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
