/* SPDX-License-Identifier: GPL-2.0-or-later */
/* trusted.hsm (format notes 9.7). */
#include "lustre/hsm.h"

#include "base/bytes.h"

bool hs_hsm_decode(const uint8_t *buf, size_t len, struct hs_hsm *out)
{
	*out = (struct hs_hsm){0};
	if (len < HS_HSM_SIZE)
		return false;
	out->compat = hs_get_le32(buf);
	out->flags = hs_get_le32(buf + 4);
	out->archive_id = hs_get_le64(buf + 8);
	out->archive_version = hs_get_le64(buf + 16);
	return true;
}
