/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names below O/ (format notes, section 8). Numbers are parsed as strictly as they are written, so
 * that one object cannot have two names.
 */
#include "lustre/objname.h"

#include <inttypes.h>
#include <stdio.h>

#define DEFAULT_SUBDIRS 32
#define IDIF_OBJID_MAX	0xffffffffffffull
#define HEX_FROM	0x1full /* the kernel takes a smaller hex name for a decimal one */

/* The sequences whose names are decimal numbers. */
static bool is_decimal(uint64_t seq)
{
	return seq <= HS_SEQ_RSVD || hs_seq_is_idif(seq);
}

/* A whole name as a number: lower case, no sign, no leading zero. */
static bool parse_number(const char *s, size_t len, unsigned base, uint64_t *out)
{
	uint64_t v = 0;

	if (len == 0 || len > 20 || (s[0] == '0' && len > 1))
		return false;
	for (size_t i = 0; i < len; i++) {
		unsigned digit;

		if (s[i] >= '0' && s[i] <= '9')
			digit = (unsigned)(s[i] - '0');
		else if (base == 16 && s[i] >= 'a' && s[i] <= 'f')
			digit = (unsigned)(s[i] - 'a') + 10;
		else
			return false;
		if (__builtin_mul_overflow(v, base, &v) || __builtin_add_overflow(v, digit, &v))
			return false;
	}
	*out = v;
	return true;
}

bool hs_objname_parse_seq(const char *name, size_t len, uint64_t *seq)
{
	uint64_t v;

	if (parse_number(name, len, 10, &v) && v <= HS_SEQ_RSVD) {
		*seq = v;
		return true;
	}
	if (!parse_number(name, len, 16, &v) || v < HEX_FROM || hs_seq_is_idif(v))
		return false;
	*seq = v;
	return true;
}

bool hs_objname_parse_subdir(const char *name, size_t len, uint32_t subdirs, uint32_t *n)
{
	uint64_t v;

	if (len < 2 || name[0] != 'd' || !parse_number(name + 1, len - 1, 10, &v) || v >= subdirs)
		return false;
	*n = (uint32_t)v;
	return true;
}

bool hs_objname_parse_objid(uint64_t seq, const char *name, size_t len, uint64_t *objid)
{
	bool idif = seq == HS_SEQ_OST_MDT0 || hs_seq_is_idif(seq);
	uint64_t v;

	if (!parse_number(name, len, is_decimal(seq) ? 10 : 16, &v))
		return false;
	if (v == 0 || v > (idif ? IDIF_OBJID_MAX : UINT32_MAX))
		return false;
	*objid = v;
	return true;
}

struct hs_fid hs_objname_fid(uint64_t seq, uint64_t objid, bool on_ost, uint32_t ost)
{
	if (hs_seq_is_idif(seq) || (seq == HS_SEQ_OST_MDT0 && on_ost))
		return hs_fid_from_idif(objid, ost);
	return (struct hs_fid){.seq = seq, .oid = (uint32_t)objid};
}

int hs_objname_path(struct hs_fid f, uint32_t subdirs, char *buf, size_t len)
{
	uint64_t seq = hs_seq_is_idif(f.seq) ? HS_SEQ_OST_MDT0 : f.seq;
	uint64_t objid = hs_fid_objid(f);
	uint64_t n = objid & ((subdirs ? subdirs : DEFAULT_SUBDIRS) - 1);

	if (is_decimal(seq)) {
		if (hs_fid_is_last_id(f))
			return snprintf(buf, len, "O/%" PRIu64 "/LAST_ID", seq);
		return snprintf(buf, len, "O/%" PRIu64 "/d%" PRIu64 "/%" PRIu64, seq, n, objid);
	}
	if (hs_fid_is_last_id(f))
		return snprintf(buf, len, "O/%" PRIx64 "/LAST_ID", seq);
	return snprintf(buf, len, "O/%" PRIx64 "/d%" PRIu64 "/%" PRIx64, seq, n, objid);
}
