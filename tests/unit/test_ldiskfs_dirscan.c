/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Directories block by block: names met twice, names in the wrong leaf, indexes that do not fit
 * their directory.
 */
#include "cm.h"

#include <stdio.h>

#include "ldiskfs/dirblock.h"
#include "ldiskfs/dirhash.h"
#include "ldiskfs/dirscan.h"

#define BLOCK 1024u
#define MAX   8u

struct dir {
	struct hs_fs fs;
	struct hs_dirscan scan;
	struct hs_dirscan_dir d;
	uint8_t *block[MAX]; /* NULL: unreadable */
	uint32_t n, pos[MAX];

	/* What the visitor saw. */
	uint64_t entries, duplicates, wrong;
	char last_duplicate[256];
	struct hs_dir_end end;
};

static int on_begin(void *arg, void *dir)
{
	(void)arg;
	(void)dir;
	return 0;
}

static int on_entry(void *arg, void *dir, const struct hs_dirent *e)
{
	struct dir *d = arg;

	(void)dir;
	d->entries++;
	d->wrong += e->wrong_leaf;
	d->duplicates += e->duplicate;
	if (e->duplicate)
		snprintf(d->last_duplicate, sizeof(d->last_duplicate), "%.*s", e->name_len,
			 (const char *)e->name);
	return 0;
}

static int on_end(void *arg, void *dir, const struct hs_dir_end *end)
{
	(void)dir;
	((struct dir *)arg)->end = *end;
	return 0;
}

static const struct hs_dir_visitor visitor = {on_begin, on_entry, on_end};

static const uint8_t *get(void *arg, uint32_t logical)
{
	struct dir *d = arg;

	return logical < d->n ? d->block[logical] : NULL;
}

static struct dir *new_dir(uint32_t blocks, uint32_t flags)
{
	struct dir *d = calloc(1, sizeof(*d));

	assert_non_null(d);
	d->fs.geo.block_size = BLOCK;
	d->fs.block_shift = 10;
	d->fs.crc32c = hs_crc32c_plain;
	assert_int_equal(hs_dirscan_init(&d->scan, &d->fs), 0);
	d->scan.visitor = &visitor;
	d->scan.arg = d;
	d->d = (struct hs_dirscan_dir){.ino = 12, .flags = flags, .size = blocks * BLOCK};
	d->n = blocks;
	for (uint32_t i = 0; i < blocks; i++) {
		d->block[i] = calloc(1, BLOCK);
		hs_put_le16(d->block[i] + 4, BLOCK);
	}
	return d;
}

static void free_dir(struct dir *d)
{
	hs_dirscan_free(&d->scan);
	for (uint32_t i = 0; i < d->n; i++)
		free(d->block[i]);
	free(d);
}

/* Appends an entry; the last record always reaches to the end of the block. */
static void put(struct dir *d, uint32_t block, const char *name)
{
	uint8_t *b = d->block[block], *p = b + d->pos[block];
	uint32_t len = (uint32_t)strlen(name), rec = (8 + len + 3) & ~3u;

	assert_true(d->pos[block] + rec + 12 <= BLOCK);
	hs_put_le32(p, 13);
	hs_put_le16(p + 4, (uint16_t)rec);
	p[6] = (uint8_t)len;
	p[7] = 1;
	memcpy(p + 8, name, len);
	d->pos[block] += rec;
	hs_put_le16(b + d->pos[block] + 4, (uint16_t)(BLOCK - d->pos[block]));
}

static void read_dir(struct dir *d)
{
	d->entries = d->duplicates = d->wrong = 0;
	assert_int_equal(hs_dirscan_begin(&d->scan, &d->d, get, d), 0);
	for (uint32_t i = 0; i < d->n; i++)
		assert_int_equal(hs_dirscan_block(&d->scan, i, d->block[i]), 0);
	assert_int_equal(hs_dirscan_end(&d->scan), 0);
}

static uint32_t hash_of(const struct dir *d, const char *name)
{
	return (uint32_t)(hs_dirhash(1, d->fs.geo.hash_seed, (const uint8_t *)name, strlen(name)) >>
			  32);
}

/* The root of an index over two leaves, blocks 1 and 2, split at `hash`. */
static void put_root(struct dir *d, uint32_t hash)
{
	uint8_t *b = d->block[0];

	hs_put_le32(b, 12);
	hs_put_le16(b + 4, 12);
	b[6] = 1;
	b[8] = '.';
	hs_put_le32(b + 12, 2);
	hs_put_le16(b + 16, BLOCK - 12);
	b[18] = 2;
	b[20] = b[21] = '.';
	b[28] = 1;
	b[29] = 8;
	hs_put_le16(b + 32, (BLOCK - 32) / 8);
	hs_put_le16(b + 34, 2);
	hs_put_le32(b + 36, 1);
	hs_put_le32(b + 40, hash);
	hs_put_le32(b + 44, 2);
}

