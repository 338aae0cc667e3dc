/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Repairing the scripted kernel's file system: what is repaired when, what is told, and what
 * becomes of what cannot be repaired.
 */
#include "xfs_scan.h"

#include <stdio.h>

#include "run/read.h"
#include "run_dir.h"

#define PLAIN                                                                                      \
	"fs ags=2 features=rmapbt,reflink,finobt,ftype,vectors\n"                                  \
	"inode 131 gen=2 dir parent=128:dir\n"                                                     \
	"inode 132 gen=3 reg parent=131:file xattr=user.a\n"                                       \
	"inode 133 gen=4 link parent=131:link\n"
#define PARENTS PLAIN "fs ags=2 features=rmapbt,reflink,finobt,ftype,parent,exchange,vectors\n"

#define TOLD(what) "Info: " what ": Attempting repair.\nRepaired: " what ": Repairs successful.\n"

static void begin(struct xs *x, const char *script)
{
	xs_init(x, script);
	x->opt.mode = HS_XFS_REPAIR;
}

static void repair(struct xs *x, const char *script)
{
	begin(x, script);
	xs_run(x);
}

/* A came before B, by the beginnings of their lines in the record. */
static void before(const struct xs *x, const char *a, const char *b)
{
	if (!fk_before(&x->fk, a, b))
		fail_msg("not \"%s\" before \"%s\" in:\n%s", a, b, fk_log(&x->fk));
}

static unsigned repairs(const struct xs *x)
{
	return fk_count(&x->fk, "repair ") - fk_count(&x->fk, "repair probe");
}

/* ---- when ---- */

static void test_clean(void **state)
{
	struct xs x;

	(void)state;
	repair(&x, PARENTS);
	assert_int_equal(x.exit, 0);
	assert_string_equal(xs_lines(&x), "");
	assert_string_equal(hs_strbuf_str(&x.phases), "123457");
	assert_int_equal(repairs(&x), 0);
	assert_int_equal(fk_count(&x.fk, "repair probe"), 1);
	xs_free(&x);
}

/* Phase 3 finds inodes through these: they are not put off. */
static void test_inode_btrees_at_once(void **state)
{
	static const struct {
		const char *type, *told;
	} rows[] = {{"agi", "AG 1 inode header"},
		    {"inobt", "AG 1 inode btree"},
		    {"finobt", "AG 1 free inode btree"}};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		char script[128], call[64], want[256];
		struct xs x;

		snprintf(script, sizeof(script), "on scrub %s ag=1 until=repair -> corrupt\n",
			 rows[i].type);
		snprintf(call, sizeof(call), "repair %s ag=1", rows[i].type);
		snprintf(want, sizeof(want),
			 "Info: %s: Attempting repair.\nRepaired: %s: Repairs successful.\n",
			 rows[i].told, rows[i].told);
		begin(&x, PLAIN);
		fk_script(&x.fk, script);
		xs_run(&x);
		assert_int_equal(x.exit, 0);
		assert_string_equal(xs_lines(&x), want);
		before(&x, call, "inumbers");
		/* the whole AG is looked at again */
		assert_int_equal(fk_count(&x.fk, "scrubv ag=1: sb |"), 2);
		assert_int_equal(repairs(&x), 1);
		assert_int_equal(x.scan.tally.repairs, 1);
		xs_free(&x);
	}
}

/* All other space metadata wait for phase 4: until all inodes have been seen. */
static void test_space_is_deferred(void **state)
{
	static const char *const types[] = {"sb",    "agf",    "agfl",	    "bnobt",
					    "cntbt", "rmapbt", "refcountbt"};

	(void)state;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		char script[128], call[64];
		struct xs x;

		snprintf(script, sizeof(script), "on scrub %s ag=1 until=repair -> corrupt\n",
			 types[i]);
		snprintf(call, sizeof(call), "repair %s ag=1", types[i]);
		begin(&x, PLAIN);
		fk_script(&x.fk, script);
		xs_run(&x);
		assert_int_equal(x.exit, 0);
		before(&x, "scrubv ino=133", call);
		before(&x, call, "scrubv: nlinks");
		assert_int_equal(repairs(&x), 1);
		xs_free(&x);
	}
}

/* Quotas, metadata paths and realtime groups are space metadata, too. */
static void test_other_metadata_are_deferred(void **state)
{
	struct xs x;

	(void)state;
	repair(&x, "fs ags=1 rgs=2 features=rmapbt,ftype,metadir,quota,vectors\n"
		   "on scrub usrquota until=repair -> corrupt\n"
		   "on scrub rtbitmap ag=1 until=repair -> corrupt\n"
		   "on scrub rtsummary ag=1 until=rtbitmap:1 -> corrupt\n");
	assert_int_equal(x.exit, 0);
	before(&x, "scrubv ino=128", "repair usrquota");
	before(&x, "repair rtbitmap ag=1", "repair rtsummary ag=1");
	/* the bitmap was its cause */
	xs_expect(&x, TOLD("user quotas"));
	xs_expect(&x, TOLD("rtgroup 1 realtime bitmap"));
	assert_int_equal(x.scan.tally.repairs, 2);
	xs_free(&x);
}

