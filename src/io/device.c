/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Devices and image files: opening one with no more claim on it than the work needs, and whole
 * reads and writes. Reading goes through the page cache unless it is asked not to: a mounted file
 * system's own metadata is often there already, and it is the only view of a live device that is
 * consistent with its owner's.
 */
#include "io/device.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "io/channel.h"

struct device {
	struct hs_io io;
	int fd;
	int sync_only;
	char path[];
};

errint_t hs_device_read(int fd, uint64_t size, void *buf, size_t len, uint64_t off)
{
	uint8_t *p = buf;

	if (!hs_io_inside(size, len, off))
		return -ENODATA;
	while (len) {
		ssize_t n = pread(fd, p, len < HS_DEVICE_TRANSFER ? len : HS_DEVICE_TRANSFER,
				  (off_t)off);

		if (n < 0) {
			if (errno == EINTR)
				continue;
			return hs_device_error(errno);
		}
		if (n == 0)
			return -ENODATA; /* truncated since it was opened */
		p += n;
		len -= (size_t)n;
		off += (uint64_t)n;
	}
	return 0;
}

static errint_t device_pread(struct hs_io *io, void *buf, size_t len, uint64_t off)
{
	struct device *dev = (struct device *)io;

	return hs_device_read(dev->fd, io->size, buf, len, off);
}

static errint_t device_pwrite(struct hs_io *io, const void *buf, size_t len, uint64_t off)
{
	struct device *dev = (struct device *)io;
	const uint8_t *p = buf;

	/* an image keeps its size, as a block device does */
	if (!hs_io_inside(io->size, len, off))
		return -ENOSPC;
	while (len) {
		ssize_t n = pwrite(dev->fd, p, len < HS_DEVICE_TRANSFER ? len : HS_DEVICE_TRANSFER,
				   (off_t)off);

		if (n < 0) {
			if (errno == EINTR)
				continue;
			return hs_device_error(errno);
		}
		if (n == 0)
			return -EIO;
		p += n;
		len -= (size_t)n;
		off += (uint64_t)n;
	}
	return 0;
}

static errint_t device_flush(struct hs_io *io)
{
	struct device *dev = (struct device *)io;

	return fsync(dev->fd) ? -errno : 0;
}

static errint_t device_chan_open(struct hs_io *io, unsigned depth, struct hs_io_chan **out)
{
	struct device *dev = (struct device *)io;

#ifdef HS_HAVE_URING
	if (!dev->sync_only && !hs_uring_chan_open(dev->fd, io->size, depth, out))
		return 0;
#else
	(void)depth;
#endif
	return hs_sync_chan_open(dev->fd, io->size, out);
}

static void device_close(struct hs_io *io)
{
	struct device *dev = (struct device *)io;

	close(dev->fd);
	free(dev);
}

static const struct hs_io_ops device_ops = {
	.name = "device",
	.pread = device_pread,
	.pwrite = device_pwrite,
	.flush = device_flush,
	.chan_open = device_chan_open,
	.close = device_close,
};

void hs_device_force_sync(struct hs_io *device)
{
	if (device->ops == &device_ops)
		((struct device *)device)->sync_only = 1;
}

#define DIRECT_ALIGN 4096u

errint_t hs_device_read_fresh(struct hs_io *device, void *buf, size_t len, uint64_t off)
{
	struct device *dev = (struct device *)device;
	hs_autoclose int fd = -1;
	hs_autofree uint8_t *aligned = NULL;
	uint64_t first = off / DIRECT_ALIGN * DIRECT_ALIGN;
	size_t span = (off - first + len + DIRECT_ALIGN - 1) / DIRECT_ALIGN * DIRECT_ALIGN;

	if (device->ops != &device_ops)
		return hs_io_pread(device, buf, len, off);
	fd = open(dev->path, O_RDONLY | O_CLOEXEC | O_DIRECT);
	if (fd >= 0) {
		aligned = aligned_alloc(DIRECT_ALIGN, span);
		if (!aligned)
			return -ENOMEM;
		if (!hs_device_read(fd, device->size, aligned, span, first)) {
			memcpy(buf, aligned + (off - first), len);
			return 0;
		}
	}
	posix_fadvise(dev->fd, (off_t)first, (off_t)span, POSIX_FADV_DONTNEED);
	return hs_io_pread(device, buf, len, off);
}

