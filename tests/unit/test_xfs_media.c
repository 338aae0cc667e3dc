/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Phase 6 and phase 8 on the scripted kernel: what is read, by which way, what is said of what
 * cannot be read, where it goes on, and when free space is discarded.
 */
#include "xfs_scan.h"

#include <stdio.h>

#include "run/read.h"

#define FEATURES "rmapbt,reflink,finobt,ftype,parent,vectors"

#define FILES                                                                                      \
	"inode 131 gen=2 dir parent=128:dir blocks=8\n"                                            \
	"inode 132 gen=3 reg parent=131:file blocks=800\n"                                         \
	"inode 133 gen=4 reg parent=128:clone blocks=800\n"                                        \
	"inode 134 gen=5 reg unlinked blocks=16\n"

/* Something of every kind. The bad places of the tests lie in it. */
#define EXTENTS                                                                                    \
	"extent data at=0 len=256K fs\n"                                                           \
	"extent data at=256K len=256K ag\n"                                                        \
	"extent data at=512K len=64K inodes\n"                                                     \
	"extent data at=576K len=32K free\n"                                                       \
	"extent data at=608K len=32K ino=132 attr\n"                                               \
	"extent data at=640K len=4K ino=132 map\n"                                                 \
	"extent data at=644K len=4K ino=132 map attr\n"                                            \
	"extent data at=648K len=8K ino=131\n"                                                     \
	"extent data at=656K len=16K free\n"                                                       \
	"extent data at=672K len=16K ino=134\n"                                                    \
	"extent data at=1M len=4M ino=132 off=1M\n"                                                \
	"extent data at=1M len=4M ino=133\n"                                                       \
	"extent data at=5M len=1M ino=132 off=8M prealloc\n"                                       \
	"extent data at=6M len=1M cow\n"                                                           \
	"extent data at=7M len=249M free\n"

static void begin(struct xs *x, const char *script)
{
	xs_init(x, script);
	x->opt.read_data = true;
	x->opt.media_gap = 64 << 10;
	x->devices[HS_XFS_DATA] = "/dev/data";
	x->devices[HS_XFS_LOG] = "/dev/log";
	x->devices[HS_XFS_RT] = "/dev/rt";
}

/* In memory. */
static struct hs_run *new_run(void)
{
	const struct hs_run_params params = {
		.command = "xfs", .fsname = "/mnt", .state_dir = "/proc/none"};
	struct hs_strbuf why = HS_STRBUF_INIT;
	struct hs_run *run;

	assert_int_equal(hs_run_create(&params, &run, &why), 0);
	hs_strbuf_free(&why);
	return run;
}

/* Both ways to read. */
static const char *const readers[] = {
	"fs ags=2 features=" FEATURES " verify\n",
	"fs ags=2 features=" FEATURES "\n",
};
#define each_reader(i) (size_t i = 0; i < 2; i++)

static void test_not_asked_for(void **state)
{
	struct xs x;

	(void)state;
	begin(&x, "fs ags=2 features=" FEATURES " verify\n");
	x.opt.read_data = false;
	xs_run(&x);
	assert_string_equal(hs_strbuf_str(&x.phases), "12357");
	assert_false(fk_has(&x.fk, "verify_media"));
	assert_false(fk_has(&x.fk, "device_open"));
	xs_free(&x);
}

static void test_clean(void **state)
{
	(void)state;
	for
		each_reader(i)
		{
			struct xs x;

			begin(&x, readers[i]);
			fk_script(&x.fk,
				  FILES EXTENTS "extent data at=256M len=8K ino=132 off=16M\n"
						/* what is not in use may be unreadable */
						"bad data at=4992K len=0\n"
						"bad data at=5M len=251M\n");
			xs_run(&x);
			assert_int_equal(x.rc, 0);
			assert_int_equal(x.exit, 0);
			xs_expect_none(&x, "media");
			xs_expect_none(&x, "cannot be read");
			assert_string_equal(hs_strbuf_str(&x.phases), "123567");
			/* one way or the other, not both */
			assert_int_equal(fk_has(&x.fk, "device_open"), i == 1);
			assert_int_equal(fk_has(&x.fk, "verify_media dev=1 at=0 "), i == 0);
			assert_int_equal(fk_has(&x.fk, "read dev=1 at=0 "), i == 1);
			assert_false(fk_has(&x.fk, "report"));
			/* shared blocks are read once */
			assert_int_equal(x.scan.media_read,
					 (512 + 64 + 32 + 8 + 8 + 16 + 4096 + 2048) * 1024);
			xs_free(&x);
		}
}

