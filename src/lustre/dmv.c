/* SPDX-License-Identifier: GPL-2.0-or-later */
/* trusted.dmv (format notes 9.5). The list of MDTs that may follow is not decoded. */
#include "lustre/dmv.h"

#include "base/bytes.h"
#include "lustre/lmv.h"

bool hs_dmv_decode(const uint8_t *buf, size_t len, struct hs_dmv *out)
{
	*out = (struct hs_dmv){0};
	if (len < HS_DMV_SIZE)
		return false;
	out->magic = hs_get_le32(buf);
	if (out->magic != HS_LMV_MAGIC_USER && out->magic != HS_LMV_MAGIC_MASTER)
		return false;
	out->count = (int32_t)hs_get_le32(buf + 4);
	out->index = hs_get_le32(buf + 8);
	out->hash = hs_get_le32(buf + 12);
	/* An old value has the form of trusted.lmv: no type, and its pool further on. */
	if (out->magic == HS_LMV_MAGIC_USER) {
		out->type = hs_get_le32(buf + 16);
		out->max_inherit = buf[20];
		out->max_inherit_rr = buf[21];
		memcpy(out->pool, buf + 32, 16);
	}
	return true;
}
