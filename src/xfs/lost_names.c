/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What files are called, where the file system has no parent pointers: every directory is read for
 * entries that lead to one of the files, then the way up is taken by "..". Slow, and only done when
 * something is lost.
 */
#include "xfs/lost.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "xfs/chunk.h"
#include "xfs/inodes.h"
#include "xfs/nametree.h"
#include "xfs/path.h"
#include "xfs/report.h"

#define DIRENTS_BUF 32768

/* A directory has an end; a kernel that keeps answering does not. */
#define CALLS_MAX 1000000

struct wanted {
	uint64_t ino;
	uint64_t parent; /* 0: not found */
	char name[256];
};

struct names {
	struct hs_xfs_lost *lost;
	struct wanted *wanted; /* sorted by inode number */
	size_t n;
	pthread_mutex_t lock;
};

static int by_ino(const void *x, const void *y)
{
	const struct wanted *a = x, *b = y;

	return a->ino < b->ino ? -1 : a->ino > b->ino;
}

static bool is_dots(const struct hs_xfs_dirent *e)
{
	return e->name[0] == '.' && (e->len == 1 || (e->len == 2 && e->name[1] == '.'));
}

/* Calls fn for each entry until it returns other than 0, which is returned. */
static int each_entry(const struct hs_xfs_fs *fs, uint64_t ino, uint32_t gen,
		      int (*fn)(const struct hs_xfs_dirent *e, void *arg), void *arg)
{
	struct hs_xfs_handle h = hs_xfs_handle(fs, ino, gen);
	struct hs_xfs_kernel *k = fs->kernel;
	hs_autofree uint8_t *buf = malloc(DIRENTS_BUF);
	int fd, rc = 0;

	if (!buf)
		return -ENOMEM;
	fd = k->ops->open_by_handle(k, fs->fd, &h, O_RDONLY | O_DIRECTORY | O_NOATIME | O_CLOEXEC);
	if (fd < 0)
		return fd;
	for (unsigned calls = 0; !rc && calls < CALLS_MAX; calls++) {
		ssize_t n = k->ops->getdents(k, fd, buf, DIRENTS_BUF);
		struct hs_xfs_dirent e;
		size_t at = 0, got;

		if (n <= 0) {
			rc = (int)n;
			break;
		}
		n = n < DIRENTS_BUF ? n : DIRENTS_BUF;
		while (!rc && (got = hs_xfs_decode_dirent(buf + at, (size_t)n - at, &e))) {
			rc = fn(&e, arg);
			at += got;
		}
		if (at == 0)
			rc = -EPROTO;
	}
	k->ops->close(k, fd);
	return rc;
}

struct reading {
	struct names *names;
	uint64_t dir;
};

static int match(const struct hs_xfs_dirent *e, void *arg)
{
	struct reading *r = arg;
	struct names *names = r->names;
	struct wanted key = {.ino = e->ino};
	struct wanted *w = bsearch(&key, names->wanted, names->n, sizeof(key), by_ino);

	if (!w || is_dots(e) || e->len >= sizeof(w->name))
		return 0;
	pthread_mutex_lock(&names->lock);
	/* of several links the one in the first directory, whoever reads it first */
	if (!w->parent || r->dir < w->parent) {
		w->parent = r->dir;
		memcpy(w->name, e->name, e->len + 1);
	}
	pthread_mutex_unlock(&names->lock);
	return 0;
}

static bool ends_everything(int rc)
{
	return rc == -ENOMEM || rc == -EINTR || rc == -ESHUTDOWN;
}

static errint_t read_directory(unsigned worker, const struct hs_xfs_bstat *st, void *arg)
{
	struct reading r = {.names = arg, .dir = st->ino};
	struct hs_xfs_scan *scan = r.names->lost->scan;
	int rc;

	(void)worker;
	if (!S_ISDIR(st->mode) || st->nlink == 0)
		return 0;
	rc = each_entry(&scan->fs, st->ino, st->gen, match, &r);
	/* what is not found here is told by its number */
	return ends_everything(rc) ? rc : 0;
}

/* ---- the way up ---- */

struct step {
	uint64_t ino; /* in: the entry to find by number; out: the parent */
	bool up;      /* look for "..", not for `ino` */
	char name[256];
};

