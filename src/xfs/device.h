/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The block devices of a mounted file system, for reading past all caches. */
#ifndef HS_XFS_DEVICE_H
#define HS_XFS_DEVICE_H

#include "xfs/scan.h"

/*
 * Opens a device of the file system, read-only; a realtime section inside the data device is read
 * from that. *out is the caller's to close. On error *why is one sentence.
 */
errint_t hs_xfs_device_open(const struct hs_xfs_scan *scan, enum hs_xfs_device dev,
			    struct hs_io **out, struct hs_strbuf *why);

#endif
