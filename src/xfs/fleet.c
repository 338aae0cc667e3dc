/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "xfs/fleet.h"

#include <dirent.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "work/team.h"

/* Layers of devices; more can only be a loop in what sysfs says. */
#define DEPTH_MAX 16

enum state { WAITING, RUNNING, DONE };

struct fleet {
	const struct hs_xfs_member *members;
	size_t n;
	int (*fn)(size_t i, void *arg);
	void *arg;
	pthread_mutex_t lock;
	pthread_cond_t ended;
	uint8_t *states; /* enum state */
	int result;
};

static bool share_disk(const struct hs_xfs_member *a, const struct hs_xfs_member *b)
{
	for (size_t i = 0; i < a->n_disks; i++) {
		for (size_t j = 0; j < b->n_disks; j++) {
			if (a->disks[i] == b->disks[j])
				return true;
		}
	}
	return false;
}

static bool may_start(const struct fleet *f, size_t i)
{
	for (size_t j = 0; j < f->n; j++) {
		if (f->states[j] == RUNNING && share_disk(&f->members[i], &f->members[j]))
			return false;
	}
	return true;
}

/* The next member that may start; sets *waiting when there are some that may not yet. */
static size_t choose(const struct fleet *f, bool *waiting)
{
	*waiting = false;
	for (size_t i = 0; i < f->n; i++) {
		if (f->states[i] != WAITING)
			continue;
		if (may_start(f, i))
			return i;
		*waiting = true;
	}
	return f->n;
}

static errint_t work(unsigned worker, void *arg)
{
	struct fleet *f = arg;
	bool waiting;

	(void)worker;
	pthread_mutex_lock(&f->lock);
	for (;;) {
		size_t i = choose(f, &waiting);
		int code;

		if (i == f->n && !waiting)
			break;
		if (i == f->n) {
			pthread_cond_wait(&f->ended, &f->lock);
			continue;
		}
		f->states[i] = RUNNING;
		pthread_mutex_unlock(&f->lock);
		code = f->fn(i, f->arg);
		pthread_mutex_lock(&f->lock);
		f->states[i] = DONE;
		f->result |= code;
		pthread_cond_broadcast(&f->ended);
	}
	pthread_mutex_unlock(&f->lock);
	return 0;
}

int hs_xfs_fleet_run(const struct hs_xfs_member *members, size_t n, unsigned limit,
		     int (*fn)(size_t i, void *arg), void *arg)
{
	struct fleet f = {.members = members, .n = n, .fn = fn, .arg = arg};
	unsigned threads = limit && limit < n ? limit : (unsigned)n;

	f.states = calloc(n ? n : 1, 1);
	if (!f.states) {
		/* one after the other needs no memory */
		for (size_t i = 0; i < n; i++)
			f.result |= fn(i, arg);
		return f.result;
	}
	pthread_mutex_init(&f.lock, NULL);
	pthread_cond_init(&f.ended, NULL);
	if (threads)
		hs_team_run(threads, work, &f);
	pthread_cond_destroy(&f.ended);
	pthread_mutex_destroy(&f.lock);
	free(f.states);
	return f.result;
}

/* ---- disks ---- */

static errint_t add_disk(struct hs_xfs_member *m, size_t *room, unsigned ma, unsigned mi)
{
	uint64_t disk = (uint64_t)ma << 32 | mi;
	errint_t rc;

	for (size_t i = 0; i < m->n_disks; i++) {
		if (m->disks[i] == disk)
			return 0;
	}
	rc = hs_array_grow(&m->disks, room, m->n_disks + 1);
	if (!rc)
		m->disks[m->n_disks++] = disk;
	return rc;
}

static bool read_device(const char *path, unsigned *ma, unsigned *mi)
{
	FILE *f = fopen(path, "re");
	bool ok;

	if (!f)
		return false;
	ok = fscanf(f, "%u:%u", ma, mi) == 2;
	fclose(f);
	return ok;
}

/* The device of the file behind a loop device, if it lies on a block device. */
static bool loop_backing(const char *dir, unsigned *ma, unsigned *mi)
{
	char path[600], file[4096];
	struct stat st;
	FILE *f;
	bool ok;

	snprintf(path, sizeof(path), "%s/loop/backing_file", dir);
	f = fopen(path, "re");
	if (!f)
		return false;
	ok = fgets(file, sizeof(file), f) != NULL;
	fclose(f);
	if (!ok)
		return false;
	file[strcspn(file, "\n")] = '\0';
	if (stat(file, &st))
		return false;
	*ma = major(st.st_dev);
	*mi = minor(st.st_dev);
	return *ma != 0; /* 0: no block device, such as tmpfs */
}

static errint_t resolve(const char *sys, unsigned own_major, unsigned own_minor, unsigned depth,
			struct hs_xfs_member *out, size_t *room)
{
	char dir[512], path[1024];
	unsigned ma, mi, below = 0;
	struct dirent *e;
	errint_t rc = 0;
	DIR *d;

	snprintf(dir, sizeof(dir), "%s/dev/block/%u:%u", sys, own_major, own_minor);
	if (depth > DEPTH_MAX)
		return add_disk(out, room, own_major, own_minor);
	snprintf(path, sizeof(path), "%s/partition", dir);
	if (access(path, F_OK) == 0) {
		/* sysfs has a partition inside its disk */
		snprintf(path, sizeof(path), "%s/../dev", dir);
		if (read_device(path, &ma, &mi))
			return resolve(sys, ma, mi, depth + 1, out, room);
	}
	if (loop_backing(dir, &ma, &mi))
		return resolve(sys, ma, mi, depth + 1, out, room);
	snprintf(path, sizeof(path), "%s/slaves", dir);
	d = opendir(path);
	while (!rc && d && (e = readdir(d))) {
		if (e->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/slaves/%s/dev", dir, e->d_name);
		if (read_device(path, &ma, &mi)) {
			rc = resolve(sys, ma, mi, depth + 1, out, room);
			below++;
		}
	}
	if (d)
		closedir(d);
	if (!rc && below == 0)
		rc = add_disk(out, room, own_major, own_minor);
	return rc;
}

errint_t hs_xfs_disks_of(const char *sys, unsigned dev_major, unsigned dev_minor,
			 struct hs_xfs_member *out)
{
	size_t room = out->n_disks; /* what is there may be full */

	return resolve(sys, dev_major, dev_minor, 0, out, &room);
}
