/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The few fields of an XFS superblock that say how an unmounted file system has to be mounted:
 * which devices it has and which quotas it keeps. Nothing is verified beyond the magic: that is the
 * kernel's work, when it mounts.
 */
#ifndef HS_XFS_SUPERBLOCK_H
#define HS_XFS_SUPERBLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/strbuf.h"

#define HS_XFS_SB_SIZE 512 /* the least sector there is */

/* sb_qflags: what is counted, and what is also enforced. */
enum {
	HS_XFS_QUOTA_USER = 0x0001,
	HS_XFS_QUOTA_USER_ENFORCED = 0x0002,
	HS_XFS_QUOTA_PROJECT = 0x0008,
	HS_XFS_QUOTA_GROUP = 0x0040,
	HS_XFS_QUOTA_GROUP_ENFORCED = 0x0080,
	HS_XFS_QUOTA_PROJECT_ENFORCED = 0x0200,
};

struct hs_xfs_sb {
	unsigned version; /* 4 or 5 */
	bool external_log;
	bool external_rt; /* has a realtime device of its own */
	uint16_t qflags;
};

/* False when these are not the first bytes of an XFS. */
bool hs_xfs_sb_decode(const uint8_t *buf, size_t len, struct hs_xfs_sb *out);

/*
 * The mount options that leave the quotas as they are, "uquota,gqnoenforce": a mount without them
 * would turn them off. Nothing is added for none.
 */
void hs_xfs_sb_quota_options(const struct hs_xfs_sb *sb, struct hs_strbuf *out);

#endif
