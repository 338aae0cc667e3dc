/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Directory blocks: entries, the data behind names, records that cannot be. */
#include "cm.h"

#include "ldiskfs/dirblock.h"

#define BLOCK 1024u

struct builder {
	uint8_t *block;
	uint32_t pos, last;
};

static struct builder new_block(void)
{
	struct builder b = {.block = calloc(1, BLOCK)};

	assert_non_null(b.block);
	return b;
}

/* Appends an entry with `data` bytes behind the name; the last record gets the rest at finish(). */
static uint8_t *put(struct builder *b, uint32_t ino, uint8_t type, const char *name,
		    const void *data, size_t data_len)
{
	uint8_t *p = b->block + b->pos;
	size_t len = strlen(name);
	uint32_t rec = (uint32_t)(8 + len + (data_len ? 1 + data_len : 0) + 3) & ~3u;

	hs_put_le32(p, ino);
	hs_put_le16(p + 4, (uint16_t)rec);
	p[6] = (uint8_t)len;
	p[7] = type;
	memcpy(p + 8, name, len);
	if (data_len)
		memcpy(p + 8 + len + 1, data, data_len);
	b->last = b->pos;
	b->pos += rec;
	return p;
}

static void finish(struct builder *b)
{
	hs_put_le16(b->block + b->last + 4, (uint16_t)(BLOCK - b->last));
}

static const uint8_t lufid[17] = {17, 0, 0, 0, 2, 0, 0, 4, 0, 0, 0, 0, 7, 0, 0, 0, 0};

static void entries_with_and_without_fid(void **state)
{
	struct builder b = new_block();
	struct hs_dirblock it;
	struct hs_dirent e;
	uint16_t offsets[BLOCK / HS_DIRENT_MIN];

	(void)state;
	put(&b, 12, 1, "plain", NULL, 0);
	put(&b, 0, 1, "removed", NULL, 0);
	put(&b, 13, 2 | 0x10, "dir", lufid, sizeof(lufid));
	finish(&b);

	it = hs_dirblock_begin(b.block, BLOCK, true);
	assert_int_equal(hs_dirblock_next(&it, &e), 1);
	assert_int_equal(e.ino, 12);
	assert_int_equal(e.type, 1);
	assert_int_equal(e.name_len, 5);
	assert_memory_equal(e.name, "plain", 5);
	assert_false(e.has_fid || e.bad_data);
	assert_int_equal(hs_dirblock_next(&it, &e), 1);
	assert_int_equal(e.ino, 13);
	assert_int_equal(e.type, 2);
	assert_int_equal(e.type_raw, 0x12);
	assert_true(e.has_fid);
	assert_memory_equal(e.fid, lufid + 1, 16);
	assert_int_equal(hs_dirblock_next(&it, &e), 0);

	assert_int_equal(hs_dirblock_offsets(b.block, BLOCK, offsets), 2);
	assert_int_equal(offsets[0], 0);
	assert_int_equal(offsets[1], e.offset);

	/* Without the feature the bits mean nothing good. */
	it = hs_dirblock_begin(b.block, BLOCK, false);
	assert_int_equal(hs_dirblock_next(&it, &e), 1);
	assert_false(e.bad_data);
	assert_int_equal(hs_dirblock_next(&it, &e), 1);
	assert_true(e.bad_data);
	assert_false(e.has_fid);
	free(b.block);
}

/* A single entry of type_raw with this data behind the name "n". */
static struct hs_dirent decode_one(uint8_t type, const void *data, size_t len)
{
	struct builder b = new_block();
	struct hs_dirblock it;
	struct hs_dirent e;

	put(&b, 12, type, "n", data, len);
	it = hs_dirblock_begin(b.block, BLOCK, true);
	assert_int_equal(hs_dirblock_next(&it, &e), 1);
	free(b.block);
	return e;
}