/* Who lost something is named, in xfs_scrub's words, and nobody else. */
static void test_owners(void **state)
{
	const struct {
		const char *bad;
		const char *lines;
		int exit;
	} cases[] = {
		{"at=1100K len=512",
		 "Unfixable Error: /mnt/dir/file: media error at data offset 1126400 length 4096.\n"
		 "Unfixable Error: /mnt/clone: media error at data offset 77824 length 4096.\n",
		 1},
		/* over the end of one request and the beginning of another */
		{"at=3M len=2M",
		 "Unfixable Error: /mnt/dir/file: media error at data offset 3145728 length "
		 "2097152.\n"
		 "Unfixable Error: /mnt/clone: media error at data offset 2097152 length "
		 "2097152.\n",
		 1},
		{"at=648K len=4K",
		 "Unfixable Error: /mnt/dir: media error at data offset 0 length 4096.\n", 1},
		{"at=676K len=4K",
		 "Unfixable Error: inode 134 (0/134): media error at data offset 4096 length "
		 "4096.\n",
		 1},
		{"at=616K len=9K",
		 "Corruption: /mnt/dir/file: media error in extended attribute data.\n", 1},
		{"at=640K len=1K",
		 "Corruption: /mnt/dir/file file data: media error in extent map.\n", 1},
		{"at=644K len=1K",
		 "Corruption: /mnt/dir/file extended attribute: media error in extent map.\n", 1},
		{"at=512 len=512",
		 "Corruption: disk offset 0: media error in static FS metadata.\n", 1},
		{"at=300K len=8K",
		 "Corruption: disk offset 307200: media error in per-AG metadata.\n", 1},
		{"at=520K len=4K", "Corruption: disk offset 532480: media error in inodes.\n", 1},
		/* between two files, read along: nothing was lost */
		{"at=580K len=4K", "Info: /mnt: 4096 bytes that hold nothing cannot be read.\n", 0},
		{"at=600K len=16K",
		 "Corruption: /mnt/dir/file: media error in extended attribute data.\n"
		 "Info: /mnt: 8192 bytes that hold nothing cannot be read.\n",
		 1},
		{"at=5M len=2M", "", 0},
	};

	(void)state;
	for
		each_reader(i)
		{
			for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
				char text[128];
				struct xs x;

				begin(&x, readers[i]);
				fk_script(&x.fk, FILES EXTENTS);
				snprintf(text, sizeof(text), "bad data %s\n", cases[c].bad);
				fk_script(&x.fk, text);
				x.opt.only_phase = 6;
				xs_run(&x);
				assert_int_equal(x.rc, 0);
				assert_string_equal(xs_lines(&x), cases[c].lines);
				assert_int_equal(x.exit, cases[c].exit);
				xs_free(&x);
			}
		}
}

static void test_records(void **state)
{
	struct hs_run_tally tally;
	struct xs x;

	(void)state;
	begin(&x, readers[0]);
	fk_script(&x.fk, FILES EXTENTS "bad data at=1100K len=512\nbad data at=580K len=4K\n"
				       "bad data at=616K len=9K\n");
	x.run = new_run();
	xs_run(&x);
	assert_int_equal(hs_run_read_tally(x.run, &tally), 0);
	assert_int_equal(tally.findings[HS_SEV_ERROR][HS_STATE_FOUND], 3);
	assert_int_equal(tally.findings[HS_SEV_NOTE][HS_STATE_FOUND], 0);
	xs_free(&x);
	hs_run_close(x.run);
}

static void test_other_devices(void **state)
{
	(void)state;
	for
		each_reader(i)
		{
			struct xs x;

			begin(&x, i ? "fs ags=2 features=" FEATURES " logdev rtdev\n"
				    : "fs ags=2 features=" FEATURES " logdev rtdev verify\n");
			fk_script(&x.fk, FILES "extent data at=0 len=4K fs\n"
					       "extent rt at=0 len=1M ino=133 off=64K\n"
					       "extent rt at=1M len=1M free\n"
					       "bad rt at=512K len=4K\nbad log at=8K len=512\n"
					       "bad data at=512K len=4K\n");
			x.opt.only_phase = 6;
			xs_run(&x);
			assert_int_equal(x.exit, 1);
			xs_expect(&x, "Unfixable Error: /mnt/clone: media error at data offset "
				      "589824 length "
				      "4096.\n");
			xs_expect(
				&x,
				"Corruption: disk offset 8192: media error in journalling log.\n");
			xs_expect_none(&x, "Info");
			assert_int_equal(fk_count(&x.fk, "device_open"), i ? 3 : 0);
			xs_free(&x);
		}
}

