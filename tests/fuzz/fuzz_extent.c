/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Extent trees and block maps on a device that is the input itself: the walk ends, its extents
 * ascend and lie on the device.
 */
#include "fuzz.h"

#include "base/bytes.h"
#include "ldiskfs/file.h"
#include "ldiskfs/fs_priv.h"

#define BLOCK  1024u
#define BLOCKS 16u

struct mem_io {
	struct hs_io io;
	uint8_t b[BLOCKS * BLOCK];
};

static errint_t mem_pread(struct hs_io *io, void *buf, size_t len, uint64_t off)
{
	struct mem_io *m = (struct mem_io *)io;

	fuzz_require(off + len <= sizeof(m->b));
	memcpy(buf, m->b + off, len);
	return 0;
}

static const struct hs_io_ops mem_ops = {.name = "mem", .pread = mem_pread};

/* Makes the inode's map and all blocks extent nodes of a sensible depth. */
static void mend(struct mem_io *m, uint8_t *root)
{
	for (unsigned i = 0; i <= BLOCKS; i++) {
		uint8_t *node = i ? m->b + (i - 1) * BLOCK : root;
		uint16_t max = i ? BLOCK / 12 - 1 : 4;

		hs_put_le16(node, 0xf30a);
		hs_put_le16(node + 4, max);
		hs_put_le16(node + 2, (uint16_t)(node[2] % (max + 1u)));
		hs_put_le16(node + 6, i ? node[6] % 2 : 2);
		for (unsigned k = 1; k <= max; k++) {
			uint8_t *e = node + (size_t)k * 12;

			hs_put_le32(e, k * 16u + e[0] % 16u);
			hs_put_le32(e + 4, node[6] ? e[4] % BLOCKS : e[4] % 8u);
			hs_put_le32(e + 8, node[6] ? 0 : e[8] % BLOCKS);
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mem_io *m = calloc(1, sizeof(*m));
	struct hs_fs fs = {
		.geo = {.block_size = BLOCK, .blocks = BLOCKS, .first_block = 1, .inode_size = 256},
		.block_shift = 10,
		.crc32c = hs_crc32c_plain,
	};
	uint8_t raw[256] = {0};
	struct hs_inode inode = {.ino = 12, .mode = 0100644, .raw = raw, .size = 1u << 30};
	struct hs_map map = {0};
	uint64_t next = 0;

	if (!m || !size)
		goto out;
	m->io.ops = &mem_ops;
	m->io.size = sizeof(m->b);
	fs.io = &m->io;
	for (size_t i = 0; i < sizeof(m->b); i++)
		m->b[i] = data[i % size];
	for (size_t i = 0; i < 60; i++)
		raw[40 + i] = data[(i + 1) % size];
	if (data[0] & 1) {
		inode.flags = HS_INODE_EXTENTS;
		if (data[0] & 2)
			mend(m, raw + 40);
	} else {
		for (size_t i = 0; i < sizeof(m->b); i += 4)
			hs_put_le32(m->b + i, m->b[i] % (BLOCKS + 1));
		for (size_t i = 40; i < 100; i += 4)
			hs_put_le32(raw + i, raw[i] % (BLOCKS + 1));
	}
	fuzz_require(!hs_file_map(&fs, &inode, 0, &map));
	fuzz_require(map.meta_blocks < BLOCKS);
	for (size_t i = 0; i < map.n; i++) {
		const struct hs_extent *e = &map.v[i];

		fuzz_require(e->logical >= next && e->count && e->physical > 1);
		fuzz_require(e->physical + e->count <= BLOCKS);
		next = e->logical + e->count;
	}
out:
	hs_map_free(&map);
	free(m);
	return 0;
}