/* Inodes at once, while the scan goes on. */
static void test_inodes_at_once(void **state)
{
	struct xs x;

	(void)state;
	repair(&x, PLAIN "on scrub bmapbtd ino=131 until=repair -> corrupt\n"
			 "on scrub directory ino=131 until=repair -> corrupt\n"
			 "on scrub xattr ino=132 until=repair -> corrupt\n");
	assert_int_equal(x.exit, 0);
	before(&x, "repair bmapbtd ino=131 gen=2", "repair directory ino=131 gen=2");
	before(&x, "repair directory ino=131", "scrubv ino=132");
	before(&x, "repair xattr ino=132", "scrubv ino=133");
	assert_int_equal(repairs(&x), 3);
	assert_int_equal(x.scan.tally.repairs, 3);
	xs_free(&x);
}

/* With damaged space metadata rebuilding a file may hand out blocks that are in use: it waits. */
static void test_inodes_wait_for_space(void **state)
{
	struct xs x;

	(void)state;
	repair(&x, PLAIN "on scrub bnobt ag=1 until=repair -> corrupt\n"
			 "on scrub bmapbtd ino=132 until=repair -> corrupt\n");
	assert_int_equal(x.exit, 0);
	before(&x, "scrubv ino=133", "repair bnobt");
	before(&x, "repair bnobt", "repair bmapbtd ino=132");
	xs_free(&x);
}

/* Optimisations wait until all repairs are made, and put off none. */
static void test_optimizations_last(void **state)
{
	struct xs x;

	(void)state;
	repair(&x, PLAIN "on scrub sb ag=1 until=repair -> preen\n"
			 "on scrub bmapbtd ino=132 until=repair -> corrupt\n"
			 "on scrub directory ino=131 until=repair -> preen\n");
	assert_int_equal(x.exit, 0);
	before(&x, "repair bmapbtd ino=132", "scrubv ino=133");
	before(&x, "repair bmapbtd ino=132", "repair sb ag=1");
	before(&x, "scrubv ino=133", "repair sb ag=1");
	before(&x, "repair sb ag=1", "repair directory ino=131");
	assert_string_equal(
		xs_lines(&x),
		TOLD("inode 132 (0/132) data block map") "Optimized: AG 1 superblock: Optimization "
							 "successful.\n"
							 "Optimized: inode 131 (0/131) directory "
							 "entries: Optimization "
							 "successful.\n");
	assert_int_equal(x.scan.tally.optimizations, 2);
	xs_free(&x);
}

/* What cannot be optimised is forgotten. */
static void test_optimization_fails(void **state)
{
	static const char *const errs[] = {"EOPNOTSUPP", "ENOSPC", "ENOMEM", "EINVAL", "EBUSY"};

	(void)state;
	for (size_t i = 0; i < sizeof(errs) / sizeof(errs[0]); i++) {
		char script[160];
		struct xs x;

		snprintf(script, sizeof(script),
			 "on scrub sb ag=1 -> preen\non repair sb -> err=%s\n", errs[i]);
		begin(&x, PLAIN);
		fk_script(&x.fk, script);
		xs_run(&x);
		assert_int_equal(x.exit, 0);
		assert_string_equal(xs_lines(&x), "");
		assert_int_equal(repairs(&x), 1);
		xs_free(&x);
	}
}

/* A failed immediate repair is tried again in phase 4. */
static void test_failed_at_once_is_rescheduled(void **state)
{
	struct xs x;

	(void)state;
	repair(&x, PLAIN "on scrub agi ag=1 until=repair -> corrupt\n"
			 "on repair agi ag=1 times=1 -> err=EBUSY\n");
	assert_int_equal(x.exit, 0);
	assert_int_equal(fk_count(&x.fk, "repair agi ag=1"), 2);
	before(&x, "scrubv ino=133", "scrubv: fscounters");
	assert_string_equal(xs_lines(&x), "Info: AG 1 inode header: Attempting repair.\n" TOLD(
						  "AG 1 inode header"));
	xs_free(&x);

	repair(&x, PLAIN "on scrub xattr ino=132 until=repair -> corrupt\n"
			 "on repair xattr ino=132 times=1 -> corrupt\n");
	assert_int_equal(x.exit, 0);
	assert_int_equal(fk_count(&x.fk, "repair xattr"), 2);
	xs_free(&x);
}

/* Space items first, again while that helps, then files, and all over when files helped. */
static void test_rounds(void **state)
{
	struct xs x;

	(void)state;
	/* bnobt needs cntbt; cntbt needs the inode's map; the inode needs rmapbt */
	repair(&x, PLAIN "on scrub bnobt ag=0 until=repair -> corrupt\n"
			 "on scrub cntbt ag=1 until=repair -> corrupt\n"
			 "on scrub rmapbt ag=1 until=repair -> corrupt\n"
			 "on scrub bmapbtd ino=132 until=repair -> corrupt\n"
			 "on repair bnobt ag=0 until=cntbt:1 -> corrupt\n"
			 "on repair cntbt ag=1 until=bmapbtd:132 -> corrupt\n"
			 "on repair bmapbtd ino=132 until=rmapbt:1 -> corrupt\n");
	assert_int_equal(x.exit, 0);
	before(&x, "repair bnobt ag=0", "repair rmapbt ag=1");
	before(&x, "repair rmapbt ag=1", "repair bmapbtd ino=132");
	/* once more in the first pass' wake, and after the file's repair */
	assert_int_equal(fk_count(&x.fk, "repair bnobt ag=0"), 4);
	assert_int_equal(fk_count(&x.fk, "repair bmapbtd ino=132"), 1);
	assert_int_equal(x.scan.tally.repairs, 4);
	xs_expect_none(&x, "Corruption");
	xs_free(&x);
}

