/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inodes and the attributes inside them: only inode_size bytes are looked at. */
#include "fuzz.h"

#include "base/bytes.h"
#include "ldiskfs/fs_priv.h"
#include "ldiskfs/xattr.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hs_fs fs = {.geo = {.block_size = 4096, .blocks = 16, .inodes = 100},
			   .block_shift = 12};
	struct hs_xattr_set set = {0};
	struct hs_inode inode;
	uint8_t *raw = NULL;

	if (size < 2)
		return 0;
	fs.crc32c = hs_crc32c_plain;
	fs.geo.inode_size = 128u << (data[0] & 3);
	fs.geo.has_metadata_csum = data[0] & 4;
	fs.has_largedir = data[0] & 8;
	fs.has_huge_file = data[0] & 16;
	raw = malloc(fs.geo.inode_size);
	if (!raw || hs_xattr_set_init(&set, &fs))
		goto out;
	for (uint32_t i = 0; i < fs.geo.inode_size; i++)
		raw[i] = data[i % size];
	if (fs.geo.inode_size > 160 && data[0] & 32) {
		hs_put_le16(raw + 128, 32);
		hs_put_le32(raw + 160, 0xea020000);
	}
	/* What lies outside the inode is not this target's business. */
	hs_put_le32(raw + 104, 0);
	hs_put_le16(raw + 118, 0);
	hs_inode_decode(&fs, 12, raw, &inode);
	fuzz_require(inode.raw == raw && inode.nlink <= 65535);
	fuzz_require(hs_inode_dirent_type(&inode) <= 7);
	for (uint32_t i = 164; i + 8 < fs.geo.inode_size; i += 4)
		if (data[0] & 64)
			hs_put_le32(raw + i + 4, 0);
	fs.geo.inodes = 0; /* no EA inode number is good */
	fuzz_require(!hs_xattr_load(&fs, &inode, true, &set));
	for (unsigned i = 0; i < set.n; i++) {
		fuzz_touch(set.v[i].name, set.v[i].name_len);
		if (set.v[i].value)
			fuzz_touch(set.v[i].value, set.v[i].value_len);
	}
out:
	hs_xattr_set_free(&set);
	free(raw);
	return 0;
}
