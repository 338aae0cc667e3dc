/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which damage follows from which (xfs/fold.h), and the findings that come of it.
 */
#include "xfs_scan.h"

#include <unistd.h>

#include "run/read.h"
#include "run_dir.h"

#define TREE                                                                                       \
	"fs ags=2 features=rmapbt,reflink,finobt,ftype,parent,vectors\n"                           \
	"inode 131 gen=2 dir parent=128:dir\n"                                                     \
	"inode 132 gen=3 reg parent=131:file xattr=user.a\n"                                       \
	"inode 133 gen=4 reg parent=131:other\n"                                                   \
	"inode 140 gen=5 dir parent=131:sub\n"

static void expect_lines(const char *script, const char *lines, int exit_code)
{
	struct xs x;

	xs_init(&x, script);
	xs_run(&x);
	assert_string_equal(xs_lines(&x), lines);
	assert_int_equal(x.exit, exit_code);
	xs_free(&x);
}

#define SKIP "Info: /mnt: Filesystem has errors, skipping name checks.\n"

static void test_bad_inode_is_one_finding(void **state)
{
	(void)state;
	expect_lines(TREE "inode 150 gen=7 reg parent=131:bad xattr=user.x unloadable\n",
		     "Corruption: inode 150 (0/150) inode record: Repairs are required.\n" SKIP, 1);
}

/* Its parent cannot be compared with it. */
static void test_bad_inode_explains_the_directory(void **state)
{
	(void)state;
	expect_lines(TREE "inode 150 gen=7 reg parent=131:bad unloadable\n"
			  "on scrub directory ino=131 -> xfail\n",
		     "Corruption: inode 150 (0/150) inode record: Repairs are required.\n" SKIP, 1);
}

static void test_bad_directory_explains_children(void **state)
{
	(void)state;
	expect_lines(TREE "on scrub directory ino=131 -> corrupt\n"
			  "on scrub parent ino=132 -> xcorrupt\n"
			  "on scrub parent ino=133 -> corrupt\non scrub nlinks -> corrupt\n",
		     SKIP "Corruption: /mnt/dir directory entries: Repairs are required.\n", 1);
}

static void test_bad_attributes_explain_the_directory(void **state)
{
	(void)state;
	expect_lines(TREE "on scrub directory ino=131 -> corrupt\n"
			  "on scrub xattr ino=132 -> corrupt\n",
		     SKIP "Corruption: /mnt/dir/file extended attributes: Repairs are required.\n",
		     1);
}

static void test_unrelated_damage_stays_apart(void **state)
{
	(void)state;
	expect_lines(TREE "on scrub directory ino=140 -> corrupt\n"
			  "on scrub parent ino=132 -> corrupt\n",
		     SKIP "Corruption: /mnt/dir/file parent pointer: Repairs are required.\n"
			  "Corruption: /mnt/dir/sub directory entries: Repairs are required.\n",
		     1);
}

static void test_loop_is_one_finding(void **state)
{
	(void)state;
	/* 160 -> 162 -> 161 -> 160 */
	expect_lines(TREE
		     "inode 160 gen=1 dir parent=162:a\ninode 161 gen=1 dir parent=160:b\n"
		     "inode 162 gen=1 dir parent=161:c\n"
		     "on scrub dirtree ino=160 -> corrupt\non scrub dirtree ino=161 -> corrupt\n"
		     "on scrub dirtree ino=162 -> corrupt\n",
		     "Corruption: inode 162 (0/162) directory tree structure: Repairs are "
		     "required.\n",
		     1);
}

static void test_counts_alone(void **state)
{
	(void)state;
	expect_lines(TREE "on scrub nlinks -> corrupt\non scrub quotacheck -> corrupt\n"
			  "on scrub fscounters -> corrupt\n",
		     SKIP "Corruption: filesystem summary counters: Repairs are required.\n"
			  "Corruption: quota counters: Repairs are required.\n"
			  "Corruption: inode link counts: Repairs are required.\n",
		     1);
}

static void test_metadata_that_only_disagree(void **state)
{
	(void)state;
	expect_lines(TREE "on scrub rmapbt ag=1 -> corrupt\non scrub bnobt ag=1 -> xcorrupt\n"
			  "on scrub bmapbtd ino=132 -> xcorrupt\n",
		     "Corruption: AG 1 reverse mapping btree: Repairs are required.\n" SKIP, 1);
	expect_lines(TREE "on scrub rmapbt ag=1 -> xcorrupt\non scrub bnobt ag=1 -> xcorrupt\n",
		     "Corruption: AG 1 freesp by block btree: Repairs are required.\n" SKIP, 1);
}