/* What is done is checked again, whole; what then shows is repaired, too. */
static void test_revalidated(void **state)
{
	struct xs x;

	(void)state;
	/* the repair of the record leaves the fork empty */
	repair(&x, PLAIN "on scrub inode ino=132 until=repair -> corrupt\n"
			 "on scrub bmapbtd ino=132 skip=1 until=repair -> corrupt\n");
	assert_int_equal(x.exit, 0);
	before(&x, "repair inode ino=132", "repair bmapbtd ino=132");
	xs_expect(&x, "Repaired: inode 132 (0/132) inode record: Repairs successful.\n");
	xs_expect(&x, "Repaired: inode 132 (0/132) data block map: Repairs successful.\n");
	xs_free(&x);
}

/* The last attempt is made with everything else done, one after the other, and complains. */
static void test_last_pass_complains(void **state)
{
	struct xs x;

	(void)state;
	repair(&x, PLAIN "on scrub bnobt ag=1 -> corrupt\n"
			 "on scrub agf ag=0 until=repair -> corrupt\n"
			 "on scrub directory ino=131 -> corrupt\n");
	assert_int_equal(x.exit, 1);
	xs_expect(&x, "Corruption: AG 1 freesp by block btree: Repair unsuccessful; offline repair "
		      "required.\n");
	xs_expect(&x, "Corruption: inode 131 (0/131) directory entries: Repair unsuccessful; "
		      "offline repair required.\n");
	xs_expect(&x, "Repaired: AG 0 free space header: Repairs successful.\n");
	assert_int_equal(x.scan.tally.corruptions, 2);
	assert_int_equal(fk_count(&x.fk, "repair directory"), 2);
	xs_expect_none(&x, "Repairs are required.");
	/* damage remains: names are not looked at, and no clean bill of health is handed in */
	xs_expect(&x, "skipping name checks");
	assert_false(fk_has(&x.fk, "scrubv: healthy\n"));
	xs_free(&x);
}

/* Counts are repaired where they are found. */
static void test_counts_at_once(void **state)
{
	struct xs x;

	(void)state;
	repair(&x, PLAIN "on scrub nlinks until=repair -> corrupt\n"
			 "on scrub quotacheck until=repair -> corrupt\n"
			 "on scrub fscounters until=repair -> xcorrupt\n");
	assert_int_equal(x.exit, 0);
	before(&x, "repair nlinks", "label");
	before(&x, "repair quotacheck", "label");
	before(&x, "repair fscounters", "getfsmap");
	xs_expect(&x, TOLD("inode link counts"));
	xs_expect(&x, TOLD("quota counters"));
	xs_expect(&x, "Repaired: filesystem summary counters: Repairs successful after discrepancy "
		      "in cross-referencing.\n");
	xs_expect_call(&x, "scrubv: healthy\n");
	xs_free(&x);

	repair(&x, PLAIN "on scrub nlinks -> corrupt\n");
	assert_int_equal(x.exit, 1);
	assert_int_equal(fk_count(&x.fk, "repair nlinks"), 2);
	xs_expect(&x, "Corruption: inode link counts: Repair unsuccessful; offline repair "
		      "required.\n");
	assert_int_equal(x.scan.tally.corruptions, 1);
	xs_free(&x);
}

/* The directory tree when all of it has been seen: one repair may cure every directory of a loop.
 */
static void test_tree_after_the_scan(void **state)
{
	struct xs x;

	(void)state;
	repair(&x, PARENTS "inode 140 gen=1 dir parent=131:deep\n"
			   "on scrub dirtree ino=131 until=repair -> corrupt\n"
			   "on scrub dirtree ino=140 until=dirtree:131 -> corrupt\n");
	assert_int_equal(x.exit, 0);
	before(&x, "scrubv ino=140 gen=1: dirtree", "repair dirtree ino=131");
	assert_int_equal(x.scan.tally.repairs, 1);
	xs_free(&x);
}

/* Link counts that hang on a damaged tree are repaired when that has been. */
static void test_counts_after_the_tree(void **state)
{
	struct xs x;

	(void)state;
	repair(&x, PARENTS "on scrub nlinks until=repair -> corrupt\n"
			   "on repair nlinks until=dirtree:131 -> corrupt\n"
			   "on scrub dirtree ino=131 until=repair -> corrupt\n");
	assert_int_equal(x.exit, 0);
	before(&x, "repair nlinks", "scrubv ino=131 gen=2: dirtree");
	assert_int_equal(fk_count(&x.fk, "repair nlinks"), 2);
	assert_int_equal(x.scan.tally.repairs, 2);
	xs_free(&x);
	/* the other way round: what the check could not end is checked again, too */
	repair(&x, PARENTS "on scrub nlinks until=dirtree:131 -> incomplete\n"
			   "on scrub dirtree ino=131 until=repair -> corrupt\n");
	assert_int_equal(x.exit, 0);
	xs_free(&x);
}

/* Summary counters are tried before other repairs, and quota counts if the kernel calls them sick.
 */
