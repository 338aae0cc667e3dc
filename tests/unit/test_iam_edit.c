/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Index files: an object index grows from nothing to three levels of nodes, record by record, in
 * every order, and is read back with the decoders of the check.
 */
#include "edit_rig.h"

#include "ldiskfs/file.h"
#include "lfsck/iam_edit.h"
#include "lustre/iam.h"
#include "lustre/iam_write.h"

#define KEY 16u
#define REC 8u

struct seen {
	uint64_t entries, empty;
	uint8_t last[KEY];
	bool any;
	unsigned levels;
	uint32_t blocks;
};

static void load(const struct hs_edit *e, uint32_t ino, uint64_t block, uint8_t *buf)
{
	const struct hs_fs *fs = hs_edit_fs(e);
	uint32_t bs = hs_fs_geo(fs)->block_size;
	uint8_t raw[4096];
	struct hs_inode in;
	size_t got;

	assert_int_equal(hs_inode_read(fs, ino, raw, &in), 0);
	assert_int_equal(hs_file_pread(fs, &in, buf, bs, block * bs, &got), 0);
	assert_int_equal(got, bs);
}

/* All keys ascend over the whole file; each node's first key is where its parent says. */
static void walk(const struct hs_edit *e, uint32_t ino, const struct hs_iam_root *root,
		 uint64_t block, unsigned level, struct seen *s)
{
	uint32_t bs = hs_fs_geo(hs_edit_fs(e))->block_size;
	uint8_t *buf = malloc(bs);
	struct hs_iam_node n;

	load(e, ino, block, buf);
	s->blocks++;
	if (level == root->levels + 1u) {
		assert_int_equal(hs_iam_decode_leaf(buf, bs, root, &n), 0);
		s->empty += n.count == 0;
		for (uint32_t i = 0; i < n.count; i++) {
			assert_true(!s->any || memcmp(s->last, hs_iam_key(&n, i), KEY) < 0);
			memcpy(s->last, hs_iam_key(&n, i), KEY);
			s->any = true;
			s->entries += !hs_iam_key_is_zero(&n, i);
		}
	} else {
		struct hs_iam_root again;

		assert_int_equal(level ? hs_iam_decode_index(buf, bs, root, &n)
				       : hs_iam_decode_root(buf, bs, KEY, REC, &again, &n),
				 0);
		for (uint32_t i = 0; i < n.count; i++) {
			if (i)
				assert_true(memcmp(s->last, hs_iam_key(&n, i), KEY) < 0);
			walk(e, ino, root, hs_iam_child(&n, i), level + 1, s);
		}
	}
	free(buf);
}

static struct seen check(const struct hs_edit *e, uint32_t ino)
{
	uint32_t bs = hs_fs_geo(hs_edit_fs(e))->block_size;
	uint8_t *buf = malloc(bs);
	struct hs_iam_root root;
	struct hs_iam_node n;
	struct seen s = {0};

	load(e, ino, 0, buf);
	assert_int_equal(hs_iam_decode_root(buf, bs, KEY, REC, &root, &n), 0);
	s.levels = root.levels;
	walk(e, ino, &root, 0, 0, &s);
	free(buf);
	return s;
}

/* As the server makes it: a root, and a leaf with one zero entry. */
static uint32_t make_index(struct hs_edit *e)
{
	uint32_t bs = hs_fs_geo(hs_edit_fs(e))->block_size, ino, gen;
	struct hs_edit_new new = {.near = 2, .mode = 0100644, .nlink = 1};
	struct hs_iam_root root = {.key_size = KEY, .rec_size = REC, .ptr_size = 4};
	uint8_t *buf = calloc(2, bs), zero[KEY + REC] = {0};
	struct hs_iam_block leaf;

	hs_put_le64(buf, 0xbedabb1edull);
	hs_put_le16(buf + 8, KEY);
	hs_put_le16(buf + 10, REC);
	hs_put_le16(buf + 12, 4);
	hs_put_le16(buf + 16, (uint16_t)((bs - 16) / 20 - ((bs - 16) / 20 == bs / 20)));
	hs_put_le16(buf + 18, 2);
	hs_put_le32(buf + 16 + 20 + KEY, 1);
	hs_iam_block_init(buf + bs, bs, HS_IAM_LEAF, &root, &leaf);
	hs_iam_block_insert(&leaf, 0, zero, zero + KEY);
	rig_ok(e, hs_edit_create(e, &new, &ino, &gen));
	rig_ok(e, hs_edit_write(e, ino, buf, 2 * (size_t)bs, 0));
	rig_ok(e,
	       hs_edit_insert(e, 2, "oi.16.0", 7, &(struct hs_edit_dirent){.ino = ino, .type = 1}));
	free(buf);
	return ino;
}

static void key_of(uint32_t i, unsigned order, uint8_t *key, uint8_t *rec)
{
	uint64_t oid = order == 0 ? i : order == 1 ? 0xffffffu - i : (i * 2654435761u) & 0xffffffu;

	memset(key, 0, KEY);
	hs_put_be64(key, 0x200000400 + (oid & 3));
	hs_put_be32(key + 8, (uint32_t)oid + 1);
	hs_put_be32(rec, i);
	hs_put_be32(rec + 4, ~i);
}

