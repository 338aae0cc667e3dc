/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which file systems are mounted, which disks lie below them, and when data are to be read again.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#include "cm.h"

#include "run_dir.h"
#include "xfs/mediadue.h"
#include "xfs/mounted.h"

/* ---- the mount table ---- */

static char *table_new(const char *text)
{
	char *dir = run_dir_new(), *path = NULL;
	FILE *f;

	assert_true(asprintf(&path, "%s/mountinfo", dir) > 0);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	free(dir);
	return path;
}

static void table_free(char *path)
{
	*strrchr(path, '/') = '\0';
	run_dir_remove(path);
	free(path);
}

static void test_mounts(void **state)
{
	char *path = table_new("22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n"
			       /* a part of it first, then all of it */
			       "30 22 8:2 /srv /export rw shared:2 - xfs /dev/sda2 rw,attr2\n"
			       "31 22 8:2 / /data rw shared:3 - xfs /dev/sda2 rw,attr2\n"
			       "32 22 8:2 / /data2 rw shared:4 - xfs /dev/sda2 rw,attr2\n"
			       "33 22 253:0 / /with\\040blank rw - xfs /dev/mapper/vg-a "
			       "rw,logdev=/dev/sdz1,rtdev=/dev/sdy,noquota\n"
			       /* hidden below a tmpfs */
			       "34 22 8:17 / /old rw - xfs /dev/sdb1 rw\n"
			       "35 34 0:40 / /old rw - tmpfs tmpfs rw\n"
			       /* only a part of it anywhere */
			       "36 22 8:33 /a/b /part ro - xfs /dev/sdc1 ro\n"
			       "37 22 0:41 / /proc rw - proc proc rw\n");
	struct hs_xfs_mounted *list;
	size_t n;

	(void)state;
	assert_int_equal(hs_xfs_mounted_list(path, &list, &n), 0);
	assert_int_equal(n, 3);
	assert_string_equal(list[0].dir, "/data");
	assert_string_equal(list[0].source, "/dev/sda2");
	assert_int_equal(list[0].dev, makedev(8, 2));
	assert_true(list[0].whole);
	assert_string_equal(list[1].dir, "/with blank");
	assert_string_equal(list[1].options, "rw,logdev=/dev/sdz1,rtdev=/dev/sdy,noquota");
	assert_string_equal(list[2].dir, "/part");
	assert_false(list[2].whole);
	hs_xfs_mounted_free(list, n);
	table_free(path);
}

static void test_no_mounts(void **state)
{
	char *path = table_new("22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n");
	struct hs_xfs_mounted *list;
	size_t n;

	(void)state;
	assert_int_equal(hs_xfs_mounted_list(path, &list, &n), 0);
	assert_int_equal(n, 0);
	hs_xfs_mounted_free(list, n);
	table_free(path);
	assert_int_equal(hs_xfs_mounted_list("/nonexistent", &list, &n), -ENOENT);
	assert_null(list);
	/* the real one can be read */
	assert_int_equal(hs_xfs_mounted_list(NULL, &list, &n), 0);
	hs_xfs_mounted_free(list, n);
}

/* ---- disks ---- */

/* A sysfs of its own, laid out as the kernel does. */
struct sysfs {
	char *dir;
};

static void make_dirs(const char *path)
{
	char buf[512];

	for (size_t i = 1; path[i]; i++) {
		if (path[i] != '/')
			continue;
		snprintf(buf, sizeof(buf), "%.*s", (int)i, path);
		mkdir(buf, 0755);
	}
}

static void put(const struct sysfs *s, const char *name, const char *text)
{
	char path[512];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", s->dir, name);
	make_dirs(path);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void link_to(const struct sysfs *s, const char *name, const char *target)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/%s", s->dir, name);
	make_dirs(path);
	assert_int_equal(symlink(target, path), 0);
}

/* A device: its directory below devices/, and its number; "sda/sda1" is a partition. */
static void device(const struct sysfs *s, const char *place, const char *number)
{
	char path[256], target[300];

	snprintf(path, sizeof(path), "devices/%s/dev", place);
	snprintf(target, sizeof(target), "%s\n", number);
	put(s, path, target);
	if (strchr(place, '/')) {
		snprintf(path, sizeof(path), "devices/%s/partition", place);
		put(s, path, "1\n");
	}
	snprintf(path, sizeof(path), "dev/block/%s", number);
	snprintf(target, sizeof(target), "../../devices/%s", place);
	link_to(s, path, target);
}

