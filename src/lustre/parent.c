/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * trusted.fid on OST objects (format notes 9.6). The value grew over the releases; what a short one
 * lacks is unknown, not zero, so each group of fields has its own flag.
 */
#include "lustre/parent.h"

enum {
	SIZE_FID = 16,
	SIZE_SELF_ID = 32, /* 1.8 to 2.3: followed by the object's own id */
	SIZE_LAYOUT = 44,
	SIZE_VERSION = 52,
};

bool hs_parent_decode(const uint8_t *buf, size_t len, struct hs_parent *out)
{
	*out = (struct hs_parent){0};
	out->odd_size =
		len != SIZE_FID && len != SIZE_SELF_ID && len != SIZE_LAYOUT && len != SIZE_VERSION;
	if (len < SIZE_FID)
		return false;
	out->file = hs_fid_get_le(buf);
	out->stripe_index = out->file.ver;
	out->file.ver = 0;
	if (len >= SIZE_LAYOUT) {
		out->has_layout = true;
		out->stripe_size = hs_get_le32(buf + 16);
		out->stripe_count = hs_get_le32(buf + 20);
		out->comp_start = hs_get_le64(buf + 24);
		out->comp_end = hs_get_le64(buf + 32);
		out->comp_id = hs_get_le32(buf + 40);
	}
	if (len >= SIZE_VERSION) {
		out->has_version = true;
		out->layout_version = hs_get_le32(buf + 44);
		out->range = hs_get_le32(buf + 48);
	}
	return true;
}

size_t hs_parent_encode(const struct hs_parent *p, uint8_t buf[static HS_PARENT_SIZE])
{
	struct hs_fid file = p->file;

	file.ver = p->stripe_index;
	memset(buf, 0, HS_PARENT_SIZE);
	hs_fid_put_le(buf, file);
	if (!p->has_layout)
		return SIZE_FID;
	hs_put_le32(buf + 16, p->stripe_size);
	hs_put_le32(buf + 20, p->stripe_count);
	hs_put_le64(buf + 24, p->comp_start);
	hs_put_le64(buf + 32, p->comp_end);
	hs_put_le32(buf + 40, p->comp_id);
	if (!p->has_version)
		return SIZE_LAYOUT;
	hs_put_le32(buf + 44, p->layout_version);
	hs_put_le32(buf + 48, p->range);
	return SIZE_VERSION;
}
