/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Name hashes: a stripe is below the count, and crush never trims a name to more than it is. */
#include "fuzz.h"

#include "lustre/namehash.h"
#include "lustre/namehash_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint32_t count = size ? 1 + data[0] % 16u : 1;

	for (uint32_t type = 0; type < 6; type++) {
		uint32_t stripe = hs_name_stripe(type, count, data, size);

		fuzz_require(stripe < count || stripe == UINT32_MAX);
	}
	for (int second = 0; second < 2; second++) {
		const uint8_t *p = data;
		size_t len = size;

		hs_crush_trim(&p, &len, second);
		fuzz_require(p >= data && len <= size && p + len <= data + size);
	}
	return 0;
}