static void slave(const struct sysfs *s, const char *upper, const char *lower)
{
	char path[256], target[300];
	const char *name = strrchr(lower, '/') ? strrchr(lower, '/') + 1 : lower;

	snprintf(path, sizeof(path), "devices/%s/slaves/%s", upper, name);
	snprintf(target, sizeof(target), "../../../devices/%s", lower);
	link_to(s, path, target);
}

/*
 * sda, sdb, sdc with a partition or two each; md0 mirrors sda2 and sdb1; dm-0 is a volume on md0,
 * dm-1 on sda1, dm-2 a volume over md0 and sdc1, dm-3 multipath to sdd and sde; dm-4 and dm-5 claim
 * to lie on each other.
 */
static void sysfs_make(struct sysfs *s)
{
	s->dir = run_dir_new();
	device(s, "sda", "8:0");
	device(s, "sda/sda1", "8:1");
	device(s, "sda/sda2", "8:2");
	device(s, "sdb", "8:16");
	device(s, "sdb/sdb1", "8:17");
	device(s, "sdc", "8:32");
	device(s, "sdc/sdc1", "8:33");
	device(s, "sdd", "8:48");
	device(s, "sde", "8:64");
	device(s, "nvme0n1", "259:0");
	device(s, "nvme0n1/nvme0n1p1", "259:1");
	device(s, "md0", "9:0");
	slave(s, "md0", "sda/sda2");
	slave(s, "md0", "sdb/sdb1");
	device(s, "dm-0", "253:0");
	slave(s, "dm-0", "md0");
	device(s, "dm-1", "253:1");
	slave(s, "dm-1", "sda/sda1");
	device(s, "dm-2", "253:2");
	slave(s, "dm-2", "md0");
	slave(s, "dm-2", "sdc/sdc1");
	device(s, "dm-3", "253:3");
	slave(s, "dm-3", "sdd");
	slave(s, "dm-3", "sde");
	device(s, "dm-4", "253:4");
	device(s, "dm-5", "253:5");
	slave(s, "dm-4", "dm-5");
	slave(s, "dm-5", "dm-4");
}

static void sysfs_free(struct sysfs *s)
{
	run_dir_remove(s->dir);
	free(s->dir);
}

static bool has(const struct hs_xfs_member *m, unsigned ma, unsigned mi)
{
	for (size_t i = 0; i < m->n_disks; i++) {
		if (m->disks[i] == ((uint64_t)ma << 32 | mi))
			return true;
	}
	return false;
}

static void test_disks(void **state)
{
	/* a device, and its disks by minor number of major 8, ended by -1 */
	static const struct {
		unsigned ma, mi;
		int disks[4];
	} rows[] = {
		{8, 1, {0, -1}}, /* two partitions of one disk */
		{8, 2, {0, -1}},   {9, 0, {0, 16, -1}},	      {253, 0, {0, 16, -1}},
		{253, 1, {0, -1}}, {253, 2, {0, 16, 32, -1}}, {253, 3, {48, 64, -1}},
		{8, 32, {32, -1}}, /* a whole disk */
	};
	struct sysfs s;

	(void)state;
	sysfs_make(&s);
	for (size_t r = 0; r < sizeof(rows) / sizeof(rows[0]); r++) {
		struct hs_xfs_member m = {0};
		size_t want = 0;

		assert_int_equal(hs_xfs_mounted_disks(s.dir, makedev(rows[r].ma, rows[r].mi),
						      "rw,noquota", &m),
				 0);
		for (; rows[r].disks[want] >= 0; want++) {
			if (!has(&m, 8, (unsigned)rows[r].disks[want]))
				fail_msg("%u:%u does not lie on 8:%d", rows[r].ma, rows[r].mi,
					 rows[r].disks[want]);
		}
		if (m.n_disks != want)
			fail_msg("%u:%u lies on %zu disks", rows[r].ma, rows[r].mi, m.n_disks);
		free(m.disks);
	}
	sysfs_free(&s);
}