/* A realtime section inside the data device lies behind the data. */
static void test_internal_realtime(void **state)
{
	(void)state;
	for
		each_reader(i)
		{
			struct xs x;

			begin(&x, i ? "fs ags=2 rgs=1 features=" FEATURES "\n"
				    : "fs ags=2 rgs=1 features=" FEATURES " verify\n");
			x.fk.geom.rtstart = x.fk.geom.datablocks;
			fk_script(&x.fk, FILES "extent data at=0 len=4K fs\n"
					       "extent rt at=0 len=256M fs\n"
					       "extent rt at=256M len=1M ino=133 off=64K\n"
					       "bad data at=8K len=4K\n");
			if (i)
				fk_script(&x.fk, "bad data at=262148K len=4K\n");
			else
				fk_script(&x.fk, "bad rt at=262148K len=4K\nbad rt at=4K len=1M\n");
			x.opt.only_phase = 6;
			x.devices[HS_XFS_RT] = NULL;
			xs_run(&x);
			assert_string_equal(xs_lines(&x),
					    "Unfixable Error: /mnt/clone: media error at data "
					    "offset 69632 length 4096.\n");
			xs_free(&x);
		}
}

/* ---- what changes meanwhile ---- */

struct change {
	struct fakekernel *fk;
	size_t at;
	uint64_t owner;
	uint32_t flags;
};

static void make_change(void *arg)
{
	const struct change *c = arg;

	pthread_mutex_lock(&c->fk->lock);
	c->fk->extents[c->at].owner = c->owner;
	c->fk->extents[c->at].flags = c->flags;
	pthread_mutex_unlock(&c->fk->lock);
}

static void test_deleted_meanwhile(void **state)
{
	struct change c = {.at = 9, .owner = FMR_OWN_FREE, .flags = FMR_OF_SPECIAL_OWNER};
	struct xs x;

	(void)state;
	begin(&x, readers[0]);
	fk_script(&x.fk, FILES EXTENTS "bad data at=676K len=4K\n"
				       "on verify_media skip=1 times=1 -> clean\n");
	c.fk = &x.fk;
	fk_hook(&x.fk, make_change, &c);
	x.opt.only_phase = 6;
	xs_run(&x);
	assert_string_equal(xs_lines(&x),
			    "Info: /mnt: 4096 bytes that hold nothing cannot be read.\n");
	assert_int_equal(x.exit, 0);
	xs_free(&x);
}

/* The block goes to another file between two questions: only the one that has it is named. */
static void test_given_away_meanwhile(void **state)
{
	struct change c = {.at = 9, .owner = 133};
	struct xs x;

	(void)state;
	begin(&x, readers[0]);
	fk_script(&x.fk, FILES EXTENTS "bad data at=676K len=4K\n"
				       "on bulkstat ino=134 times=1 -> clean\n");
	c.fk = &x.fk;
	fk_hook(&x.fk, make_change, &c);
	x.opt.only_phase = 6;
	xs_run(&x);
	assert_string_equal(
		xs_lines(&x),
		"Unfixable Error: /mnt/clone: media error at data offset 4096 length 4096.\n");
	xs_free(&x);
}

/* ---- without reverse mappings, without parent pointers ---- */

#define UNKNOWN                                                                                    \
	"extent data at=0 len=8M unknown\nextent data at=8M len=1M free\n"                         \
	"file data at=1M len=1M ino=132 off=64K\n"                                                 \
	"file data at=2M len=64K ino=132 attr\n"                                                   \
	"file data at=3M len=64K ino=132 off=2M prealloc\n"                                        \
	"file data at=1M len=1M ino=133\n"                                                         \
	"file data at=4M len=8K ino=131\n"                                                         \
	"file data at=5M len=8K ino=134 off=4K\n"

