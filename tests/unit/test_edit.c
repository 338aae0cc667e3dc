/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Edits of inodes, directories and small files: e2fsck has nothing to say afterwards, the readers
 * find what was written, and the undo gives back every bit. A transaction that is cut off at any
 * write, or inside it, is finished by the next one that opens the target.
 */
#include "edit_rig.h"

#include "io/cut.h"
#include "ldiskfs/edit_priv.h"

static const uint8_t raw_value[1024] = {1};

static void one_commit(struct rig *r, void (*edit)(struct hs_edit *e))
{
	struct hs_edit *e = rig_open(r);

	hs_edit_begin(e);
	edit(e);
	hs_edit_end(e);
	rig_ok(e, hs_edit_commit(e));
	assert_int_equal(hs_edit_close(e), 0);
	rig_fsck(r);
	rig_scan(r);
	rig_kernel(r);
}

static struct hs_inode inode_of(const struct hs_edit *e, uint32_t ino)
{
	uint8_t raw[4096];
	struct hs_inode in;

	assert_int_equal(hs_inode_read(hs_edit_fs(e), ino, raw, &in), 0);
	assert_false(in.csum_bad);
	in.raw = NULL;
	return in;
}

static void owners(struct hs_edit *e)
{
	bool project = hs_fs_geo(hs_edit_fs(e))->has_project;
	uint32_t f = rig_ino(e, "f"), big = rig_ino(e, "big");

	rig_ok(e, hs_edit_set_owner(e, f, 1001, 1002, project ? 7 : 0));
	rig_ok(e, hs_edit_set_owner(e, big, 4000000000u, 1002, project ? 70000 : 0));
	rig_ok(e, hs_edit_set_owner(e, f, 0, 1003, 0));
	for (uint32_t i = 0; i < 40; i++)
		rig_ok(e, hs_edit_set_owner(e, big, 100000 + i * 70001, 5 + i, 0));
	assert_int_equal(inode_of(e, f).gid, 1003);
	assert_int_equal(inode_of(e, big).uid, 100000 + 39 * 70001);
	assert_false(hs_edit_quota_stale(e));
}

static void owners_move_usage(struct rig *r)
{
	one_commit(r, owners);
}

static void fields(struct hs_edit *e)
{
	uint32_t f = rig_ino(e, "f");

	rig_ok(e, hs_edit_set_mode(e, f, 0100640));
	rig_ok(e, hs_edit_set_flags(e, f, 0x10, 0));
	rig_ok(e, hs_edit_set_flags(e, f, 0, 0x10));
	rig_ok(e, hs_edit_set_times(e, f, 1, 2, 3));
	assert_int_equal(inode_of(e, f).ctime, 3);
	assert_int_equal(inode_of(e, f).mode, 0100640);
	assert_int_equal(hs_edit_set_mode(e, f, 0040640), -EINVAL);
	assert_int_equal(hs_edit_set_nlink(e, f, 65000), -EMLINK);
	assert_int_equal(hs_edit_set_nlink(e, 2999, 1), -EUCLEAN);
	assert_int_equal(hs_edit_set_nlink(e, 0, 1), -EINVAL);
}

static void fields_change(struct rig *r)
{
	one_commit(r, fields);
}

static void write_files(struct hs_edit *e)
{
	uint32_t f = rig_ino(e, "f");
	uint8_t bytes[70000], back[70000];
	uint8_t raw[4096];
	struct hs_inode in;
	size_t got;

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * 7);
	rig_ok(e, hs_edit_write(e, f, "D", 1, 0));
	rig_ok(e, hs_edit_write(e, f, bytes, sizeof(bytes), 3));
	rig_ok(e, hs_edit_write(e, f, bytes, 10000, 5));
	memmove(bytes + 2, bytes, 10000);
	for (size_t i = 0; i < 2; i++)
		bytes[i] = (uint8_t)(i * 7);
	for (size_t i = 10002; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * 7);
	assert_int_equal(hs_inode_read(hs_edit_fs(e), f, raw, &in), 0);
	assert_int_equal(in.size, 70003);
	assert_int_equal(hs_file_pread(hs_edit_fs(e), &in, back, sizeof(back), 3, &got), 0);
	assert_int_equal(got, sizeof(back));
	assert_memory_equal(back, bytes, sizeof(bytes));
	assert_int_equal(hs_edit_write(e, f, bytes, 1, 70005), -EOPNOTSUPP);
}

