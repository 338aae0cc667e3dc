/* SPDX-License-Identifier: GPL-2.0-or-later */
/* trusted.som (format notes 9.7). */
#include "lustre/som.h"

#include "base/bytes.h"

bool hs_som_decode(const uint8_t *buf, size_t len, struct hs_som *out)
{
	*out = (struct hs_som){0};
	if (len < HS_SOM_SIZE)
		return false;
	out->valid = hs_get_le16(buf);
	out->size = hs_get_le64(buf + 8);
	out->blocks = hs_get_le64(buf + 16);
	return true;
}
