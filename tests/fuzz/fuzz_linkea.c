/* SPDX-License-Identifier: GPL-2.0-or-later */
/* trusted.link: a walk ends, and its entries lie inside the value. */
#include "fuzz.h"

#include "base/bytes.h"
#include "lustre/linkea.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *v = fuzz_value(data, size);
	struct hs_linkea_entry e;
	struct hs_linkea l;
	size_t pos = 0, names = 0;

	if (!v)
		return 0;
	size--;
	if (size >= 4 && data[0] % 4)
		hs_put_le32(v, data[0] % 4 == 1 ? 0xdff1ea11 : 0x11eaf1df);
	if (size >= HS_LINKEA_HEADER) {
		/* Record lengths that fit are rare by chance. */
		for (size_t p = HS_LINKEA_HEADER; data[0] % 8 > 3 && p + 40 < size; p += 22)
			hs_put_be16(v + p, (uint16_t)(16 + v[p + 1] % 8));
	}
	hs_linkea_open(v, size, &l);
	while (hs_linkea_next(&l, &pos, &e)) {
		fuzz_touch(e.name, e.name_len);
		names += e.name_len;
	}
	fuzz_require(names <= size);
	fuzz_require(!hs_linkea_next(&l, &pos, &e));
	free(v);
	return 0;
}
