/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The few fields of an inode record on disk that outlive damage elsewhere in it. A repair of a
 * record that the kernel cannot load gives it the generation that it is called with; parent
 * pointers name a directory with its generation, so with another than the old one a directory
 * loses all that is in it, and handles of clients become stale. Hence the old one is read from the
 * device.
 */
#ifndef HS_XFS_DINODE_H
#define HS_XFS_DINODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "xfs/scan.h"

#define HS_XFS_DINODE_SIZE 176 /* the fixed part of a version 3 record */

/*
 * The generation in the record of inode `ino`. False when neither the magic nor, in a version 3
 * record, the inode number says that this is such a record; checksums are not looked at.
 */
bool hs_xfs_dinode_generation(const uint8_t *buf, size_t len, uint64_t ino, uint32_t *out);

/*
 * The same of an inode of a mounted file system, read past all caches. -ENOENT when no record is
 * found there, -EINVAL for a number that no inode can have, else what the device says. Any thread.
 */
errint_t hs_xfs_disk_generation(const struct hs_xfs_scan *scan, uint64_t ino, uint32_t *out);

#endif
