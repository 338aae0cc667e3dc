/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "images.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

const char *images_shared(const char *fallback)
{
	const char *shared = getenv("HS_SHARED");

	return shared && *shared ? shared : fallback;
}

static bool run(char *const argv[])
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		execvp(argv[0], argv);
		perror(argv[0]);
		_exit(127);
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

/* nftw() passes no argument. */
static struct images *walked;

static int note_image(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	const char *dot = strrchr(path, '.');

	(void)st;
	(void)ftw;
	if (type == FTW_F && dot && !strcmp(dot, ".img") && walked->n < IMAGES_MAX) {
		walked->paths[walked->n] = strdup(path);
		if (!walked->paths[walked->n++])
			return 1;
	}
	return 0;
}

static int cmp_path(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool scratch(struct images *out)
{
	const char *tmp = getenv("TMPDIR");

	memset(out, 0, sizeof(*out));
	snprintf(out->dir, sizeof(out->dir), "%s/hs-images-XXXXXX", tmp && *tmp ? tmp : "/tmp");
	if (mkdtemp(out->dir))
		return true;
	perror(out->dir);
	out->dir[0] = '\0';
	return false;
}

/* Notes the images that a program put into the scratch directory. */
static bool take(struct images *out, bool ok, const char *what)
{
	walked = out;
	if (!ok || nftw(out->dir, note_image, 16, FTW_PHYS) || !out->n) {
		fprintf(stderr, "cannot make images: %s\n", what);
		images_remove(out);
		return false;
	}
	qsort(out->paths, out->n, sizeof(char *), cmp_path);
	return true;
}

bool images_unpack(const char *shared, const char *name, struct images *out)
{
	char archive[IMAGES_PATHS];

	snprintf(archive, sizeof(archive), "%s/images/%s.tar.zst", shared, name);
	if (access(archive, R_OK)) {
		fprintf(stderr, "no %s (set HS_SHARED)\n", archive);
		return false;
	}
	return scratch(out) &&
	       take(out, run((char *[]){"tar", "--zstd", "-xf", archive, "-C", out->dir, NULL}),
		    archive);
}

bool images_make(char *const *argv, struct images *out)
{
	char *args[32] = {0};
	size_t n = 0;

	while (argv[n] && n < 29) {
		args[n] = argv[n];
		n++;
	}
	args[n++] = "-o";
	args[n] = out->dir;
	return scratch(out) && take(out, run(args), argv[0]);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

void images_remove(struct images *im)
{
	if (im->dir[0])
		nftw(im->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	for (size_t i = 0; i < im->n; i++)
		free(im->paths[i]);
	memset(im, 0, sizeof(*im));
}
