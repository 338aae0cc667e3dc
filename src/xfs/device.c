/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "xfs/device.h"

#include <stdio.h>
#include <sys/sysmacros.h>

/*
 * What the mount table says of the data device may be a name that leads elsewhere by now: its
 * number decides.
 */
errint_t hs_xfs_device_open(const struct hs_xfs_scan *scan, enum hs_xfs_device dev,
			    struct hs_io **out, struct hs_strbuf *why)
{
	struct hs_xfs_kernel *k = scan->fs.kernel;
	const char *path;
	char by_number[64];
	dev_t number;

	if (dev == HS_XFS_RT && scan->fs.geom.rtstart)
		dev = HS_XFS_DATA;
	path = scan->devices ? scan->devices[dev] : NULL;
	if (dev == HS_XFS_DATA &&
	    (!path || k->ops->device_number(k, path, &number) || number != scan->fs.st_dev)) {
		snprintf(by_number, sizeof(by_number), "/dev/block/%u:%u", major(scan->fs.st_dev),
			 minor(scan->fs.st_dev));
		path = by_number;
	}
	if (!path) {
		hs_strbuf_puts(why, "its path is not known");
		return -ENOENT;
	}
	return k->ops->device_open(k, path, out, why);
}
