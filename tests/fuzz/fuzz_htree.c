/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hash indexes: decoded nodes lie in their block; building an index ends and keeps its promises. */
#include "fuzz.h"

#include "ldiskfs/dirindex.h"
#include "ldiskfs/htree.h"

#define BLOCK  1024u
#define BLOCKS 8u

/* Puts down what every index begins with, so that some inputs get further. */
static void mend(uint8_t *b, uint32_t levels)
{
	hs_put_le16(b + 4, 12);
	hs_put_le16(b + 16, BLOCK - 12);
	b[18] = 2;
	b[19] = 2;
	hs_put_le32(b + 24, 0);
	b[28] = 1;
	b[29] = 8;
	b[30] = (uint8_t)levels;
	b[31] = 0;
	hs_put_le16(b + 32, (BLOCK - 32) / 8);
	hs_put_le16(b + 34, b[34] % 4 + 1);
	for (unsigned i = 1; i < BLOCKS; i++) {
		uint8_t *node = b + i * BLOCK;

		hs_put_le32(node, 0);
		hs_put_le16(node + 4, BLOCK);
		hs_put_le16(node + 8, (BLOCK - 8) / 8);
		hs_put_le16(node + 10, node[10] % 4 + 1);
	}
}

static const uint8_t *get(void *arg, uint32_t logical)
{
	fuzz_require(logical < BLOCKS);
	return (const uint8_t *)arg + (size_t)logical * BLOCK;
}

static void use(const uint8_t *b, const struct hs_dx_node *n, uint32_t tail)
{
	fuzz_require(n->count && n->count <= n->limit);
	fuzz_require(n->entries >= b && hs_dx_tail(n) + tail <= b + BLOCK);
	fuzz_require(hs_dx_csum_len(b, n) <= BLOCK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hs_fs fs = {.geo.block_size = BLOCK, .block_shift = 10, .has_dirdata = true};
	struct hs_inode dir = {.ino = 12};
	struct hs_dirindex x = {0};
	uint8_t *b = calloc(BLOCKS, BLOCK);
	struct hs_dx_root root;
	struct hs_dx_node node;
	bool csum;

	if (!b || !size)
		goto out;
	csum = data[0] & 4;
	for (size_t i = 0; i < (size_t)BLOCKS * BLOCK; i++)
		b[i] = data[i % size];
	if (data[0] & 1)
		mend(b, data[0] >> 3 & 3);
	fs.crc32c = hs_crc32c_plain;
	fs.geo.has_metadata_csum = csum;
	if (hs_dx_root_decode(b, BLOCK, true, csum, &root))
		use(b, &root.node, csum ? 8 : 0);
	if (hs_dx_node_decode(b + BLOCK, BLOCK, csum, &node))
		use(b + BLOCK, &node, csum ? 8 : 0);
	fuzz_require(!hs_dirindex_build(&fs, &dir, BLOCKS, get, b, &x));
	fuzz_require(x.n <= BLOCKS);
	for (size_t i = 0; !(x.flaws & HS_DIRF_INDEX) && i < x.n; i++) {
		fuzz_require(x.v[i].low <= x.v[i].high && x.v[i].block && x.v[i].block < BLOCKS);
		fuzz_require(!i || x.v[i].block > x.v[i - 1].block);
	}
out:
	hs_dirindex_free(&x);
	free(b);
	return 0;
}
