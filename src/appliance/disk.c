/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Holding a disk for the run. A block device is opened O_EXCL, which the host's kernel refuses
 * while it is mounted, part of a dm or md device, or held by another checker. A file has no such
 * thing: it is locked against other runs, and what others do with it is asked for (a lease cannot
 * be had on a file that is open for writing; a read-only loop device shows in sysfs).
 */
#include <dirent.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "appliance/disk.h"
#include "appliance/scratch.h"
#include "base/cleanup.h"

/* A sparse file costs nothing; this only bounds what a guest gone wild could fill. */
#define STORE_MAX ((uint64_t)1 << 40)
#define STORE_PAD ((uint64_t)1 << 20)

static errint_t busy(struct hs_log *log, const char *path, const char *how)
{
	hs_log(log, HS_LOG_ERROR, "%s %s: refusing to use it", path, how);
	return -EBUSY;
}

/* Whether a loop device has this file. *name gets its name. Needs no privileges. */
static bool loop_attached(const struct stat *file, char name[static 64])
{
	DIR *dir = opendir("/sys/block");
	const struct dirent *e;
	bool found = false;

	while (dir && !found && (e = readdir(dir))) {
		char path[300], backing[4096];
		ssize_t n = -1;
		struct stat st;
		int fd;

		if (strncmp(e->d_name, "loop", 4))
			continue;
		snprintf(path, sizeof(path), "/sys/block/%s/loop/backing_file", e->d_name);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd >= 0) {
			n = read(fd, backing, sizeof(backing) - 1);
			close(fd);
		}
		if (n <= 0)
			continue;
		backing[n - (backing[n - 1] == '\n')] = '\0';
		found = !stat(backing, &st) && st.st_dev == file->st_dev &&
			st.st_ino == file->st_ino;
		if (found)
			snprintf(name, 64, "/dev/%.50s", e->d_name);
	}
	if (dir)
		closedir(dir);
	return found;
}

/*
 * A read lease is refused with EAGAIN while anybody has the file open for writing. Others' files
 * and some file systems know no leases: then nothing is learned. Must run before we open the file
 * for writing ourselves.
 */
static bool open_for_writing_elsewhere(const char *path)
{
	hs_autoclose int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool refused;

	if (fd < 0)
		return false;
	/* Should the lease be broken in the moment we have it: not with SIGIO, which kills. */
	fcntl(fd, F_SETSIG, SIGURG);
	refused = fcntl(fd, F_SETLEASE, F_RDLCK) < 0 && errno == EAGAIN;
	fcntl(fd, F_SETLEASE, F_UNLCK);
	return refused;
}

static errint_t hold_file(const struct hs_appliance_disk *disk, const struct stat *st,
			  struct hs_log *log, struct hs_held_disk *d)
{
	bool writes = disk->access == HS_DISK_RW;
	char loop[64], how[128];

	if (loop_attached(st, loop)) {
		snprintf(how, sizeof(how), "is attached to %s", loop);
		return busy(log, disk->path, how);
	}
	/*
	 * Lock first, ask second: two runs started together must not take each other for a writer
	 * before one of them has the lock.
	 */
	if (flock(d->fd, (writes ? LOCK_EX : LOCK_SH) | LOCK_NB) < 0) {
		if (errno == EWOULDBLOCK)
			return busy(log, disk->path, "is in use by another run");
		hs_log(log, HS_LOG_ERROR, "cannot lock %s: %m", disk->path);
		return -errno;
	}
	if (open_for_writing_elsewhere(disk->path))
		return busy(log, disk->path, "is open for writing by another program");
	d->bytes = (uint64_t)st->st_size;
	return 0;
}

/* A lock lives on the open file, so a file to be written is locked through a read-only handle. */
static errint_t reopen_for_writing(const struct hs_appliance_disk *disk, struct hs_log *log,
				   struct hs_held_disk *d)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", d->fd);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0) {
		errint_t err = -errno;

		hs_log(log, HS_LOG_ERROR, "cannot open %s for writing: %m", disk->path);
		return err;
	}
	/* Only a proof that it may be written: the guest opens it anew through the locked handle.
	 */
	close(fd);
	return 0;
}

static errint_t open_disk(const struct hs_appliance_disk *disk, struct hs_log *log,
			  struct hs_held_disk *d)
{
	struct stat st;
	errint_t err;
	int flags;

	if (stat(disk->path, &st) < 0) {
		err = -errno;
		hs_log(log, HS_LOG_ERROR, "%s: %m", disk->path);
		return err;
	}
	if (!S_ISREG(st.st_mode) && !S_ISBLK(st.st_mode)) {
		hs_log(log, HS_LOG_ERROR, "%s is neither an image nor a block device", disk->path);
		return -ENOTBLK;
	}
	flags = O_CLOEXEC | O_NONBLOCK;
	if (S_ISBLK(st.st_mode))
		flags |= O_EXCL | (disk->access == HS_DISK_RW ? O_RDWR : O_RDONLY);
	d->fd = open(disk->path, flags);
	if (d->fd < 0) {
		err = -errno;
		if (err == -EBUSY)
			return busy(log, disk->path, "is mounted or in use by the system");
		hs_log(log, HS_LOG_ERROR, "cannot open %s: %m", disk->path);
		return err;
	}
	/* What was opened counts, not what the name meant a moment before. */
	if (fstat(d->fd, &st) < 0)
		return -errno;
	if (S_ISBLK(st.st_mode))
		return ioctl(d->fd, BLKGETSIZE64, &d->bytes) < 0 ? -errno : 0;
	err = hold_file(disk, &st, log, d);
	if (!err && disk->access == HS_DISK_RW)
		err = reopen_for_writing(disk, log, d);
	return err;
}

static errint_t make_store(struct hs_held_disk *d, struct hs_log *log)
{
	uint64_t bytes = d->bytes + STORE_PAD;
	errint_t err = hs_scratch_file(0, &d->store);

	if (!err && ftruncate(d->store, (off_t)(bytes < STORE_MAX ? bytes : STORE_MAX)) < 0)
		err = -errno;
	if (err)
		hs_log(log, HS_LOG_ERROR, "cannot make a file for a disk's writes: %s",
		       strerror(-err));
	return err;
}

errint_t hs_disk_hold(const struct hs_appliance_disk *disk, struct hs_log *log,
		      struct hs_held_disk *out)
{
	errint_t err;

	*out = (struct hs_held_disk)HS_HELD_DISK_INIT;
	err = open_disk(disk, log, out);
	if (!err && !out->bytes) {
		hs_log(log, HS_LOG_ERROR, "%s is empty", disk->path);
		err = -ENODATA;
	}
	if (!err && disk->access == HS_DISK_COW)
		err = make_store(out, log);
	if (err)
		hs_disk_release(out);
	return err;
}

void hs_disk_release(struct hs_held_disk *d)
{
	if (d->fd >= 0)
		close(d->fd);
	if (d->store >= 0)
		close(d->store);
	d->fd = d->store = -1;
}
