/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names in PENDING (format notes, section 7), as strict as they are written. */
#include "lustre/pendname.h"

#define OLD_LENGTH 37 /* 16 + 8 + 8 digits, two characters, three colons */

/* Exactly n lower-case digits followed by a colon. */
static bool parse_fixed(const char *s, unsigned n, uint64_t *out)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < n; i++) {
		if (s[i] >= '0' && s[i] <= '9')
			v = v << 4 | (uint64_t)(s[i] - '0');
		else if (s[i] >= 'a' && s[i] <= 'f')
			v = v << 4 | (uint64_t)(s[i] - 'a' + 10);
		else
			return false;
	}
	*out = v;
	return s[n] == ':';
}

bool hs_pendname_parse(const char *name, size_t len, struct hs_fid *out)
{
	uint64_t seq, oid, ver;

	if (len != OLD_LENGTH)
		return len > 0 && name[0] != '[' && hs_fid_parse(name, len, out) == 0;
	if (name[1] == 'x') /* a long FID of the new form */
		return hs_fid_parse(name, len, out) == 0;
	if (!parse_fixed(name, 16, &seq) || !parse_fixed(name + 17, 8, &oid) ||
	    !parse_fixed(name + 26, 8, &ver) || memcmp(name + 35, " 0", 2) != 0)
		return false;
	*out = (struct hs_fid){seq, (uint32_t)oid, (uint32_t)ver};
	return true;
}
