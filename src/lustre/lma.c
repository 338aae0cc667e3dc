/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * trusted.lma (format notes 9.1). Called once per inode: no loops, no memory.
 */
#include "lustre/lma.h"

/* The part that follows the FID on OSTs with small inodes; the version slot packs two numbers. */
static void decode_stripe_info(const uint8_t *buf, struct hs_lma *out)
{
	uint32_t slot;

	out->parent = hs_fid_get_le(buf + 24);
	slot = out->parent.ver;
	out->parent.ver = 0;
	out->stripe_index = slot & 0xffff;
	out->stripe_count = slot >> 16;
	out->stripe_size = hs_get_le32(buf + 40);
	out->has_stripe = true;
	if (!(out->compat & HS_LMAC_COMP_INFO))
		return;
	out->comp_id = hs_get_le32(buf + 44);
	out->comp_start = hs_get_le64(buf + 48);
	out->comp_end = hs_get_le64(buf + 56);
	out->has_comp = true;
}

bool hs_lma_decode(const uint8_t *buf, size_t len, struct hs_lma *out)
{
	*out = (struct hs_lma){0};
	if (len < HS_LMA_SIZE)
		return false;
	out->compat = hs_get_le32(buf);
	out->incompat = hs_get_le32(buf + 4);
	out->fid = hs_fid_get_le(buf + 8);
	/* Without STRIPE_INFO a longer value ends in padding or in fields of before 2.4. */
	if (len >= HS_LMA_LONG_SIZE && (out->compat & HS_LMAC_STRIPE_INFO))
		decode_stripe_info(buf, out);
	return true;
}

size_t hs_lma_encode(const struct hs_lma *lma, uint8_t buf[static HS_LMA_LONG_SIZE])
{
	struct hs_fid parent = lma->parent;

	memset(buf, 0, HS_LMA_LONG_SIZE);
	hs_put_le32(buf, lma->compat);
	hs_put_le32(buf + 4, lma->incompat);
	hs_fid_put_le(buf + 8, lma->fid);
	if (!lma->has_stripe)
		return HS_LMA_SIZE;
	parent.ver = lma->stripe_count << 16 | (lma->stripe_index & 0xffff);
	hs_fid_put_le(buf + 24, parent);
	hs_put_le32(buf + 40, lma->stripe_size);
	if (lma->has_comp) {
		hs_put_le32(buf + 44, lma->comp_id);
		hs_put_le64(buf + 48, lma->comp_start);
		hs_put_le64(buf + 56, lma->comp_end);
	}
	return HS_LMA_LONG_SIZE;
}
