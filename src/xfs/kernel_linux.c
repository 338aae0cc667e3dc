/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of kernel calls answered by the running kernel. Nothing is judged here: each function
 * is one system call with its errno turned into a return value.
 */
#include "xfs/kernel.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <linux/fs.h>

#include "io/device.h"

/* Since Linux 6.13; the number is the same on every architecture of that age. */
#define NR_LISTXATTRAT 465

static errint_t call(int fd, unsigned long nr, void *arg)
{
	return ioctl(fd, nr, arg) < 0 ? -errno : 0;
}

static int linux_open(struct hs_xfs_kernel *k, const char *path)
{
	/* O_NOATIME needs the owner or CAP_FOWNER */
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOATIME | O_CLOEXEC);

	(void)k;
	if (fd < 0 && errno == EPERM)
		fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static void linux_close(struct hs_xfs_kernel *k, int fd)
{
	(void)k;
	close(fd);
}

static errint_t linux_stat(struct hs_xfs_kernel *k, int fd, struct stat *out)
{
	(void)k;
	return fstat(fd, out) < 0 ? -errno : 0;
}

static errint_t linux_statvfs(struct hs_xfs_kernel *k, int fd, struct statvfs *out)
{
	(void)k;
	return fstatvfs(fd, out) < 0 ? -errno : 0;
}

static errint_t linux_syncfs(struct hs_xfs_kernel *k, int fd)
{
	(void)k;
	return syncfs(fd) < 0 ? -errno : 0;
}

static errint_t linux_shutdown(struct hs_xfs_kernel *k, int fd)
{
	uint32_t how = HS_XFS_GOING_LOGFLUSH;

	(void)k;
	return call(fd, HS_XFS_IOC_GOINGDOWN, &how);
}

static uint32_t linux_version(struct hs_xfs_kernel *k)
{
	struct utsname u;
	unsigned ma, mi;

	(void)k;
	if (uname(&u) || sscanf(u.release, "%u.%u", &ma, &mi) != 2)
		return 0;
	return HS_XFS_KERNEL_VERSION(ma, mi);
}

static ssize_t linux_getxattr(struct hs_xfs_kernel *k, int fd, const char *name, void *buf,
			      size_t len)
{
	ssize_t n = fgetxattr(fd, name, buf, len);

	(void)k;
	return n < 0 ? -errno : n;
}

static errint_t linux_label(struct hs_xfs_kernel *k, int fd, char out[256])
{
	errint_t rc;

	(void)k;
	memset(out, 0, 256);
	rc = call(fd, FS_IOC_GETFSLABEL, out);
	out[255] = '\0';
	return rc;
}

static errint_t linux_geometry(struct hs_xfs_kernel *k, int fd, struct hs_xfs_geom *out)
{
	(void)k;
	memset(out, 0, sizeof(*out));
	return call(fd, HS_XFS_IOC_FSGEOMETRY, out);
}

static errint_t linux_ag_geometry(struct hs_xfs_kernel *k, int fd, struct hs_xfs_ag_geom *inout)
{
	(void)k;
	return call(fd, HS_XFS_IOC_AG_GEOMETRY, inout);
}

static errint_t linux_rg_geometry(struct hs_xfs_kernel *k, int fd, struct hs_xfs_rg_geom *inout)
{
	(void)k;
	return call(fd, HS_XFS_IOC_RTGROUP_GEOMETRY, inout);
}

static errint_t linux_fscounts(struct hs_xfs_kernel *k, int fd, struct hs_xfs_fscounts *out)
{
	(void)k;
	return call(fd, HS_XFS_IOC_FSCOUNTS, out);
}

static errint_t linux_resblks(struct hs_xfs_kernel *k, int fd, struct hs_xfs_resblks *out)
{
	(void)k;
	return call(fd, HS_XFS_IOC_GET_RESBLKS, out);
}

