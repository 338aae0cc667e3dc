/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whole scans of the scripted kernel: order of phases and calls, lines, counts, exit bits.
 */
#include "xfs_scan.h"

#include <stdio.h>

#define RICH                                                                                       \
	"fs ags=2 features=rmapbt,reflink,finobt,ftype,parent,vectors\n"                           \
	"inode 131 gen=2 dir parent=128:dir\n"                                                     \
	"inode 132 gen=3 reg parent=131:file xattr=user.a\n"                                       \
	"inode 133 gen=4 link parent=131:link\n"                                                   \
	"inode 134 gen=5 fifo parent=128:pipe\n"

static void test_clean(void **state)
{
	struct xs x;

	(void)state;
	xs_init(&x, RICH);
	xs_run(&x);
	assert_int_equal(x.rc, 0);
	assert_int_equal(x.exit, 0);
	assert_string_equal(xs_lines(&x), "");
	assert_string_equal(hs_strbuf_str(&x.phases), "12357");
	assert_int_equal(x.scan.inodes_checked, 5);
	/* superblock 0 first, then all of each AG in one call */
	xs_expect_call(&x, "scrubv ag=0: sb\n");
	xs_expect_call(&x, "scrubv ag=0: agf | agfl agi bnobt cntbt | inobt finobt rmapbt "
			   "refcountbt\n");
	xs_expect_call(&x, "scrubv ag=1: sb | agf |");
	xs_free(&x);
}

static void test_order(void **state)
{
	static const char *const order[] = {
		"open /mnt",
		"syncfs",
		"scrub probe",
		"scrubv ag=0: sb",
		"scrubv ag=1: ",
		"inumbers ag=0",
		"scrubv ino=128 gen=1: inode",
		"scrubv: nlinks",
		"scrubv: fscounters",
		"getfsmap",
	};
	const char *at;
	struct xs x;

	(void)state;
	xs_init(&x, RICH);
	xs_run(&x);
	at = fk_log(&x.fk);
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		const char *next = strstr(at, order[i]);

		if (!next)
			fail_msg("no \"%s\" after the one before in:\n%s", order[i], fk_log(&x.fk));
		at = next;
	}
	xs_free(&x);
}

/* Nothing that is asked of the kernel may change anything. */
static void test_checking_never_writes(void **state)
{
	struct xs x;

	(void)state;
	for (unsigned damaged = 0; damaged < 2; damaged++) {
		xs_init(&x, RICH "on scrub sb ag=1 -> preen\n");
		if (damaged)
			fk_script(&x.fk, "on scrub agf -> corrupt\non scrub directory -> corrupt\n"
					 "on scrub nlinks -> corrupt\n");
		/* whatever else was asked for */
		x.opt.mode = HS_XFS_CHECK;
		x.opt.force_rebuild = x.opt.risky_repairs = x.opt.shutdown = true;
		xs_run(&x);
		assert_int_equal(x.exit, damaged);
		assert_false(fk_has(&x.fk, "repair"));
		assert_false(fk_has(&x.fk, "fitrim"));
		assert_false(fk_has(&x.fk, "shutdown"));
		xs_free(&x);
	}
}

static void test_one_call_an_inode(void **state)
{
	unsigned before = 0, after = 0;

	(void)state;
	for (unsigned many = 0; many < 2; many++) {
		struct xs x;

		xs_init(&x, "");
		for (unsigned i = 0; many && i < 320; i++) {
			char line[64];

			snprintf(line, sizeof(line), "inode %u gen=1 reg\n", 192 + i);
			fk_script(&x.fk, line);
		}
		x.opt.only_phase = 3;
		xs_run(&x);
		*(many ? &after : &before) = (unsigned)x.fk.calls;
		xs_free(&x);
	}
	/* 320 checks and a BULKSTAT for each of the 5 chunks */
	assert_int_equal(after - before, 320 + 5);
}

