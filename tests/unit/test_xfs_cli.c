/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The command line of xfs_scrub, its lines, its progress records, mounts, and several file systems
 * at once.
 */
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#include "cm.h"

#include "base/bytes.h"
#include "cli/xfs.h"
#include "fakekernel.h"
#include "run_dir.h"
#include "xfs/autofsck.h"
#include "xfs/fleet.h"

/* ---- options ---- */

static int parse(struct hs_xfs_args *a, const char *line)
{
	static char words[16][160];
	char *argv[17] = {NULL};
	char *copy = strdup(line), *save;
	int argc = 0;
	int code;

	for (char *w = strtok_r(copy, " ", &save); w; w = strtok_r(NULL, " ", &save)) {
		snprintf(words[argc], sizeof(words[0]), "%s", w);
		argv[argc] = words[argc];
		argc++;
	}
	free(copy);
	code = hs_xfs_args_parse(a, argc, argv);
	/* the array of pointers ends here */
	a->mounts = NULL;
	return code;
}

static void test_media_options(void **state)
{
	static const char *const bad[] = {
		"xfs -n -x --media-gap lots /mnt",     "xfs -n -x --media-bandwidth 1K /mnt",
		"xfs -n -x --media-bandwidth /mnt",    "xfs -n --resume /tmp/run /mnt",
		"xfs -n -x --resume /tmp/run /a /b",   "xfs -n -x --position data /mnt",
		"xfs -n -x --position disk:1:00 /mnt", "xfs -n -x --position data:1:00 /mnt"};
	struct hs_xfs_args a = {0}, b = {0};
	struct hs_strbuf word = HS_STRBUF_INIT;

	(void)state;
	assert_int_equal(parse(&a, "xfs -n -x /mnt"), 0);
	assert_true(a.scan.read_data);
	assert_int_equal(a.scan.media_gap, 64 << 10);
	assert_int_equal(a.scan.media_rate, 0);
	assert_null(a.scan.media_from[HS_XFS_DATA]);
	assert_int_equal(parse(&a, "xfs -n -x --media-gap 0 --media-bandwidth 20M /mnt"), 0);
	assert_int_equal(a.scan.media_gap, 0);
	assert_int_equal(a.scan.media_rate, 20 << 20);
	assert_int_equal(parse(&a, "xfs -o fstrim_pct=42 /mnt"), 0);
	assert_int_equal(a.scan.trim_percent, 42);
	assert_true(a.scan.trim);
	assert_int_equal(parse(&a, "xfs -k /mnt"), 0);
	assert_false(a.scan.trim);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(parse(&a, bad[i]), HS_XFS_EXIT_USAGE);
	/* a position comes through a command line unchanged */
	a.media_from[HS_XFS_RT].done = UINT64_MAX;
	for (size_t i = 0; i < sizeof(a.media_from[0].cookie); i++)
		a.media_from[HS_XFS_RT].cookie[i] = (uint8_t)(i * 37);
	hs_xfs_resume_put(&a, HS_XFS_RT, &word);
	assert_true(hs_xfs_resume_parse(&b, hs_strbuf_str(&word)));
	assert_memory_equal(&a.media_from[HS_XFS_RT], &b.media_from[HS_XFS_RT],
			    sizeof(struct hs_position));
	assert_ptr_equal(b.scan.media_from[HS_XFS_RT], &b.media_from[HS_XFS_RT]);
	assert_null(b.scan.media_from[HS_XFS_DATA]);
	hs_strbuf_free(&word);
}

static void test_mount_options(void **state)
{
	char *value;

	(void)state;
	value = hs_xfs_mount_option("rw,logdev=/dev/a,rtdev=/dev/b=c", "logdev");
	assert_string_equal(value, "/dev/a");
	free(value);
	value = hs_xfs_mount_option("rw,logdev=/dev/a,rtdev=/dev/b=c", "rtdev");
	assert_string_equal(value, "/dev/b=c");
	free(value);
	assert_null(hs_xfs_mount_option("rw,nologdev=/dev/a,logdev,logdevs=3", "logdev"));
	assert_null(hs_xfs_mount_option(NULL, "logdev"));
	assert_null(hs_xfs_mount_option("", "logdev"));
}