static errint_t linux_scrub(struct hs_xfs_kernel *k, int fd, struct hs_xfs_scrub *inout)
{
	(void)k;
	return call(fd, HS_XFS_IOC_SCRUB, inout);
}

static errint_t linux_scrubv(struct hs_xfs_kernel *k, int fd, struct hs_xfs_scrubv *head,
			     struct hs_xfs_vec *vecs)
{
	(void)k;
	head->vectors = (uintptr_t)vecs;
	return call(fd, HS_XFS_IOC_SCRUBV, head);
}

/*
 * The kernel wants the records directly behind the head. The caller's buffer has room for a head
 * in front of them: hs_xfs_bulk_buffer in calls.h.
 */
static errint_t linux_bulkstat(struct hs_xfs_kernel *k, int fd, struct hs_xfs_bulk_head *head,
			       struct hs_xfs_bstat *recs)
{
	(void)k;
	if ((void *)recs != (void *)(head + 1))
		return -EINVAL;
	return call(fd, HS_XFS_IOC_BULKSTAT, head);
}

static errint_t linux_inumbers(struct hs_xfs_kernel *k, int fd, struct hs_xfs_bulk_head *head,
			       struct hs_xfs_inogrp *recs)
{
	(void)k;
	if ((void *)recs != (void *)(head + 1))
		return -EINVAL;
	return call(fd, HS_XFS_IOC_INUMBERS, head);
}

static errint_t linux_getfsmap(struct hs_xfs_kernel *k, int fd, struct fsmap_head *head)
{
	(void)k;
	return call(fd, FS_IOC_GETFSMAP, head);
}

static errint_t linux_handle(struct hs_xfs_kernel *k, int fd, struct hs_xfs_handle *out)
{
	uint32_t len = sizeof(*out);
	struct hs_xfs_handlereq req = {
		.fd = (uint32_t)fd,
		.ohandle = (uintptr_t)out,
		.ohandlen = (uintptr_t)&len,
	};

	(void)k;
	return call(fd, HS_XFS_IOC_FD_TO_HANDLE, &req);
}

static int linux_open_by_handle(struct hs_xfs_kernel *k, int fd, const struct hs_xfs_handle *h,
				int oflags)
{
	struct hs_xfs_handlereq req = {
		.oflags = (uint32_t)oflags,
		.ihandle = (uintptr_t)h,
		.ihandlen = sizeof(*h),
	};
	int got = ioctl(fd, HS_XFS_IOC_OPEN_BY_HANDLE, &req);

	(void)k;
	return got < 0 ? -errno : got;
}

static errint_t linux_getparents(struct hs_xfs_kernel *k, int fd,
				 struct hs_xfs_getparents_by_handle *req, void *buf)
{
	(void)k;
	req->req.buffer = (uintptr_t)buf;
	return call(fd, HS_XFS_IOC_GETPARENTS_BY_HANDLE, req);
}

static errint_t linux_attrlist(struct hs_xfs_kernel *k, int fd, const struct hs_xfs_handle *h,
			       uint32_t flags, struct hs_xfs_attr_cursor *cursor, void *buf,
			       uint32_t len)
{
	struct hs_xfs_attrlist req = {
		.hreq = {.oflags = O_RDONLY, .ihandle = (uintptr_t)h, .ihandlen = sizeof(*h)},
		.cursor = *cursor,
		.flags = flags,
		.buflen = len,
		.buffer = (uintptr_t)buf,
	};
	errint_t rc = call(fd, HS_XFS_IOC_ATTRLIST_BY_HANDLE, &req);

	(void)k;
	*cursor = req.cursor;
	return rc;
}

static ssize_t linux_getdents(struct hs_xfs_kernel *k, int fd, void *buf, size_t len)
{
	ssize_t n = getdents64(fd, buf, len);

	(void)k;
	return n < 0 ? -errno : n;
}