static void test_no_rmap(void **state)
{
	static const char *const features[] = {"ftype,vectors", "ftype,vectors,parent"};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		char text[128];
		struct xs x;

		snprintf(text, sizeof(text), "fs ags=2 features=%s verify\n", features[i]);
		begin(&x, text);
		fk_script(&x.fk, FILES UNKNOWN
			  "bad data at=1028K len=4K\nbad data at=2049K len=512\n"
			  "bad data at=3M len=4K\nbad data at=4M len=4K\nbad data at=5M len=4K\n"
			  "bad data at=6M len=512\n");
		x.opt.only_phase = 6;
		xs_run(&x);
		assert_int_equal(x.rc, 0);
		assert_string_equal(
			xs_lines(&x),
			"Unfixable Error: /mnt/dir: media error at data offset 0 length 4096.\n"
			"Unfixable Error: /mnt/dir/file: media error at data offset 69632 length "
			"4096.\n"
			"Unfixable Error: /mnt/clone: media error at data offset 4096 length "
			"4096.\n"
			"Unfixable Error: inode 134 (0/134): media error at data offset 4096 "
			"length "
			"4096.\n"
			"Corruption: /mnt/dir/file: media error in extended attribute data.\n"
			"Corruption: disk offset 6291456: media error in unknown owner.\n"
			"Info: /mnt: 4096 bytes that hold nothing cannot be read.\n");
		xs_free(&x);
	}
}

/* Nothing is lost: nothing is searched for. */
static void test_no_search_without_loss(void **state)
{
	struct xs x;

	(void)state;
	begin(&x, "fs ags=2 features=ftype,vectors verify\n");
	fk_script(&x.fk, FILES UNKNOWN);
	x.opt.only_phase = 6;
	xs_run(&x);
	assert_string_equal(xs_lines(&x), "");
	assert_int_equal(fk_count(&x.fk, "bmap "), 0);
	assert_false(fk_has(&x.fk, "getdents"));
	xs_free(&x);
}

/* With reverse mappings only names are searched for; names that lead nowhere give the number. */
static void test_no_parents(void **state)
{
	struct xs x;

	(void)state;
	begin(&x, "fs ags=2 features=rmapbt,ftype,vectors verify\n");
	fk_script(&x.fk, FILES EXTENTS "inode 150 gen=9 reg blocks=8\n"
				       "extent data at=300M len=8K ino=150\n"
				       "extent data at=301M len=8K ino=128\n"
				       "bad data at=1100K len=512\nbad data at=300M len=512\n"
				       "bad data at=301M len=512\n");
	x.opt.only_phase = 6;
	x.fk.geom.agcount = 4;
	x.fk.geom.datablocks = 4 * 32768;
	x.fk.device_size[HS_XFS_DATA] = 512 << 20;
	xs_run(&x);
	assert_string_equal(
		xs_lines(&x),
		"Unfixable Error: /mnt: media error at data offset 0 length 4096.\n"
		"Unfixable Error: /mnt/dir/file: media error at data offset 1126400 length 4096.\n"
		"Unfixable Error: /mnt/clone: media error at data offset 77824 length 4096.\n"
		"Unfixable Error: inode 150 (0/150): media error at data offset 0 length 4096.\n");
	assert_int_equal(fk_count(&x.fk, "bmap "), 0);
	xs_free(&x);
}

/* ---- what does not work ---- */

static void test_map_of_a_group(void **state)
{
	struct xs x;

	(void)state;
	begin(&x, readers[0]);
	fk_script(&x.fk,
		  FILES "extent data at=0 len=8K ino=132\nextent data at=128M len=8K ino=132\n"
			"bad data at=128M len=512\n"
			"on getfsmap times=1 -> err=EUCLEAN\n");
	x.opt.only_phase = 6;
	xs_run(&x);
	assert_int_equal(x.rc, 0);
	assert_int_equal(x.exit, 1 | 4);
	xs_expect(&x, "Error: /mnt: AG 0: what it holds cannot be told, so all of it is read: ");
	xs_expect_none(&x, "AG 1");
	xs_expect(&x,
		  "Unfixable Error: /mnt/dir/file: media error at data offset 0 length 4096.\n");
	xs_free(&x);
}

/* What the map does not speak of may be anything. */
static void test_unnamed(void **state)
{
	struct xs x;

	(void)state;
	begin(&x, readers[0]);
	fk_script(&x.fk,
		  FILES "extent data at=0 len=8K ino=132\nextent data at=24K len=8K ino=133\n"
			"bad data at=12K len=4K\n");
	x.opt.only_phase = 6;
	xs_run(&x);
	assert_int_equal(x.exit, 4);
	assert_string_equal(
		xs_lines(&x),
		"Error: /mnt: The data device cannot be read at offset 12288 length "
		"4096, and whose that is cannot be told: the kernel's map does not name "
		"it.\n");
	xs_free(&x);
}