static void a_linear_directory_is_compared_whole(void **state)
{
	struct dir *d = new_dir(3, 0);

	(void)state;
	put(d, 0, "a");
	put(d, 0, "b");
	put(d, 1, "bb");
	put(d, 2, "c");
	read_dir(d);
	assert_int_equal(d->entries, 4);
	assert_int_equal(d->duplicates, 0);
	assert_int_equal(d->end.flaws, 0);
	put(d, 2, "b");
	read_dir(d);
	assert_int_equal(d->duplicates, 1);
	assert_string_equal(d->last_duplicate, "b");
	free_dir(d);
}

static void a_single_block_too(void **state)
{
	struct dir *d = new_dir(1, 0);

	(void)state;
	put(d, 0, "a");
	put(d, 0, "b");
	put(d, 0, "a");
	put(d, 0, "a");
	read_dir(d);
	assert_int_equal(d->duplicates, 2);
	free_dir(d);
}

static void leaves_hold_what_hashes_to_them(void **state)
{
	struct dir *d = new_dir(3, HS_INODE_INDEX);
	char name[16], low[16] = "", high[16] = "";

	(void)state;
	put_root(d, 0x80000000);
	for (unsigned i = 0; i < 40; i++) {
		snprintf(name, sizeof(name), "name%u", i);
		if (hash_of(d, name) < 0x80000000) {
			put(d, 1, name);
			strcpy(low, name);
		} else {
			put(d, 2, name);
			strcpy(high, name);
		}
	}
	read_dir(d);
	assert_int_equal(d->end.flaws, 0);
	assert_int_equal(d->entries, 42);
	assert_int_equal(d->wrong + d->duplicates, 0);

	put(d, 2, high);
	read_dir(d);
	assert_int_equal(d->duplicates, 1);
	assert_string_equal(d->last_duplicate, high);
	put(d, 2, low);
	read_dir(d);
	assert_int_equal(d->wrong, 1);
	free_dir(d);
}

static void leaves_that_share_a_hash_are_compared(void **state)
{
	struct dir *d = new_dir(3, HS_INODE_INDEX);
	uint32_t hash = hash_of(d, "collision");

	(void)state;
	put_root(d, hash | 1);
	put(d, 1, "collision");
	read_dir(d);
	assert_int_equal(d->end.flaws, 0);
	assert_int_equal(d->wrong + d->duplicates, 0);
	put(d, 2, "collision");
	read_dir(d);
	assert_int_equal(d->wrong, 0);
	assert_int_equal(d->duplicates, 1);

	/* Without the mark of continuation the first leaf must not have it. */
	put_root(d, hash);
	read_dir(d);
	assert_int_equal(d->wrong, 1);
	free_dir(d);
}

static void a_damaged_index_means_a_linear_directory(void **state)
{
	struct dir *d = new_dir(4, HS_INODE_INDEX);

	(void)state;
	/* Block 3 is in the directory but not in the index. */
	put_root(d, 0x80000000);
	put(d, 1, "x");
	put(d, 2, "x");
	put(d, 3, "x");
	read_dir(d);
	assert_int_equal(d->end.flaws, HS_DIRF_INDEX);
	assert_int_equal(d->entries, 5);
	assert_int_equal(d->duplicates, 2);
	assert_int_equal(d->wrong, 0);

	/* A block that cannot be read, in the index or not. */
	free(d->block[0]);
	d->block[0] = NULL;
	read_dir(d);
	assert_int_equal(d->end.flaws, HS_DIRF_INDEX | HS_DIRF_READ);
	assert_int_equal(d->end.bad_block, 0);
	assert_int_equal(d->entries, 3);
	free_dir(d);
}

static void sets_have_a_limit(void **state)
{
	struct hs_dirnames s = {0};
	uint8_t name[200] = {0};
	uint64_t n = 0;
	int ret;

	(void)state;
	for (;; n++) {
		hs_put_le64(name, n);
		ret = hs_dirnames_add(&s, n * 0x9e3779b97f4a7c15ull, name, sizeof(name));
		if (ret)
			break;
	}
	assert_int_equal(ret, -ENOSPC);
	assert_true(n > 100000 && n < HS_DIRNAMES_LIMIT / sizeof(name));
	assert_true(s.room * sizeof(*s.slots) + s.text_len <= HS_DIRNAMES_LIMIT);
	hs_put_le64(name, 5);
	assert_int_equal(hs_dirnames_add(&s, 5 * 0x9e3779b97f4a7c15ull, name, sizeof(name)), 1);
	hs_dirnames_clear(&s);
	assert_int_equal(hs_dirnames_add(&s, 5, name, sizeof(name)), 0);
	hs_dirnames_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_linear_directory_is_compared_whole),
		cmocka_unit_test(a_single_block_too),
		cmocka_unit_test(leaves_hold_what_hashes_to_them),
		cmocka_unit_test(leaves_that_share_a_hash_are_compared),
		cmocka_unit_test(a_damaged_index_means_a_linear_directory),
		cmocka_unit_test(sets_have_a_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
