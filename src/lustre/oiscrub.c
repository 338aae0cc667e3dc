/* SPDX-License-Identifier: GPL-2.0-or-later */
/* OI_scrub (format notes, section 14). A pure function of the file's bytes. */
#include "lustre/oiscrub.h"

#include "base/bytes.h"

bool hs_oiscrub_decode(const uint8_t *buf, size_t len, struct hs_oiscrub *out)
{
	*out = (struct hs_oiscrub){0};
	if (len < HS_OISCRUB_SIZE)
		return false;
	out->magic = hs_get_le32(buf + 24);
	if (out->magic != HS_OISCRUB_MAGIC_V1 && out->magic != HS_OISCRUB_MAGIC_V2)
		return false;
	memcpy(out->uuid, buf, sizeof(out->uuid));
	out->flags = hs_get_le64(buf + 16);
	out->status = hs_get_le16(buf + 28);
	out->param = hs_get_le16(buf + 30);
	out->last_complete = (int64_t)hs_get_le64(buf + 32);
	out->latest_start = (int64_t)hs_get_le64(buf + 40);
	out->last_checkpoint = (int64_t)hs_get_le64(buf + 48);
	out->pos_latest_start = hs_get_le64(buf + 56);
	out->pos_last_checkpoint = hs_get_le64(buf + 64);
	out->pos_first_failure = hs_get_le64(buf + 72);
	out->checked = hs_get_le64(buf + 80);
	out->updated = hs_get_le64(buf + 88);
	out->failed = hs_get_le64(buf + 96);
	out->updated_prior = hs_get_le64(buf + 104);
	out->run_time = hs_get_le32(buf + 128);
	out->success_count = hs_get_le32(buf + 132);
	if (out->magic == HS_OISCRUB_MAGIC_V2)
		out->oi_count = hs_get_le16(buf + 136);
	memcpy(out->recreated, buf + 272, sizeof(out->recreated));
	return true;
}

void hs_oiscrub_request(uint8_t buf[HS_OISCRUB_SIZE], size_t len, const uint8_t uuid[16],
			uint16_t oi_count)
{
	struct hs_oiscrub now;

	/* Another UUID would mean a restored backup: all index files would be thrown away. */
	if (!hs_oiscrub_decode(buf, len, &now) || now.magic != HS_OISCRUB_MAGIC_V2 ||
	    memcmp(now.uuid, uuid, sizeof(now.uuid))) {
		memset(buf, 0, HS_OISCRUB_SIZE);
		memcpy(buf, uuid, 16);
		hs_put_le32(buf + 24, HS_OISCRUB_MAGIC_V2);
		hs_put_le16(buf + 136, oi_count);
		now.flags = 0;
	}
	hs_put_le64(buf + 16, now.flags | HS_OISCRUB_INCONSISTENT);
	hs_put_le16(buf + 28, HS_OISCRUB_INIT);
}
