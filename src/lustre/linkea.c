/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * trusted.link (format notes 9.2): a header in the writer's byte order, then entries in big endian
 * that lie one behind the other. Every walk ends: each step moves by at least an entry's head.
 */
#include "lustre/linkea.h"

#define MAGIC	      0x11eaf1dfu
#define MAGIC_SWAPPED 0xdff1ea11u
#define ENTRY_HEAD    18 /* record length and parent FID */

bool hs_linkea_open(const uint8_t *buf, size_t len, struct hs_linkea *out)
{
	uint32_t magic;
	uint64_t total;

	*out = (struct hs_linkea){.buf = buf, .flaws = HS_LINKEA_MAGIC};
	if (len < HS_LINKEA_HEADER)
		return false;
	magic = hs_get_le32(buf);
	if (magic == MAGIC) {
		out->count = hs_get_le32(buf + 4);
		total = hs_get_le64(buf + 8);
		out->overflow_time = hs_get_le32(buf + 16);
	} else if (magic == MAGIC_SWAPPED) {
		out->count = hs_get_be32(buf + 4);
		total = hs_get_be64(buf + 8);
		out->overflow_time = hs_get_be32(buf + 16);
	} else {
		return false;
	}
	out->flaws = HS_LINKEA_OK;
	out->len = len;
	if (total != len) {
		out->flaws |= HS_LINKEA_LENGTH;
		if (total >= HS_LINKEA_HEADER && total < len)
			out->len = (size_t)total;
	}
	return true;
}

static bool end_of_walk(struct hs_linkea *l, size_t *pos, unsigned flaws)
{
	*pos = l->len;
	l->flaws |= flaws;
	if (l->seen != l->count)
		l->flaws |= HS_LINKEA_COUNT;
	return false;
}

bool hs_linkea_next(struct hs_linkea *l, size_t *pos, struct hs_linkea_entry *out)
{
	size_t left, record;
	const uint8_t *p;

	if (*pos == 0) {
		*pos = HS_LINKEA_HEADER;
		l->seen = 0;
	}
	if (*pos >= l->len)
		return end_of_walk(l, pos, 0);
	p = l->buf + *pos;
	left = l->len - *pos;
	if (left < ENTRY_HEAD)
		return end_of_walk(l, pos, HS_LINKEA_RECORD);
	record = hs_get_be16(p);
	if (record < ENTRY_HEAD || record > left)
		return end_of_walk(l, pos, HS_LINKEA_RECORD);

	*pos += record;
	l->seen++;
	out->parent = hs_fid_get_be(p + 2);
	out->name = p + ENTRY_HEAD;
	out->name_len = record - ENTRY_HEAD;
	out->valid = true;
	if (out->name_len == 0 || out->name_len > HS_LINKEA_NAME_MAX) {
		l->flaws |= HS_LINKEA_NAME;
		out->valid = false;
	}
	if (!hs_fid_is_sane(out->parent)) {
		l->flaws |= HS_LINKEA_PARENT;
		out->valid = false;
	}
	return true;
}

size_t hs_linkea_encode(const struct hs_linkea_link *links, size_t n, uint32_t overflow_time,
			uint8_t buf[static HS_LINKEA_MAX], size_t *stored)
{
	size_t at = HS_LINKEA_HEADER, i;

	for (i = 0; i < n; i++) {
		size_t record = ENTRY_HEAD + links[i].name_len;

		if (record > HS_LINKEA_MAX - at)
			break;
		hs_put_be16(buf + at, (uint16_t)record);
		hs_fid_put_be(buf + at + 2, links[i].parent);
		memcpy(buf + at + ENTRY_HEAD, links[i].name, links[i].name_len);
		at += record;
	}
	hs_put_le32(buf, MAGIC);
	hs_put_le32(buf + 4, (uint32_t)i);
	hs_put_le64(buf + 8, at);
	hs_put_le32(buf + 16, overflow_time);
	hs_put_le32(buf + 20, 0);
	*stored = i;
	return at;
}
