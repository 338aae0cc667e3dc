/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names in phase 5: which domains are read, by which calls, and when not at all.
 */
#include "xfs_scan.h"

#include <dirent.h>

#include "xfs/nametree.h"

#define WITH_PARENTS "fs ags=2 features=rmapbt,ftype,parent,vectors\n"
#define WITHOUT	     "fs ags=2 features=rmapbt,ftype,vectors\n"
#define TWINS                                                                                      \
	"inode 131 gen=2 dir parent=128:dir uid=5\n"                                               \
	"inode 132 gen=3 reg parent=131:caf\xc3\xa9 uid=5\n"                                       \
	"inode 133 gen=4 reg parent=131:cafe\xcc\x81 uid=5\n"
#define ATTRS                                                                                      \
	"inode 131 gen=2 dir parent=128:dir uid=5\n"                                               \
	"inode 132 gen=3 reg parent=131:plain uid=5\n"                                             \
	"inode 133 gen=4 reg parent=131:file uid=5 "                                               \
	"xattr=user.caf\xc3\xa9,trusted.x,user.cafe\xcc\x81\n"                                     \
	"inode 134 gen=5 link parent=131:link uid=5\n"

static void run(struct xs *x, const char *script)
{
	xs_init(x, script);
	x->opt.utf8_names = true;
	xs_run(x);
	assert_int_equal(x->rc, 0);
}

static void test_directory(void **state)
{
	struct xs x;

	(void)state;
	run(&x, WITH_PARENTS TWINS);
	assert_int_equal(x.exit, 2);
	assert_string_equal(xs_lines(&x),
			    "Warning: /mnt/dir: Unicode name \"cafe\\xcc\\x81\" in directory "
			    "renders identically to \"caf\\xc3\\xa9\".\n");
	xs_free(&x);
	run(&x, WITHOUT TWINS);
	assert_int_equal(x.exit, 2);
	xs_expect(&x, "Warning: inode 131 (0/131): Unicode name");
	xs_free(&x);
}

static void test_innocent(void **state)
{
	struct xs x;

	(void)state;
	run(&x, WITH_PARENTS "inode 132 gen=3 reg parent=128:caf\xc3\xa9\n"
			     "inode 133 gen=3 reg parent=128:cafes\n");
	assert_int_equal(x.exit, 0);
	assert_string_equal(xs_lines(&x), "");
	xs_free(&x);
}

static void test_attributes_with_the_directory(void **state)
{
	struct xs x;

	(void)state;
	run(&x, WITH_PARENTS ATTRS);
	assert_int_equal(x.exit, 2);
	assert_string_equal(xs_lines(&x),
			    "Warning: /mnt/dir/file: Unicode name \"user.cafe\\xcc\\x81\" in "
			    "extended attribute renders identically to \"user.caf\\xc3\\xa9\".\n");
	/* one call a file, and no handle */
	xs_expect_call(&x, "listxattrat file\n");
	xs_expect_call(&x, "listxattrat plain\n");
	xs_expect_call(&x, "listxattrat link\n");
	assert_int_equal(fk_count(&x.fk, "attrlist"), 0);
	assert_int_equal(fk_count(&x.fk, "open_by_handle"), 2);
	xs_free(&x);
}

static void test_attributes_by_handle(void **state)
{
	struct xs x;

	(void)state;
	run(&x, WITHOUT ATTRS);
	assert_int_equal(x.exit, 2);
	xs_expect(&x, "Warning: inode 133 (0/133): Unicode name \"user.cafe\\xcc\\x81\" in ");
	/* only the file that has an attribute fork */
	assert_int_equal(fk_count(&x.fk, "attrlist ino=133"), 3);
	assert_int_equal(fk_count(&x.fk, "attrlist"), 3);
	assert_int_equal(fk_count(&x.fk, "listxattrat"), 0);
	xs_free(&x);
}

/* Phase 5 goes by what phase 3 has seen, or over all inodes again: the same result. */
static void test_revisit(void **state)
{
	static const char *const scripts[] = {WITH_PARENTS ATTRS TWINS, WITHOUT ATTRS TWINS};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct xs kept, again;
		unsigned short_of;

		run(&kept, scripts[i]);
		xs_init(&again, scripts[i]);
		again.opt.utf8_names = true;
		again.opt.revisit_max = 1;
		xs_run(&again);
		assert_string_equal(xs_lines(&kept), xs_lines(&again));
		assert_int_equal(kept.exit, again.exit);
		short_of = fk_count(&again.fk, "bulkstat ino=128 n=") -
			   fk_count(&kept.fk, "bulkstat ino=128 n=");
		assert_int_equal(short_of, 1);
		xs_free(&kept);
		xs_free(&again);
	}
}

static void test_label(void **state)
{
	struct xs x;

	(void)state;
	run(&x, "fs ags=1 features=ftype,vectors label=a\xe2\x80\xae"
		"b\n");
	assert_int_equal(x.exit, 2);
	assert_string_equal(xs_lines(&x), "Warning: /mnt: Unicode name \"a\\xe2\\x80\\xae"
					  "b\" in filesystem "
					  "label contains suspicious text direction overrides.\n");
	xs_free(&x);
}

static void test_bytes_without_unicode(void **state)
{
	struct xs x;

	(void)state;
	xs_init(&x, WITH_PARENTS TWINS "inode 140 gen=3 reg parent=131:a\x01"
				       "b uid=5\n");
	xs_run(&x);
	assert_int_equal(x.exit, 0);
	assert_string_equal(xs_lines(&x), "Info: /mnt/dir: Control character found in directory "
					  "name \"a\\x01"
					  "b\".\n");
	xs_free(&x);
}

