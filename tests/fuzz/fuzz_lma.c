/* SPDX-License-Identifier: GPL-2.0-or-later */
/* trusted.lma */
#include "fuzz.h"

#include "lustre/lma.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hs_lma m;

	fuzz_require(hs_lma_decode(data, size, &m) == (size >= HS_LMA_SIZE));
	fuzz_require(!m.has_stripe || size >= HS_LMA_LONG_SIZE);
	return 0;
}
