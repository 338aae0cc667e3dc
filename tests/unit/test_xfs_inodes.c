/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The inode scan: every allocated inode exactly once whatever the number of workers, gaps filled,
 * changing inodes loaded again, one bad AG or chunk without effect on the others.
 */
#include "xfs_scan.h"

#include <stdio.h>
#include <unistd.h>

#include "xfs/agsource.h"
#include "xfs/inodes.h"

#define AG1 (UINT64_C(1) << 18)

struct seen {
	pthread_mutex_t lock;
	unsigned times[2][1024]; /* by AG and number inside it, from its first chunk on */
	unsigned n;
	unsigned unloadable;
	uint64_t stale_ino; /* answered -ESTALE this often */
	unsigned stale;
	struct fakekernel *fk; /* where it gets another generation each time */
	uint64_t slow_from;
	unsigned by_worker[16];
};

static errint_t see(unsigned worker, const struct hs_xfs_bstat *st, void *arg)
{
	struct seen *s = arg;
	errint_t rc = 0;

	pthread_mutex_lock(&s->lock);
	if (st->ino == s->stale_ino && s->stale) {
		s->stale--;
		if (s->fk)
			fk_find(s->fk, st->ino)->st.gen++;
		rc = -ESTALE;
	} else {
		s->times[st->ino >= AG1][st->ino & 1023]++;
		s->n++;
		s->unloadable += st->mode == 0;
		s->by_worker[worker]++;
	}
	pthread_mutex_unlock(&s->lock);
	if (s->slow_from && st->ino >= s->slow_from)
		usleep(2000);
	return rc;
}

static void begin(struct xs *x, struct seen *s, const char *script)
{
	xs_init(x, script);
	*s = (struct seen){0};
	pthread_mutex_init(&s->lock, NULL);
	xs_begin(x);
	assert_int_equal(hs_xfs_phase1(&x->scan, "/mnt"), 0);
	hs_strbuf_reset(&x->fk.log);
}

static void add_inodes(struct xs *x, uint64_t from, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		char line[80];

		snprintf(line, sizeof(line), "inode %llu gen=%u reg\n",
			 (unsigned long long)(from + i), i + 1);
		fk_script(&x->fk, line);
	}
}

static void test_every_inode_once(void **state)
{
	(void)state;
	for (unsigned workers = 1; workers <= 8; workers *= 2) {
		struct seen s;
		struct xs x;

		begin(&x, &s, "");
		x.opt.threads = workers;
		add_inodes(&x, 192, 150);
		add_inodes(&x, AG1 + 64, 70);
		assert_int_equal(hs_xfs_each_inode(&x.scan, see, &s), 0);
		assert_int_equal(s.n, 1 + 150 + 70);
		for (unsigned i = 0; i < 150; i++)
			assert_int_equal(s.times[0][192 + i], 1);
		for (unsigned i = 0; i < 70; i++)
			assert_int_equal(s.times[1][64 + i], 1);
		/* one call for each chunk and a few for the inode btrees */
		assert_int_equal(fk_count(&x.fk, "bulkstat"), 1 + 3 + 2);
		assert_int_equal(fk_count(&x.fk, "inumbers"), 4);
		xs_free(&x);
	}
}

static void test_gaps_are_filled_one_by_one(void **state)
{
	struct seen s;
	struct xs x;

	(void)state;
	begin(&x, &s,
	      "inode 130 gen=3 reg\ninode 131 gen=4 reg unloadable\ninode 140 gen=5 reg\n"
	      "on bulkstat ino=130 times=1 -> skip\n");
	assert_int_equal(hs_xfs_each_inode(&x.scan, see, &s), 0);
	assert_int_equal(s.n, 4);
	assert_int_equal(s.times[0][130], 1);
	assert_int_equal(s.times[0][131], 1);
	assert_int_equal(s.times[0][140], 1);
	assert_int_equal(s.unloadable, 1);
	xs_expect_call(&x, "bulkstat ino=130 n=1\n");
	xs_expect_call(&x, "bulkstat ino=131 n=1\n");
	assert_false(fk_has(&x.fk, "bulkstat ino=140 n=1\n"));
	xs_free(&x);
}

