/* SPDX-License-Identifier: GPL-2.0-or-later */
/* OI_scrub and the state files of LFSCK. */
#include "fuzz.h"

#include "base/bytes.h"
#include "lustre/lfsckstate.h"
#include "lustre/oiscrub.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint32_t magics[] = {0x20130c1d, 0xb1732fed, 0xa06249ff, 0};
	uint8_t *v = fuzz_value(data, size);
	struct hs_lfsck_namespace n;
	struct hs_lfsck_bookmark b;
	struct hs_lfsck_layout l;
	struct hs_oiscrub s;

	if (!v)
		return 0;
	size--;
	if (size >= 4)
		hs_put_le32(v, magics[data[0] % 4]);
	if (size >= 28)
		hs_put_le32(v + 24, HS_OISCRUB_MAGIC_V2);
	hs_lfsck_bookmark_decode(v, size, &b);
	hs_lfsck_layout_decode(v, size, &l);
	hs_lfsck_namespace_decode(v, size, &n);
	fuzz_require(hs_oiscrub_decode(v, size, &s) == (size >= HS_OISCRUB_SIZE));
	free(v);
	return 0;
}
