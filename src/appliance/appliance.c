/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One run from its parts: hold the disks, make the root, start the guest, relay, clean up.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "appliance/appliance.h"
#include "appliance/disk.h"
#include "appliance/initramfs.h"
#include "appliance/launch.h"
#include "appliance/scratch.h"
#include "appliance/session.h"
#include "base/cleanup.h"

#define MAX_CPUS 16 /* CONFIG_NR_CPUS in appliance/kernel.config */

struct run {
	const struct hs_appliance *a;
	char *kernel;
	struct hs_held_disk held[HS_APPLIANCE_MAX_DISKS];
	size_t n_held;
	int initramfs, share;
	uint64_t memory;
	char *dir;
};

static bool good_name(const char *name)
{
	size_t len = strlen(name);

	return len && len <= HS_APPLIANCE_NAME_MAX &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") ==
		       len;
}

static errint_t check_arguments(const struct hs_appliance *a)
{
	if (!a->argv || !a->argv[0]) {
		hs_log(a->log, HS_LOG_ERROR, "no command for the appliance");
		return -EINVAL;
	}
	if (a->n_disks > HS_APPLIANCE_MAX_DISKS) {
		hs_log(a->log, HS_LOG_ERROR, "%zu disks: the appliance takes %d", a->n_disks,
		       HS_APPLIANCE_MAX_DISKS);
		return -EINVAL;
	}
	for (size_t i = 0; i < a->n_disks; i++) {
		const char *name = a->disks[i].name;

		if (name && !good_name(name)) {
			hs_log(a->log, HS_LOG_ERROR,
			       "disk name \"%s\": letters, digits, '-' and '_', at most %d", name,
			       HS_APPLIANCE_NAME_MAX);
			return -EINVAL;
		}
	}
	return 0;
}

static errint_t find_kernel(struct run *r)
{
	if (!r->a->kernel)
		return hs_appliance_find_kernel(r->a->log, &r->kernel);
	if (access(r->a->kernel, X_OK)) {
		errint_t err = -errno;

		hs_log(r->a->log, HS_LOG_ERROR, "kernel %s: %s", r->a->kernel, strerror(-err));
		return err;
	}
	r->kernel = realpath(r->a->kernel, NULL);
	return r->kernel ? 0 : -errno;
}

static errint_t hold_disks(struct run *r)
{
	errint_t err = 0;

	while (!err && r->n_held < r->a->n_disks) {
		err = hs_disk_hold(&r->a->disks[r->n_held], r->a->log, &r->held[r->n_held]);
		r->n_held += !err;
	}
	return err;
}

static errint_t open_share(struct run *r)
{
	if (!r->a->share)
		return 0;
	r->share = open(r->a->share, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (r->share < 0) {
		errint_t err = -errno;

		hs_log(r->a->log, HS_LOG_ERROR, "shared directory %s: %s", r->a->share,
		       strerror(-err));
		return err;
	}
	return 0;
}

/*
 * Processors of User Mode Linux are threads of one process that interrupt each other with signals:
 * measured on two processors, a check takes three times as long with two as with one. Several are
 * for tests of what only they can show.
 */
static unsigned guest_cpus(const struct hs_appliance *a)
{
	unsigned n = a->cpus ? a->cpus : 1;

	return n < MAX_CPUS ? n : MAX_CPUS;
}

static errint_t run_guest(struct run *r, struct hs_appliance_result *result)
{
	struct hs_launch l = {
		.kernel = r->kernel,
		.dir = r->dir,
		.memory = r->memory,
		.cpus = guest_cpus(r->a),
		.initramfs = r->initramfs,
		.disks = r->a->disks,
		.held = r->held,
		.n_disks = r->a->n_disks,
		.share = r->share,
		.log = r->a->log,
	};
	struct hs_guest g;
	errint_t err = hs_guest_start(&l, &g);

	if (err) {
		hs_log(r->a->log, HS_LOG_ERROR, "cannot start the guest: %s", strerror(-err));
		return err;
	}
	err = hs_session_run(r->a, &g, result);
	hs_guest_release(&g);
	return err;
}

/* What a killed guest leaves in its directory: DIR/<id>/{pid,mconsole}. */
static void remove_tree(int parent, const char *name, int depth)
{
	int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *e;

	while (d && (e = readdir(d))) {
		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
			continue;
		if (unlinkat(fd, e->d_name, 0) < 0 && depth)
			remove_tree(fd, e->d_name, depth - 1);
	}
	if (d)
		closedir(d);
	else if (fd >= 0)
		close(fd);
	unlinkat(parent, name, AT_REMOVEDIR);
}

static void release(struct run *r)
{
	for (size_t i = 0; i < r->n_held; i++)
		hs_disk_release(&r->held[i]);
	if (r->initramfs >= 0)
		close(r->initramfs);
	if (r->share >= 0)
		close(r->share);
	if (r->dir)
		remove_tree(AT_FDCWD, r->dir, 2);
	free(r->dir);
	free(r->kernel);
}

errint_t hs_appliance_run(const struct hs_appliance *a, struct hs_appliance_result *result)
{
	struct run r = {.a = a, .initramfs = -1, .share = -1, .memory = a->memory};
	errint_t err = check_arguments(a);

	*result = (struct hs_appliance_result){.end = HS_END_DIED};
	if (!err)
		err = find_kernel(&r);
	if (!err)
		err = hold_disks(&r);
	if (!err)
		err = open_share(&r);
	if (!err)
		err = hs_initramfs_make(a, &r.initramfs);
	if (!err)
		err = hs_scratch_memory(a->log, &r.memory, &r.dir);
	if (!err)
		err = run_guest(&r, result);
	release(&r);
	return err;
}

int hs_appliance_exit_code(const struct hs_appliance_result *result)
{
	switch (result->end) {
	case HS_END_EXIT:
		return result->status;
	case HS_END_SIGNAL:
		return 128 + result->status;
	case HS_END_TIMEOUT:
		return 124;
	case HS_END_KILLED:
	case HS_END_DIED:
	case HS_END_UNMOUNTABLE:
		break;
	}
	return 125;
}
