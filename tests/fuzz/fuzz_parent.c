/* SPDX-License-Identifier: GPL-2.0-or-later */
/* trusted.fid */
#include "fuzz.h"

#include "lustre/parent.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hs_parent p;

	fuzz_require(hs_parent_decode(data, size, &p) == (size >= 16));
	fuzz_require(p.file.ver == 0);
	return 0;
}