/* /proc names the directory where the kernel has no *at form. */
static ssize_t list_through_proc(int fd, const char *name, char *buf, size_t len)
{
	char path[64 + 256];
	ssize_t n;

	if (snprintf(path, sizeof(path), "/proc/self/fd/%d/%s", fd, name) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	n = llistxattr(path, buf, len);
	return n < 0 ? -errno : n;
}

static ssize_t linux_listxattrat(struct hs_xfs_kernel *k, int fd, const char *name, char *buf,
				 size_t len)
{
	struct hs_xfs_kernel_linux *lk = (struct hs_xfs_kernel_linux *)k;
	long n;

	if (atomic_load_explicit(&lk->no_listxattrat, memory_order_relaxed))
		return list_through_proc(fd, name, buf, len);
	n = syscall(NR_LISTXATTRAT, fd, name, AT_SYMLINK_NOFOLLOW, buf, len);
	if (n >= 0)
		return n;
	if (errno != ENOSYS && errno != EPERM)
		return -errno;
	atomic_store_explicit(&lk->no_listxattrat, 1, memory_order_relaxed);
	return list_through_proc(fd, name, buf, len);
}

static errint_t linux_bmap(struct hs_xfs_kernel *k, int fd, struct hs_xfs_bmap *map)
{
	(void)k;
	return call(fd, HS_XFS_IOC_GETBMAPX, map);
}

static errint_t linux_verify_media(struct hs_xfs_kernel *k, int fd,
				   struct hs_xfs_verify_media *inout)
{
	(void)k;
	return call(fd, HS_XFS_IOC_VERIFY_MEDIA, inout);
}

static errint_t linux_fitrim(struct hs_xfs_kernel *k, int fd, struct fstrim_range *inout)
{
	(void)k;
	return call(fd, FITRIM, inout);
}

static errint_t linux_device_number(struct hs_xfs_kernel *k, const char *path, dev_t *out)
{
	struct stat st;

	(void)k;
	if (stat(path, &st) < 0)
		return -errno;
	*out = st.st_rdev;
	return S_ISBLK(st.st_mode) ? 0 : -ENOTBLK;
}

static errint_t linux_device_open(struct hs_xfs_kernel *k, const char *path, struct hs_io **out,
				  struct hs_strbuf *why)
{
	(void)k;
	return hs_device_open(path, HS_DEVICE_DIRECT, out, why);
}

static const struct hs_xfs_kernel_ops linux_ops = {
	.open = linux_open,
	.close = linux_close,
	.stat = linux_stat,
	.statvfs = linux_statvfs,
	.syncfs = linux_syncfs,
	.shutdown = linux_shutdown,
	.version = linux_version,
	.getxattr = linux_getxattr,
	.label = linux_label,
	.geometry = linux_geometry,
	.ag_geometry = linux_ag_geometry,
	.rg_geometry = linux_rg_geometry,
	.fscounts = linux_fscounts,
	.resblks = linux_resblks,
	.scrub = linux_scrub,
	.scrubv = linux_scrubv,
	.bulkstat = linux_bulkstat,
	.inumbers = linux_inumbers,
	.getfsmap = linux_getfsmap,
	.handle = linux_handle,
	.open_by_handle = linux_open_by_handle,
	.getparents = linux_getparents,
	.attrlist = linux_attrlist,
	.getdents = linux_getdents,
	.listxattrat = linux_listxattrat,
	.bmap = linux_bmap,
	.verify_media = linux_verify_media,
	.fitrim = linux_fitrim,
	.device_number = linux_device_number,
	.device_open = linux_device_open,
};

void hs_xfs_kernel_linux_init(struct hs_xfs_kernel_linux *lk)
{
	lk->k.ops = &linux_ops;
	/*
	 * A filter of system calls, as systemd's sandboxes have one, may be older than this call
	 * and kill who uses it.
	 */
	atomic_init(&lk->no_listxattrat, prctl(PR_GET_SECCOMP) != 0);
}
