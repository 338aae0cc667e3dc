/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The property by which an administrator says how a file system is to be checked by timers: the
 * attribute trusted.xfs:autofsck of its root directory (format notes 10.5).
 */
#ifndef HS_XFS_AUTOFSCK_H
#define HS_XFS_AUTOFSCK_H

#include "xfs/fs.h"

enum hs_xfs_autofsck {
	HS_XFS_AUTOFSCK_NONE,
	HS_XFS_AUTOFSCK_CHECK,
	HS_XFS_AUTOFSCK_OPTIMIZE,
	HS_XFS_AUTOFSCK_REPAIR,
};

/*
 * What an open file system asks for. Unset or not understood (then *unknown, at most 64 bytes with
 * the NUL, holds the text, else ""): a check if it has back-references to check with, else nothing.
 */
enum hs_xfs_autofsck hs_xfs_autofsck(const struct hs_xfs_fs *fs, char unknown[64]);

/* "Checking per autofsck directive." and so on. */
const char *hs_xfs_autofsck_describe(enum hs_xfs_autofsck mode);

#endif
