/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Xattr tables: names and values lie inside the area, whatever the entries say. */
#include "fuzz.h"

#include "base/bytes.h"
#include "ldiskfs/xattr_entry.h"

/* Entries whose names end where the next begins are rare in random bytes: some inputs get them. */
static void mend(uint8_t *b, size_t len)
{
	for (size_t pos = 4; pos + 32 < len; pos += 16 + ((b[pos] + 3u) & ~3u)) {
		b[pos] %= 8;
		b[pos + 3] = 0;
		hs_put_le32(b + pos + 4, b[pos + 4] & 1);
		hs_put_le16(b + pos + 10, 0);
		b[pos + 9] = 0;
		for (unsigned i = 0; i < b[pos]; i++)
			b[pos + 16 + i] |= 1;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hs_xattr *v = calloc(HS_XATTR_MAX, sizeof(*v));
	uint8_t *b = fuzz_value(data, size);
	unsigned n = 0;

	if (!b || !v || size < 5)
		goto out;
	size--;
	if (data[0] & 1)
		mend(b, size);
	hs_xattr_area_decode(b, size, 4, data[0] & 2 ? 4 : 0, data[0] & 4, v, &n);
	fuzz_require(n <= HS_XATTR_MAX);
	for (unsigned i = 0; i < n; i++) {
		const uint8_t *name = (const uint8_t *)v[i].name;

		fuzz_require(name >= b && name + v[i].name_len <= b + size);
		fuzz_touch(name, v[i].name_len);
		if (!v[i].value) {
			fuzz_require(v[i].ea_ino || !v[i].value_len);
			continue;
		}
		fuzz_require(!v[i].value_len ||
			     (v[i].value >= b && v[i].value + v[i].value_len <= b + size));
		fuzz_touch(v[i].value, v[i].value_len);
	}
out:
	free(b);
	free(v);
	return 0;
}