static void test_resume(void **state)
{
	char *dir = run_dir_new();
	struct hs_run_params p = {.command = "xfs", .fsname = "/mnt", .run_dir = dir};
	struct hs_position pos = {.done = 7, .cookie = "where"};
	struct hs_strbuf why = HS_STRBUF_INIT;
	struct hs_xfs_args a = {0};
	struct hs_run *run;

	(void)state;
	assert_int_equal(hs_xfs_resume_read(&a, "/nonexistent", &why), -ENOENT);
	assert_int_not_equal(why.len, 0);
	assert_int_equal(hs_run_create(&p, &run, &why), 0);
	assert_int_equal(hs_run_commit(run), 0);
	hs_strbuf_reset(&why);
	assert_int_equal(hs_xfs_resume_read(&a, dir, &why), -ENODATA);
	assert_non_null(strstr(hs_strbuf_str(&why), "has read no data"));
	hs_run_set_position(run, HS_POSITION_CHECKPOINT, "media-data", &pos);
	hs_run_finish(run, HS_RUN_STOPPED, 0);
	hs_run_close(run);
	assert_int_equal(hs_xfs_resume_read(&a, dir, &why), 0);
	assert_memory_equal(a.scan.media_from[HS_XFS_DATA], &pos, sizeof(pos));
	assert_null(a.scan.media_from[HS_XFS_LOG]);
	hs_strbuf_free(&why);
	run_dir_remove(dir);
	free(dir);
}

static void test_options(void **state)
{
	struct hs_xfs_args a = {0};

	(void)state;
	assert_int_equal(parse(&a, "xfs_scrub -d -T -v -n /mnt"), 0);
	assert_true(a.debug && a.timing && a.scan.verbose && a.check_only);
	assert_int_equal(a.n_mounts, 1);
	assert_int_equal(parse(&a, "xfs_scrub -dTvn -a 7 -C 5 -e shutdown -k -x /mnt"), 0);
	assert_int_equal(a.scan.max_errors, 7);
	assert_int_equal(a.progress_fd, 5);
	assert_true(a.shutdown && a.no_trim && a.scan.read_data);
	assert_int_equal(parse(&a, "xfs_scrub -b -b -b -o autofsck,iwarn -M /tmp/scrub /mnt"), 0);
	assert_true(a.autofsck && a.scan.info_is_warning && a.scan.background);
	assert_int_equal(a.scan.rest_us, 200);
	assert_string_equal(a.open_path, "/tmp/scrub");
	assert_int_equal(parse(&a, "xfs_scrub -VV"), 0);
	assert_int_equal(a.show_version, 2);
	assert_int_equal(parse(&a, "xfs -n --threads 4 --json /a /b"), 0);
	assert_int_equal(a.scan.threads, 4);
	assert_int_equal(a.n_mounts, 2);
	assert_int_equal(parse(&a, "xfs --appliance -n --logdev /l x.img"), 0);
	assert_true(a.appliance);
	assert_string_equal(a.log_device, "/l");
	assert_int_equal(parse(&a, "xfs -n -o fstrim_pct=50 -m /etc/mtab /mnt"), 0);
}

static void test_bad_options(void **state)
{
	static const char *const bad[] = {
		"xfs_scrub",
		"xfs_scrub -n",
		"xfs_scrub -z /mnt",
		"xfs_scrub -n -p /mnt",
		"xfs_scrub -n -e explode /mnt",
		"xfs_scrub -n -a many /mnt",
		"xfs_scrub -n -C x /mnt",
		"xfs_scrub -n -o autofsck=1 /mnt",
		"xfs_scrub -n -o fstrim_pct=0 /mnt",
		"xfs_scrub -n -o fstrim_pct=101 /mnt",
		"xfs_scrub -n -o nonsense /mnt",
		"xfs_scrub -n --threads 0 /mnt",
		"xfs -n --run-dir /x /a /b",
		"xfs -n -C 3 /a /b",
		"xfs -n --logdev /l /a",
		"xfs -n --appliance -C 3 a.img",
		"xfs -n --timeout 5 /mnt",
		"xfs -n --appliance --memory 1K a.img",
		"xfs -n --appliance a.img b.img",
	};
	struct hs_xfs_args a = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (parse(&a, bad[i]) != HS_XFS_EXIT_USAGE)
			fail_msg("accepted: %s", bad[i]);
	}
	/* xfs_scrub takes one mount point */
	a.as_xfs_scrub = true;
	assert_int_equal(parse(&a, "xfs_scrub -n /a /b"), HS_XFS_EXIT_USAGE);
}