static void data_behind_names(void **state)
{
	uint8_t two[33 + 5] = {33}, ino64[5 + 17] = {5, 0, 0, 0, 1, 17};
	uint8_t odd[16] = {16}, longer[17] = {18}, none[17] = {0};

	(void)state;
	assert_true(decode_one(0x11, lufid, sizeof(lufid)).has_fid);
	assert_true(decode_one(0x11, two, 33).has_fid);
	assert_true(
		decode_one(0x31, lufid, sizeof(lufid)).bad_data); /* the second datum is missing */
	two[33] = 5;
	assert_true(decode_one(0x31, two, sizeof(two)).has_fid);
	assert_true(decode_one(0x21, ino64, 5).name_len == 1);
	assert_false(decode_one(0x21, ino64, 5).bad_data);
	assert_true(decode_one(0x51, two, sizeof(two)).has_fid);
	assert_true(decode_one(0x11, odd, sizeof(odd)).bad_data);
	assert_true(decode_one(0x11, longer, sizeof(longer)).bad_data);
	assert_true(decode_one(0x11, none, sizeof(none)).bad_data);
	assert_true(decode_one(0x91, lufid, sizeof(lufid)).bad_data);
	assert_true(decode_one(0x11, lufid, 8).bad_data);
}

static void impossible_records(void **state)
{
	static const struct {
		uint16_t rec_len;
		uint8_t name_len;
	} bad[] = {{0, 1}, {8, 1}, {11, 1}, {14, 1}, {BLOCK + 4, 1}, {12, 5}, {65532, 1}, {16, 0}};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct builder b = new_block();
		struct hs_dirblock it;
		uint16_t offsets[BLOCK / HS_DIRENT_MIN];
		struct hs_dirent e;
		uint8_t *p;

		put(&b, 12, 1, "first", NULL, 0);
		p = put(&b, 13, 1, "second", NULL, 0);
		finish(&b);
		hs_put_le16(p + 4, bad[i].rec_len);
		p[6] = bad[i].name_len;
		it = hs_dirblock_begin(b.block, BLOCK, true);
		assert_int_equal(hs_dirblock_next(&it, &e), 1);
		assert_int_equal(hs_dirblock_next(&it, &e), -1);
		assert_int_equal(hs_dirblock_next(&it, &e), -1);
		assert_int_equal(hs_dirblock_offsets(b.block, BLOCK, offsets), 1);
		free(b.block);
	}
}

static void record_lengths_of_large_blocks(void **state)
{
	uint8_t p[8] = {0};

	(void)state;
	hs_put_le16(p + 4, 65535);
	assert_int_equal(hs_dirent_rec_len(p, 65536), 65536);
	hs_put_le16(p + 4, 0);
	assert_int_equal(hs_dirent_rec_len(p, 65536), 65536);
	assert_int_equal(hs_dirent_rec_len(p, 4096), 0);
	hs_put_le16(p + 4, 40);
	assert_int_equal(hs_dirent_rec_len(p, 65536), 40);
}

static void a_full_block_of_shortest_records(void **state)
{
	uint8_t *block = calloc(1, BLOCK);
	uint16_t offsets[BLOCK / HS_DIRENT_MIN];
	uint32_t n = 0;

	(void)state;
	for (uint32_t pos = 0; pos + 12 <= BLOCK; pos += 12, n++) {
		hs_put_le32(block + pos, 12);
		hs_put_le16(block + pos + 4, 12);
		block[pos + 6] = 4;
	}
	/* Four bytes are left over, too few for a record. */
	assert_int_equal(hs_dirblock_offsets(block, BLOCK, offsets), n);
	assert_int_equal(n, BLOCK / HS_DIRENT_MIN);
	free(block);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(entries_with_and_without_fid),
		cmocka_unit_test(data_behind_names),
		cmocka_unit_test(impossible_records),
		cmocka_unit_test(record_lengths_of_large_blocks),
		cmocka_unit_test(a_full_block_of_shortest_records),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