static void test_device_refused(void **state)
{
	struct xs x;

	(void)state;
	begin(&x, "fs ags=2 features=" FEATURES " logdev\n");
	fk_script(&x.fk, EXTENTS "on device_open ag=1 -> err=EPERM\nbad log at=0 len=512\n");
	xs_run(&x);
	assert_int_equal(x.rc, 0);
	assert_int_equal(x.exit, 1 | 4);
	xs_expect(&x, "Error: /mnt: The data device cannot be read: Cannot open /dev/data: ");
	xs_expect(&x, "Corruption: disk offset 0: media error in journalling log.\n");
	assert_string_equal(hs_strbuf_str(&x.phases), "123567");
	xs_free(&x);
	/* a device whose place nobody knows */
	begin(&x, "fs ags=2 features=" FEATURES " logdev verify\n");
	fk_script(&x.fk, EXTENTS);
	x.devices[HS_XFS_LOG] = NULL;
	xs_run(&x);
	assert_int_equal(x.exit, 4);
	xs_expect(&x, "Error: /mnt: The log device cannot be read: its number is not known.\n");
	xs_free(&x);
}

/* The mount table's name may be stale: the number decides. */
static void test_device_by_number(void **state)
{
	static const char *const names[] = {NULL, "/dev/rt", "/dev/root"};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct xs x;

		begin(&x, readers[1]);
		fk_script(&x.fk, EXTENTS);
		x.devices[HS_XFS_DATA] = names[i];
		xs_run(&x);
		assert_int_equal(x.exit, 0);
		xs_expect_call(&x, "device_open /dev/block/8:1\n");
		xs_free(&x);
	}
}

static void test_device_errors(void **state)
{
	struct xs x;

	(void)state;
	/* not the medium's */
	begin(&x, readers[0]);
	fk_script(&x.fk, EXTENTS "bad data at=1M len=512 err=ENXIO\n");
	xs_run(&x);
	assert_int_equal(x.exit, 4);
	xs_expect(&x, "Error: /mnt: The data device cannot be read to its end: ");
	xs_expect_none(&x, "media error");
	xs_free(&x);
	/* of the call, whatever it sounds like */
	begin(&x, readers[0]);
	fk_script(&x.fk, EXTENTS "on verify_media skip=1 -> err=EIO\n");
	xs_run(&x);
	assert_int_equal(x.exit, 4);
	xs_expect_none(&x, "media error");
	xs_free(&x);
	begin(&x, readers[0]);
	fk_script(&x.fk, EXTENTS "on verify_media skip=1 -> err=EINTR\n");
	xs_run(&x);
	assert_int_equal(x.rc, -EINTR);
	xs_free(&x);
}

static void test_truncated(void **state)
{
	(void)state;
	for
		each_reader(i)
		{
			struct xs x;

			begin(&x, readers[i]);
			x.fk.device_size[HS_XFS_DATA] = 2 << 20;
			fk_script(&x.fk, EXTENTS);
			x.fk.device_size[HS_XFS_DATA] = 2 << 20;
			xs_run(&x);
			assert_int_equal(x.exit, 1);
			xs_expect(&x, "Corruption: /mnt: data device truncated.\n");
			xs_expect_none(&x, "media error");
			xs_free(&x);
		}
}

static void test_too_many_errors(void **state)
{
	struct xs x;

	(void)state;
	begin(&x, readers[0]);
	fk_script(&x.fk, FILES EXTENTS "bad data at=1100K len=512\n");
	x.opt.max_errors = 2;
	xs_run(&x);
	assert_int_equal(x.rc, -ECANCELED);
	xs_expect(&x, "Info: /mnt: Too many errors; aborting.\n");
	xs_expect(&x, "Info: /mnt: Scrub aborted after phase 6.\n");
	xs_free(&x);
}

/* ---- how it reads ---- */

/* Others are told of errors only where that was allowed, and only of single blocks. */
static void test_report_flag(void **state)
{
	struct xs x;

	(void)state;
	begin(&x, readers[0]);
	fk_script(&x.fk, FILES EXTENTS "bad data at=1100K len=512\n");
	x.opt.mode = HS_XFS_REPAIR;
	xs_run(&x);
	xs_expect_call(&x, "verify_media dev=1 at=1126400 len=4096 report\n");
	assert_int_equal(fk_count(&x.fk, "verify_media dev=1 at=1048576 len=4194304\n"), 1);
	xs_free(&x);
	begin(&x, readers[0]);
	fk_script(&x.fk, FILES EXTENTS "bad data at=1100K len=512\n");
	xs_run(&x);
	assert_false(fk_has(&x.fk, " report"));
	xs_free(&x);
}