static void test_debug_environment(void **state)
{
	struct hs_xfs_args a = {0};

	(void)state;
	setenv("XFS_SCRUB_PHASE", "5", 1);
	setenv("XFS_SCRUB_THREADS", "3", 1);
	setenv("XFS_SCRUB_FORCE_SINGLE", "1", 1);
	setenv("SERVICE_MODE", "1", 1);
	assert_int_equal(parse(&a, "xfs_scrub -n /mnt"), 0);
	assert_int_equal(a.scan.only_phase, 0);
	assert_int_equal(a.scan.threads, 0);
	assert_true(a.service);
	assert_int_equal(parse(&a, "xfs_scrub -n -d /mnt"), 0);
	assert_int_equal(a.scan.only_phase, 5);
	assert_int_equal(a.scan.threads, 3);
	assert_true(a.scan.force_single);
	unsetenv("XFS_SCRUB_PHASE");
	unsetenv("XFS_SCRUB_THREADS");
	unsetenv("XFS_SCRUB_FORCE_SINGLE");
	unsetenv("SERVICE_MODE");
}

/* ---- lines ---- */

struct lines {
	struct hs_xfs_args args;
	struct hs_xfs_lines l;
	char *out, *err;
	size_t out_len, err_len;
	FILE *to_out, *to_err;
};

static void lines_begin(struct lines *x)
{
	memset(x, 0, sizeof(*x));
	x->to_out = open_memstream(&x->out, &x->out_len);
	x->to_err = open_memstream(&x->err, &x->err_len);
	hs_xfs_lines_init(&x->l, &x->args, "/mnt", x->to_out, x->to_err);
}

static void lines_end(struct lines *x)
{
	fclose(x->to_out);
	fclose(x->to_err);
	free(x->out);
	free(x->err);
}

static void say(struct lines *x, enum hs_xfs_level level)
{
	struct hs_xfs_message m = {.level = level,
				   .object = "AG 1 superblock",
				   .text = "Repairs are required.",
				   .file = "../src/xfs/report.c",
				   .line = 7};

	x->l.l.message(&x->l.l, &m);
}

