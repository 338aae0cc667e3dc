/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Checking one object: what each answer of the kernel leads to (format notes 4.1, 4.2, 4.4), on the
 * record of the scripted kernel, with vectors and without.
 */
#include <stdio.h>

#include "cm.h"
#include "fakekernel.h"
#include "xfs/check.h"

static const uint8_t dir_types[] = {HS_XFS_INODE, HS_XFS_BMBTD, HS_XFS_BMBTA,
				    HS_XFS_DIR,	  HS_XFS_XATTR, HS_XFS_PARENT};
#define N_DIR_TYPES 6

struct check {
	struct fakekernel fk;
	struct hs_xfs_fs fs;
	struct hs_xfs_outcome out;
	int rc;
};

static void begin(struct check *c, const char *script)
{
	fk_init(&c->fk);
	fk_script(&c->fk, "inode 128 gen=1 dir parent=128:. xattr=user.a\n");
	fk_script(&c->fk, script);
	assert_int_equal(hs_xfs_fs_open(&c->fs, &c->fk.k, "/mnt", "/mnt"), 0);
	assert_int_equal(hs_xfs_fs_probe(&c->fs), 0);
	hs_strbuf_reset(&c->fk.log);
}

static void end(struct check *c)
{
	hs_xfs_fs_close(&c->fs);
	fk_free(&c->fk);
}

static void check_dir(struct check *c)
{
	struct hs_xfs_object obj = {.scope = HS_XFS_SCOPE_INODE, .id = 128, .gen = 1};

	c->rc = hs_xfs_check(&c->fs, &obj, dir_types, N_DIR_TYPES, &c->out);
}

static const struct hs_xfs_result *result(const struct check *c, unsigned type)
{
	for (unsigned i = 0; i < c->out.n; i++) {
		if (c->out.r[i].type == type)
			return &c->out.r[i];
	}
	fail_msg("no result for type %u", type);
	return NULL;
}

static void test_clean_is_one_call(void **state)
{
	struct check c;

	(void)state;
	begin(&c, "");
	check_dir(&c);
	assert_int_equal(c.rc, 0);
	assert_string_equal(
		fk_log(&c.fk),
		"scrubv ino=128 gen=1: inode | bmapbtd bmapbta | directory xattr parent\n");
	end(&c);
}

static void test_without_vectors(void **state)
{
	struct check c;

	(void)state;
	begin(&c, "fs ags=2 features=rmapbt,ftype\n");
	assert_false(c.fs.vectors);
	check_dir(&c);
	assert_int_equal(c.rc, 0);
	assert_int_equal(fk_count(&c.fk, "scrub "), N_DIR_TYPES);
	assert_int_equal(fk_count(&c.fk, "scrubv"), 0);
	end(&c);
}

static void test_barrier_stops_then_rest_is_asked(void **state)
{
	struct check c;

	(void)state;
	begin(&c, "on scrub inode -> corrupt\n");
	check_dir(&c);
	assert_int_equal(c.rc, 1);
	assert_string_equal(
		fk_log(&c.fk),
		"scrubv ino=128 gen=1: inode | bmapbtd bmapbta | directory xattr parent\n"
		"scrubv ino=128 gen=1: bmapbtd bmapbta directory xattr parent\n");
	assert_int_equal(result(&c, HS_XFS_INODE)->flags, HS_XFS_SCRUB_CORRUPT);
	assert_int_equal(result(&c, HS_XFS_PARENT)->flags, 0);
	end(&c);
}

static void test_xfail_trips_no_barrier(void **state)
{
	struct check c;

	(void)state;
	begin(&c, "on scrub inode -> xfail\n");
	check_dir(&c);
	assert_int_equal(c.rc, 1);
	assert_int_equal(fk_count(&c.fk, "scrubv"), 1);
	end(&c);
}