static void test_background(void **state)
{
	(void)state;
	for
		each_reader(i)
		{
			struct xs x;

			begin(&x, readers[i]);
			fk_script(&x.fk, FILES EXTENTS);
			x.opt.background = true;
			xs_run(&x);
			assert_int_equal(x.exit, 0);
			xs_expect_call(&x, i ? "read dev=1 at=1048576 len=262144\n"
					     : "verify_media dev=1 at=1048576 len=262144\n");
			assert_false(fk_has(&x.fk, "len=4194304"));
			xs_free(&x);
		}
}

static void test_gap_and_rate(void **state)
{
	struct xs x;

	(void)state;
	begin(&x, readers[1]);
	fk_script(&x.fk, FILES EXTENTS "bad data at=580K len=4K\n");
	x.opt.media_gap = 0;
	x.opt.media_rate = 32 << 20;
	xs_run(&x);
	/* without bridging nothing is read in between */
	xs_expect_none(&x, "cannot be read");
	xs_expect_call(&x, "read dev=1 at=622592 len=49152\n");
	/* requests are a quarter of a second's */
	xs_expect_call(&x, "read dev=1 at=1048576 len=4194304\n");
	xs_free(&x);
	begin(&x, readers[1]);
	fk_script(&x.fk, EXTENTS);
	x.opt.media_rate = 8 << 20;
	xs_run(&x);
	xs_expect_call(&x, "read dev=1 at=1048576 len=2097152\n");
	xs_free(&x);
}

static void test_totals(void **state)
{
	struct xs x;

	(void)state;
	begin(&x, readers[0]);
	fk_script(&x.fk, FILES EXTENTS);
	x.opt.verbose = true;
	xs_run(&x);
	xs_expect(&x, "6.6MiB data counted; 6.6MiB data verified.\n");
	xs_free(&x);
}

/* ---- stop and go on ---- */

static void ask_stop(void *arg)
{
	atomic_store(&((struct hs_stop *)arg)->requested, 1);
}

static void read_positions(struct xs *x, struct hs_position pos[HS_XFS_DEVICES], bool wanted)
{
	assert_int_equal(hs_run_get_position(x->run, HS_POSITION_CHECKPOINT, "media-data",
					     &pos[HS_XFS_DATA]),
			 wanted ? 0 : -ENOENT);
}

static void test_resume(void **state)
{
	const char *const stops[] = {"on verify_media skip=72 -> clean\n",
				     "on read skip=71 -> clean\n"};
	const char *const from_zero[] = {"verify_media dev=1 at=0 ", "read dev=1 at=0 "};
	const char *first = "media error at data offset 77824 length 4096.\n";
	const char *second = "media error at data offset 3145728 length 4096.\n";
	struct hs_position pos[HS_XFS_DEVICES];

	(void)state;
	for
		each_reader(i)
		{
			struct xs x;

			begin(&x, readers[i]);
			fk_script(&x.fk, FILES EXTENTS
				  "bad data at=1100K len=512\nbad data at=4M len=512\n");
			fk_script(&x.fk, stops[i]);
			fk_hook(&x.fk, ask_stop, &x.stop);
			x.opt.background = true;
			x.opt.only_phase = 6;
			x.run = new_run();
			x.opt.media_commit_ns = 1;
			xs_run(&x);
			assert_int_equal(x.rc, -ECANCELED);
			xs_expect(&x, first);
			xs_expect_none(&x, second);
			assert_int_equal(x.exit, 1 | 4);
			read_positions(&x, pos, true);
			hs_run_close(x.run);
			xs_free(&x);
			/* the rest, and only that */
			begin(&x, readers[i]);
			fk_script(&x.fk, FILES EXTENTS
				  "bad data at=1100K len=512\nbad data at=4M len=512\n");
			x.opt.media_from[HS_XFS_DATA] = &pos[HS_XFS_DATA];
			x.opt.only_phase = 6;
			x.run = new_run();
			xs_run(&x);
			assert_int_equal(x.rc, 0);
			xs_expect(&x, second);
			xs_expect_none(&x, first);
			assert_false(fk_has(&x.fk, from_zero[i]));
			read_positions(&x, pos, true);
			hs_run_close(x.run);
			xs_free(&x);
			/* nothing is left to go on with */
			begin(&x, readers[i]);
			fk_script(&x.fk, FILES EXTENTS);
			x.opt.media_from[HS_XFS_DATA] = &pos[HS_XFS_DATA];
			x.opt.only_phase = 6;
			xs_run(&x);
			xs_expect(&x, "Info: /mnt: The earlier run had read everything: all is "
				      "read again.\n");
			xs_expect_call(&x, from_zero[i]);
			xs_free(&x);
			/* another file system */
			begin(&x, readers[i]);
			fk_script(&x.fk, FILES EXTENTS);
			x.fk.geom.uuid[0] ^= 1;
			x.opt.media_from[HS_XFS_DATA] = &pos[HS_XFS_DATA];
			x.opt.only_phase = 6;
			xs_run(&x);
			xs_expect(
				&x,
				"Info: /mnt: The earlier run read another data device: this one is "
				"read from the beginning.\n");
			xs_expect_call(&x, from_zero[i]);
			xs_free(&x);
		}
}