static void test_group_that_disagrees(void **state)
{
	(void)state;
	/* the counters and failed cross-checks follow from it all the same */
	expect_lines(TREE "on scrub agi ag=1 -> xcorrupt\non scrub fscounters -> corrupt\n"
			  "on scrub inode -> xfail\n",
		     "Corruption: AG 1 inode header: Repairs are required.\n" SKIP, 1);
}

static void test_counts_that_cannot_be_made(void **state)
{
	(void)state;
	expect_lines(TREE "inode 150 gen=7 reg parent=131:bad unloadable\n"
			  "on scrub nlinks -> incomplete\non scrub quotacheck -> incomplete\n",
		     "Corruption: inode 150 (0/150) inode record: Repairs are required.\n" SKIP, 1);
}

static void test_base_that_disagrees(void **state)
{
	(void)state;
	expect_lines(TREE "on scrub bmapbta ino=132 -> xcorrupt\n"
			  "on scrub xattr ino=132 -> corrupt\n",
		     SKIP "Corruption: /mnt/dir/file attr block map: Repairs are required.\n", 1);
}

/* Told once, although it is met in phases 2, 3 and 5. */
static void test_unreadable_inode_btree(void **state)
{
	(void)state;
	expect_lines(TREE "on scrub inobt ag=1 -> corrupt\non inumbers ag=1 -> err=EUCLEAN\n",
		     "Corruption: AG 1 inode btree: Repairs are required.\n" SKIP
		     "Error: /mnt: Cannot count what is used: Structure needs cleaning.\n",
		     5);
}

/* A wrong entry of a metadata directory, seen from all sides. */
static void test_metadata_directory(void **state)
{
	(void)state;
	expect_lines(
		"fs ags=1 rgs=1 features=rmapbt,ftype,parent,metadir,vectors\n"
		"inode 150 gen=6 dir metafile xattr=trusted.p\n"
		"inode 151 gen=7 reg metafile xattr=trusted.p\n"
		"on scrub metapath ag=0 skip=2 times=1 -> corrupt\n"
		"on scrub directory ino=150 -> xcorrupt\n"
		"on scrub parent ino=151 -> corrupt\non scrub nlinks -> corrupt\n",
		SKIP "Corruption: inode 150 (0/150) directory entries: Repairs are required.\n", 1);
	expect_lines("fs ags=1 rgs=1 features=rmapbt,ftype,parent,metadir,vectors\n"
		     "inode 151 gen=7 reg metafile xattr=trusted.p\n"
		     "on scrub metapath ag=0 skip=2 times=1 -> corrupt\n"
		     "on scrub parent ino=151 -> corrupt\non scrub nlinks -> corrupt\n",
		     SKIP "Corruption: rtgroup 0 rtgroup bitmap: Repairs are required.\n", 1);
}

/* What is read from something damaged and did not come to an answer is no second trouble. */
static void test_unreadable_attributes(void **state)
{
	(void)state;
	expect_lines(TREE "on scrub xattr ino=132 -> corrupt\n"
			  "on scrub parent ino=132 -> err=EIO\n",
		     SKIP "Corruption: /mnt/dir/file extended attributes: Repairs are required.\n",
		     1);
}

static void test_cross_checks_of_a_bad_directory(void **state)
{
	(void)state;
	expect_lines(TREE "on scrub directory ino=131 -> corrupt\n"
			  "on scrub parent ino=132 -> xfail\non scrub parent ino=133 -> xfail\n",
		     SKIP "Corruption: /mnt/dir directory entries: Repairs are required.\n", 1);
}

static void test_bad_quota_file(void **state)
{
	(void)state;
	expect_lines(TREE "on scrub grpquota -> corrupt\non scrub quotacheck -> xfail\n",
		     "Corruption: group quotas: Repairs are required.\n" SKIP, 1);
}

/* One unreadable block of inodes: one Error, which counts as not checked. */
static void test_unreadable_inodes(void **state)
{
	(void)state;
	expect_lines(TREE "inode 164 gen=1 reg parent=131:a\ninode 165 gen=1 reg parent=131:b\n"
			  "inode 167 gen=1 reg parent=131:c\n"
			  "on scrub inode ino=164 -> err=EIO\non scrub inode ino=165 -> err=EIO\n"
			  "on scrub inode ino=167 -> err=EIO\n"
			  "on listxattrat ino=164 -> err=EIO\n"
			  "on scrub inobt ag=0 -> xfail\non scrub directory ino=131 -> xfail\n"
			  "on scrub nlinks -> incomplete\non scrub quotacheck -> incomplete\n",
		     "Error: /mnt/dir/a inode record: Input/output error; likewise 2 inodes up to "
		     "167.\n",
		     4);
}