static void test_odd_disks(void **state)
{
	struct hs_xfs_member m = {0};
	struct sysfs s;

	(void)state;
	sysfs_make(&s);
	assert_int_equal(hs_xfs_mounted_disks(s.dir, makedev(259, 1), NULL, &m), 0);
	assert_int_equal(m.n_disks, 1);
	assert_true(has(&m, 259, 0));
	/* a loop in what sysfs says ends */
	assert_int_equal(hs_xfs_mounted_disks(s.dir, makedev(253, 4), NULL, &m), 0);
	assert_int_equal(m.n_disks, 2);
	/* options that name no block device add nothing */
	assert_int_equal(hs_xfs_mounted_disks(s.dir, makedev(259, 0),
					      "logdev=/nonexistent,rtdev=/dev/null,logdev", &m),
			 0);
	assert_int_equal(m.n_disks, 2);
	free(m.disks);
	sysfs_free(&s);
}

/* ---- when data are read again ---- */

static void test_interval(void **state)
{
	static const struct {
		const char *text;
		double seconds;
	} good[] = {
		{"0", 0},	 {"3600", 3600},   {"90s", 90},	       {"2m", 120},
		{"1.5h", 5400},	 {"1d", 86400},	   {"1w", 604800},     {"1mo", 2592000},
		{"1q", 7776000}, {"1y", 31556952}, {"0.5mo", 1296000}, {".5m", 30},
	};
	static const char *const bad[] = {"",	 "mo",	 "1x",	  "-1d",  "1 d", "1e3", "nan",
					  "inf", "0x10", "1.2.3", "1mod", " 1d", "+1d", "1M"};
	char many[100];
	double s;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		if (hs_xfs_interval_parse(good[i].text, &s) || s < good[i].seconds - 1e-3 ||
		    s > good[i].seconds + 1e-3)
			fail_msg("%s", good[i].text);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (hs_xfs_interval_parse(bad[i], &s) != -EINVAL)
			fail_msg("accepted: %s", bad[i]);
	}
	memset(many, '9', sizeof(many));
	many[sizeof(many) - 1] = '\0';
	assert_int_equal(hs_xfs_interval_parse(many, &s), -EINVAL);
	assert_int_equal(hs_xfs_interval_parse("99999999y", &s), -ERANGE);
}

static bool due(const char *stamp, double interval, time_t now)
{
	bool answer = false;

	assert_int_equal(hs_xfs_media_due(stamp, interval, now, &answer), 0);
	return answer;
}

static void test_stamp(void **state)
{
	char *dir = run_dir_new(), path[300], alias[300];
	const struct timespec old[2] = {{1000000, 0}, {1000000, 0}};
	struct stat st;
	bool answer;

	(void)state;
	snprintf(path, sizeof(path), "%s/stamp", dir);
	assert_true(due(path, 1e9, 1000));
	assert_int_equal(hs_xfs_media_stamp(path), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600 & st.st_mode);
	assert_true(time(NULL) - st.st_mtime < 60);
	/* one that is there is set, too */
	assert_int_equal(utimensat(AT_FDCWD, path, old, 0), 0);
	assert_false(due(path, 100, 1000000 + 100));
	assert_true(due(path, 100, 1000000 + 101));
	assert_true(due(path, 0, 1000001));
	/* from the future: some slack, then it proves nothing */
	assert_false(due(path, 100, 1000000 - 60));
	assert_true(due(path, 100, 1000000 - 61));
	assert_int_equal(hs_xfs_media_stamp(path), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_true(time(NULL) - st.st_mtime < 60);
	/* where it cannot be */
	snprintf(alias, sizeof(alias), "%s/stamp/none", dir);
	assert_int_equal(hs_xfs_media_due(alias, 1, 1, &answer), -ENOTDIR);
	assert_int_equal(hs_xfs_media_stamp(alias), -ENOTDIR);
	/* somebody else's link is not followed */
	snprintf(alias, sizeof(alias), "%s/alias", dir);
	assert_int_equal(symlink(path, alias), 0);
	assert_int_equal(hs_xfs_media_stamp(alias), -ELOOP);
	run_dir_remove(dir);
	free(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mounts),	 cmocka_unit_test(test_no_mounts),
		cmocka_unit_test(test_disks),	 cmocka_unit_test(test_odd_disks),
		cmocka_unit_test(test_interval), cmocka_unit_test(test_stamp),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
