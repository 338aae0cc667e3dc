/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The inode decoder: fields at fixed offsets of the on-disk inode, the extra fields only as far as
 * i_extra_isize says they exist, and the checksum.
 */
#include "ldiskfs/inode.h"

#include "base/bytes.h"
#include "ldiskfs/fs_priv.h"

enum {
	CSUM_LO = 124,
	EXTRA_ISIZE = 128,
	CSUM_HI = 130,
	VERSION_HI = 152,
	PROJID = 156,
};

uint32_t hs_inode_csum_seed(const struct hs_fs *fs, uint32_t ino, uint32_t generation)
{
	uint8_t le[8];

	hs_put_le32(le, ino);
	hs_put_le32(le + 4, generation);
	return fs->crc32c(fs->csum_seed, le, sizeof(le));
}

static bool all_zero(const uint8_t *raw, uint32_t size)
{
	for (uint32_t i = 0; i < size; i += 8)
		if (hs_get_le64(raw + i))
			return false;
	return true;
}

/* The checksum covers the inode with the checksum's own two halves taken as zero. */
static bool csum_ok(const struct hs_fs *fs, const struct hs_inode *inode)
{
	static const uint8_t zero[2];
	const uint8_t *raw = inode->raw;
	uint32_t size = fs->geo.inode_size;
	uint32_t crc = hs_inode_csum_seed(fs, inode->ino, inode->generation);
	bool has_hi = size > EXTRA_ISIZE && inode->extra_isize >= CSUM_HI + 2 - EXTRA_ISIZE;

	crc = fs->crc32c(crc, raw, CSUM_LO);
	crc = fs->crc32c(crc, zero, 2);
	if (has_hi) {
		crc = fs->crc32c(crc, raw + CSUM_LO + 2, CSUM_HI - CSUM_LO - 2);
		crc = fs->crc32c(crc, zero, 2);
		crc = fs->crc32c(crc, raw + CSUM_HI + 2, size - CSUM_HI - 2);
		if (crc >> 16 != hs_get_le16(raw + CSUM_HI))
			return all_zero(raw, size);
	} else {
		crc = fs->crc32c(crc, raw + CSUM_LO + 2, size - CSUM_LO - 2);
	}
	/* An inode that was never written is all zero and has no checksum. */
	return (uint16_t)crc == hs_get_le16(raw + CSUM_LO) || all_zero(raw, size);
}

void hs_inode_decode(const struct hs_fs *fs, uint32_t ino, const uint8_t *raw, struct hs_inode *out)
{
	uint32_t size = fs->geo.inode_size;
	uint32_t fields = HS_EXT4_GOOD_OLD_INODE; /* where the extra fields end */

	out->ino = ino;
	out->raw = raw;
	out->mode = hs_get_le16(raw);
	out->uid = hs_get_le16(raw + 2) | (uint32_t)hs_get_le16(raw + 120) << 16;
	out->gid = hs_get_le16(raw + 24) | (uint32_t)hs_get_le16(raw + 122) << 16;
	out->nlink = hs_get_le16(raw + 26);
	out->size = hs_get_le32(raw + 4);
	out->atime = hs_get_le32(raw + 8);
	out->ctime = hs_get_le32(raw + 12);
	out->mtime = hs_get_le32(raw + 16);
	out->dtime = hs_get_le32(raw + 20);
	out->blocks = hs_get_le32(raw + 28);
	out->flags = hs_get_le32(raw + 32);
	out->version = hs_get_le32(raw + 36);
	out->generation = hs_get_le32(raw + 100);
	out->file_acl = hs_get_le32(raw + 104) | (uint64_t)hs_get_le16(raw + 118) << 32;
	/* In a directory the high half is a field of its own unless directories may be large. */
	if (hs_inode_is_reg(out) || fs->has_largedir)
		out->size |= (uint64_t)hs_get_le32(raw + 108) << 32;
	if (fs->has_huge_file) {
		out->blocks |= (uint64_t)hs_get_le16(raw + 116) << 32;
		if (out->flags & HS_INODE_HUGE_FILE)
			out->blocks <<= fs->block_shift - 9;
	}
	out->extra_isize = 0;
	out->projid = 0;
	if (size > HS_EXT4_GOOD_OLD_INODE) {
		out->extra_isize = hs_get_le16(raw + EXTRA_ISIZE);
		if (out->extra_isize <= size - HS_EXT4_GOOD_OLD_INODE)
			fields += out->extra_isize;
		if (fields >= VERSION_HI + 4)
			out->version |= (uint64_t)hs_get_le32(raw + VERSION_HI) << 32;
		if (fields >= PROJID + 4)
			out->projid = hs_get_le32(raw + PROJID);
	}
	out->csum_bad = fs->geo.has_metadata_csum && !csum_ok(fs, out);
}

uint8_t hs_inode_dirent_type(const struct hs_inode *inode)
{
	static const uint8_t types[16] = {
		[001] = 5, [002] = 3, [004] = 2, [006] = 4, [010] = 1, [012] = 7, [014] = 6,
	};

	return types[inode->mode >> 12];
}

errint_t hs_inode_read(const struct hs_fs *fs, uint32_t ino, uint8_t *raw, struct hs_inode *out)
{
	const struct hs_fs_geo *geo = &fs->geo;
	uint32_t group, index;
	uint64_t off;
	errint_t err;

	if (ino == 0 || ino > geo->inodes)
		return -EINVAL;
	group = (ino - 1) / geo->inodes_per_group;
	index = (ino - 1) % geo->inodes_per_group;
	off = (fs->groups[group].inode_table << fs->block_shift) +
	      (uint64_t)index * geo->inode_size;
	err = hs_io_pread(fs->io, raw, geo->inode_size, off);
	if (!err)
		hs_inode_decode(fs, ino, raw, out);
	return err;
}