static void test_lines(void **state)
{
	struct hs_xfs_scan scan = {.ready = true};
	struct lines x;

	(void)state;
	lines_begin(&x);
	for (enum hs_xfs_level l = 0; l < HS_XFS_LEVELS; l++)
		say(&x, l);
	assert_string_equal(x.err, "Corruption: AG 1 superblock: Repairs are required.\n"
				   "Error: AG 1 superblock: Repairs are required.\n"
				   "Unfixable Error: AG 1 superblock: Repairs are required.\n"
				   "Warning: AG 1 superblock: Repairs are required.\n");
	/* optimisations are for those who want to know more */
	assert_string_equal(x.out, "Info: AG 1 superblock: Repairs are required.\n"
				   "Repaired: AG 1 superblock: Repairs are required.\n");
	lines_end(&x);

	for (unsigned debug = 0; debug < 2; debug++) {
		lines_begin(&x);
		x.args.debug = debug;
		x.args.scan.verbose = !debug;
		say(&x, HS_XFS_OPTIMIZED);
		assert_true(strstr(x.out, "Optimized: AG 1 superblock: Repairs are required."));
		lines_end(&x);
	}

	lines_begin(&x);
	x.args.debug = true;
	x.args.scan.verbose = true;
	say(&x, HS_XFS_CORRUPTION);
	x.l.l.phase(&x.l.l, 3, true);
	x.l.l.phase(&x.l.l, 3, false);
	assert_string_equal(x.err, "Corruption: AG 1 superblock: Repairs are required. (report.c "
				   "line 7)\n");
	assert_string_equal(x.out, "Phase 3: Scan all inodes.\n");
	lines_end(&x);

	lines_begin(&x);
	scan.tally.corruptions = 2;
	scan.tally.warnings = 3;
	scan.tally.errors = 1;
	hs_xfs_lines_result(&x.l, &scan);
	assert_string_equal(x.err, "/mnt: corruptions found: 2\n"
				   "/mnt: operational errors found: 1\n"
				   "/mnt: warnings found: 3\n"
				   "/mnt: Re-run holystone xfs without -n.\n");
	lines_end(&x);

	lines_begin(&x);
	scan.mode = HS_XFS_REPAIR;
	scan.tally.repairs = 4;
	scan.tally.optimizations = 5;
	hs_xfs_lines_result(&x.l, &scan);
	scan.tally.optimizations = 0;
	hs_xfs_lines_result(&x.l, &scan);
	scan.tally.corruptions = scan.tally.errors = scan.tally.warnings = 0;
	scan.tally.repairs = 0;
	scan.tally.optimizations = 1;
	hs_xfs_lines_result(&x.l, &scan);
	assert_string_equal(x.out, "/mnt: repairs made: 4; optimizations made: 5.\n"
				   "/mnt: repairs made: 4.\n"
				   "/mnt: optimizations made: 1.\n");
	assert_non_null(strstr(x.err, "/mnt: Unmount and run xfs_repair.\n"));
	lines_end(&x);

	lines_begin(&x);
	x.args.as_xfs_scrub = true;
	scan.mode = HS_XFS_OPTIMIZE;
	scan.tally.corruptions = 1;
	hs_xfs_lines_result(&x.l, &scan);
	assert_non_null(strstr(x.err, "/mnt: Re-run xfs_scrub without -p.\n"));
	lines_end(&x);

	lines_begin(&x);
	x.args.json = true;
	say(&x, HS_XFS_CORRUPTION);
	say(&x, HS_XFS_INFO);
	hs_xfs_lines_result(&x.l, &scan);
	fflush(x.to_out);
	fflush(x.to_err);
	assert_string_equal(x.err, "");
	assert_string_equal(x.out, "");
	lines_end(&x);
}

static void test_progress_record(void **state)
{
	char buf[64];

	(void)state;
	assert_int_equal(hs_xfs_bar_record(buf, sizeof(buf), 3, 1200, 3646, "/mnt"), 17);
	assert_string_equal(buf, "3 1200 3646 /mnt\n");
	assert_int_equal(hs_xfs_bar_record(buf, sizeof(buf), 1, 0, 0, "/mnt"), 0);
	assert_int_equal(hs_xfs_bar_record(buf, sizeof(buf), 0, 1, 1, "/mnt"), 0);
}

/* Records at the end of each phase reach the reader. */
static void test_progress_pipe(void **state)
{
	struct hs_xfs_args args = {0};
	struct hs_xfs_progress progress = {.phase = 3, .done = 5, .total = 10};
	struct hs_xfs_bar *bar;
	char buf[128] = {0};
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	args.progress_fd = fds[1];
	assert_int_equal(hs_xfs_bar_start(&args, &progress, "/mnt", &bar), 0);
	assert_non_null(bar);
	hs_xfs_bar_phase_end(bar, 3);
	hs_xfs_bar_stop(bar);
	assert_true(read(fds[0], buf, sizeof(buf) - 1) > 0);
	assert_string_equal(buf, "3 5 10 /mnt\n");
	args.service = true;
	assert_int_equal(hs_xfs_bar_start(&args, &progress, "/mnt", &bar), 0);
	assert_null(bar);
	close(fds[0]);
	close(fds[1]);
}

/* ---- mounts ---- */