struct found {
	unsigned n;
	char text[4][400];
};

static errint_t take(const struct hs_finding *f, void *arg)
{
	struct found *found = arg;
	int at = 0;

	if (found->n == 4)
		return 0;
	at = snprintf(found->text[found->n], 400, "%s|%s|%.*s|%s", f->rule, f->object,
		      (int)f->path_len, f->path ? f->path : "", f->message);
	for (size_t i = 0; i < f->n_symptoms && at < 400; i++)
		at += snprintf(found->text[found->n] + at, 400 - (size_t)at, "\n+%s: %s",
			       f->symptoms[i].object, f->symptoms[i].message);
	found->n++;
	return 0;
}

static void test_findings(void **state)
{
	struct hs_strbuf why = HS_STRBUF_INIT;
	char *dir = run_dir_new();
	struct hs_strbuf sub = HS_STRBUF_INIT;
	struct found found = {0};
	struct xs x;

	(void)state;
	xs_init(&x, TREE "on scrub directory ino=131 -> corrupt\n"
			 "on scrub parent ino=132 -> xcorrupt\n"
			 "on scrub agfl ag=1 -> corrupt\non scrub nlinks -> incomplete\n");
	hs_strbuf_printf(&sub, "%s/run", dir);
	assert_int_equal(hs_run_create(&(struct hs_run_params){.command = "xfs",
							       .fsname = "mnt",
							       .run_dir = hs_strbuf_str(&sub)},
				       &x.run, &why),
			 0);
	xs_run(&x);
	assert_int_equal(x.exit, 1);
	assert_int_equal(hs_run_commit(x.run), 0);
	assert_int_equal(hs_run_each_finding(x.run, take, &found), 0);
	assert_int_equal(found.n, 2);
	assert_string_equal(found.text[0], "XFS-CORRUPT|AG 1||free list: repairs are required");
	assert_string_equal(found.text[1],
			    "XFS-CORRUPT|inode 131|/dir|directory entries: repairs are required"
			    "\n+file system: inode link counts: could not be checked to the end"
			    "\n+/mnt/dir/file: parent pointer: disagrees with other metadata");
	hs_run_close(x.run);
	xs_free(&x);
	hs_strbuf_free(&why);
	hs_strbuf_free(&sub);
	run_dir_remove(dir);
	free(dir);
}

/* With a docket too small to fold, nothing is lost. */
static void test_full_docket(void **state)
{
	struct xs x;

	(void)state;
	xs_init(&x, TREE "on scrub parent -> corrupt\n");
	x.opt.docket_max = 1;
	xs_run(&x);
	assert_int_equal(x.exit, 1);
	assert_int_equal(x.scan.tally.corruptions, 5);
	xs_free(&x);
	/* nor does it make anything clean that could not be checked */
	xs_init(&x, TREE "on scrub xattr ino=132 -> incomplete\non scrub nlinks -> incomplete\n"
			 "on scrub inode ino=133 -> err=EIO\n");
	x.opt.docket_max = 1;
	xs_run(&x);
	assert_int_equal(x.exit, 4);
	assert_int_equal(x.scan.tally.errors, 3);
	xs_free(&x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bad_inode_is_one_finding),
		cmocka_unit_test(test_bad_inode_explains_the_directory),
		cmocka_unit_test(test_bad_directory_explains_children),
		cmocka_unit_test(test_bad_attributes_explain_the_directory),
		cmocka_unit_test(test_unrelated_damage_stays_apart),
		cmocka_unit_test(test_loop_is_one_finding),
		cmocka_unit_test(test_counts_alone),
		cmocka_unit_test(test_metadata_that_only_disagree),
		cmocka_unit_test(test_group_that_disagrees),
		cmocka_unit_test(test_counts_that_cannot_be_made),
		cmocka_unit_test(test_base_that_disagrees),
		cmocka_unit_test(test_unreadable_inode_btree),
		cmocka_unit_test(test_metadata_directory),
		cmocka_unit_test(test_unreadable_attributes),
		cmocka_unit_test(test_cross_checks_of_a_bad_directory),
		cmocka_unit_test(test_bad_quota_file),
		cmocka_unit_test(test_unreadable_inodes),
		cmocka_unit_test(test_findings),
		cmocka_unit_test(test_full_docket),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