static void files_are_written(struct rig *r)
{
	one_commit(r, write_files);
}

static void big_one(struct hs_edit *e)
{
	uint32_t big = rig_ino(e, "big");

	rig_ok(e, hs_edit_remove(e, 2, "big", 3, big));
	rig_ok(e, hs_edit_free_inode(e, big));
}

static void inodes_come_and_go(struct rig *r)
{
	one_commit(r, big_one);
}

static void names(struct hs_edit *e)
{
	uint32_t f = rig_ino(e, "f"), d = rig_ino(e, "d");
	struct hs_edit_dirent as = {.ino = f, .type = 1};
	char name[256];
	unsigned n = 0;

	for (unsigned i = 0; i < 1500; i++) {
		int len = snprintf(
			name, sizeof(name), "name-%u-%.*s", i, (int)(i % 120),
			"yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy"
			"yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy");

		rig_ok(e, hs_edit_insert(e, d, name, (size_t)len, &as));
		n++;
		if (i % 100 == 0)
			assert_int_equal(hs_edit_insert(e, d, name, (size_t)len, &as), -EEXIST);
		if (i % 3 == 0) {
			rig_ok(e, hs_edit_remove(e, d, name, (size_t)len, 0));
			n--;
			if (i % 99 == 0)
				assert_int_equal(hs_edit_remove(e, d, name, (size_t)len, 0),
						 -ENOENT);
		}
	}
	rig_ok(e, hs_edit_set_nlink(e, f, inode_of(e, f).nlink + n));
	assert_true(inode_of(e, d).flags & HS_INODE_INDEX);
	assert_int_equal(hs_edit_remove(e, d, "..", 2, 0), -EINVAL);
	assert_int_equal(hs_edit_insert(e, d, "..", 2, &as), -EINVAL);
	assert_int_equal(hs_edit_insert(e, f, "x", 1, &as), -ENOTDIR);
}

static void names_are_found(struct rig *r)
{
	one_commit(r, names);
}

static void change_names(struct hs_edit *e)
{
	uint32_t f = rig_ino(e, "f"), g = rig_ino(e, "g"), d = rig_ino(e, "d"),
		 e2 = rig_ino(e, "e");
	struct hs_edit_dirent as = {.ino = g, .type = 1};

	/* f's name now means g, and g's f */
	rig_ok(e, hs_edit_change(e, 2, "f", 1, 0, &as));
	as.ino = f;
	rig_ok(e, hs_edit_change(e, 2, "g", 1, g, &as));
	assert_int_equal(rig_ino(e, "g"), f);
	assert_int_equal(hs_edit_change(e, 2, "g", 1, 12345, &as), -ENOENT);
	/* e becomes a directory in d */
	as = (struct hs_edit_dirent){.ino = d, .type = 2};
	rig_ok(e, hs_edit_change(e, e2, "..", 2, 0, &as));
	as.ino = e2;
	rig_ok(e, hs_edit_insert(e, d, "e", 1, &as));
	rig_ok(e, hs_edit_remove(e, 2, "e", 1, e2));
	rig_ok(e, hs_edit_set_nlink(e, 2, inode_of(e, 2).nlink - 1));
	rig_ok(e, hs_edit_set_nlink(e, d, inode_of(e, d).nlink + 1));
}

static void names_change(struct rig *r)
{
	one_commit(r, change_names);
}