/* Tries until the outcome is good, at most HS_XFS_TRIES in all; only the doubtful type again. */
static void retries(const char *rule, unsigned calls, int rc, uint16_t flags)
{
	struct check c;

	begin(&c, rule);
	check_dir(&c);
	assert_int_equal(c.rc, rc);
	assert_int_equal(fk_count(&c.fk, "scrubv"), calls);
	assert_int_equal(result(&c, HS_XFS_PARENT)->flags, flags);
	if (calls > 1)
		assert_true(fk_has(&c.fk, "scrubv ino=128 gen=1: parent\n"));
	end(&c);
}

static void test_retries(void **state)
{
	(void)state;
	retries("on scrub parent times=3 -> incomplete\n", 4, 0, 0);
	retries("on scrub parent times=3 -> xcorrupt\n", 4, 0, 0);
	retries("on scrub parent -> incomplete\n", 10, 1, HS_XFS_SCRUB_INCOMPLETE);
	retries("on scrub parent -> xcorrupt\n", 10, 1, HS_XFS_SCRUB_XCORRUPT);
	/* damage of the object itself is no matter of time */
	retries("on scrub parent -> corrupt\n", 1, 1, HS_XFS_SCRUB_CORRUPT);
	retries("on scrub parent -> corrupt,xcorrupt\n", 1, 1,
		HS_XFS_SCRUB_CORRUPT | HS_XFS_SCRUB_XCORRUPT);
	retries("on scrub parent -> preen\n", 1, 1, HS_XFS_SCRUB_PREEN);
	retries("on scrub parent -> xfail\n", 1, 1, HS_XFS_SCRUB_XFAIL);
	retries("on scrub parent -> warning\n", 1, 1, HS_XFS_SCRUB_WARNING);
	/* incomplete beside damage is checked again: more may come to light */
	retries("on scrub parent times=1 -> corrupt,incomplete\n", 2, 0, 0);
}

static void single_error(const char *name, int err, bool ends)
{
	char rule[64];
	struct check c;

	snprintf(rule, sizeof(rule), "on scrub bmapbtd -> err=%s\n", name);
	begin(&c, rule);
	check_dir(&c);
	if (ends) {
		assert_int_equal(c.rc, -err);
	} else {
		assert_int_equal(c.rc, err == ENOENT ? 0 : 1);
		assert_int_equal(result(&c, HS_XFS_BMBTD)->err, -err);
		/* the others have been checked all the same */
		assert_int_equal(result(&c, HS_XFS_PARENT)->err, 0);
		assert_true(fk_has(&c.fk, "parent"));
	}
	end(&c);
}

static void test_errors(void **state)
{
	(void)state;
	single_error("ENOENT", ENOENT, false);
	single_error("EIO", EIO, false);
	single_error("ENOMEM", ENOMEM, false);
	single_error("EBUSY", EBUSY, false);
	single_error("EDEADLK", EDEADLK, false);
	single_error("EUCLEAN", EUCLEAN, false);
	single_error("EBADMSG", EBADMSG, false);
	single_error("EINVAL", EINVAL, false);
	single_error("EOPNOTSUPP", EOPNOTSUPP, false);
	single_error("ESHUTDOWN", ESHUTDOWN, true);
	single_error("EPERM", EPERM, true);
	single_error("ENOTRECOVERABLE", ENOTRECOVERABLE, true);
	single_error("EINTR", EINTR, true);
}

static void test_refused_vector_falls_back(void **state)
{
	struct check c;

	(void)state;
	begin(&c, "on scrubv skip=1 -> err=ENOMEM\non scrub xattr -> corrupt\n");
	check_dir(&c);
	assert_int_equal(c.rc, 1);
	assert_int_equal(fk_count(&c.fk, "scrubv"), 1);
	assert_int_equal(fk_count(&c.fk, "scrub "), N_DIR_TYPES);
	assert_int_equal(result(&c, HS_XFS_XATTR)->flags, HS_XFS_SCRUB_CORRUPT);
	end(&c);
}

static void test_gone(void **state)
{
	struct hs_xfs_object stale = {.scope = HS_XFS_SCOPE_INODE, .id = 128, .gen = 99};
	struct check c;

	(void)state;
	begin(&c, "");
	assert_int_equal(hs_xfs_check(&c.fs, &stale, dir_types, N_DIR_TYPES, &c.out), 1);
	assert_true(hs_xfs_outcome_gone(&c.out));
	end(&c);
}