/* "Cannot open PATH: REASON" */
static errint_t refuse(struct hs_strbuf *why, const char *path, errint_t rc, const char *reason)
{
	char text[128];

	hs_strbuf_puts(why, "Cannot open ");
	hs_strbuf_add_escaped(why, path, strlen(path));
	hs_strbuf_puts(why, ": ");
	hs_strbuf_puts(why, reason ? reason : strerror_r(-rc, text, sizeof(text)));
	return rc;
}

/* Why a thing of this kind cannot hold a file system, or NULL if it can. */
static const char *wrong_kind(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFREG:
	case S_IFBLK:
		return NULL;
	case S_IFDIR:
		return "it is a directory, not a block device or an image file";
	case S_IFIFO:
		return "it is a pipe, not a block device or an image file";
	case S_IFCHR:
		return "it is a character device, not a block device or an image file";
	case S_IFSOCK:
		return "it is a socket, not a block device or an image file";
	default:
		return "it is neither a block device nor an image file";
	}
}

/* Leaves the access time of an image alone where the caller may ask for that. */
static int open_for_reading(const char *path, int flags)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOATIME | flags);

	if (fd < 0 && errno == EPERM)
		fd = open(path, O_RDONLY | O_CLOEXEC | flags);
	return fd;
}

static errint_t open_path(const char *path, enum hs_device_mode mode, int *out,
			  struct hs_strbuf *why)
{
	hs_autoclose int fd = -1;
	struct stat before, st;

	/* look first: opening a pipe waits for its other end, opening some devices acts on them */
	if (stat(path, &before))
		return refuse(why, path, -errno, NULL);
	if (wrong_kind(before.st_mode))
		return refuse(why, path, -EINVAL, wrong_kind(before.st_mode));

	if (mode == HS_DEVICE_READ)
		fd = open_for_reading(path, 0);
	else if (mode == HS_DEVICE_DIRECT)
		fd = open_for_reading(path, O_DIRECT);
	else
		fd = open(path, O_RDWR | O_CLOEXEC | (S_ISBLK(before.st_mode) ? O_EXCL : 0));
	if (fd < 0 && errno == EBUSY)
		return refuse(why, path, -EBUSY, "it is mounted or in use by another program");
	if (fd < 0 && errno == EINVAL && mode == HS_DEVICE_DIRECT)
		return refuse(why, path, -EINVAL, "it cannot be read past the page cache");
	if (fd < 0 || fstat(fd, &st))
		return refuse(why, path, -errno, NULL);
	if ((st.st_mode & S_IFMT) != (before.st_mode & S_IFMT))
		return refuse(why, path, -EINVAL, "it was replaced while it was being opened");
	if (mode == HS_DEVICE_WRITE && S_ISREG(st.st_mode) && flock(fd, LOCK_EX | LOCK_NB)) {
		if (errno == EWOULDBLOCK)
			return refuse(why, path, -EBUSY, "another program has locked it");
		return refuse(why, path, -errno, NULL);
	}
	*out = fd;
	fd = -1;
	return 0;
}

static errint_t find_size(int fd, uint64_t *size)
{
	struct stat st;

	if (fstat(fd, &st))
		return -errno;
	if (S_ISBLK(st.st_mode))
		return ioctl(fd, BLKGETSIZE64, size) ? -errno : 0;
	*size = (uint64_t)st.st_size;
	return 0;
}

errint_t hs_device_open(const char *path, enum hs_device_mode mode, struct hs_io **out,
			struct hs_strbuf *why)
{
	hs_autoclose int fd = -1;
	struct device *dev;
	uint64_t size;
	errint_t rc;

	rc = open_path(path, mode, &fd, why);
	if (rc)
		return rc;
	rc = find_size(fd, &size);
	if (rc)
		return refuse(why, path, rc, NULL);
	if (size == 0)
		return refuse(why, path, -EINVAL, "it is empty");

	dev = calloc(1, sizeof(*dev) + strlen(path) + 1);
	if (!dev)
		return refuse(why, path, -ENOMEM, NULL);
	strcpy(dev->path, path);
	dev->io.ops = &device_ops;
	dev->io.name = dev->path;
	dev->io.size = size;
	dev->io.writable = mode == HS_DEVICE_WRITE;
	dev->fd = fd;
	fd = -1;
	*out = &dev->io;
	return 0;
}