/* Where owners are searched for at the end, no position lies behind an error that was not told. */
static void test_position_waits(void **state)
{
	struct hs_position pos[HS_XFS_DEVICES];
	struct xs x;

	(void)state;
	begin(&x, "fs ags=2 features=ftype,vectors verify\n");
	fk_script(&x.fk, FILES UNKNOWN "bad data at=1028K len=4K\n"
				       "on verify_media skip=80 -> clean\n");
	fk_hook(&x.fk, ask_stop, &x.stop);
	x.opt.background = true;
	x.opt.only_phase = 6;
	x.opt.media_commit_ns = 1;
	x.run = new_run();
	xs_run(&x);
	assert_int_equal(x.rc, -ECANCELED);
	read_positions(&x, pos, true);
	/* 1 MiB was read and committed; what comes behind was read, too, but not told */
	assert_int_equal(pos[HS_XFS_DATA].done, 1 << 20);
	xs_expect_none(&x, "media error");
	xs_expect(&x, "Stopped before it was known who owns");
	xs_free(&x);
	hs_run_close(x.run);
}

/* ---- trim ---- */

#define TRIMMED "fs ags=2 features=" FEATURES " verify\n"

static void test_trim_never_unasked(void **state)
{
	struct xs x;

	(void)state;
	/* not asked for, asked for with a check, with a kernel that cannot repair */
	for (unsigned i = 0; i < 3; i++) {
		begin(&x, i == 2 ? TRIMMED "on repair probe -> err=EOPNOTSUPP\n" : TRIMMED);
		x.opt.trim = i > 0;
		x.opt.mode = i == 1 ? HS_XFS_CHECK : HS_XFS_REPAIR;
		x.opt.check_instead = i == 2;
		xs_run(&x);
		assert_int_equal(fk_count(&x.fk, "fitrim"), 0);
		assert_null(strchr(hs_strbuf_str(&x.phases), '8'));
		xs_free(&x);
	}
}

static void test_trim(void **state)
{
	struct xs x;

	(void)state;
	begin(&x, TRIMMED);
	x.opt.read_data = false;
	x.opt.mode = HS_XFS_REPAIR;
	x.opt.trim = true;
	xs_run(&x);
	assert_int_equal(x.exit, 0);
	assert_string_equal(hs_strbuf_str(&x.phases), "1234578");
	/* two extents of more than 64 MiB make up all of it */
	assert_int_equal(fk_count(&x.fk, "fitrim"), 1);
	xs_expect_call(&x, "fitrim at=0 len=268435456 least=67108864\n");
	assert_int_equal(x.scan.progress.done, x.scan.progress.total);
	xs_free(&x);
}

static void test_trim_short_extents(void **state)
{
	const struct {
		unsigned percent;
		const char *call;
	} cases[] = {{0, "least=65536\n"},
		     {90, "least=1048576\n"},
		     {100, "least=0\n"},
		     {1, "least=1048576\n"}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct xs x;

		begin(&x, TRIMMED);
		fk_script(&x.fk, "extent data at=0 len=1M ag\n"
				 "extent data at=1M len=1M free\n"
				 "extent data at=2M len=64K ag\n"
				 "extent data at=2112K len=70K free\n"
				 "extent data at=3M len=64K ag\n"
				 "extent data at=4M len=4K free\n");
		x.opt.read_data = false;
		x.opt.mode = HS_XFS_REPAIR;
		x.opt.trim = true;
		x.opt.trim_percent = cases[i].percent;
		xs_run(&x);
		xs_expect_call(&x, cases[i].call);
		xs_free(&x);
	}
}