static void grows(struct rig *r, unsigned order, uint32_t n, unsigned levels)
{
	struct hs_edit *e = rig_open(r);
	struct hs_iam_file x = {.key_size = KEY, .rec_size = REC};
	uint8_t key[KEY], rec[REC], found[REC];
	struct seen s;

	hs_edit_begin(e);
	x.ino = make_index(e);
	for (uint32_t i = 0; i < n; i++) {
		key_of(i, order, key, rec);
		rig_ok(e, hs_iam_file_insert(e, &x, key, rec));
	}
	hs_edit_end(e);
	s = check(e, x.ino);
	assert_int_equal(s.entries, n);
	assert_int_equal(s.levels, levels);
	for (uint32_t i = 0; i < n; i += 7) {
		key_of(i, order, key, rec);
		assert_int_equal(hs_iam_file_find(e, &x, key, found), 1);
		assert_memory_equal(found, rec, REC);
	}
	hs_edit_begin(e);
	assert_int_equal(hs_iam_file_insert(e, &x, key, rec), -EEXIST);
	rec[0] ^= 1;
	rig_ok(e, hs_iam_file_change(e, &x, key, rec));
	assert_int_equal(hs_iam_file_find(e, &x, key, found), 1);
	assert_memory_equal(found, rec, REC);
	key[15] = 9;
	assert_int_equal(hs_iam_file_find(e, &x, key, found), 0);
	assert_int_equal(hs_iam_file_change(e, &x, key, rec), -ENOENT);
	assert_int_equal(hs_iam_file_remove(e, &x, key), -ENOENT);
	hs_edit_end(e);
	rig_ok(e, hs_edit_commit(e));
	/* all but every fifth go, and half of them come back */
	hs_edit_begin(e);
	for (uint32_t i = 0; i < n; i++) {
		key_of(i, order, key, rec);
		if (i % 5)
			rig_ok(e, hs_iam_file_remove(e, &x, key));
	}
	s = check(e, x.ino);
	assert_int_equal(s.entries, (n + 4) / 5);
	for (uint32_t i = 0; i < n; i++) {
		key_of(i, order, key, rec);
		if (i % 5 > 2)
			rig_ok(e, hs_iam_file_insert(e, &x, key, rec));
	}
	hs_edit_end(e);
	check(e, x.ino);
	rig_ok(e, hs_edit_commit(e));
	assert_int_equal(hs_edit_close(e), 0);
	rig_fsck(r);
}

static void indexes_grow(void **state)
{
	(void)state;
	for (unsigned order = 0; order < 3; order++) {
		struct rig r;

		assert_true(rig_make(&r, rig_kinds[1], 1024, "24M"));
		/* 42 records a leaf, 50 children a node: 21 * 25 * 25 or more for the third level
		 */
		grows(&r, order, order < 2 ? 28000 : 8000, order < 2 ? 2 : 1);
		rig_undo(&r);
		rig_remove(&r);
	}
}

/* Free blocks of the file are used before it grows, and the list's own block last. */
static void idle_blocks_are_used(void **state)
{
	struct hs_iam_file x = {.key_size = KEY, .rec_size = REC};
	uint8_t buf[1024] = {0}, key[KEY], rec[REC], raw[4096];
	struct hs_inode in;
	struct hs_edit *e;
	struct rig r;
	uint64_t size;

	(void)state;
	assert_true(rig_make(&r, rig_kinds[1], 1024, "24M"));
	e = rig_open(&r);
	hs_edit_begin(e);
	x.ino = make_index(e);
	/* blocks 2..5: 2 lists 3 and 4, and leads to 5, which lists none */
	memset(buf, 0xaa, sizeof(buf));
	rig_ok(e, hs_edit_write(e, x.ino, buf, 1024, 3 * 1024 - 1024));
	rig_ok(e, hs_edit_write(e, x.ino, buf, 1024, 3 * 1024));
	rig_ok(e, hs_edit_write(e, x.ino, buf, 1024, 4 * 1024));
	memset(buf, 0, sizeof(buf));
	hs_put_le16(buf, 0x7903);
	rig_ok(e, hs_edit_write(e, x.ino, buf, 1024, 5 * 1024));
	hs_put_le16(buf + 2, 2);
	hs_put_le32(buf + 4, 5);
	hs_put_le32(buf + 8, 3);
	hs_put_le32(buf + 12, 4);
	rig_ok(e, hs_edit_write(e, x.ino, buf, 1024, 2 * 1024));
	load(e, x.ino, 0, buf);
	hs_put_le32(buf + 20, 2);
	rig_ok(e, hs_edit_write(e, x.ino, buf, 1024, 0));
	for (uint32_t i = 0; i < 100; i++) {
		key_of(i, 0, key, rec);
		rig_ok(e, hs_iam_file_insert(e, &x, key, rec));
		assert_int_equal(hs_inode_read(hs_edit_fs(e), x.ino, raw, &in), 0);
		size = in.size;
	}
	assert_int_equal(check(e, x.ino).entries, 100);
	assert_int_equal(size, 6 * 1024);
	for (uint32_t i = 100; i < 300; i++) {
		key_of(i, 0, key, rec);
		rig_ok(e, hs_iam_file_insert(e, &x, key, rec));
	}
	assert_int_equal(check(e, x.ino).entries, 300);
	hs_edit_end(e);
	/* a damaged block on the way: nothing is changed */
	load(e, x.ino, 1, buf);
	buf[0] ^= 1;
	hs_edit_begin(e);
	rig_ok(e, hs_edit_write(e, x.ino, buf, 1024, 1024));
	key_of(0, 0, key, rec);
	key[11] = 0;
	assert_int_equal(hs_iam_file_insert(e, &x, key, rec), -EUCLEAN);
	hs_edit_cancel(e);
	rig_ok(e, hs_edit_commit(e));
	assert_int_equal(hs_edit_close(e), 0);
	rig_fsck(&r);
	rig_undo(&r);
	rig_remove(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(indexes_grow),
		cmocka_unit_test(idle_blocks_are_used),
	};
	struct rig r;

	if (!rig_make(&r, rig_kinds[1], 1024, "24M")) {
		fprintf(stderr, "skipped: mke2fs or e2fsck failed, see %s/log\n", r.dir);
		return 77;
	}
	rig_remove(&r);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