static void test_chunk_that_cannot_be_read_at_once(void **state)
{
	struct seen s;
	struct xs x;

	(void)state;
	begin(&x, &s, "inode 130 gen=3 reg\non bulkstat ino=128 times=1 -> err=EIO\n");
	assert_int_equal(hs_xfs_each_inode(&x.scan, see, &s), 0);
	assert_int_equal(s.n, 2);
	assert_int_equal(s.unloadable, 0);
	xs_free(&x);
}

static void test_changing_inode(void **state)
{
	struct seen s;
	struct xs x;

	(void)state;
	begin(&x, &s, "inode 130 gen=3 reg\ninode 131 gen=3 reg\n");
	s.fk = &x.fk;
	s.stale_ino = 130;
	s.stale = 5;
	assert_int_equal(hs_xfs_each_inode(&x.scan, see, &s), 0);
	assert_int_equal(s.n, 3);
	assert_int_equal(s.times[0][130], 1);
	assert_int_equal(fk_count(&x.fk, "bulkstat ino=130 n=1"), 5);
	xs_free(&x);
}

/* Upstream ends the scan here; one inode is enough to give up. */
static void test_busy_inode_does_not_end_the_scan(void **state)
{
	struct seen s;
	struct xs x;

	(void)state;
	begin(&x, &s, "inode 130 gen=3 reg\ninode 131 gen=3 reg\n");
	s.fk = &x.fk;
	s.stale_ino = 130;
	s.stale = 1000;
	assert_int_equal(hs_xfs_each_inode(&x.scan, see, &s), 0);
	assert_int_equal(s.n, 2);
	assert_int_equal(s.times[0][131], 1);
	assert_int_equal(1000 - s.stale, HS_XFS_RELOADS);
	xs_expect(&x, "Info: inode 130 (0/130): Changed too many times during scan; giving up.\n");
	xs_free(&x);
}

/* Metadata inodes: listed, but checked in other ways. */
static void test_inode_that_is_not_checked(void **state)
{
	struct seen s;
	struct xs x;

	(void)state;
	begin(&x, &s, "inode 130 gen=3 reg\n");
	s.stale_ino = 130;
	s.stale = 1000;
	assert_int_equal(hs_xfs_each_inode(&x.scan, see, &s), 0);
	assert_int_equal(1000 - s.stale, 1);
	assert_string_equal(xs_lines(&x), "");
	xs_free(&x);
}

static void test_freed_inode(void **state)
{
	struct seen s;
	struct xs x;

	(void)state;
	begin(&x, &s, "inode 130 gen=3 reg\non bulkstat ino=130 skip=1 -> err=EINVAL\n");
	s.stale_ino = 130;
	s.stale = 1000;
	assert_int_equal(hs_xfs_each_inode(&x.scan, see, &s), 0);
	assert_int_equal(1000 - s.stale, 1);
	xs_expect_none(&x, "giving up");
	xs_free(&x);
}

static void test_one_bad_ag(void **state)
{
	(void)state;
	for (unsigned workers = 1; workers <= 2; workers++) {
		struct seen s;
		struct xs x;

		begin(&x, &s, "on inumbers ag=0 -> err=EIO\n");
		x.opt.threads = workers;
		add_inodes(&x, AG1 + 64, 3);
		assert_int_equal(hs_xfs_each_inode(&x.scan, see, &s), 0);
		assert_int_equal(s.n, 3);
		xs_expect(&x, "Error: AG 0 inode btree: Input/output error.\n");
		xs_free(&x);
	}
}

static void test_shutdown_ends_the_scan(void **state)
{
	(void)state;
	for (unsigned workers = 1; workers <= 4; workers++) {
		struct seen s;
		struct xs x;

		begin(&x, &s, "on inumbers ag=1 -> err=ESHUTDOWN\n");
		x.opt.threads = workers;
		add_inodes(&x, 192, 200);
		assert_int_equal(hs_xfs_each_inode(&x.scan, see, &s), -ESHUTDOWN);
		xs_free(&x);
	}
}

