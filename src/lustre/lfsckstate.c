/* SPDX-License-Identifier: GPL-2.0-or-later */
/* LFSCK's state files (format notes, section 15). Pure functions of the bytes. */
#include "lustre/lfsckstate.h"

#define BOOKMARK_MAGIC 0x20130c1du

bool hs_lfsck_bookmark_decode(const uint8_t *buf, size_t len, struct hs_lfsck_bookmark *out)
{
	*out = (struct hs_lfsck_bookmark){0};
	if (len < HS_LFSCK_BOOKMARK_SIZE || hs_get_le32(buf) != BOOKMARK_MAGIC)
		return false;
	out->version = hs_get_le16(buf + 4);
	out->params = hs_get_le16(buf + 6);
	out->speed_limit = hs_get_le32(buf + 8);
	out->async_window = hs_get_le16(buf + 12);
	out->lost_found = hs_fid_get_le(buf + 16);
	out->last_created = hs_fid_get_le(buf + 32);
	return true;
}

static bool is_one_of(uint32_t magic, const uint32_t *known, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (known[i] == magic)
			return true;
	}
	return false;
}

static struct hs_lfsck_common decode_common(const uint8_t *buf)
{
	return (struct hs_lfsck_common){
		.magic = hs_get_le32(buf),
		.status = hs_get_le32(buf + 4),
		.flags = hs_get_le32(buf + 8),
		.success_count = hs_get_le32(buf + 12),
		.run_time = {(int64_t)hs_get_le64(buf + 16), (int64_t)hs_get_le64(buf + 24)},
		.last_complete = (int64_t)hs_get_le64(buf + 32),
		.latest_start = (int64_t)hs_get_le64(buf + 40),
		.last_checkpoint = (int64_t)hs_get_le64(buf + 48),
	};
}

static void decode_counters(const uint8_t *p, uint64_t *out, size_t n)
{
	for (size_t i = 0; i < n; i++)
		out[i] = hs_get_le64(p + 8 * i);
}

bool hs_lfsck_layout_decode(const uint8_t *buf, size_t len, struct hs_lfsck_layout *out)
{
	static const uint32_t magics[] = {0xb173ae14, 0xb1734d76, 0xb17371b9, 0xb1732fed};

	*out = (struct hs_lfsck_layout){0};
	if (len < HS_LFSCK_LAYOUT_SIZE ||
	    !is_one_of(hs_get_le32(buf), magics, sizeof(magics) / sizeof(magics[0])))
		return false;
	out->common = decode_common(buf);
	out->pos_latest_start = hs_get_le64(buf + 56);
	out->pos_last_checkpoint = hs_get_le64(buf + 64);
	out->pos_first_failure = hs_get_le64(buf + 72);
	decode_counters(buf + 80, out->counter, HS_LFSCK_LO_COUNTERS);
	return true;
}

static struct hs_lfsck_position decode_position(const uint8_t *p)
{
	return (struct hs_lfsck_position){
		.oit_cookie = hs_get_le64(p),
		.dir = hs_fid_get_le(p + 8),
		.dir_cookie = hs_get_le64(p + 24),
	};
}

bool hs_lfsck_namespace_decode(const uint8_t *buf, size_t len, struct hs_lfsck_namespace *out)
{
	static const uint32_t magics[] = {0xa0629d03, 0xa0621a0b, 0xa06249ff};

	*out = (struct hs_lfsck_namespace){0};
	if (len < HS_LFSCK_NAMESPACE_SIZE ||
	    !is_one_of(hs_get_le32(buf), magics, sizeof(magics) / sizeof(magics[0])))
		return false;
	out->common = decode_common(buf);
	out->latest_start = decode_position(buf + 56);
	out->last_checkpoint = decode_position(buf + 88);
	out->first_inconsistent = decode_position(buf + 120);
	out->last_phase2 = hs_fid_get_le(buf + 216);
	/* Three runs, with the FID above and the bitmap's size and a time between them. */
	decode_counters(buf + 152, out->counter, HS_LFSCK_NS_DIRENT_REPAIRED);
	decode_counters(buf + 232, out->counter + HS_LFSCK_NS_DIRENT_REPAIRED,
			HS_LFSCK_NS_LINKEA_OVERFLOW_CLEARED - HS_LFSCK_NS_DIRENT_REPAIRED);
	decode_counters(buf + 440, out->counter + HS_LFSCK_NS_LINKEA_OVERFLOW_CLEARED, 2);
	return true;
}
