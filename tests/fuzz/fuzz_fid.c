/* SPDX-License-Identifier: GPL-2.0-or-later */
/* FID text: what is accepted comes out again as it went in, up to spelling. */
#include "fuzz.h"

#include "lustre/fid.h"
#include "lustre/pendname.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *s = (const char *)data;
	char buf[HS_FID_TEXT];
	struct hs_fid f, g;

	hs_pendname_parse(s, size, &f);
	if (size >= HS_FID_SIZE) {
		f = hs_fid_get_le(data);
		hs_fid_text(f, buf);
		fuzz_require(hs_fid_parse(buf, strlen(buf), &g) == 0 && hs_fid_eq(f, g));
	}
	if (hs_fid_parse(s, size, &f) == 0) {
		hs_fid_text_plain(f, buf);
		fuzz_require(hs_fid_parse(buf, strlen(buf), &g) == 0 && hs_fid_eq(f, g));
	}
	return 0;
}
