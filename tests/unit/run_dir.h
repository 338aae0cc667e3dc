/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A directory of its own for a test that makes runs.
 */
#ifndef HS_TEST_RUN_DIR_H
#define HS_TEST_RUN_DIR_H

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int run_dir_remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static inline void run_dir_remove(const char *dir)
{
	nftw(dir, run_dir_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* Free it after run_dir_remove(). */
static inline char *run_dir_new(void)
{
	const char *tmp = getenv("TMPDIR");
	char *path = NULL;

	if (asprintf(&path, "%s/holystone-test.XXXXXX", tmp ? tmp : "/tmp") < 0)
		abort();
	if (!mkdtemp(path)) {
		perror(path);
		abort();
	}
	return path;
}

#endif