static void create_many(struct hs_edit *e)
{
	struct hs_edit_new n = {.near = 2, .mode = 0040755, .nlink = 2, .parent = 2, .uid = 77};
	struct hs_edit_dirent d = {.type = 2};
	uint32_t ino, gen, gone, gone_gen, big = rig_ino(e, "big");
	char name[16];

	for (unsigned i = 0; i < 30; i++) {
		snprintf(name, sizeof(name), "dir%u", i);
		rig_ok(e, hs_edit_create(e, &n, &ino, &gen));
		d.ino = ino;
		rig_ok(e, hs_edit_insert(e, 2, name, strlen(name), &d));
	}
	rig_ok(e, hs_edit_set_nlink(e, 2, inode_of(e, 2).nlink + 30));
	n = (struct hs_edit_new){.near = 2900, .mode = 0100644, .nlink = 1, .gid = 5};
	d.type = 1;
	for (unsigned i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "file%u", i);
		rig_ok(e, hs_edit_create(e, &n, &ino, &gen));
		rig_ok(e, hs_edit_write(e, ino, name, strlen(name), 0));
		d.ino = ino;
		rig_ok(e, hs_edit_insert(e, rig_ino(e, "d"), name, strlen(name), &d));
	}
	n = (struct hs_edit_new){.mode = 0120777, .nlink = 1, .target = "[0x200000401:0x1:0x0]"};
	rig_ok(e, hs_edit_create(e, &n, &ino, &gen));
	d = (struct hs_edit_dirent){.ino = ino, .type = 7};
	rig_ok(e, hs_edit_insert(e, 2, "link", 4, &d));
	n.target = "";
	assert_int_equal(hs_edit_create(e, &n, &ino, &gen), -EINVAL);
	n = (struct hs_edit_new){.mode = 0060600, .nlink = 1, .rdev = 0x0801};
	rig_ok(e, hs_edit_create(e, &n, &ino, &gen));
	d = (struct hs_edit_dirent){.ino = ino, .type = 4};
	rig_ok(e, hs_edit_insert(e, 2, "sda1", 4, &d));
	n = (struct hs_edit_new){.near = 2900, .mode = 0100644, .nlink = 1, .gid = 5};
	/* one comes and goes; its number comes again, as another inode */
	rig_ok(e, hs_edit_create(e, &n, &gone, &gone_gen));
	rig_ok(e, hs_edit_write(e, gone, "x", 1, 0));
	rig_ok(e, hs_edit_set_trusted(e, gone, "lma", "0123456789", 10));
	rig_ok(e, hs_edit_free_inode(e, gone));
	assert_int_equal(hs_edit_free_inode(e, gone), -EUCLEAN);
	rig_ok(e, hs_edit_create(e, &n, &ino, &gen));
	assert_int_equal(ino, gone);
	assert_int_not_equal(gen, gone_gen);
	rig_ok(e, hs_edit_free_inode(e, ino));
	rig_ok(e, hs_edit_remove(e, 2, "big", 3, big));
	rig_ok(e, hs_edit_free_inode(e, big));
}

static void many_are_created(struct rig *r)
{
	one_commit(r, create_many);
}

/* A little of everything, for interruptions. */
static void sequence(struct hs_edit *e)
{
	uint32_t f = rig_ino(e, "f"), d = rig_ino(e, "d"), ino, gen;
	struct hs_edit_new n = {.near = d, .mode = 0100644, .nlink = 1, .uid = 3};
	struct hs_edit_dirent as = {.type = 1};
	char value[3000];

	memset(value, 'v', sizeof(value));
	rig_ok(e, hs_edit_create(e, &n, &ino, &gen));
	as.ino = ino;
	rig_ok(e, hs_edit_insert(e, d, "new", 3, &as));
	rig_ok(e, hs_edit_set_owner(e, f, 1000, 1000, 0));
	rig_ok(e, hs_edit_set_trusted(e, f, "lov", value, 900));
	rig_ok(e, hs_edit_write(e, f, value, sizeof(value), 0));
	rig_ok(e, hs_edit_remove(e, 2, "g", 1, 0));
	rig_ok(e, hs_edit_insert(e, d, "g", 1, &(struct hs_edit_dirent){.ino = ino, .type = 1}));
	rig_ok(e, hs_edit_set_nlink(e, ino, 2));
}

static uint32_t g_ino;

static void sequence_whole(struct hs_edit *e)
{
	g_ino = rig_ino(e, "g");
	sequence(e);
	rig_ok(e, hs_edit_free_inode(e, g_ino));
}

struct cutting {
	uint64_t writes;
	uint32_t sectors;
	struct hs_io *cut;
};

static void no_wait(void *arg, unsigned seconds)
{
	(void)arg;
	(void)seconds;
}

static errint_t cut_below(void *arg, struct hs_io *below, struct hs_io **out)
{
	struct cutting *c = arg;
	errint_t err = hs_cut_open(below, c->writes, c->sectors, out);

	c->cut = *out;
	return err;
}