static void test_mount_table(void **state)
{
	char *dir = run_dir_new();
	struct hs_xfs_mount m;
	char table[256];
	FILE *f;

	(void)state;
	snprintf(table, sizeof(table), "%s/mtab", dir);
	f = fopen(table, "w");
	assert_non_null(f);
	fprintf(f,
		"/dev/sda1 / ext4 rw 0 0\n/dev/sdb1 %s ext4 rw 0 0\n"
		"/dev/sdb2 %s xfs rw,logdev=/dev/sdc 0 0\n",
		dir, dir);
	fclose(f);
	assert_int_equal(hs_xfs_mount_find(table, dir, &m), 0);
	assert_string_equal(m.device, "/dev/sdb2");
	assert_string_equal(m.options, "rw,logdev=/dev/sdc");
	hs_xfs_mount_free(&m);
	assert_int_equal(hs_xfs_mount_find(table, "/", &m), -ENOENT);
	assert_int_equal(hs_xfs_mount_find(table, table, &m), -ENOENT);
	assert_int_equal(hs_xfs_mount_find("/nonexistent", dir, &m), -ENOENT);
	/* something else mounted over it hides it */
	f = fopen(table, "a");
	assert_non_null(f);
	fprintf(f, "none %s tmpfs rw 0 0\n", dir);
	fclose(f);
	assert_int_equal(hs_xfs_mount_find(table, dir, &m), -ENOENT);
	run_dir_remove(dir);
	free(dir);
}