static void test_counters_first(void **state)
{
	struct xs x;

	(void)state;
	repair(&x, PLAIN "on scrub bnobt ag=1 until=repair -> corrupt\n"
			 "on scrub fscounters until=repair -> corrupt\n");
	assert_int_equal(x.exit, 0);
	before(&x, "repair fscounters", "repair bnobt");
	before(&x, "repair bnobt", "scrubv: quotacheck");
	xs_free(&x);

	begin(&x, PLAIN "on scrub bnobt ag=1 until=repair -> corrupt\n"
			"on scrub quotacheck until=repair -> corrupt\n");
	x.fk.geom.sick = HS_XFS_FS_SICK_QUOTACHECK;
	xs_run(&x);
	assert_int_equal(x.exit, 0);
	before(&x, "repair quotacheck", "repair bnobt");
	xs_free(&x);

	/* what cannot be repaired yet is told by phase 7, once */
	repair(&x, PLAIN "on scrub bnobt ag=1 until=repair -> corrupt\n"
			 "on scrub fscounters -> corrupt\n");
	assert_int_equal(x.exit, 1);
	assert_int_equal(x.scan.tally.corruptions, 1);
	xs_free(&x);

	/* or not at all, if it has become right meanwhile */
	repair(&x, PLAIN "on scrub bnobt ag=1 until=repair -> corrupt\n"
			 "on scrub fscounters until=bnobt:1 -> corrupt\n"
			 "on repair fscounters -> corrupt\n");
	assert_int_equal(x.exit, 0);
	assert_int_equal(x.scan.tally.corruptions, 0);
	xs_free(&x);
}

/* ---- causes and consequences ---- */

/* A child's damaged attributes make its directory look bad: it is not rebuilt for that. */
static void test_no_futile_rebuilds(void **state)
{
	struct xs x;

	(void)state;
	repair(&x, PARENTS "on scrub xattr ino=132 until=repair -> corrupt\n"
			   "on scrub directory ino=131 until=xattr:132 -> corrupt\n"
			   "on repair directory ino=131 until=xattr:132 -> corrupt\n");
	assert_int_equal(x.exit, 0);
	before(&x, "repair xattr ino=132", "repair directory ino=131");
	/* asked for once, found to be right, nothing changed */
	assert_int_equal(fk_count(&x.fk, "repair directory"), 1);
	assert_int_equal(x.scan.tally.repairs, 1);
	xs_free(&x);

	/* in phase 4, too, whatever the order of the inodes */
	repair(&x, PARENTS "on scrub agf ag=1 until=repair -> corrupt\n"
			   "on scrub xattr ino=132 until=repair -> corrupt\n"
			   "on scrub directory ino=131 until=xattr:132 -> corrupt\n"
			   "on repair directory ino=131 until=xattr:132 -> corrupt\n");
	assert_int_equal(x.exit, 0);
	before(&x, "repair xattr ino=132", "repair directory ino=131");
	assert_int_equal(fk_count(&x.fk, "repair directory"), 1);
	xs_free(&x);

	/* attributes that cannot be repaired: the directory is tried once, and once at the end */
	repair(&x, PARENTS "on scrub xattr ino=132 -> corrupt\n"
			   "on repair xattr ino=132 -> err=EOPNOTSUPP\n"
			   "on scrub directory ino=131 -> corrupt\n");
	assert_int_equal(x.exit, 1);
	assert_int_equal(fk_count(&x.fk, "repair directory"), 2);
	/* one cause, one line */
	assert_int_equal(x.scan.tally.corruptions, 1);
	xs_expect(&x, "Corruption: /mnt/dir/file extended attributes: Don't know how to fix; "
		      "offline repair required.\n");
	xs_free(&x);
}

/*
 * A directory that cannot be rebuilt now is rebuilt from parent pointers later: they are not made
 * to agree with it, nor are link counts.
 */
static void test_parents_wait_for_directories(void **state)
{
	struct xs x;

	(void)state;
	repair(&x, PARENTS "on scrub directory ino=131 -> corrupt\n"
			   "on repair directory ino=131 -> err=ENOSPC\n"
			   "on scrub parent ino=132 until=repair -> corrupt\n"
			   "on scrub nlinks until=repair -> corrupt\n");
	assert_int_equal(x.exit, 5);
	assert_int_equal(fk_count(&x.fk, "repair parent"), 0);
	assert_int_equal(fk_count(&x.fk, "repair nlinks"), 0);
	/* one cause, one line */
	assert_int_equal(x.scan.tally.corruptions, 1);
	xs_expect(&x, "Error: /mnt/dir directory entries: No space left on device.\n");
	xs_free(&x);

	repair(&x, PARENTS "on scrub directory ino=131 until=repair -> corrupt\n"
			   "on scrub parent ino=132 until=repair -> corrupt\n"
			   "on scrub nlinks until=repair -> corrupt\n");
	assert_int_equal(x.exit, 0);
	before(&x, "repair directory", "repair parent");
	before(&x, "repair parent", "repair nlinks");
	xs_free(&x);

	/* its own entries do not hold up a directory's pointers */
	repair(&x, PARENTS "on scrub directory ino=131 until=parent:131 -> corrupt\n"
			   "on repair directory ino=131 -> corrupt\n"
			   "on scrub parent ino=131 until=repair -> corrupt\n");
	assert_int_equal(x.exit, 0);
	xs_expect_call(&x, "repair parent ino=131");
	xs_free(&x);

	/* a directory that is sound in itself keeps its names: the pointers are made from it */
	repair(&x, PARENTS "on scrub directory ino=131 until=parent:132 -> xcorrupt\n"
			   "on scrub parent ino=132 until=repair -> xcorrupt\n");
	assert_int_equal(x.exit, 0);
	before(&x, "repair parent ino=132", "repair directory ino=131");
	assert_int_equal(x.scan.tally.repairs, 1);
	xs_free(&x);

	/* the kernel has no space to look with the intent to repair: nothing was wrong */
	repair(&x, PARENTS "on scrub xattr ino=132 until=repair -> corrupt\n"
			   "on scrub directory ino=131 until=xattr:132 -> corrupt\n"
			   "on early directory ino=131 -> err=ENOSPC\n");
	assert_int_equal(x.exit, 0);
	xs_expect_none(&x, "No space");
	xs_free(&x);
}

