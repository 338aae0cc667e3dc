/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The lock is an open-file-description record lock on a file of its own: unlike flock() it can be
 * asked about without being taken, and it does not mix with SQLite's locks on run.db.
 */
#include "run/place.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "run/run.h"

#define ROOT_STATE  "/var/lib/holystone"
#define FSNAME_MAX  64
#define SAME_SECOND 1000 /* runs of one file system that may begin within a second */

static errint_t fail(struct hs_strbuf *why, const char *what, const char *path)
{
	errint_t err = -errno;

	hs_strbuf_printf(why, "%s %s: %s", what, path, strerror(-err));
	return err;
}

/* mkdir -p. Only what is created here gets the mode. */
static errint_t make_path(char *path, struct hs_strbuf *why)
{
	for (char *p = path + 1;; p++) {
		char c = *p;

		if (c != '/' && c != '\0')
			continue;
		*p = '\0';
		if (mkdir(path, 0700) && errno != EEXIST)
			return fail(why, "cannot create", path);
		*p = c;
		if (c == '\0')
			return 0;
	}
}

/* Where the runs of all file systems live. */
static errint_t state_directory(const char *state, struct hs_strbuf *out, struct hs_strbuf *why)
{
	const char *home;

	if (state) {
		hs_strbuf_puts(out, state);
	} else if (geteuid() == 0) {
		hs_strbuf_puts(out, ROOT_STATE);
	} else if ((home = getenv("XDG_STATE_HOME")) && home[0] == '/') {
		/* The XDG specification: a relative path there is to be ignored. */
		hs_strbuf_printf(out, "%s/holystone", home);
	} else if ((home = getenv("HOME")) && home[0] == '/') {
		hs_strbuf_printf(out, "%s/.local/state/holystone", home);
	} else {
		hs_strbuf_puts(why, "neither XDG_STATE_HOME nor HOME is set");
		return -ENOENT;
	}
	return hs_strbuf_error(out);
}

/* The same with a slash and the safe name behind it. */
static errint_t fs_directory(const char *state, const char *fsname, struct hs_strbuf *out,
			     struct hs_strbuf *why)
{
	size_t n = 0;
	errint_t err = state_directory(state, out, why);

	if (err)
		return err;
	hs_strbuf_putc(out, '/');
	for (; fsname && *fsname && n < FSNAME_MAX; fsname++, n++) {
		bool safe = (*fsname >= 'a' && *fsname <= 'z') ||
			    (*fsname >= 'A' && *fsname <= 'Z') ||
			    (*fsname >= '0' && *fsname <= '9') || *fsname == '-' ||
			    (*fsname == '.' && n > 0);

		hs_strbuf_putc(out, safe ? *fsname : '_');
	}
	if (n == 0)
		hs_strbuf_puts(out, "unnamed");
	return hs_strbuf_error(out);
}

errint_t hs_place_choose(const char *state, const char *fsname, char **dir, char **id,
			 struct hs_strbuf *why)
{
	hs_cleanup(hs_strbuf_free) struct hs_strbuf path = HS_STRBUF_INIT;
	time_t now = (time_t)hs_wall_time();
	char stamp[32];
	struct tm tm;
	size_t base;
	errint_t err;

	err = fs_directory(state, fsname, &path, why);
	if (!err)
		err = make_path(path.s, why);
	if (err)
		return err;
	gmtime_r(&now, &tm);
	strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%SZ", &tm);
	hs_strbuf_putc(&path, '/');
	base = path.len;
	for (int i = 1; i < SAME_SECOND; i++) {
		path.len = base;
		hs_strbuf_puts(&path, stamp);
		if (i > 1)
			hs_strbuf_printf(&path, "-%d", i);
		if (hs_strbuf_error(&path))
			return -ENOMEM;
		if (mkdir(path.s, 0700) == 0) {
			*id = strdup(path.s + base);
			*dir = hs_take(path.s);
			return *id ? 0 : -ENOMEM;
		}
		if (errno != EEXIST)
			break;
	}
	return fail(why, "cannot create", path.s);
}