static void test_probing_checks_nothing(void **state)
{
	struct check c;

	(void)state;
	begin(&c, "fs ags=2 features=rmapbt,ftype,vectors\n");
	assert_true(hs_xfs_has(&c.fs, HS_XFS_RMAPBT));
	assert_true(hs_xfs_has(&c.fs, HS_XFS_NLINKS));
	assert_true(hs_xfs_has(&c.fs, HS_XFS_RTBITMAP));
	assert_false(hs_xfs_has(&c.fs, HS_XFS_FINOBT));
	assert_false(hs_xfs_has(&c.fs, HS_XFS_REFCNTBT));
	assert_false(hs_xfs_has(&c.fs, HS_XFS_DIRTREE));
	assert_false(hs_xfs_has(&c.fs, HS_XFS_METAPATH));
	/* types that are absent are not asked for */
	check_dir(&c);
	assert_int_equal(c.rc, 0);
	end(&c);
}

static void test_no_kernel_support(void **state)
{
	static const struct {
		const char *rule;
		errint_t rc;
	} rows[] = {
		{"on scrub probe -> err=ENOTTY\n", -ENOTTY},
		{"on scrub probe -> err=EOPNOTSUPP\n", -ENOTTY},
		{"on scrub probe -> err=EINVAL\n", -ENOTTY},
		{"on scrub probe -> err=EPERM\n", -EPERM},
		{"on scrub probe -> err=ESHUTDOWN\n", -ESHUTDOWN},
		{"on scrub probe -> err=ENOTRECOVERABLE\n", -ENOTRECOVERABLE},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fakekernel fk;
		struct hs_xfs_fs fs;

		fk_init(&fk);
		fk_script(&fk, rows[i].rule);
		assert_int_equal(hs_xfs_fs_open(&fs, &fk.k, "/mnt", "/mnt"), 0);
		assert_int_equal(hs_xfs_fs_probe(&fs), rows[i].rc);
		hs_xfs_fs_close(&fs);
		fk_free(&fk);
	}
}

static void test_geometry_that_cannot_be(void **state)
{
	struct fakekernel fk;
	struct hs_xfs_fs fs;

	(void)state;
	fk_init(&fk);
	fk.geom.agblocks = 0;
	assert_int_equal(hs_xfs_fs_open(&fs, &fk.k, "/mnt", "/mnt"), -EPROTO);
	hs_xfs_fs_close(&fs);
	fk.geom.agblocks = 32768;
	fk.geom.inodesize = 0;
	assert_int_equal(hs_xfs_fs_open(&fs, &fk.k, "/mnt", "/mnt"), -EPROTO);
	hs_xfs_fs_close(&fs);
	fk.geom.inodesize = 512;
	fk.geom.blocksize = 4095;
	assert_int_equal(hs_xfs_fs_open(&fs, &fk.k, "/mnt", "/mnt"), -EPROTO);
	hs_xfs_fs_close(&fs);
	fk_free(&fk);
}

static void test_rest(void **state)
{
	struct check c;

	(void)state;
	begin(&c, "");
	c.fs.rest_us = 1;
	check_dir(&c);
	assert_int_equal(c.rc, 0);
	c.fs.vectors = false;
	check_dir(&c);
	assert_int_equal(c.rc, 0);
	end(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_clean_is_one_call),
		cmocka_unit_test(test_without_vectors),
		cmocka_unit_test(test_barrier_stops_then_rest_is_asked),
		cmocka_unit_test(test_xfail_trips_no_barrier),
		cmocka_unit_test(test_retries),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_refused_vector_falls_back),
		cmocka_unit_test(test_gone),
		cmocka_unit_test(test_probing_checks_nothing),
		cmocka_unit_test(test_no_kernel_support),
		cmocka_unit_test(test_geometry_that_cannot_be),
		cmocka_unit_test(test_rest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