/* When something is wrong, what looks free may not be. */
static void test_no_trim_with_errors(void **state)
{
	static const char *const troubles[] = {
		"on scrub bnobt ag=1 -> corrupt\n",
		"on scrub fscounters -> corrupt\n",
		"on scrub inode ino=132 -> err=EIO\n",
		FILES EXTENTS "bad data at=1100K len=512\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(troubles) / sizeof(troubles[0]); i++) {
		struct xs x;

		begin(&x, TRIMMED FILES);
		fk_script(&x.fk, troubles[i]);
		x.opt.mode = HS_XFS_REPAIR;
		x.opt.trim = true;
		xs_run(&x);
		assert_int_not_equal(x.exit, 0);
		if (fk_count(&x.fk, "fitrim"))
			fail_msg("trimmed after \"%s\":\n%s", troubles[i], xs_lines(&x));
		xs_free(&x);
	}
}

static void test_trim_realtime(void **state)
{
	(void)state;
	for (unsigned old = 0; old < 2; old++) {
		struct xs x;

		begin(&x, "fs ags=2 features=" FEATURES " rtdev\n");
		x.fk.old_fitrim = old;
		x.opt.read_data = false;
		x.opt.mode = HS_XFS_REPAIR;
		x.opt.trim = true;
		xs_run(&x);
		assert_string_equal(xs_lines(&x), "");
		xs_expect_call(&x, "fitrim at=268435456 len=16777216 least=0\n");
		xs_free(&x);
	}
}

static void test_trim_refused(void **state)
{
	struct xs x;

	(void)state;
	begin(&x, TRIMMED "on fitrim -> err=EOPNOTSUPP\n");
	x.opt.mode = HS_XFS_REPAIR;
	x.opt.trim = true;
	xs_run(&x);
	assert_int_equal(x.exit, 0);
	assert_string_equal(xs_lines(&x), "");
	xs_free(&x);
	begin(&x, TRIMMED "on fitrim -> err=EIO\n");
	x.opt.mode = HS_XFS_REPAIR;
	x.opt.trim = true;
	xs_run(&x);
	assert_int_equal(x.exit, 4);
	xs_expect(&x, "Error: /mnt: Free space cannot be trimmed: ");
	xs_free(&x);
}

/* A large one is trimmed a stretch at a time, and a stop ends it in between. */
static void test_trim_stop(void **state)
{
	(void)state;
	for (unsigned stop = 0; stop < 2; stop++) {
		struct xs x;

		begin(&x, TRIMMED "on fitrim skip=1 times=1 -> clean\n");
		x.fk.geom.agblocks = 1 << 20;
		x.fk.geom.agcount = 16;
		x.fk.geom.datablocks = 16 << 20;
		if (stop)
			fk_hook(&x.fk, ask_stop, &x.stop);
		x.opt.read_data = false;
		x.opt.mode = HS_XFS_REPAIR;
		x.opt.trim = true;
		xs_run(&x);
		assert_int_equal(x.rc, stop ? -ECANCELED : 0);
		assert_int_equal(fk_count(&x.fk, "fitrim"), stop ? 2 : 6);
		xs_expect_call(&x, "fitrim at=11811160064 len=11811160064 ");
		if (!stop)
			xs_expect_call(&x, "fitrim at=59055800320 len=9663676416 ");
		xs_free(&x);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_not_asked_for),
		cmocka_unit_test(test_clean),
		cmocka_unit_test(test_owners),
		cmocka_unit_test(test_records),
		cmocka_unit_test(test_other_devices),
		cmocka_unit_test(test_internal_realtime),
		cmocka_unit_test(test_deleted_meanwhile),
		cmocka_unit_test(test_given_away_meanwhile),
		cmocka_unit_test(test_no_rmap),
		cmocka_unit_test(test_no_search_without_loss),
		cmocka_unit_test(test_no_parents),
		cmocka_unit_test(test_map_of_a_group),
		cmocka_unit_test(test_unnamed),
		cmocka_unit_test(test_device_refused),
		cmocka_unit_test(test_device_by_number),
		cmocka_unit_test(test_device_errors),
		cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_too_many_errors),
		cmocka_unit_test(test_report_flag),
		cmocka_unit_test(test_background),
		cmocka_unit_test(test_gap_and_rate),
		cmocka_unit_test(test_totals),
		cmocka_unit_test(test_resume),
		cmocka_unit_test(test_position_waits),
		cmocka_unit_test(test_trim_never_unasked),
		cmocka_unit_test(test_trim),
		cmocka_unit_test(test_trim_short_extents),
		cmocka_unit_test(test_no_trim_with_errors),
		cmocka_unit_test(test_trim_realtime),
		cmocka_unit_test(test_trim_refused),
		cmocka_unit_test(test_trim_stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