errint_t hs_place_given(const char *path, char **dir, char **id, struct hs_strbuf *why)
{
	const char *last;

	if (mkdir(path, 0700) && errno != EEXIST)
		return fail(why, "cannot create", path);
	*dir = realpath(path, NULL);
	if (!*dir)
		return fail(why, "cannot use", path);
	last = strrchr(*dir, '/');
	*id = strdup(last ? last + 1 : *dir);
	return *id ? 0 : -ENOMEM;
}

static errint_t lock_path(const char *dir, struct hs_strbuf *path)
{
	hs_strbuf_printf(path, "%s/lock", dir);
	return hs_strbuf_error(path);
}

/* The process number that the holder wrote into the file. */
static void name_holder(int fd, struct hs_strbuf *why)
{
	char pid[16] = "";
	ssize_t n = pread(fd, pid, sizeof(pid) - 1, 0);

	if (n > 0)
		pid[strspn(pid, "0123456789")] = '\0';
	if (n > 0 && pid[0])
		hs_strbuf_printf(why, " (process %s)", pid);
}

errint_t hs_place_lock(const char *dir, int *out, struct hs_strbuf *why)
{
	hs_cleanup(hs_strbuf_free) struct hs_strbuf path = HS_STRBUF_INIT;
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	hs_autoclose int fd = -1;
	char pid[16];
	int n;

	if (lock_path(dir, &path))
		return -ENOMEM;
	fd = open(path.s, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return fail(why, "cannot create", path.s);
	if (fcntl(fd, F_OFD_SETLK, &lock)) {
		if (errno != EAGAIN && errno != EACCES)
			return fail(why, "cannot lock", path.s);
		hs_strbuf_printf(why, "another process works on the run in %s", dir);
		name_holder(fd, why);
		return -EBUSY;
	}
	n = snprintf(pid, sizeof(pid), "%ld\n", (long)getpid());
	if (ftruncate(fd, 0) || pwrite(fd, pid, (size_t)n, 0) != n)
		return fail(why, "cannot write", path.s);
	*out = fd;
	fd = -1;
	return 0;
}

bool hs_place_is_locked(const char *dir)
{
	hs_cleanup(hs_strbuf_free) struct hs_strbuf path = HS_STRBUF_INIT;
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	hs_autoclose int fd = -1;

	if (lock_path(dir, &path))
		return true;
	fd = open(path.s, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno != ENOENT;
	return fcntl(fd, F_OFD_GETLK, &lock) || lock.l_type != F_UNLCK;
}

errint_t hs_place_sync(const char *dir)
{
	hs_autoclose int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || fsync(fd))
		return -errno;
	return 0;
}

/* STATE/FSNAME/NAME, whatever the file system's name. */
static errint_t find_below(const char *state, const char *name, char **dir)
{
	DIR *all = opendir(state);
	const struct dirent *fs;
	errint_t err = -ENOENT;

	while (all && err == -ENOENT && (fs = readdir(all))) {
		char *path;

		if (fs->d_name[0] == '.')
			continue;
		if (asprintf(&path, "%s/%s/%s", state, fs->d_name, name) < 0) {
			err = -ENOMEM;
		} else if (access(path, F_OK) == 0) {
			*dir = path;
			err = 0;
		} else {
			free(path);
		}
	}
	if (all)
		closedir(all);
	return err;
}

errint_t hs_run_find(const char *state, const char *name, char **dir, struct hs_strbuf *why)
{
	hs_cleanup(hs_strbuf_free) struct hs_strbuf path = HS_STRBUF_INIT;
	struct stat st;
	errint_t err;

	if (stat(name, &st) == 0 && S_ISDIR(st.st_mode)) {
		*dir = strdup(name);
		return *dir ? 0 : -ENOMEM;
	}
	err = strchr(name, '/') || !*name || name[0] == '.' ? -ENOENT
							    : state_directory(state, &path, why);
	if (!err)
		err = find_below(hs_strbuf_str(&path), name, dir);
	if (err && !why->len) {
		hs_strbuf_puts(why, "there is no run '");
		hs_strbuf_add_escaped(why, name, strlen(name));
		hs_strbuf_puts(why, "'");
		if (path.len)
			hs_strbuf_printf(why, ", neither here nor in %s", hs_strbuf_str(&path));
	}
	return err;
}