static void interruptions(struct rig *r)
{
	static const uint32_t torn[] = {0, 1, 3};
	uint64_t writes = 1;

	one_commit(r, sequence_whole);
	assert_int_equal(rig_run(r, "cp --sparse=always img whole"), 0);
	rig_undo(r);
	for (uint64_t k = 0; k <= writes; k++) {
		for (size_t t = 0; t < 3; t++) {
			struct cutting c = {.writes = k, .sectors = torn[t]};
			struct hs_edit_params p = rig_params(r);
			struct hs_strbuf why = HS_STRBUF_INIT;
			struct hs_edit *e;
			errint_t err;

			p.wrap = cut_below;
			p.wait = no_wait;
			p.arg = &c;
			assert_int_equal(hs_edit_open(&p, &e, &why), 0);
			hs_edit_begin(e);
			sequence_whole(e);
			hs_edit_end(e);
			err = hs_edit_commit(e);
			writes = hs_cut_writes(c.cut);
			hs_edit_close(e);
			if (k == writes) {
				assert_int_equal(err, 0);
				assert_int_equal(rig_run(r, "cmp img whole"), 0);
				rig_undo(r);
				break;
			}
			assert_int_equal(err, -EIO);
			writes = k + 2;
			/* the next one that opens it finishes it */
			if (t != 1) {
				e = rig_open(r);
				assert_true(hs_edit_finished_earlier(e));
				assert_int_equal(hs_edit_close(e), 0);
				assert_int_equal(rig_run(r, "cmp img whole"), 0);
				rig_fsck(r);
			}
			rig_undo(r);
			hs_strbuf_free(&why);
		}
	}
	assert_true(writes > 5);
}

static int no(struct hs_edit *e, void *arg)
{
	(void)e;
	return *(int *)arg;
}

static errint_t spoil(struct hs_edit *e, void *arg)
{
	struct hs_edit_new n = {.mode = 0040755, .nlink = 2, .parent = 2};
	uint32_t ino, gen;

	(void)arg;
	rig_ok(e, hs_edit_create(e, &n, &ino, &gen));
	return hs_edit_insert(e, 2, "f", 1, &(struct hs_edit_dirent){.ino = ino, .type = 2});
}

/* What was cancelled leaves nothing, neither on the disk nor in what the reader knows. */
static void cancelled(struct rig *r)
{
	struct hs_edit *e = rig_open(r);
	struct hs_edit_repair repair = {.holds = no, .apply = spoil};
	uint64_t *blocks;
	size_t n;
	int answer = 0;

	repair.arg = &answer;
	assert_int_equal(hs_edit_repair(e, &repair), 0);
	answer = 1;
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(hs_edit_repair(e, &repair), -EEXIST);
	assert_non_null(strstr(hs_edit_why(e), "'f'"));
	answer = -EIO;
	assert_int_equal(hs_edit_repair(e, &repair), -EIO);
	assert_int_equal(hs_edit_blocks(e, false, &blocks, &n), 0);
	assert_int_equal(n, 0);
	free(blocks);
	/* two repairs, the second of which is cancelled: one remains */
	hs_edit_begin(e);
	rig_ok(e, hs_edit_set_owner(e, rig_ino(e, "f"), 9, 9, 0));
	assert_int_equal(hs_edit_blocks(e, true, &blocks, &n), 0);
	assert_true(n >= 2);
	free(blocks);
	hs_edit_end(e);
	hs_edit_begin(e);
	create_many(e);
	assert_int_equal(hs_edit_blocks(e, true, &blocks, &n), 0);
	assert_true(n > 30);
	free(blocks);
	hs_edit_cancel(e);
	rig_ok(e, hs_edit_commit(e));
	assert_int_equal(hs_edit_staged(e), 0);
	/* and on with the same handle */
	hs_edit_begin(e);
	create_many(e);
	hs_edit_end(e);
	rig_ok(e, hs_edit_commit(e));
	assert_int_equal(hs_edit_close(e), 0);
	rig_fsck(r);
}

/* A plan changes nothing and keeps nobody away. */
static void plans(struct rig *r)
{
	struct hs_edit_params p = rig_params(r);
	struct hs_strbuf why = HS_STRBUF_INIT;
	struct hs_edit *e;
	uint64_t *blocks;
	size_t n;

	p.plan = true;
	assert_int_equal(hs_edit_open(&p, &e, &why), 0);
	hs_edit_begin(e);
	create_many(e);
	hs_edit_end(e);
	assert_int_equal(hs_edit_blocks(e, false, &blocks, &n), 0);
	assert_true(n > 30);
	free(blocks);
	assert_int_equal(hs_edit_commit(e), -EROFS);
	assert_int_equal(hs_edit_close(e), 0);
	assert_int_equal(rig_run(r, "cmp img copy; ! test -e t.e2undo"), 0);
	hs_strbuf_free(&why);
}

