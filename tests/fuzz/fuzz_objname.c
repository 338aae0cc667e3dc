/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names below O/: a name that is accepted is the one that its FID gives back. */
#include "fuzz.h"

#include "lustre/objname.h"

static void round_trip(uint64_t seq, const char *name, size_t len)
{
	char path[64];
	uint64_t id;
	int n;

	if (!hs_objname_parse_objid(seq, name, len, &id))
		return;
	n = hs_objname_path(hs_objname_fid(seq, id, true, 3), 32, path, sizeof(path));
	fuzz_require(n > (int)len && !memcmp(path + (size_t)n - len, name, len));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char digits[8];
	uint64_t seq;
	uint32_t sub;

	hs_objname_parse_seq((const char *)data, size, &seq);
	hs_objname_parse_subdir((const char *)data, size, 32, &sub);
	round_trip(0, (const char *)data, size);
	round_trip(HS_SEQ_NORMAL, (const char *)data, size);
	if (size < sizeof(digits))
		return 0;
	for (size_t i = 0; i < sizeof(digits); i++)
		digits[i] = "0123456789abcdefF"[data[i] % 17];
	for (size_t len = 0; len <= sizeof(digits); len++) {
		round_trip(0, digits, len);
		round_trip(HS_SEQ_NORMAL, digits, len);
	}
	return 0;
}