static void test_corrupt_header(void **state)
{
	struct xs x;

	(void)state;
	xs_init(&x, RICH "on scrub agf ag=1 -> corrupt\non scrub bnobt ag=1 -> corrupt\n"
			 "on scrub cntbt ag=1 -> xcorrupt\non scrub inobt ag=1 -> corrupt\n"
			 "on scrub fscounters -> corrupt\n");
	xs_run(&x);
	assert_int_equal(x.rc, 0);
	assert_int_equal(x.exit, 1);
	/* the btrees hang on the header, the counters on the group */
	assert_string_equal(xs_lines(&x),
			    "Corruption: AG 1 free space header: Repairs are required.\n"
			    "Corruption: AG 1 inode btree: Repairs are required.\n"
			    "Info: /mnt: Filesystem has errors, skipping name checks.\n");
	assert_int_equal(x.scan.tally.corruptions, 2);
	xs_free(&x);
}

static void test_preen(void **state)
{
	struct xs x;

	(void)state;
	xs_init(&x, RICH "on scrub sb ag=1 -> preen\non scrub bmapbtd -> preen\n");
	xs_run(&x);
	assert_int_equal(x.exit, 0);
	assert_string_equal(xs_lines(&x), "Info: AG 1 superblock: Optimization is possible.\n"
					  "Info: /mnt: Optimizations of data block map are "
					  "possible.\n");
	xs_free(&x);
}

static void test_warning(void **state)
{
	struct xs x;

	(void)state;
	xs_init(&x, RICH "on scrub usrquota -> warning\n");
	xs_run(&x);
	assert_int_equal(x.exit, 2);
	assert_string_equal(xs_lines(&x), "Warning: user quotas: Possibly suspect metadata.\n");
	xs_free(&x);
}

static void test_incomplete_is_not_clean(void **state)
{
	struct xs x;

	(void)state;
	xs_init(&x, RICH "on scrub nlinks -> incomplete\n");
	xs_run(&x);
	assert_int_equal(x.exit, 4);
	assert_string_equal(xs_lines(&x), "Error: inode link counts: Check incomplete.\n");
	xs_free(&x);
}

static void test_xfail_alone(void **state)
{
	struct xs x;

	(void)state;
	xs_init(&x, RICH "on scrub bmapbtd ino=132 -> xfail\n");
	xs_run(&x);
	assert_int_equal(x.exit, 0);
	assert_string_equal(xs_lines(&x),
			    "Info: /mnt/dir/file data block map: Cross-referencing failed.\n");
	xs_free(&x);
}

/* One sick btree, and every inode's cross-checks fail: that is one line. */
static void test_xfail_flood(void **state)
{
	struct xs x;

	(void)state;
	xs_init(&x, RICH "on scrub bnobt ag=0 -> corrupt\non scrub inode -> xfail\n");
	xs_run(&x);
	assert_int_equal(x.exit, 1);
	xs_expect(&x, "Corruption: AG 0 freesp by block btree: Repairs are required.\n");
	xs_expect_none(&x, "Cross-referencing");
	xs_free(&x);
}

static void test_io_error_does_not_end_the_run(void **state)
{
	struct xs x;

	(void)state;
	xs_init(&x, RICH "on scrub parent ino=132 -> err=EIO\n");
	xs_run(&x);
	assert_int_equal(x.rc, 0);
	assert_int_equal(x.exit, 4);
	assert_string_equal(xs_lines(&x),
			    "Error: /mnt/dir/file parent pointer: Input/output error.\n");
	assert_string_equal(hs_strbuf_str(&x.phases), "12357");
	assert_int_equal(x.scan.inodes_checked, 5);
	xs_free(&x);
}

/* Of an inode that cannot be read no part can be: one Error, not one for each. */
static void test_unreadable_inode_is_told_once(void **state)
{
	struct xs x;

	(void)state;
	xs_init(&x, RICH "on scrub inode ino=132 -> err=EIO\n"
			 "on scrub bmapbtd ino=132 -> err=EIO\n"
			 "on scrub parent ino=132 -> err=EIO\n");
	xs_run(&x);
	assert_int_equal(x.exit, 4);
	assert_string_equal(xs_lines(&x),
			    "Error: /mnt/dir/file inode record: Input/output error.\n");
	xs_free(&x);
}

