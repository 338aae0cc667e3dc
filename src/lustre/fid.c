/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * FIDs: which are sane, which are LAST_ID files, IDIF arithmetic and the text form
 * (format notes, section 1). Pure functions.
 */
#include "lustre/fid.h"

#include <stdio.h>

bool hs_fid_is_sane(struct hs_fid f)
{
	if (f.seq >= HS_SEQ_START && f.ver == 0)
		return true;
	return f.seq >= HS_SEQ_LLOG && f.seq <= HS_SEQ_IDIF_MAX;
}

bool hs_fid_is_last_id(struct hs_fid f)
{
	if (f.oid != 0 || hs_seq_is_igif(f.seq))
		return false;
	if (hs_seq_is_idif(f.seq))
		return (f.seq & 0xffff) == 0;
	return f.seq != HS_SEQ_UPDATE_LOG && f.seq != HS_SEQ_UPDATE_LOG_DIR;
}

struct hs_fid hs_fid_from_idif(uint64_t objid, uint32_t ost)
{
	return (struct hs_fid){
		.seq = HS_SEQ_IDIF | (uint64_t)(ost & 0xffff) << 16 | (objid >> 32 & 0xffff),
		.oid = (uint32_t)objid,
		.ver = (uint32_t)(objid >> 48),
	};
}

uint64_t hs_fid_objid(struct hs_fid f)
{
	if (!hs_seq_is_idif(f.seq))
		return f.oid;
	return (uint64_t)f.ver << 48 | (f.seq & 0xffff) << 32 | f.oid;
}

struct hs_fid hs_fid_with_idif_ost(struct hs_fid f, uint32_t ost)
{
	if (hs_seq_is_idif(f.seq))
		f.seq = (f.seq & ~0xffff0000ull) | (uint64_t)(ost & 0xffff) << 16;
	return f;
}

const char *hs_fid_text(struct hs_fid f, char buf[static HS_FID_TEXT])
{
	snprintf(buf, HS_FID_TEXT, "[%#llx:0x%x:0x%x]", (unsigned long long)f.seq, f.oid, f.ver);
	return buf;
}

const char *hs_fid_text_plain(struct hs_fid f, char buf[static HS_FID_TEXT])
{
	snprintf(buf, HS_FID_TEXT, "%#llx:0x%x:0x%x", (unsigned long long)f.seq, f.oid, f.ver);
	return buf;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* One number at s[*pos], at most max_digits digits behind its 0x; stops at the first other byte. */
static bool parse_number(const char *s, size_t len, size_t *pos, unsigned max_digits, uint64_t *out)
{
	size_t p = *pos;
	uint64_t v = 0;
	unsigned n = 0;
	bool prefix = len - p >= 2 && s[p] == '0' && s[p + 1] == 'x';

	if (prefix)
		p += 2;
	for (; p < len && hex_digit(s[p]) >= 0; p++, n++) {
		if (n == max_digits)
			return false;
		v = v << 4 | (uint64_t)hex_digit(s[p]);
	}
	if (n == 0 || (!prefix && (n != 1 || v != 0)))
		return false;
	*pos = p;
	*out = v;
	return true;
}

errint_t hs_fid_parse(const char *s, size_t len, struct hs_fid *out)
{
	uint64_t seq, oid, ver;
	size_t pos = 0;

	if (len >= 2 && s[0] == '[') {
		if (s[len - 1] != ']')
			return -EINVAL;
		s++;
		len -= 2;
	}
	if (!parse_number(s, len, &pos, 16, &seq) || pos == len || s[pos++] != ':')
		return -EINVAL;
	if (!parse_number(s, len, &pos, 8, &oid) || pos == len || s[pos++] != ':')
		return -EINVAL;
	if (!parse_number(s, len, &pos, 8, &ver) || pos != len)
		return -EINVAL;
	*out = (struct hs_fid){seq, (uint32_t)oid, (uint32_t)ver};
	return 0;
}
