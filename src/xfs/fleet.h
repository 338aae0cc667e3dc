/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Several file systems at once, but never two on one physical disk: their reads would only get in
 * each other's way.
 */
#ifndef HS_XFS_FLEET_H
#define HS_XFS_FLEET_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct hs_xfs_member {
	uint64_t *disks; /* physical disks it lies on, as numbers; owned by the fleet's user */
	size_t n_disks;
};

/*
 * Calls fn(i, arg) once for each member, at most `limit` at a time (0: no limit), no two at a time
 * that share a disk, in order as far as that allows. Returns the bitwise OR of what fn returned.
 */
int hs_xfs_fleet_run(const struct hs_xfs_member *members, size_t n, unsigned limit,
		     int (*fn)(size_t i, void *arg), void *arg);

/*
 * The physical disks below a block device, found in sysfs (`sys` is "/sys" but in tests): through
 * partitions, device mapper, md and loop devices. Each is major << 32 | minor. What cannot be
 * resolved counts as a disk of its own. Adds to out->disks, which the caller frees.
 */
errint_t hs_xfs_disks_of(const char *sys, unsigned dev_major, unsigned dev_minor,
			 struct hs_xfs_member *out);

#endif