static void test_kernel_bug(void **state)
{
	struct xs x;

	(void)state;
	xs_init(&x, RICH "on scrub agfl ag=1 -> err=EDEADLK\n");
	xs_run(&x);
	assert_int_equal(x.exit, 4);
	xs_expect(&x, "Error: AG 1 free list: Kernel bug!  errno=35\n");
	xs_free(&x);
}

/* What each error of a check leads to (format notes 4.2): its line, the exit code, the last phase.
 */
static void test_every_error(void **state)
{
	static const struct {
		const char *err;
		const char *line;
		int exit;
		const char *phases;
	} rows[] = {
		{"ENOENT", "", 0, "12357"},
		{"EIO", "Error: /mnt/dir/file data block map: Input/output error.\n", 4, "12357"},
		{"ENOMEM", "Error: /mnt/dir/file data block map: Cannot allocate memory.\n", 4,
		 "12357"},
		{"ENODATA", "Error: /mnt/dir/file data block map: No data available.\n", 4,
		 "12357"},
		{"ECANCELED", "Error: /mnt/dir/file data block map: Operation canceled.\n", 4,
		 "12357"},
		{"EDEADLK", "Error: /mnt/dir/file data block map: Kernel bug!  errno=35\n", 4,
		 "12357"},
		{"EBUSY", "Error: /mnt/dir/file data block map: Kernel bug!  errno=16\n", 4,
		 "12357"},
		{"EBADMSG", "Error: /mnt/dir/file data block map: Kernel bug!  errno=74\n", 4,
		 "12357"},
		{"EUCLEAN", "Error: /mnt/dir/file data block map: Kernel bug!  errno=117\n", 4,
		 "12357"},
		{"EINVAL",
		 "Info: data block map: Not checked: the kernel refuses it (Invalid argument).\n",
		 0, "12357"},
		{"ENOTTY",
		 "Info: data block map: Not checked: the kernel refuses it (Inappropriate ioctl "
		 "for "
		 "device).\n",
		 0, "12357"},
		{"EOPNOTSUPP",
		 "Info: data block map: Not checked: the kernel refuses it (Operation not "
		 "supported).\n",
		 0, "12357"},
		{"ESHUTDOWN",
		 "Error: /mnt: Filesystem is shut down, aborting.\n"
		 "Info: /mnt: Scrub aborted after phase 3.\n",
		 4, "123"},
		{"EPERM",
		 "Error: /mnt: Operation not permitted.\nInfo: /mnt: Scrub aborted after phase "
		 "3.\n",
		 4, "123"},
		{"ENOTRECOVERABLE",
		 "Error: /mnt: State not recoverable.\nInfo: /mnt: Scrub aborted after phase 3.\n",
		 4, "123"},
		{"EINTR",
		 "Error: /mnt: Interrupted system call.\nInfo: /mnt: Scrub aborted after phase "
		 "3.\n",
		 4, "123"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		for (unsigned single = 0; single < 2; single++) {
			char rule[64];
			struct xs x;

			snprintf(rule, sizeof(rule), "on scrub bmapbtd ino=132 -> err=%s\n",
				 rows[i].err);
			xs_init(&x, RICH);
			fk_script(&x.fk, rule);
			x.opt.force_single = single;
			xs_run(&x);
			assert_string_equal(xs_lines(&x), rows[i].line);
			assert_int_equal(x.exit, rows[i].exit);
			assert_string_equal(hs_strbuf_str(&x.phases), rows[i].phases);
			xs_free(&x);
		}
	}
}

static void test_refused_type(void **state)
{
	struct xs x;

	(void)state;
	xs_init(&x, RICH "on scrub bmapbtd -> err=EOPNOTSUPP\n");
	xs_run(&x);
	assert_int_equal(x.exit, 0);
	assert_string_equal(xs_lines(&x), "Info: data block map: Not checked: the kernel refuses "
					  "it (Operation not supported).\n");
	xs_free(&x);
}

static void test_shutdown(void **state)
{
	struct xs x;

	(void)state;
	xs_init(&x, RICH "on scrub inode ino=132 -> err=ESHUTDOWN\n");
	xs_run(&x);
	assert_int_equal(x.rc, -ESHUTDOWN);
	assert_int_equal(x.exit, 4);
	assert_string_equal(xs_lines(&x), "Error: /mnt: Filesystem is shut down, aborting.\n"
					  "Info: /mnt: Scrub aborted after phase 3.\n");
	xs_free(&x);
}

static void phase1_fails(const char *script, errint_t rc, const char *line)
{
	struct xs x;

	xs_init(&x, script);
	xs_run(&x);
	assert_int_equal(x.rc, rc);
	assert_int_equal(x.exit, 4);
	assert_string_equal(xs_lines(&x), line);
	assert_false(x.scan.ready);
	xs_free(&x);
}

static void test_phase1(void **state)
{
	(void)state;
	phase1_fails("on open -> err=EPERM\n", -EPERM, "Error: /mnt: Must be root to run scrub.\n");
	phase1_fails("on geometry -> err=ENOTTY\n", -ENOTTY,
		     "Error: /mnt: Not an XFS filesystem.\n");
	phase1_fails("on scrub probe -> err=ENOTTY\n", -ENOTTY,
		     "Error: /mnt: Kernel metadata scrubbing facility is not available.\n");
	phase1_fails("on scrub probe -> err=ENOTRECOVERABLE\n", -ENOTRECOVERABLE,
		     "Error: /mnt: Filesystem is mounted norecovery; cannot proceed.\n");
	phase1_fails("on stat -> err=EIO\n", -EIO, "Error: /mnt: Input/output error.\n");
	phase1_fails("on scrub probe -> err=ESHUTDOWN\n", -ESHUTDOWN,
		     "Error: /mnt: Filesystem is shut down, aborting.\n");
}

static void test_read_only(void **state)
{
	struct xs x;

	(void)state;
	xs_init(&x, "fs ags=1 features=ftype,vectors readonly\n");
	xs_run(&x);
	assert_int_equal(x.rc, 0);
	assert_int_equal(x.exit, 0);
	assert_false(fk_has(&x.fk, "syncfs"));
	xs_free(&x);
}

static void test_too_many_errors(void **state)
{
	struct xs x;

	(void)state;
	xs_init(&x, RICH "on scrub agf -> corrupt\n");
	x.opt.max_errors = 1;
	xs_run(&x);
	assert_int_equal(x.rc, -ECANCELED);
	assert_int_equal(x.exit, 5);
	xs_expect(&x, "Info: /mnt: Too many errors; aborting.\n");
	xs_expect(&x, "Info: /mnt: Scrub aborted after phase 2.\n");
	assert_false(fk_has(&x.fk, "scrubv: nlinks"));
	xs_free(&x);
}

static void test_only_phase(void **state)
{
	struct xs x;

	(void)state;
	xs_init(&x, RICH);
	x.opt.only_phase = 5;
	xs_run(&x);
	assert_string_equal(hs_strbuf_str(&x.phases), "157");
	assert_string_equal(xs_lines(&x), "");
	xs_free(&x);
}

static void test_info_as_warning(void **state)
{
	struct xs x;

	(void)state;
	xs_init(&x, RICH "on scrub sb ag=1 -> preen\n");
	x.opt.info_is_warning = true;
	xs_run(&x);
	assert_int_equal(x.exit, 2);
	xs_expect(&x, "Warning: AG 1 superblock: Optimization is possible.\n");
	xs_free(&x);
}

static void test_dirtree_each_directory_once(void **state)
{
	struct xs x;

	(void)state;
	xs_init(&x, RICH);
	xs_run(&x);
	assert_int_equal(fk_count(&x.fk, "scrubv ino=128 gen=1: dirtree"), 1);
	assert_int_equal(fk_count(&x.fk, "scrubv ino=131 gen=2: dirtree"), 1);
	assert_false(fk_has(&x.fk, "ino=132 gen=3: dirtree"));
	xs_free(&x);
}

static void test_realtime_groups(void **state)
{
	struct xs x;

	(void)state;
	xs_init(&x, "fs ags=1 rgs=2 features=rmapbt,ftype,metadir,vectors\n");
	xs_run(&x);
	assert_int_equal(x.exit, 0);
	xs_expect_call(&x, "scrubv ag=1: rgsuper rtbitmap | rtsummary rtrmapbt rtrefcountbt\n");
	xs_expect_call(&x, "scrubv path=1 rg=0: metapath\n");
	xs_expect_call(&x, "scrubv path=2 rg=1: metapath\n");
	xs_expect_call(&x, "scrubv path=9 rg=1: metapath\n");
	assert_false(fk_has(&x.fk, "path=5 rg=1"));
	xs_free(&x);
}

/* Of metadata files BULKSTAT says little, and the kernel does not check the record: the rest is. */
static void test_metadata_files(void **state)
{
	struct xs x;

	(void)state;
	xs_init(&x, "fs ags=1 rgs=1 features=rmapbt,reflink,ftype,parent,metadir,vectors\n"
		    "inode 150 gen=6 dir metafile xattr=trusted.p\n"
		    "inode 151 gen=7 reg metafile xattr=trusted.p\n"
		    "on scrub xattr ino=151 -> corrupt\n");
	xs_run(&x);
	assert_int_equal(x.exit, 1);
	xs_expect_call(&x,
		       "scrubv ino=150 gen=6: inode | bmapbtd bmapbta | directory xattr parent\n");
	xs_expect_call(&x,
		       "scrubv ino=151 gen=7: inode | bmapbtd bmapbta bmapbtc | xattr parent\n");
	xs_expect(&x, "Corruption: inode 151 (0/151) extended attributes: Repairs are required.\n");
	assert_int_equal(x.scan.inodes_checked, 3);
	xs_free(&x);
}

static void test_totals(void **state)
{
	struct xs x;

	(void)state;
	xs_init(&x, RICH);
	x.opt.verbose = true;
	xs_run(&x);
	assert_string_equal(xs_lines(&x), "4.5MiB data used;  5 inodes used.\n"
					  "4.5MiB data found; 5 inodes found.\n"
					  "5 inodes counted; 5 inodes checked.\n");
	xs_free(&x);
}

static void test_health_only_when_clean(void **state)
{
	struct xs x;

	(void)state;
	xs_init(&x, RICH);
	xs_run(&x);
	xs_expect_call(&x, "scrubv: healthy\n");
	xs_free(&x);
	xs_init(&x, RICH "on scrub nlinks -> incomplete\n");
	xs_run(&x);
	assert_false(fk_has(&x.fk, "scrubv: healthy\n"));
	xs_free(&x);
}

static void test_stop_between_inodes(void **state)
{
	struct xs x;

	(void)state;
	xs_init(&x, RICH "on scrub sb ag=1 -> clean\n");
	atomic_store(&x.stop.requested, 1);
	xs_run(&x);
	assert_int_equal(x.rc, -ECANCELED);
	xs_expect(&x, "Scrub aborted after phase 1.\n");
	xs_free(&x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_clean),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_checking_never_writes),
		cmocka_unit_test(test_one_call_an_inode),
		cmocka_unit_test(test_corrupt_header),
		cmocka_unit_test(test_preen),
		cmocka_unit_test(test_warning),
		cmocka_unit_test(test_incomplete_is_not_clean),
		cmocka_unit_test(test_xfail_alone),
		cmocka_unit_test(test_xfail_flood),
		cmocka_unit_test(test_io_error_does_not_end_the_run),
		cmocka_unit_test(test_unreadable_inode_is_told_once),
		cmocka_unit_test(test_kernel_bug),
		cmocka_unit_test(test_every_error),
		cmocka_unit_test(test_refused_type),
		cmocka_unit_test(test_shutdown),
		cmocka_unit_test(test_phase1),
		cmocka_unit_test(test_read_only),
		cmocka_unit_test(test_too_many_errors),
		cmocka_unit_test(test_only_phase),
		cmocka_unit_test(test_info_as_warning),
		cmocka_unit_test(test_dirtree_each_directory_once),
		cmocka_unit_test(test_realtime_groups),
		cmocka_unit_test(test_metadata_files),
		cmocka_unit_test(test_totals),
		cmocka_unit_test(test_health_only_when_clean),
		cmocka_unit_test(test_stop_between_inodes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