static int find(const struct hs_xfs_dirent *e, void *arg)
{
	struct step *s = arg;

	if (s->up) {
		if (e->len != 2 || memcmp(e->name, "..", 2))
			return 0;
		s->ino = e->ino;
		return 1;
	}
	if (e->ino != s->ino || is_dots(e) || e->len >= sizeof(s->name))
		return 0;
	memcpy(s->name, e->name, e->len + 1);
	return 1;
}

static int find_in(const struct hs_xfs_fs *fs, uint64_t dir, struct step *s)
{
	struct hs_xfs_bstat st;
	errint_t rc = hs_xfs_inode_load(fs, dir, &st);

	return rc ? rc : each_entry(fs, dir, st.gen, find, s);
}

/* Puts "/name" in front of what is there; false when it does not fit. */
static bool prepend(char *path, size_t *at, const char *name)
{
	size_t len = strlen(name);

	if (len + 1 > *at)
		return false;
	*at -= len;
	memcpy(path + *at, name, len);
	path[--*at] = '/';
	return true;
}

/* 1 when the path is complete, 0 when there is none, or what ends the scan. */
static int climb(const struct hs_xfs_fs *fs, const struct wanted *w, char *path, size_t *at)
{
	uint64_t dir = w->parent;

	if (!prepend(path, at, w->name))
		return 0;
	while (dir != fs->root_ino) {
		struct step up = {.up = true}, down = {.ino = dir};
		int rc = find_in(fs, dir, &up);

		if (rc == 1)
			rc = find_in(fs, up.ino, &down);
		if (ends_everything(rc))
			return rc;
		/* each step makes the path longer, so a loop ends, too */
		if (rc != 1 || !prepend(path, at, down.name))
			return 0;
		dir = up.ino;
	}
	return 1;
}

static errint_t set_path(struct names *names, struct hs_xfs_lost_item *item)
{
	const struct hs_xfs_fs *fs = &names->lost->scan->fs;
	struct wanted key = {.ino = item->owner};
	const struct wanted *w = bsearch(&key, names->wanted, names->n, sizeof(key), by_ino);
	char path[HS_XFS_PATH_MAX];
	size_t at = sizeof(path);
	int rc;

	if (item->owner == fs->root_ino) {
		path[--at] = '/';
	} else {
		if (!w || !w->parent)
			return 0;
		rc = climb(fs, w, path, &at);
		if (rc != 1)
			return rc;
	}
	item->path_len = sizeof(path) - at;
	item->path = malloc(item->path_len);
	if (!item->path)
		return -ENOMEM;
	memcpy(item->path, path + at, item->path_len);
	return 0;
}

static bool needs_name(const struct hs_xfs_lost_item *item)
{
	return item->kind != HS_XFS_LOST_META && !item->unlinked && !item->path;
}

static errint_t collect(struct names *names)
{
	const struct hs_xfs_lost *lost = names->lost;
	size_t kept = 0;

	names->wanted = calloc(lost->n + 1, sizeof(*names->wanted));
	if (!names->wanted)
		return -ENOMEM;
	for (size_t i = 0; i < lost->n; i++) {
		if (needs_name(&lost->items[i]))
			names->wanted[names->n++].ino = lost->items[i].owner;
	}
	qsort(names->wanted, names->n, sizeof(*names->wanted), by_ino);
	for (size_t i = 0; i < names->n; i++) {
		if (kept == 0 || names->wanted[i].ino != names->wanted[kept - 1].ino)
			names->wanted[kept++] = names->wanted[i];
	}
	names->n = kept;
	return 0;
}

errint_t hs_xfs_lost_names(struct hs_xfs_lost *lost)
{
	struct names names = {.lost = lost};
	errint_t rc = collect(&names);

	pthread_mutex_init(&names.lock, NULL);
	if (!rc)
		rc = hs_xfs_each_inode(lost->scan, read_directory, &names);
	for (size_t i = 0; !rc && i < lost->n; i++) {
		if (needs_name(&lost->items[i]))
			rc = set_path(&names, &lost->items[i]);
	}
	pthread_mutex_destroy(&names.lock);
	free(names.wanted);
	return rc;
}
