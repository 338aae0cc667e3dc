/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The attributes of one inode, from the three places ext4 puts them.
 */
#include "ldiskfs/xattr.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "ldiskfs/ea_inode.h"
#include "ldiskfs/fs_priv.h"
#include "ldiskfs/xattr_entry.h"

errint_t hs_xattr_set_init(struct hs_xattr_set *set, const struct hs_fs *fs)
{
	memset(set, 0, sizeof(*set));
	set->v = calloc(HS_XATTR_MAX, sizeof(*set->v));
	set->block = malloc(fs->geo.block_size);
	if (!set->v || !set->block) {
		hs_xattr_set_free(set);
		return -ENOMEM;
	}
	return 0;
}

void hs_xattr_set_free(struct hs_xattr_set *set)
{
	free(set->v);
	free(set->block);
	free(set->values);
	memset(set, 0, sizeof(*set));
}

static unsigned set_flaws(unsigned area, unsigned table)
{
	return (area & HS_XATTR_AREA_TABLE ? table : 0) |
	       (area & HS_XATTR_AREA_VALUE ? HS_XATTRF_VALUE : 0) |
	       (area & HS_XATTR_AREA_MANY ? HS_XATTRF_MANY : 0);
}

static void load_in_inode(const struct hs_fs *fs, const struct hs_inode *inode,
			  struct hs_xattr_set *set)
{
	uint32_t size = fs->geo.inode_size;
	uint32_t start = HS_EXT4_GOOD_OLD_INODE + inode->extra_isize;

	if (!inode->extra_isize) /* no extra fields, then no attributes behind them either */
		return;
	if (start > size || inode->extra_isize % 4) {
		set->flaws |= HS_XATTRF_INODE;
		return;
	}
	if (start + 4 > size || hs_get_le32(inode->raw + start) != HS_XATTR_MAGIC)
		return;
	set->flaws |= set_flaws(hs_xattr_area_decode(inode->raw, size, start + 4, start + 4, false,
						     set->v, &set->n),
				HS_XATTRF_INODE);
}

/* The checksum covers the block's number and its bytes, its own four taken as zero. */
static bool block_csum_ok(const struct hs_fs *fs, uint64_t number, const uint8_t *block)
{
	uint8_t le[8], zero[4] = {0};
	uint32_t crc;

	if (!fs->geo.has_metadata_csum)
		return true;
	hs_put_le64(le, number);
	crc = fs->crc32c(fs->csum_seed, le, sizeof(le));
	crc = fs->crc32c(crc, block, 16);
	crc = fs->crc32c(crc, zero, sizeof(zero));
	crc = fs->crc32c(crc, block + 20, fs->geo.block_size - 20);
	return crc == hs_get_le32(block + 16);
}

static void load_block(const struct hs_fs *fs, const struct hs_inode *inode,
		       struct hs_xattr_set *set)
{
	uint32_t bs = fs->geo.block_size;

	if (!hs_fs_blocks_valid(fs, inode->file_acl, 1)) {
		set->flaws |= HS_XATTRF_BLOCK;
		return;
	}
	if (hs_fs_read_block(fs, inode->file_acl, set->block)) {
		set->flaws |= HS_XATTRF_READ;
		return;
	}
	if (hs_get_le32(set->block) != HS_XATTR_MAGIC || hs_get_le32(set->block + 8) != 1) {
		set->flaws |= HS_XATTRF_BLOCK;
		return;
	}
	if (!block_csum_ok(fs, inode->file_acl, set->block))
		set->flaws |= HS_XATTRF_BLOCK;
	set->flaws |= set_flaws(hs_xattr_area_decode(set->block, bs, HS_XATTR_BLOCK_HEADER, 0, true,
						     set->v, &set->n),
				HS_XATTRF_BLOCK);
}

static bool value_wanted(const struct hs_xattr *x, bool all)
{
	return x->ea_ino && (all || x->index == HS_XATTR_TRUSTED);
}

/* Values of EA inodes are few and large; their room is reserved first, so that it does not move. */
static errint_t load_ea_inodes(const struct hs_fs *fs, const struct hs_inode *inode, bool all,
			       struct hs_xattr_set *set)
{
	size_t total = 0, used = 0;

	for (unsigned i = 0; i < set->n; i++)
		if (value_wanted(&set->v[i], all))
			total += set->v[i].value_len;
	if (total > set->values_room) {
		free(set->values);
		set->values_room = 0;
		set->values = malloc(total);
		if (!set->values)
			return -ENOMEM;
		set->values_room = total;
	}
	for (unsigned i = 0; i < set->n; i++) {
		struct hs_xattr *x = &set->v[i];
		errint_t err;

		if (!value_wanted(x, all))
			continue;
		err = hs_ea_inode_read(fs, inode, x->ea_ino, set->values + used, x->value_len);
		if (err == -ENOMEM)
			return err;
		if (err) {
			set->flaws |= err == -EUCLEAN ? HS_XATTRF_VALUE : HS_XATTRF_READ;
			x->value_len = 0;
			continue;
		}
		x->value = set->values + used;
		used += x->value_len;
	}
	return 0;
}

errint_t hs_xattr_load(const struct hs_fs *fs, const struct hs_inode *inode, bool all,
		       struct hs_xattr_set *set)
{
	bool external = false;

	set->n = 0;
	set->flaws = 0;
	load_in_inode(fs, inode, set);
	if (inode->file_acl)
		load_block(fs, inode, set);
	for (unsigned i = 0; i < set->n; i++)
		external |= set->v[i].ea_ino != 0;
	return external ? load_ea_inodes(fs, inode, all, set) : 0;
}
