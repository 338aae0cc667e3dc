/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A run in a directory of its own, for one test.
 */
#ifndef HS_TEST_RUN_NEW_H
#define HS_TEST_RUN_NEW_H

#include "base/strbuf.h"
#include "run/read.h"
#include "run/run.h"
#include "cm.h"
#include "run_dir.h"

static char *const run_argv[] = {"holystone", "lustre", "check", "/dev/\xff disk", NULL};

static inline struct hs_run *run_create(const char *dir)
{
	const struct hs_run_option options[] = {{"threads", "2"}, {"seed", "0x17"}};
	const struct hs_run_params params = {
		.command = "lustre check",
		.fsname = "lfs",
		.run_dir = dir,
		.argc = 4,
		.argv = run_argv,
		.options = options,
		.n_options = 2,
	};
	struct hs_strbuf why = HS_STRBUF_INIT;
	struct hs_run *run = NULL;
	errint_t err = hs_run_create(&params, &run, &why);

	if (err)
		fail_msg("hs_run_create: %s", hs_strbuf_str(&why));
	hs_strbuf_free(&why);
	return run;
}

static inline struct hs_run *run_reopen(const char *dir, enum hs_run_access access)
{
	struct hs_strbuf why = HS_STRBUF_INIT;
	struct hs_run *run = NULL;

	if (hs_run_open(dir, access, &run, &why))
		fail_msg("hs_run_open: %s", hs_strbuf_str(&why));
	hs_strbuf_free(&why);
	return run;
}

static inline int run_setup(void **state)
{
	*state = run_dir_new();
	return 0;
}

static inline int run_teardown(void **state)
{
	run_dir_remove(*state);
	free(*state);
	return 0;
}

/* A test whose *state is a fresh directory. */
#define in_dir(f) cmocka_unit_test_setup_teardown(f, run_setup, run_teardown)

#endif