/* What a failed cross-reference left open is checked again after the repairs, and not told. */
static void test_xfail_is_checked_again(void **state)
{
	struct xs x;

	(void)state;
	repair(&x, PLAIN "on scrub bnobt ag=0 until=repair -> corrupt\n"
			 "on scrub inode until=bnobt:0 -> xfail\n"
			 "on scrub bmapbtd ino=132 until=bnobt:0 -> incomplete\n");
	assert_int_equal(x.exit, 0);
	assert_string_equal(xs_lines(&x), TOLD("AG 0 freesp by block btree"));
	before(&x, "repair bnobt", "scrubv: nlinks");
	xs_free(&x);

	repair(&x, PLAIN "on scrub inode ino=132 -> xfail\n");
	assert_int_equal(x.exit, 0);
	assert_string_equal(xs_lines(&x),
			    "Info: inode 132 (0/132) inode record: Seems correct but "
			    "cross-referencing failed; offline repair recommended.\n");
	assert_int_equal(repairs(&x), 0);
	xs_free(&x);

	repair(&x, PLAIN "on scrub bmapbtd ino=132 -> incomplete\n");
	assert_int_equal(x.exit, 4);
	xs_expect(&x, "Error: inode 132 (0/132) data block map: Check incomplete.\n");
	xs_free(&x);
}

static void test_difficulty(void **state)
{
	struct xs x;

	(void)state;
	repair(&x, PLAIN "on scrub rmapbt ag=1 until=repair -> corrupt\n");
	xs_expect(&x, "Info: AG 1: Corrupt secondary metadata.\n"
		      "Info: AG 1: Filesystem might not be repairable.\n");
	xs_free(&x);
	repair(&x, PLAIN "on scrub rmapbt ag=1 until=repair -> corrupt\n"
			 "on scrub bnobt ag=1 until=repair -> corrupt\n");
	xs_expect(&x, "Info: AG 1: Corrupt primary and secondary metadata.\n");
	assert_int_equal(x.exit, 0);
	xs_free(&x);
}

/* ---- errors ---- */

struct error_row {
	const char *err;
	int exit;
	unsigned attempts;
	const char *lines; /* after the attempts */
};

