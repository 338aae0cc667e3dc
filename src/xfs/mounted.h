/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The XFS file systems that are mounted, each once however often it is mounted, and the physical
 * disks below each.
 */
#ifndef HS_XFS_MOUNTED_H
#define HS_XFS_MOUNTED_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"
#include "xfs/fleet.h"

struct hs_xfs_mounted {
	char *dir;     /* the mount point to check it by */
	char *source;  /* the data device, as mount(8) shows it */
	char *options; /* the file system's own, where log and realtime devices are named */
	dev_t dev;
	bool whole; /* its root directory is mounted there, not one below */
};

/*
 * Reads a table in the format of /proc/self/mountinfo (that file if `table` is NULL). Of several
 * mounts of one file system the first that shows its root directory is taken, else the first; one
 * that another mount at the same place hides is none. In order of mounting. Returns 0 or -errno;
 * the list is the caller's, to be freed with hs_xfs_mounted_free().
 */
errint_t hs_xfs_mounted_list(const char *table, struct hs_xfs_mounted **list, size_t *n);
void hs_xfs_mounted_free(struct hs_xfs_mounted *list, size_t n);

/*
 * Adds the physical disks below a mounted file system: those of the data device, and those of
 * external log and realtime devices, which `options` name (may be NULL). `sys` is "/sys" but in
 * tests. out->disks is the caller's to free.
 */
errint_t hs_xfs_mounted_disks(const char *sys, dev_t data, const char *options,
			      struct hs_xfs_member *out);

#endif