static void test_stop(void **state)
{
	(void)state;
	for (unsigned workers = 1; workers <= 4; workers++) {
		struct seen s;
		struct xs x;

		begin(&x, &s, "");
		x.opt.threads = workers;
		add_inodes(&x, 192, 200);
		atomic_store(&x.stop.requested, 1);
		assert_int_equal(hs_xfs_each_inode(&x.scan, see, &s), -ECANCELED);
		assert_true(s.n <= workers);
		xs_free(&x);
	}
}

/* The last chunk's slow inodes are shared among the workers. */
static void test_tail_is_shared(void **state)
{
	struct seen s;
	unsigned most = 0;
	struct xs x;

	(void)state;
	begin(&x, &s, "");
	x.opt.threads = 4;
	add_inodes(&x, 192, 64);
	s.slow_from = 192;
	assert_int_equal(hs_xfs_each_inode(&x.scan, see, &s), 0);
	for (unsigned i = 0; i < 4; i++)
		most = s.by_worker[i] > most ? s.by_worker[i] : most;
	assert_true(most < 40);
	xs_free(&x);
}

/* A second queue that is full stops the reader. */
static void test_reader_waits(void **state)
{
	struct seen s;
	struct xs x;

	(void)state;
	begin(&x, &s, "");
	x.opt.threads = 2;
	for (unsigned chunk = 0; chunk < 200; chunk++) {
		char line[64];

		snprintf(line, sizeof(line), "inode %u gen=1 reg\n", 1024 + chunk * 64);
		fk_script(&x.fk, line);
	}
	s.slow_from = 1024;
	atomic_store(&x.stop.requested, 0);
	assert_int_equal(hs_xfs_each_inode(&x.scan, see, &s), 0);
	assert_int_equal(s.n, 201);
	xs_free(&x);
}

static void test_position(void **state)
{
	struct hs_xfs_ag_source a, b;
	struct hs_xfs_inogrp g, h;
	struct hs_position pos, other;
	struct seen s;
	struct xs x;

	(void)state;
	begin(&x, &s, "");
	add_inodes(&x, 192, 200);
	hs_xfs_ag_source_init(&a, &x.scan.fs, 0);
	hs_xfs_ag_source_init(&b, &x.scan.fs, 0);
	assert_string_equal(a.src.name, "inodes of AG 0");
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(a.src.ops->next(&a.src, &g), 1);
	a.src.ops->tell(&a.src, &pos);
	assert_int_equal(pos.done, 1 + 64);
	assert_int_equal(b.src.ops->seek(&b.src, &pos), 0);
	/* both go on the same way */
	for (;;) {
		int got = a.src.ops->next(&a.src, &g);

		assert_int_equal(b.src.ops->next(&b.src, &h), got);
		if (!got)
			break;
		assert_memory_equal(&g, &h, sizeof(g));
	}
	a.src.ops->tell(&a.src, &pos);
	assert_int_equal(pos.done, 201);
	assert_int_equal(b.src.ops->seek(&b.src, &pos), 0);
	assert_int_equal(b.src.ops->next(&b.src, &h), 0);
	/* not of this source */
	hs_xfs_ag_source_release(&b);
	hs_xfs_ag_source_init(&b, &x.scan.fs, 1);
	b.src.ops->tell(&b.src, &other);
	assert_int_equal(a.src.ops->seek(&a.src, &other), -EINVAL);
	memset(pos.cookie, 0xff, sizeof(pos.cookie));
	assert_int_equal(a.src.ops->seek(&a.src, &pos), -EINVAL);
	hs_xfs_ag_source_release(&a);
	hs_xfs_ag_source_release(&b);
	xs_free(&x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_inode_once),
		cmocka_unit_test(test_gaps_are_filled_one_by_one),
		cmocka_unit_test(test_chunk_that_cannot_be_read_at_once),
		cmocka_unit_test(test_changing_inode),
		cmocka_unit_test(test_busy_inode_does_not_end_the_scan),
		cmocka_unit_test(test_inode_that_is_not_checked),
		cmocka_unit_test(test_freed_inode),
		cmocka_unit_test(test_one_bad_ag),
		cmocka_unit_test(test_shutdown_ends_the_scan),
		cmocka_unit_test(test_stop),
		cmocka_unit_test(test_tail_is_shared),
		cmocka_unit_test(test_reader_waits),
		cmocka_unit_test(test_position),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
