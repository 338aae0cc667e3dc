/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The little that must be known of an XFS superblock before the file system is mounted.
 */
#ifndef HS_XFS_SUPERBLOCK_H
#define HS_XFS_SUPERBLOCK_H

#include <stddef.h>
#include <stdint.h>

#include "base/strbuf.h"

/* Bytes that must be read from the start of the device. */
#define HS_XFS_SB_SIZE 512

/*
 * Appends the mount options that keep the quota accounting as it is, each with a comma before it;
 * mounted without them, the kernel would forget the quota flags. -EINVAL when this is no XFS.
 */
errint_t hs_xfs_sb_quota_options(const uint8_t *sb, size_t len, struct hs_strbuf *out);

#endif