static void test_errors(void **state)
{
#define AGF "AG 1 free space header: "
	static const struct error_row rows[] = {
		{"EBUSY", 1, 2, "Corruption: " AGF "Filesystem is busy, repair incomplete.\n"},
		{"EDEADLK", 1, 2, "Corruption: " AGF "Filesystem is busy, repair incomplete.\n"},
		{"EOPNOTSUPP", 1, 2,
		 "Corruption: " AGF "Don't know how to fix; offline repair required.\n"},
		{"ENOTTY", 1, 2,
		 "Corruption: " AGF "Don't know how to fix; offline repair required.\n"},
		{"EINVAL", 1, 1,
		 "Corruption: " AGF "Don't know how to fix; offline repair required.\n"},
		{"ENOSPC", 5, 2,
		 "Error: " AGF "No space left on device.\nCorruption: " AGF
		 "Repairs are required.\n"},
		{"ENOMEM", 5, 2,
		 "Error: " AGF "Cannot allocate memory.\nCorruption: " AGF
		 "Repairs are required.\n"},
		{"EIO", 5, 2,
		 "Error: " AGF "Input/output error.\nCorruption: " AGF "Repairs are required.\n"},
		{"ENOENT", 0, 1, ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char script[160];
		struct xs x;

		snprintf(script, sizeof(script),
			 "on scrub agf ag=1 times=%s -> corrupt\non repair agf ag=1 -> err=%s\n",
			 rows[i].exit ? "0" : "2", rows[i].err);
		begin(&x, PLAIN);
		fk_script(&x.fk, script);
		xs_run(&x);
		assert_int_equal(x.exit, rows[i].exit);
		assert_int_equal(fk_count(&x.fk, "repair agf"), rows[i].attempts);
		if (!strstr(xs_lines(&x), rows[i].lines))
			fail_msg("%s: %s", rows[i].err, xs_lines(&x));
		/* the others go on */
		assert_string_equal(hs_strbuf_str(&x.phases), "123457");
		xs_free(&x);
	}
#undef AGF
}

/* These end the run; what was not repaired is told, and said to be unrepaired. */
static void ends(const char *err, errint_t rc, const char *line)
{
	char script[512];
	struct xs x;

	snprintf(script, sizeof(script),
		 PLAIN "on scrub agf ag=1 -> corrupt\non scrub bnobt ag=0 -> corrupt\n"
		       "on repair bnobt -> err=%s\n",
		 err);
	repair(&x, script);
	assert_int_equal(x.rc, rc);
	assert_int_equal(x.exit, 5);
	xs_expect(&x, line);
	xs_expect(&x, "Info: /mnt: Scrub aborted after phase 4.\n");
	xs_expect(&x, "Corruption: AG 0 freesp by block btree: Repairs are required.\n");
	xs_expect(&x, "Corruption: AG 1 free space header: Repairs are required.\n");
	xs_free(&x);
}

static void test_errors_that_end(void **state)
{
	(void)state;
	ends("ESHUTDOWN", -ESHUTDOWN, "Error: /mnt: Filesystem is shut down, aborting.\n");
	ends("EROFS", -EROFS, "Error: /mnt: Read-only filesystem; cannot make changes.\n");
	ends("EINTR", -EINTR, "Error: /mnt: Interrupted system call.\n");
}

static void request_stop(void *arg)
{
	atomic_store(&((struct hs_stop *)arg)->requested, 1);
}

/* Ctrl-C in the middle of the repairs: what was repaired is, what was not is said to be so. */
static void test_stop(void **state)
{
	struct xs x;

	(void)state;
	begin(&x, PLAIN "on scrub agf ag=0 until=repair -> corrupt\n"
			"on scrub agf ag=1 until=repair -> corrupt\n"
			"on repair agf ag=0 -> clean\n");
	fk_hook(&x.fk, request_stop, &x.stop);
	xs_run(&x);
	assert_int_equal(x.rc, -ECANCELED);
	assert_int_equal(x.exit, 5);
	xs_expect(&x, TOLD("AG 0 free space header"));
	xs_expect(&x, "Corruption: AG 1 free space header: Repairs are required.\n");
	assert_int_equal(fk_count(&x.fk, "repair agf ag=1"), 0);
	xs_free(&x);
}

static void refused(const char *script, errint_t rc, const char *lines)
{
	struct xs x;

	repair(&x, script);
	assert_int_equal(x.rc, rc);
	assert_int_equal(x.exit, 4);
	assert_string_equal(xs_lines(&x), lines);
	assert_string_equal(hs_strbuf_str(&x.phases), "1");
	xs_free(&x);
}

static void test_no_repair_here(void **state)
{
#define NOT_AVAILABLE                                                                              \
	"Error: /mnt: Kernel metadata repair facility is not available.  Use -n to scrub.\n"
	struct xs x;

	(void)state;
	refused("on repair probe -> err=EOPNOTSUPP\n", -EOPNOTSUPP, NOT_AVAILABLE);
	refused("fs ags=1 features=rmapbt readonly\n", -EROFS,
		"Info: /mnt: Filesystem is mounted read-only; cannot proceed.\n" NOT_AVAILABLE);
	refused("on repair probe -> err=ENOTRECOVERABLE\n", -ENOTRECOVERABLE,
		"Info: /mnt: Filesystem is mounted norecovery; cannot proceed.\n" NOT_AVAILABLE);
	/* the probe reserves space as a repair does: a full file system is no missing ability */
	repair(&x, PLAIN "on repair probe -> err=ENOSPC\n"
			 "on scrub agf ag=1 until=repair -> corrupt\n");
	assert_int_equal(x.exit, 0);
	xs_expect(&x, TOLD("AG 1 free space header"));
	xs_free(&x);
	/* a service does what can be done */
	begin(&x, PLAIN "on repair probe -> err=EOPNOTSUPP\non scrub agf ag=1 -> corrupt\n");
	x.opt.check_instead = true;
	xs_run(&x);
	assert_int_equal(x.exit, 1);
	xs_expect(&x, "Corruption: AG 1 free space header: Repairs are required.\n");
	assert_int_equal(repairs(&x), 0);
	xs_free(&x);
}

/* ---- repairs that crash the kernel ---- */

#define UNLOADABLE PLAIN "inode 135 gen=9 reg unloadable\n"

static void test_crash_is_withheld(void **state)
{
	struct xs x;

	(void)state;
	repair(&x, UNLOADABLE "on scrub bmapbtd ino=132 until=repair -> corrupt\n");
	assert_false(x.fk.panicked);
	assert_int_equal(x.exit, 1);
	assert_int_equal(fk_count(&x.fk, "repair inode ino=135"), 0);
	xs_expect(&x, "Corruption: inode 135 (0/135) inode record: Repair withheld, it would crash "
		      "this kernel; use --allow-risky-repair or offline repair.\n");
	assert_int_equal(x.scan.tally.corruptions, 1);
	/* only of this object; and what hangs on it is not tried */
	xs_expect(&x, TOLD("inode 132 (0/132) data block map"));
	assert_int_equal(fk_count(&x.fk, "repair bmapbtd ino=135"), 0);
	xs_free(&x);
}

static void test_crash_is_asked_for(void **state)
{
	struct xs x;

	(void)state;
	begin(&x, UNLOADABLE);
	x.opt.risky_repairs = true;
	xs_run(&x);
	assert_true(x.fk.panicked);
	assert_int_equal(x.exit, 0);
	/* its generation is known from then on */
	xs_expect_call(&x, "scrubv ino=135 gen=9: inode");
	xs_free(&x);
}

/* The kernel writes the generation that it is told; what names the inode has the old one. */
static void test_generation_is_kept(void **state)
{
	struct xs x;

	(void)state;
	repair(&x, UNLOADABLE "fs kernel=6.12\n");
	assert_int_equal(x.exit, 0);
	xs_expect_call(&x, "repair inode ino=135 gen=9");
	xs_expect_call(&x, "scrubv ino=135 gen=9: inode");
	xs_free(&x);
	/* nothing to be had from the device: as good as it can be */
	repair(&x, UNLOADABLE "fs kernel=6.12\non device_open -> err=EPERM\n");
	assert_int_equal(x.exit, 0);
	xs_expect_call(&x, "repair inode ino=135 gen=0");
	xs_free(&x);
	/* one that loads is not read again */
	repair(&x, PLAIN "on scrub inode ino=132 until=repair -> corrupt\n");
	assert_int_equal(fk_count(&x.fk, "device_open"), 0);
	xs_free(&x);
}

static void test_no_crash_elsewhere(void **state)
{
	struct xs x;

	(void)state;
	/* an older kernel; a file system with realtime groups; a record that loads */
	repair(&x, UNLOADABLE "fs kernel=6.12\n");
	assert_int_equal(x.exit, 0);
	xs_expect_call(&x, "repair inode ino=135");
	xs_free(&x);
	repair(&x, "fs ags=1 rgs=1 features=rmapbt,ftype,metadir,vectors\n"
		   "inode 135 gen=9 reg unloadable\n");
	assert_int_equal(x.exit, 0);
	xs_expect_call(&x, "repair inode ino=135");
	assert_false(x.fk.panicked);
	xs_free(&x);
	repair(&x, PLAIN "on scrub inode ino=132 until=repair -> corrupt\n");
	assert_int_equal(x.exit, 0);
	xs_expect_call(&x, "repair inode ino=132");
	xs_free(&x);
}

/* ---- the record ---- */

static errint_t put_finding(const struct hs_finding *f, void *arg)
{
	hs_strbuf_printf(arg, "%s %s: %s [%s] (%s) <%s>\n", hs_finding_state_name(f->state),
			 f->object, f->message, f->repair ? f->repair : "",
			 f->reason ? f->reason : "", f->gate ? f->gate : "");
	return 0;
}

/* Each finding says what became of it; what a repair of something else has cured follows from it.
 */
static void test_findings(void **state)
{
	struct hs_strbuf found = HS_STRBUF_INIT, why = HS_STRBUF_INIT, sub = HS_STRBUF_INIT;
	char *dir = run_dir_new();
	int64_t repaired = 0, bytes = 0;
	struct xs x;

	(void)state;
	begin(&x, PARENTS "inode 135 gen=9 reg unloadable\n"
			  "on scrub agf ag=1 -> corrupt\n"
			  "on repair agf ag=1 -> err=ENOSPC\n"
			  "on scrub rmapbt ag=0 -> corrupt\n"
			  "on scrub agi ag=0 until=repair -> corrupt\n"
			  "on scrub fscounters until=agi:0 -> corrupt\n"
			  "on scrub xattr ino=132 until=repair -> corrupt\n"
			  "on scrub directory ino=131 until=xattr:132 -> corrupt\n"
			  "on scrub bmapbtd ino=133 until=repair -> corrupt\n");
	hs_strbuf_printf(&sub, "%s/run", dir);
	assert_int_equal(hs_run_create(&(struct hs_run_params){.command = "xfs",
							       .fsname = "/mnt",
							       .run_dir = hs_strbuf_str(&sub)},
				       &x.run, &why),
			 0);
	xs_run(&x);
	assert_int_equal(x.exit, 5);
	assert_int_equal(hs_run_each_finding(x.run, put_finding, &found), 0);
	assert_string_equal(
		hs_strbuf_str(&found),
		"repaired AG 0: inode header: it was damaged [the kernel has rebuilt it] () <>\n"
		"failed AG 0: reverse mapping btree: repairs are required [] (it is still damaged "
		"after the repair) <>\n"
		"failed AG 1: free space header: repairs are required [] (No space left on device) "
		"<>\n"
		"repaired inode 132: extended attributes: it was damaged [the kernel has rebuilt "
		"it] () <>\n"
		"repaired inode 133: data block map: it was damaged [the kernel has rebuilt it] () "
		"<>\n"
		"skipped inode 135: inode record: repairs are required [the kernel would rebuild "
		"it, but this repair is known to crash the running kernel] () "
		"<--allow-risky-repair>\n");
	assert_int_equal(hs_run_get_total(x.run, "/mnt", "repairs", &repaired), 0);
	assert_int_equal(repaired, 3);
	assert_int_equal(hs_run_get_total(x.run, "/mnt", "repair_queue_bytes", &bytes), 0);
	assert_true(bytes > 0 && bytes % 32 == 0);
	hs_run_close(x.run);
	hs_strbuf_free(&found);
	hs_strbuf_free(&why);
	hs_strbuf_free(&sub);
	xs_free(&x);
	run_dir_remove(dir);
	free(dir);
}

/* ---- other modes ---- */

static void test_preen(void **state)
{
	struct xs x;

	(void)state;
	xs_init(&x, PLAIN "on scrub sb ag=1 until=repair -> preen\n");
	x.opt.mode = HS_XFS_OPTIMIZE;
	xs_run(&x);
	assert_int_equal(x.exit, 0);
	assert_string_equal(xs_lines(&x), "Optimized: AG 1 superblock: Optimization successful.\n");
	assert_int_equal(repairs(&x), 1);
	xs_free(&x);

	xs_init(&x, PLAIN "on scrub sb ag=1 until=repair -> preen\n"
			  "on scrub agf ag=1 until=repair -> corrupt\n");
	x.opt.mode = HS_XFS_OPTIMIZE;
	xs_run(&x);
	assert_int_equal(x.exit, 1);
	assert_string_equal(xs_lines(&x),
			    "Corruption: AG 1 free space header: Repairs are required.\n"
			    "Info: /mnt: Corruptions found; will not optimize.  Re-run without "
			    "-p.\n"
			    "Info: /mnt: Filesystem has errors, skipping name checks.\n");
	assert_int_equal(repairs(&x), 0);
	xs_free(&x);
}

/* Everything is rebuilt, whatever its state; what cannot be rebuilt is no damage. */
static void test_force(void **state)
{
	struct xs x;

	(void)state;
	begin(&x, PLAIN);
	x.opt.force_rebuild = true;
	xs_run(&x);
	assert_int_equal(x.exit, 0);
	xs_expect_call(&x, "rebuild agf ag=0\n");
	xs_expect_call(&x, "rebuild bnobt ag=1\n");
	xs_expect_call(&x, "rebuild directory ino=131 gen=2\n");
	xs_expect_call(&x, "rebuild xattr ino=132 gen=3\n");
	xs_expect_call(&x, "rebuild symlink ino=133 gen=4\n");
	xs_expect_call(&x, "rebuild nlinks\n");
	xs_expect_call(&x, "rebuild fscounters\n");
	xs_free(&x);

	begin(&x,
	      PLAIN "on repair sb ag=0 -> err=EOPNOTSUPP\non repair bnobt ag=1 -> err=ENOSPC\n");
	x.opt.force_rebuild = true;
	xs_run(&x);
	assert_int_equal(x.exit, 4);
	xs_expect(&x, "Error: AG 1 freesp by block btree: No space left on device.\n");
	xs_expect_none(&x, "Corruption");
	xs_free(&x);
}

static void test_shutdown_when_damage_stays(void **state)
{
	struct xs x;

	(void)state;
	begin(&x, PLAIN "on scrub agf ag=1 -> corrupt\n");
	x.opt.shutdown = true;
	xs_run(&x);
	xs_expect(&x, "Info: /mnt: Shutting down filesystem!\n");
	assert_int_equal(fk_count(&x.fk, "shutdown"), 1);
	xs_free(&x);
	begin(&x, PLAIN "on scrub agf ag=1 until=repair -> corrupt\n");
	x.opt.shutdown = true;
	xs_run(&x);
	assert_int_equal(fk_count(&x.fk, "shutdown"), 0);
	xs_free(&x);
	/* never when checking */
	xs_init(&x, PLAIN "on scrub agf ag=1 -> corrupt\n");
	x.opt.shutdown = true;
	xs_run(&x);
	assert_int_equal(fk_count(&x.fk, "shutdown"), 0);
	xs_free(&x);
}

static void test_only_phase(void **state)
{
	struct xs x;

	(void)state;
	begin(&x, PLAIN);
	x.opt.only_phase = 5;
	xs_run(&x);
	assert_string_equal(hs_strbuf_str(&x.phases), "1457");
	xs_free(&x);
}

/* ---- threads ---- */

static void test_many(void **state)
{
	(void)state;
	for (unsigned threads = 1; threads <= 4; threads += 3) {
		struct xs x;

		begin(&x, "fs ags=4 features=rmapbt,reflink,finobt,ftype,parent,vectors\n"
			  "on scrub bnobt ag=0 until=repair -> corrupt\n"
			  "on scrub agi ag=1 until=repair -> corrupt\n"
			  "on scrub refcountbt ag=2 until=repair -> xcorrupt\n"
			  "on scrub nlinks until=repair -> corrupt\n");
		for (unsigned i = 0; i < 40; i++) {
			char line[160];

			snprintf(line, sizeof(line),
				 "inode %u gen=1 reg parent=128:f%u xattr=user.a\n"
				 "on scrub %s ino=%u until=repair -> corrupt\n",
				 192 + i, i, i % 2 ? "xattr" : "bmapbtd", 192 + i);
			fk_script(&x.fk, line);
		}
		x.opt.threads = threads;
		xs_run(&x);
		assert_int_equal(x.exit, 0);
		assert_int_equal(x.scan.tally.repairs, 44);
		assert_int_equal(repairs(&x), 44);
		xs_free(&x);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_clean),
		cmocka_unit_test(test_inode_btrees_at_once),
		cmocka_unit_test(test_space_is_deferred),
		cmocka_unit_test(test_other_metadata_are_deferred),
		cmocka_unit_test(test_inodes_at_once),
		cmocka_unit_test(test_inodes_wait_for_space),
		cmocka_unit_test(test_optimizations_last),
		cmocka_unit_test(test_optimization_fails),
		cmocka_unit_test(test_failed_at_once_is_rescheduled),
		cmocka_unit_test(test_rounds),
		cmocka_unit_test(test_revalidated),
		cmocka_unit_test(test_last_pass_complains),
		cmocka_unit_test(test_counts_at_once),
		cmocka_unit_test(test_tree_after_the_scan),
		cmocka_unit_test(test_counts_after_the_tree),
		cmocka_unit_test(test_counters_first),
		cmocka_unit_test(test_no_futile_rebuilds),
		cmocka_unit_test(test_parents_wait_for_directories),
		cmocka_unit_test(test_xfail_is_checked_again),
		cmocka_unit_test(test_difficulty),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_errors_that_end),
		cmocka_unit_test(test_stop),
		cmocka_unit_test(test_no_repair_here),
		cmocka_unit_test(test_crash_is_withheld),
		cmocka_unit_test(test_crash_is_asked_for),
		cmocka_unit_test(test_generation_is_kept),
		cmocka_unit_test(test_no_crash_elsewhere),
		cmocka_unit_test(test_findings),
		cmocka_unit_test(test_preen),
		cmocka_unit_test(test_force),
		cmocka_unit_test(test_shutdown_when_damage_stays),
		cmocka_unit_test(test_only_phase),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
