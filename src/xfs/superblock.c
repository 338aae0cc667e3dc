/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Offsets are those of struct xfs_dsb in the kernel's fs/xfs/libxfs/xfs_format.h, big endian. What
 * an older file system does not have is zero there.
 */
#include "xfs/superblock.h"

#include "base/bytes.h"

#define MAGIC	       0x58465342 /* "XFSB" */
#define OFF_RBLOCKS    16
#define OFF_LOGSTART   48
#define OFF_VERSIONNUM 100
#define OFF_QFLAGS     176
#define OFF_INCOMPAT   216
#define OFF_RTSTART    288

#define VERSION_MASK   0x000f
#define INCOMPAT_ZONED 0x0200 /* the realtime section may lie behind the data, at sb_rtstart */

bool hs_xfs_sb_decode(const uint8_t *buf, size_t len, struct hs_xfs_sb *out)
{
	*out = (struct hs_xfs_sb){0};
	if (len < HS_XFS_SB_SIZE || hs_get_be32(buf) != MAGIC)
		return false;
	out->version = hs_get_be16(buf + OFF_VERSIONNUM) & VERSION_MASK;
	out->external_log = hs_get_be64(buf + OFF_LOGSTART) == 0;
	out->external_rt = hs_get_be64(buf + OFF_RBLOCKS) != 0;
	if (out->version >= 5 && (hs_get_be32(buf + OFF_INCOMPAT) & INCOMPAT_ZONED) &&
	    hs_get_be64(buf + OFF_RTSTART) != 0)
		out->external_rt = false;
	out->qflags = hs_get_be16(buf + OFF_QFLAGS);
	return true;
}

void hs_xfs_sb_quota_options(const struct hs_xfs_sb *sb, struct hs_strbuf *out)
{
	static const struct {
		uint16_t counted, enforced;
		const char *option, *lax;
	} quotas[] = {
		{HS_XFS_QUOTA_USER, HS_XFS_QUOTA_USER_ENFORCED, "uquota", "uqnoenforce"},
		{HS_XFS_QUOTA_GROUP, HS_XFS_QUOTA_GROUP_ENFORCED, "gquota", "gqnoenforce"},
		{HS_XFS_QUOTA_PROJECT, HS_XFS_QUOTA_PROJECT_ENFORCED, "pquota", "pqnoenforce"},
	};
	const char *comma = "";

	for (size_t i = 0; i < sizeof(quotas) / sizeof(quotas[0]); i++) {
		if (!(sb->qflags & quotas[i].counted))
			continue;
		hs_strbuf_printf(out, "%s%s", comma,
				 sb->qflags & quotas[i].enforced ? quotas[i].option
								 : quotas[i].lax);
		comma = ",";
	}
}
