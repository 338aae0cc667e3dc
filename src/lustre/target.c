/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Volume label, CONFIGS/mountdata and the header of last_rcvd (format notes, section 6).
 */
#include "lustre/target.h"

#include <stdio.h>

#define MOUNTDATA_MAGIC	 0x1dd00001u
#define MOUNTDATA_FIELDS 200 /* what follows them is not needed */
#define DEFAULT_SUBDIRS	 32
#define LABEL_SUFFIX	 8 /* separator, MDT or OST, four hexadecimal digits */

static bool parse_index(const char *s, uint32_t *out)
{
	uint32_t v = 0;

	for (int i = 0; i < 4; i++) {
		char c = s[i];

		if (c >= '0' && c <= '9')
			v = v << 4 | (uint32_t)(c - '0');
		else if (c >= 'a' && c <= 'f')
			v = v << 4 | (uint32_t)(c - 'a' + 10);
		else if (c >= 'A' && c <= 'F')
			v = v << 4 | (uint32_t)(c - 'A' + 10);
		else
			return false;
	}
	*out = v;
	return true;
}

bool hs_label_parse(const char *label, size_t len, struct hs_label *out)
{
	size_t name_len;
	const char *s;

	len = strnlen(label, len);
	*out = (struct hs_label){.target = {HS_NO_TARGET, 0}, .separator = '-'};
	if (len == 3 && !memcmp(label, "MGS", 3))
		return true;
	if (len <= LABEL_SUFFIX || len > LABEL_SUFFIX + HS_FSNAME_MAX)
		return false;
	/* A file system's name may hold a '-' itself, so the end decides. */
	name_len = len - LABEL_SUFFIX;
	s = label + name_len;
	if (s[0] != '-' && s[0] != ':' && s[0] != '=')
		return false;
	if (!memcmp(s + 1, "MDT", 3))
		out->target.kind = HS_MDT;
	else if (!memcmp(s + 1, "OST", 3))
		out->target.kind = HS_OST;
	else
		return false;
	out->separator = s[0];
	memcpy(out->fsname, label, name_len);
	return parse_index(s + 4, &out->target.index);
}

/* A fixed field of text; dst has room for a NUL. */
static void copy_text(char *dst, const uint8_t *src, size_t len)
{
	memcpy(dst, src, len);
	dst[len] = '\0';
}

bool hs_mountdata_decode(const uint8_t *buf, size_t len, struct hs_mountdata *out)
{
	if (len < MOUNTDATA_FIELDS)
		return false;
	/* Written in the writer's own byte order. */
	if (hs_get_le32(buf) == MOUNTDATA_MAGIC) {
		out->flags = hs_get_le32(buf + 20);
		out->index = hs_get_le32(buf + 24);
		out->mount_type = hs_get_le32(buf + 28);
	} else if (hs_get_be32(buf) == MOUNTDATA_MAGIC) {
		out->flags = hs_get_be32(buf + 20);
		out->index = hs_get_be32(buf + 24);
		out->mount_type = hs_get_be32(buf + 28);
	} else {
		return false;
	}
	copy_text(out->fsname, buf + 32, 64);
	copy_text(out->service, buf + 96, 64);
	copy_text(out->uuid, buf + 160, 40);
	return true;
}

bool hs_last_rcvd_decode(const uint8_t *buf, size_t len, struct hs_last_rcvd *out)
{
	uint16_t subdirs;

	if (len < HS_LAST_RCVD_HEADER)
		return false;
	copy_text(out->uuid, buf, 40);
	out->last_transno = hs_get_le64(buf + 40);
	out->mount_count = hs_get_le64(buf + 56);
	out->compat = hs_get_le32(buf + 64);
	out->rocompat = hs_get_le32(buf + 68);
	out->incompat = hs_get_le32(buf + 72);
	subdirs = hs_get_le16(buf + 86);
	out->odd_subdirs = (subdirs & (subdirs - 1)) != 0;
	out->subdirs = subdirs == 0 || out->odd_subdirs ? DEFAULT_SUBDIRS : subdirs;
	out->index = hs_get_le32(buf + 140);
	return true;
}

const char *hs_tgt_text(struct hs_tgt t, char buf[static 16])
{
	if (t.kind == HS_NO_TARGET)
		snprintf(buf, 16, "MGS");
	else
		snprintf(buf, 16, "%s%04x", t.kind == HS_OST ? "OST" : "MDT", t.index);
	return buf;
}

bool hs_tgt_parse(const char *text, struct hs_tgt *out)
{
	size_t len = strlen(text);
	char again[16];
	uint64_t index = 0;

	if (len < 7 || len > 11 || (memcmp(text, "MDT", 3) && memcmp(text, "OST", 3)))
		return false;
	for (const char *p = text + 3; *p; p++) {
		const char *digits = "0123456789abcdef", *d = strchr(digits, *p);

		if (!d)
			return false;
		index = index << 4 | (uint64_t)(d - digits);
	}
	*out = (struct hs_tgt){text[0] == 'O' ? HS_OST : HS_MDT, (uint32_t)index};
	/* one spelling for each */
	return strcmp(hs_tgt_text(*out, again), text) == 0;
}