static void test_service_names(void **state)
{
	static const struct {
		const char *path;
		const char *name;
	} rows[] = {
		{"/", "xfs_scrub@-.service"},
		{"/mnt", "xfs_scrub@mnt.service"},
		{"/a b/c-d/", "xfs_scrub@a\\x20b-c\\x2dd.service"},
		{"/.a//b/", "xfs_scrub@\\x2ea-b.service"},
		{"/a.b:c_d@\xc3\xa9", "xfs_scrub@a.b:c_d\\x40\\xc3\\xa9.service"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct hs_strbuf s = HS_STRBUF_INIT;

		hs_xfs_service_name(rows[i].path, true, false, &s);
		assert_string_equal(hs_strbuf_str(&s), rows[i].name);
		hs_strbuf_free(&s);
	}
	for (int media = 0; media < 2; media++) {
		struct hs_strbuf s = HS_STRBUF_INIT;

		hs_xfs_service_name("/a/b", false, media, &s);
		assert_string_equal(hs_strbuf_str(&s), media ? "holystone-xfs-media@a-b.service"
							     : "holystone-xfs@a-b.service");
		hs_strbuf_reset(&s);
		hs_xfs_service_name("/a/b", true, media, &s);
		assert_string_equal(hs_strbuf_str(&s), media ? "xfs_scrub_media@a-b.service"
							     : "xfs_scrub@a-b.service");
		hs_strbuf_free(&s);
	}
}

static void autofsck_is(const char *script, enum hs_xfs_autofsck want, const char *unknown_want)
{
	struct fakekernel fk;
	struct hs_xfs_fs fs;
	char unknown[64];

	fk_init(&fk);
	fk_script(&fk, script);
	assert_int_equal(hs_xfs_fs_open(&fs, &fk.k, "/mnt", "/mnt"), 0);
	assert_int_equal(hs_xfs_autofsck(&fs, unknown), want);
	assert_string_equal(unknown, unknown_want);
	hs_xfs_fs_close(&fs);
	fk_free(&fk);
}

static void test_autofsck(void **state)
{
	(void)state;
	autofsck_is("fs autofsck=none", HS_XFS_AUTOFSCK_NONE, "");
	autofsck_is("fs autofsck=check", HS_XFS_AUTOFSCK_CHECK, "");
	autofsck_is("fs autofsck=optimize", HS_XFS_AUTOFSCK_OPTIMIZE, "");
	autofsck_is("fs autofsck=repair", HS_XFS_AUTOFSCK_REPAIR, "");
	autofsck_is("fs autofsck=Repair", HS_XFS_AUTOFSCK_CHECK, "Repair");
	autofsck_is("fs features=ftype", HS_XFS_AUTOFSCK_NONE, "");
	autofsck_is("fs features=rmapbt", HS_XFS_AUTOFSCK_CHECK, "");
	autofsck_is("fs features=parent", HS_XFS_AUTOFSCK_CHECK, "");
}

/* ---- several at once ---- */

struct trial {
	pthread_mutex_t lock;
	const struct hs_xfs_member *members;
	bool running[8];
	unsigned now, most;
	bool clash;
	unsigned times[8];
};

static int occupy(size_t i, void *arg)
{
	struct trial *t = arg;

	pthread_mutex_lock(&t->lock);
	for (size_t j = 0; j < 6; j++) {
		for (size_t a = 0; t->running[j] && a < t->members[i].n_disks; a++) {
			for (size_t b = 0; b < t->members[j].n_disks; b++)
				t->clash |= t->members[i].disks[a] == t->members[j].disks[b];
		}
	}
	t->running[i] = true;
	t->times[i]++;
	if (++t->now > t->most)
		t->most = t->now;
	pthread_mutex_unlock(&t->lock);
	usleep(20000);
	pthread_mutex_lock(&t->lock);
	t->running[i] = false;
	t->now--;
	pthread_mutex_unlock(&t->lock);
	return i == 2 ? 1 : i == 4 ? 4 : 0;
}

static void test_fleet(void **state)
{
	uint64_t d[6][2] = {{1, 2}, {1, 9}, {3, 4}, {4, 5}, {6, 6}, {2, 6}};
	struct hs_xfs_member m[6];
	struct trial t = {.members = m};

	(void)state;
	pthread_mutex_init(&t.lock, NULL);
	for (size_t i = 0; i < 6; i++)
		m[i] = (struct hs_xfs_member){d[i], 2};
	assert_int_equal(hs_xfs_fleet_run(m, 6, 0, occupy, &t), 5);
	assert_false(t.clash);
	assert_true(t.most >= 2);
	for (size_t i = 0; i < 6; i++)
		assert_int_equal(t.times[i], 1);
	t.most = 0;
	assert_int_equal(hs_xfs_fleet_run(m, 6, 1, occupy, &t), 5);
	assert_int_equal(t.most, 1);
}

static void put_file(const char *dir, const char *path, const char *text)
{
	char name[512];
	FILE *f;

	for (size_t i = 1; i <= strlen(path); i++) {
		if (path[i] != '/' && path[i])
			continue;
		snprintf(name, sizeof(name), "%s/%.*s", dir, (int)i, path);
		if (path[i])
			mkdir(name, 0755);
	}
	f = fopen(name, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static bool on_disk(const struct hs_xfs_member *m, unsigned ma, unsigned mi)
{
	for (size_t i = 0; i < m->n_disks; i++) {
		if (m->disks[i] == ((uint64_t)ma << 32 | mi))
			return true;
	}
	return false;
}

static void test_disks(void **state)
{
	char *dir = run_dir_new();
	struct hs_xfs_member m = {0};

	(void)state;
	/* 253:0 is a volume on partition 8:1 of disk 8:0 and on disk 8:16 */
	put_file(dir, "dev/block/253:0/slaves/sda1/dev", "8:1\n");
	put_file(dir, "dev/block/253:0/slaves/sdb/dev", "8:16\n");
	put_file(dir, "dev/block/8:1/partition", "1\n");
	put_file(dir, "dev/block/dev", "8:0\n"); /* 8:1/../dev */
	put_file(dir, "dev/block/8:16/dev", "8:16\n");
	assert_int_equal(hs_xfs_disks_of(dir, 253, 0, &m), 0);
	assert_int_equal(m.n_disks, 2);
	assert_true(on_disk(&m, 8, 0));
	assert_true(on_disk(&m, 8, 16));
	/* what sysfs does not know is a disk of its own; the same disk counts once */
	assert_int_equal(hs_xfs_disks_of(dir, 7, 3, &m), 0);
	assert_int_equal(hs_xfs_disks_of(dir, 8, 16, &m), 0);
	assert_int_equal(m.n_disks, 3);
	assert_true(on_disk(&m, 7, 3));
	free(m.disks);
	run_dir_remove(dir);
	free(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_options),	      cmocka_unit_test(test_media_options),
		cmocka_unit_test(test_mount_options), cmocka_unit_test(test_resume),
		cmocka_unit_test(test_bad_options),   cmocka_unit_test(test_debug_environment),
		cmocka_unit_test(test_lines),	      cmocka_unit_test(test_progress_record),
		cmocka_unit_test(test_progress_pipe), cmocka_unit_test(test_mount_table),
		cmocka_unit_test(test_service_names), cmocka_unit_test(test_autofsck),
		cmocka_unit_test(test_fleet),	      cmocka_unit_test(test_disks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