static void test_not_when_damaged(void **state)
{
	static const char *const damage[] = {
		"on scrub agf ag=1 -> corrupt\n",
		"on scrub parent ino=132 -> corrupt\n",
		"on scrub nlinks -> corrupt\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(damage) / sizeof(damage[0]); i++) {
		struct xs x;

		xs_init(&x, WITH_PARENTS TWINS);
		fk_script(&x.fk, damage[i]);
		x.opt.utf8_names = true;
		xs_run(&x);
		assert_int_equal(x.exit, 1);
		xs_expect(&x, "Info: /mnt: Filesystem has errors, skipping name checks.\n");
		assert_int_equal(fk_count(&x.fk, "open_by_handle"), 0);
		xs_free(&x);
	}
}

/* Opening a directory in a loop may never end. */
static void test_no_directory_is_opened_in_a_loop(void **state)
{
	struct xs x;

	(void)state;
	run(&x, WITH_PARENTS TWINS "inode 140 gen=3 dir parent=140:loop\n"
				   "on scrub dirtree ino=140 -> corrupt\n");
	assert_int_equal(x.exit & 1, 1);
	assert_int_equal(fk_count(&x.fk, "open_by_handle ino=131"), 1);
	assert_int_equal(fk_count(&x.fk, "open_by_handle ino=140"), 0);
	xs_free(&x);
}

static void test_unreadable_directory(void **state)
{
	struct xs x;

	(void)state;
	run(&x, WITH_PARENTS TWINS "on open_by_handle ino=131 -> err=EIO\n");
	assert_int_equal(x.exit, 4);
	assert_string_equal(xs_lines(&x),
			    "Error: /mnt/dir: Directory cannot be read: Input/output error.\n");
	xs_free(&x);
	run(&x, WITH_PARENTS TWINS "on open_by_handle ino=131 -> err=ESTALE\n");
	assert_int_equal(x.exit, 0);
	xs_free(&x);
}

/* Told unless phase 3 has told that the inode cannot be read. */
static void test_unreadable_attributes(void **state)
{
	struct xs x;

	(void)state;
	run(&x, WITH_PARENTS TWINS "on listxattrat ino=132 -> err=EIO\n");
	assert_int_equal(x.exit, 6); /* the twins are seen all the same */
	xs_expect(&x, "Error: /mnt/dir/caf\xc3\xa9: Extended attributes cannot be read: "
		      "Input/output error.\n");
	xs_free(&x);
	run(&x, WITH_PARENTS TWINS "on listxattrat ino=132 -> err=EIO\n"
				   "on scrub inode ino=132 -> err=EIO\n");
	assert_int_equal(x.exit, 6);
	assert_int_equal(x.scan.tally.errors, 1);
	xs_expect_none(&x, "cannot be read");
	xs_free(&x);
}

static void test_decode_dirent(void **state)
{
	const size_t head = offsetof(struct dirent64, d_name);
	uint8_t buf[40] = {0};
	struct hs_xfs_dirent e;
	uint16_t reclen = 32;

	(void)state;
	memcpy(buf + offsetof(struct dirent64, d_reclen), &reclen, 2);
	memcpy(buf + head, "name", 5);
	assert_int_equal(hs_xfs_decode_dirent(buf, sizeof(buf), &e), 32);
	assert_int_equal(e.len, 4);
	assert_int_equal(hs_xfs_decode_dirent(buf, 31, &e), 0);
	assert_int_equal(hs_xfs_decode_dirent(buf, head, &e), 0);
	memset(buf + head, 'x', 32 - head);
	assert_int_equal(hs_xfs_decode_dirent(buf, sizeof(buf), &e), 0);
	reclen = 0;
	memcpy(buf + offsetof(struct dirent64, d_reclen), &reclen, 2);
	assert_int_equal(hs_xfs_decode_dirent(buf, sizeof(buf), &e), 0);
}

static void test_decode_attr(void **state)
{
	int32_t words[8] = {2, 0, 16, 24, 0, 0, 0, 0};
	uint8_t *buf = (uint8_t *)words;

	(void)state;
	memcpy(buf + 20, "ab", 3);
	memcpy(buf + 28, "xyz", 4);
	assert_string_equal(hs_xfs_decode_attr(buf, 32, 0), "ab");
	assert_string_equal(hs_xfs_decode_attr(buf, 32, 1), "xyz");
	assert_null(hs_xfs_decode_attr(buf, 32, 2));
	assert_null(hs_xfs_decode_attr(buf, 31, 1));
	assert_null(hs_xfs_decode_attr(buf, 7, 0));
	words[2] = -4;
	assert_null(hs_xfs_decode_attr(buf, 32, 0));
	words[2] = 1000;
	assert_null(hs_xfs_decode_attr(buf, 32, 0));
	words[0] = -1;
	assert_null(hs_xfs_decode_attr(buf, 32, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_directory),
		cmocka_unit_test(test_innocent),
		cmocka_unit_test(test_attributes_with_the_directory),
		cmocka_unit_test(test_attributes_by_handle),
		cmocka_unit_test(test_revisit),
		cmocka_unit_test(test_label),
		cmocka_unit_test(test_bytes_without_unicode),
		cmocka_unit_test(test_not_when_damaged),
		cmocka_unit_test(test_no_directory_is_opened_in_a_loop),
		cmocka_unit_test(test_unreadable_directory),
		cmocka_unit_test(test_unreadable_attributes),
		cmocka_unit_test(test_decode_dirent),
		cmocka_unit_test(test_decode_attr),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
