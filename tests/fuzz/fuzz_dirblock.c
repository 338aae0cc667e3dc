/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Directory blocks: entries lie inside the block, and both ways to walk it agree. */
#include "fuzz.h"

#include "ldiskfs/dirblock.h"
#include "ldiskfs/dirhash.h"

#define BLOCK 1024u

/* Record lengths that fit are rare in random bytes: some inputs get them. */
static void mend(uint8_t *b)
{
	for (uint32_t pos = 0; pos + 12 <= BLOCK;) {
		uint32_t rec = 12 + (hs_get_le16(b + pos + 4) & 0x3c);

		if (BLOCK - pos - rec < 12 || rec > BLOCK - pos)
			rec = BLOCK - pos;
		hs_put_le16(b + pos + 4, (uint16_t)rec);
		b[pos + 6] = (uint8_t)(b[pos + 6] % (rec - 7));
		pos += rec;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t seed[16] = {1};
	uint8_t *b = calloc(1, BLOCK);
	uint16_t *offsets = calloc(BLOCK / HS_DIRENT_MIN, sizeof(*offsets));
	uint64_t *hashes = calloc(BLOCK / HS_DIRENT_MIN, sizeof(*hashes));
	struct hs_dirblock it;
	struct hs_dirent e;
	uint32_t n, i = 0;
	int ret;

	if (!b || !offsets || !hashes || !size)
		goto out;
	memcpy(b, data, size < BLOCK ? size : BLOCK);
	if (data[0] & 1)
		mend(b);
	n = hs_dirblock_offsets(b, BLOCK, offsets);
	fuzz_require(n <= BLOCK / HS_DIRENT_MIN);
	hs_dirhash_block((uint8_t)(data[0] % 6), seed, b, offsets, n, hashes);
	it = hs_dirblock_begin(b, BLOCK, data[0] & 2);
	while ((ret = hs_dirblock_next(&it, &e)) > 0) {
		fuzz_require(i < n && offsets[i] == e.offset && e.ino);
		fuzz_require(hashes[i++] ==
			     hs_dirhash((uint8_t)(data[0] % 6), seed, e.name, e.name_len));
		fuzz_require(e.name >= b && e.name + e.name_len <= b + BLOCK);
		fuzz_touch(e.name, e.name_len);
		fuzz_require(!e.has_fid || (e.fid > e.name && e.fid + 16 <= b + it.pos));
		fuzz_require(hs_dirent_used(b + e.offset, it.pos - e.offset, true) <=
			     it.pos - e.offset);
	}
	fuzz_require(i == n && it.pos <= BLOCK);
out:
	free(hashes);
	free(offsets);
	free(b);
	return 0;
}