/* How many edits of all kinds are refused. */
static unsigned try_all(struct hs_edit *e, uint32_t d, uint32_t f, uint32_t i)
{
	struct hs_edit_new new = {.near = 2, .mode = 0040755, .nlink = 2, .parent = 2};
	struct hs_edit_dirent as = {.ino = f, .type = 1};
	unsigned refused = 0;
	uint32_t ino, gen;

	refused += hs_edit_insert(e, d, "another name", 12, &as) != 0;
	refused += hs_edit_remove(e, d, "name-4-yyyy", 11, 0) != 0;
	refused += hs_edit_change(e, d, "name-5-yyyyy", 12, 0, &as) != 0;
	refused += hs_edit_set_owner(e, f, i, i, 0) != 0;
	refused += hs_edit_set_xattr(e, f, 1, "more", raw_value, 300) != 0;
	refused += hs_edit_create(e, &new, &ino, &gen) != 0;
	refused += hs_edit_free_inode(e, f) != 0;
	return refused;
}

/*
 * Bits are wrong in whatever the edits read: they refuse or succeed, and end. Bitmaps and
 * descriptors, inodes, directories and index, attributes, quota.
 */
static void damage_is_survived(struct rig *r)
{
	struct hs_edit_params p = rig_params(r);
	struct hs_strbuf why = HS_STRBUF_INIT;
	struct hs_edit *e = rig_open(r);
	uint64_t *blocks;
	size_t n, bs, refused = 0;
	uint32_t x = 1, d, f;

	hs_edit_begin(e);
	names(e);
	rig_ok(e, hs_edit_set_xattr(e, rig_ino(e, "f"), 1, "long", raw_value, 600));
	hs_edit_end(e);
	rig_ok(e, hs_edit_commit(e));
	assert_int_equal(hs_edit_close(e), 0);
	p.plan = true;
	assert_int_equal(hs_edit_open(&p, &e, &why), 0);
	bs = hs_fs_geo(hs_edit_fs(e))->block_size;
	d = rig_ino(e, "d");
	f = rig_ino(e, "f");
	hs_edit_begin(e);
	assert_int_equal(try_all(e, d, f, 1), 0);
	rig_ok(e, hs_edit_blocks(e, false, &blocks, &n));
	hs_edit_cancel(e);
	for (unsigned i = 0; i < 1500; i++) {
		uint8_t byte;

		hs_edit_begin(e);
		for (unsigned k = 0; k < 3; k++) {
			uint64_t at;

			x = x * 1664525u + 1013904223u;
			at = blocks[(x >> 8) % n] * bs;
			x = x * 1664525u + 1013904223u;
			/* where headers are, half of the time */
			at += (x >> 8) % (x >> 31 ? 64 : bs);
			assert_int_equal(hs_io_pread(e->stage, &byte, 1, at), 0);
			byte ^= (uint8_t)(1u << (x >> 4) % 8);
			assert_int_equal(hs_io_pwrite(e->stage, &byte, 1, at), 0);
		}
		refused += try_all(e, d, f, i);
		hs_edit_cancel(e);
	}
	assert_in_range(refused, 30, 1500 * 7 - 1);
	free(blocks);
	assert_int_equal(hs_edit_close(e), 0);
	hs_strbuf_free(&why);
}

#define ON_EACH(test)                                                                              \
	static void each_##test(void **state)                                                      \
	{                                                                                          \
		(void)state;                                                                       \
		rig_each(test);                                                                    \
	}

ON_EACH(owners_move_usage)
ON_EACH(fields_change)
ON_EACH(files_are_written)
ON_EACH(inodes_come_and_go)
ON_EACH(many_are_created)
ON_EACH(names_are_found)
ON_EACH(names_change)
ON_EACH(interruptions)
ON_EACH(cancelled)
ON_EACH(plans)
ON_EACH(damage_is_survived)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_owners_move_usage),
		cmocka_unit_test(each_fields_change),
		cmocka_unit_test(each_files_are_written),
		cmocka_unit_test(each_inodes_come_and_go),
		cmocka_unit_test(each_many_are_created),
		cmocka_unit_test(each_names_are_found),
		cmocka_unit_test(each_names_change),
		cmocka_unit_test(each_cancelled),
		cmocka_unit_test(each_plans),
		cmocka_unit_test(each_interruptions),
		cmocka_unit_test(each_damage_is_survived),
	};
	struct rig r;

	if (!rig_make(&r, rig_kinds[0], 4096, "40M")) {
		fprintf(stderr, "skipped: mke2fs or e2fsck failed, see %s/log\n", r.dir);
		return 77;
	}
	rig_remove(&r);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
