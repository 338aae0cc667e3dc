/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The guest's mounts: the kernel's file systems, the shared directory, and taking down at the end
 * whatever the command left mounted.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <mntent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "appliance/appliance.h"
#include "appliance/guest/guest.h"

struct kernel_mount {
	const char *type, *dir, *options;
};

/*
 * Failures are left to show where one of them is missed: none stops the others. Nothing is mounted
 * where the initramfs may have files (/tmp, /run): it is in memory as well.
 */
static const struct kernel_mount kernel_mounts[] = {
	{"proc", "/proc", NULL},
	{"sysfs", "/sys", NULL},
	{"devtmpfs", "/dev", NULL},
	{"devpts", "/dev/pts", "mode=0620,ptmxmode=0666"},
	{"tmpfs", "/dev/shm", "mode=1777"},
	{"debugfs", "/sys/kernel/debug", NULL},
	{"cgroup2", "/sys/fs/cgroup", NULL},
};

#define N_KERNEL_MOUNTS (sizeof(kernel_mounts) / sizeof(kernel_mounts[0]))

void guest_mount_kernel(void)
{
	for (size_t i = 0; i < N_KERNEL_MOUNTS; i++) {
		const struct kernel_mount *m = &kernel_mounts[i];

		mkdir(m->dir, 0755);
		mount(m->type, m->dir, m->type, 0, m->options);
	}
	symlink("/proc/self/fd", "/dev/fd");
	symlink("/proc/self/fd/0", "/dev/stdin");
	symlink("/proc/self/fd/1", "/dev/stdout");
	symlink("/proc/self/fd/2", "/dev/stderr");
	/* what tools look into to see what is mounted */
	symlink("/proc/self/mounts", "/etc/mtab");
	/* who mounts without naming a place of its own */
	mkdir("/mnt", 0755);
	sethostname("appliance", strlen("appliance"));
}

static void make_directories(const char *dir)
{
	char path[4096];

	for (const char *p = dir + 1;; p++) {
		if (*p != '/' && *p)
			continue;
		snprintf(path, sizeof(path), "%.*s", (int)(p - dir), dir);
		mkdir(path, 0755); /* what is not there then shows in mount(2) */
		if (!*p)
			break;
	}
}

void guest_mount_share(const char *dir)
{
	make_directories(dir);
	/* The kernel command line confines hostfs to the shared directory (launch.c). */
	if (mount("none", dir, "hostfs", 0, "/") < 0)
		guest_fail("cannot mount the shared directory: %m");
}

bool guest_mount_disks(const struct guest_job *job)
{
	for (unsigned i = 0; i < job->n_mounts; i++) {
		const struct guest_mount *m = &job->mounts[i];
		char disk[64];

		snprintf(disk, sizeof(disk), HS_APPLIANCE_DISKS "/%s", m->disk);
		make_directories(m->dir);
		if (mount(disk, m->dir, m->type, 0, m->options) < 0) {
			guest_say("unmountable %d %s", errno, m->dir);
			return false;
		}
	}
	return true;
}

static bool is_kernel_mount(const char *dir)
{
	if (!strcmp(dir, "/"))
		return true;
	for (size_t i = 0; i < N_KERNEL_MOUNTS; i++)
		if (!strcmp(dir, kernel_mounts[i].dir))
			return true;
	return false;
}

/*
 * Tries every mount once, last mounted first. Returns how many went; *left is how many stay, and
 * with `report` each of them is named.
 */
static unsigned unmount_round(unsigned *left, bool report)
{
	char *dirs[256];
	unsigned n = 0, gone = 0;
	struct mntent *e;
	FILE *f = setmntent("/proc/self/mounts", "r");

	*left = 0;
	if (!f)
		return 0;
	while (n < 256 && (e = getmntent(f)))
		if (!is_kernel_mount(e->mnt_dir) && (dirs[n] = strdup(e->mnt_dir)))
			n++;
	endmntent(f);

	while (n) {
		const char *dir = dirs[--n];
		int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		/* A file system left frozen by a killed command would hang the unmount. */
		if (fd >= 0) {
			ioctl(fd, FITHAW, 0);
			close(fd);
		}
		if (!umount2(dir, UMOUNT_NOFOLLOW)) {
			gone++;
		} else {
			if (report)
				guest_say("stuck %s: %m", dir);
			++*left;
		}
	}
	return gone;
}

void guest_unmount_all(void)
{
	unsigned left;

	/* Processes that were killed a moment ago may still hold something. */
	for (int i = 0; i < 50; i++) {
		while (unmount_round(&left, false) && left)
			;
		if (!left)
			break;
		usleep(20000);
	}
	if (left)
		unmount_round(&left, true);
	sync();
}
