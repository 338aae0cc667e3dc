/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every call the XFS checker makes to the kernel, in one table. The real kernel answers through
 * kernel_linux.c; tests answer from a script (tests/fixtures/fakekernel.h). Nothing else in this
 * room issues a system call on the file system.
 *
 * Descriptors are opaque numbers of the implementation. All calls may come from any thread. All
 * return 0 or -errno unless stated. Replies are unverified: the wrappers below and the callers
 * check every count and length before they use it.
 */
#ifndef HS_XFS_KERNEL_H
#define HS_XFS_KERNEL_H

#include <stdatomic.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/types.h>

#include <linux/fs.h>

#include "base/err.h"
#include "base/strbuf.h"
#include "io/io.h"
#include "xfs/ioctl.h"

struct hs_xfs_kernel;

#define HS_XFS_KERNEL_VERSION(major, minor) ((uint32_t)(major) << 16 | (uint32_t)(minor))

struct hs_xfs_kernel_ops {
	/* Opens a directory to issue calls on: the descriptor, or -errno. */
	int (*open)(struct hs_xfs_kernel *k, const char *path);
	void (*close)(struct hs_xfs_kernel *k, int fd);
	errint_t (*stat)(struct hs_xfs_kernel *k, int fd, struct stat *out);
	errint_t (*statvfs)(struct hs_xfs_kernel *k, int fd, struct statvfs *out);
	errint_t (*syncfs)(struct hs_xfs_kernel *k, int fd);
	/* Ends all access to the file system, after what is in memory has been written. */
	errint_t (*shutdown)(struct hs_xfs_kernel *k, int fd);
	/* HS_XFS_KERNEL_VERSION() of the running kernel; 0: not known. */
	uint32_t (*version)(struct hs_xfs_kernel *k);
	/* The bytes of an attribute of the descriptor's own file; 0..len, or -errno. */
	ssize_t (*getxattr)(struct hs_xfs_kernel *k, int fd, const char *name, void *buf,
			    size_t len);
	errint_t (*label)(struct hs_xfs_kernel *k, int fd, char out[256]);

	errint_t (*geometry)(struct hs_xfs_kernel *k, int fd, struct hs_xfs_geom *out);
	errint_t (*ag_geometry)(struct hs_xfs_kernel *k, int fd, struct hs_xfs_ag_geom *inout);
	errint_t (*rg_geometry)(struct hs_xfs_kernel *k, int fd, struct hs_xfs_rg_geom *inout);
	errint_t (*fscounts)(struct hs_xfs_kernel *k, int fd, struct hs_xfs_fscounts *out);
	errint_t (*resblks)(struct hs_xfs_kernel *k, int fd, struct hs_xfs_resblks *out);

	errint_t (*scrub)(struct hs_xfs_kernel *k, int fd, struct hs_xfs_scrub *inout);
	/* head->vectors is set by the implementation from vecs. */
	errint_t (*scrubv)(struct hs_xfs_kernel *k, int fd, struct hs_xfs_scrubv *head,
			   struct hs_xfs_vec *vecs);

	/* head->icount records of room follow in recs. */
	errint_t (*bulkstat)(struct hs_xfs_kernel *k, int fd, struct hs_xfs_bulk_head *head,
			     struct hs_xfs_bstat *recs);
	errint_t (*inumbers)(struct hs_xfs_kernel *k, int fd, struct hs_xfs_bulk_head *head,
			     struct hs_xfs_inogrp *recs);
	/* head->fmh_count records of room stand behind the head. */
	errint_t (*getfsmap)(struct hs_xfs_kernel *k, int fd, struct fsmap_head *head);

	/* The handle of the descriptor's own file. */
	errint_t (*handle)(struct hs_xfs_kernel *k, int fd, struct hs_xfs_handle *out);
	/* A descriptor for the object, or -errno. */
	int (*open_by_handle)(struct hs_xfs_kernel *k, int fd, const struct hs_xfs_handle *h,
			      int oflags);
	/* req->handle and req->req (cursor, bufsize) are in and out; the records go to buf. */
	errint_t (*getparents)(struct hs_xfs_kernel *k, int fd,
			       struct hs_xfs_getparents_by_handle *req, void *buf);
	/* One namespace's attribute names; buf gets count, more, offsets (format notes 2.8). */
	errint_t (*attrlist)(struct hs_xfs_kernel *k, int fd, const struct hs_xfs_handle *h,
			     uint32_t flags, struct hs_xfs_attr_cursor *cursor, void *buf,
			     uint32_t len);
	/* struct linux_dirent64 records: bytes, 0 at the end, or -errno. */
	ssize_t (*getdents)(struct hs_xfs_kernel *k, int fd, void *buf, size_t len);
	/*
	 * All attribute names of an entry of a directory that the caller may see, with prefixes,
	 * each with its NUL: bytes, -ERANGE when they do not fit, or -errno. Links are not
	 * followed.
	 */
	ssize_t (*listxattrat)(struct hs_xfs_kernel *k, int fd, const char *name, char *buf,
			       size_t len);
	/* The extents of the descriptor's own file: map[0].count elements, the first the request.
	 */
	errint_t (*bmap)(struct hs_xfs_kernel *k, int fd, struct hs_xfs_bmap *map);

	/* Reads a part of a device of the file system and throws it away. */
	errint_t (*verify_media)(struct hs_xfs_kernel *k, int fd,
				 struct hs_xfs_verify_media *inout);
	/* Discards free space; inout->len becomes how much. The only call that writes. */
	errint_t (*fitrim)(struct hs_xfs_kernel *k, int fd, struct fstrim_range *inout);
	/* The number of a block device; -ENOTBLK when the path names something else. */
	errint_t (*device_number)(struct hs_xfs_kernel *k, const char *path, dev_t *out);
	/* A block device, for reading past the page cache. On error *why is one sentence. */
	errint_t (*device_open)(struct hs_xfs_kernel *k, const char *path, struct hs_io **out,
				struct hs_strbuf *why);
};

struct hs_xfs_kernel {
	const struct hs_xfs_kernel_ops *ops;
};

/* The running kernel. Owned by the caller; needs no release. */
struct hs_xfs_kernel_linux {
	struct hs_xfs_kernel k;
	atomic_int no_listxattrat; /* filtered, or learned from the first call */
};

void hs_xfs_kernel_linux_init(struct hs_xfs_kernel_linux *lk);

#endif
