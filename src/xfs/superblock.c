/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "xfs/superblock.h"

#include "base/bytes.h"

/* sb_magicnum and sb_qflags, big endian (kernel, struct xfs_dsb). */
#define SB_MAGIC       0x58465342
#define SB_QFLAGS      176
#define SB_QFLAGS_SIZE 2

static const struct {
	uint16_t accounting, enforced;
	const char *option, *unenforced;
} quotas[] = {
	{0x0001, 0x0002, ",uquota", ",uqnoenforce"},
	{0x0040, 0x0080, ",gquota", ",gqnoenforce"},
	{0x0008, 0x0200, ",pquota", ",pqnoenforce"},
};

errint_t hs_xfs_sb_quota_options(const uint8_t *sb, size_t len, struct hs_strbuf *out)
{
	uint16_t flags;

	if (len < SB_QFLAGS + SB_QFLAGS_SIZE || hs_get_be32(sb) != SB_MAGIC)
		return -EINVAL;
	flags = hs_get_be16(sb + SB_QFLAGS);
	for (size_t i = 0; i < sizeof(quotas) / sizeof(quotas[0]); i++) {
		if (flags & quotas[i].accounting)
			hs_strbuf_puts(out, flags & quotas[i].enforced ? quotas[i].option
								       : quotas[i].unenforced);
	}
	return hs_strbuf_error(out);
}
