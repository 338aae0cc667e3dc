/* SPDX-License-Identifier: GPL-2.0-or-later */
/* trusted.hsm, trusted.som, trusted.dmv */
#include "fuzz.h"

#include "base/bytes.h"
#include "lustre/dmv.h"
#include "lustre/hsm.h"
#include "lustre/som.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *v = fuzz_value(data, size);
	struct hs_hsm h;
	struct hs_som s;
	struct hs_dmv d;

	if (!v)
		return 0;
	size--;
	if (size >= 4 && data[0] & 1)
		hs_put_le32(v, 0x0cd30cd0);
	fuzz_require(hs_hsm_decode(v, size, &h) == (size >= HS_HSM_SIZE));
	fuzz_require(hs_som_decode(v, size, &s) == (size >= HS_SOM_SIZE));
	hs_dmv_decode(v, size, &d);
	fuzz_require(strlen(d.pool) <= 16);
	free(v);
	return 0;
}
