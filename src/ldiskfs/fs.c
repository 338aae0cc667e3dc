/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Opening a target: libext2fs reads and verifies the superblock and the group descriptors, this
 * file decides whether we can read such a file system, takes what the readers need into its own
 * arrays, and lets the library go.
 */
#include "ldiskfs/fs.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <et/com_err.h>

#include "ldiskfs/extio.h"
#include "base/bytes.h"
#include "ldiskfs/fs_priv.h"

#define EXT4_SB_OFFSET 1024u
#define EXT4_SB_MAGIC  0xef53u

enum {
	INCOMPAT_RECOVER = 0x4,
	INCOMPAT_JOURNAL_DEV = 0x8,
	INCOMPAT_64BIT = 0x80,
	INCOMPAT_LARGEDIR = 0x4000,
	INCOMPAT_CSUM_SEED = 0x2000,
	COMPAT_HAS_JOURNAL = 0x4,
	COMPAT_ORPHAN_FILE = 0x1000,
	ROCOMPAT_GDT_CSUM = 0x10,
	ROCOMPAT_HUGE_FILE = 0x8,
	ROCOMPAT_METADATA_CSUM = 0x400,
	ROCOMPAT_PROJECT = 0x2000,
};

static const struct incompat {
	uint32_t bit;
	bool readable;
	const char *name;
} incompat_features[] = {
	{0x1, false, "compression"},
	{0x2, true, "filetype"},
	{INCOMPAT_RECOVER, false, "needs_recovery"},
	{INCOMPAT_JOURNAL_DEV, false, "journal_dev"},
	{0x10, true, "meta_bg"},
	{0x40, true, "extents"},
	{INCOMPAT_64BIT, true, "64bit"},
	{0x100, true, "mmp"},
	{0x200, true, "flex_bg"},
	{0x400, true, "ea_inode"},
	{HS_EXT4_INCOMPAT_DIRDATA, true, "dirdata"},
	{INCOMPAT_CSUM_SEED, true, "metadata_csum_seed"},
	{INCOMPAT_LARGEDIR, true, "large_dir"},
	{0x8000, true, "inline_data"},
	{0x10000, true, "encrypt"},
	{0x20000, true, "casefold"},
};

static errint_t check_incompat(const char *name, uint32_t incompat, struct hs_strbuf *why)
{
	const size_t n = sizeof(incompat_features) / sizeof(incompat_features[0]);

	if (incompat & INCOMPAT_RECOVER) {
		hs_strbuf_printf(why,
				 "%s: the journal needs recovery (the target was not cleanly "
				 "unmounted, or is mounted)",
				 name);
		return -EINVAL;
	}
	if (incompat & INCOMPAT_JOURNAL_DEV) {
		hs_strbuf_printf(why, "%s: this is an external journal, not a file system", name);
		return -EINVAL;
	}
	for (size_t i = 0; i < n; i++) {
		const struct incompat *f = &incompat_features[i];

		if ((incompat & f->bit) && !f->readable) {
			hs_strbuf_printf(why, "%s: feature %s is not supported", name, f->name);
			return -EINVAL;
		}
		incompat &= ~f->bit;
	}
	if (incompat) {
		hs_strbuf_printf(why, "%s: unknown incompatible feature bits 0x%" PRIx32, name,
				 incompat);
		return -EINVAL;
	}
	return 0;
}

static errint_t check_size(const struct hs_io *io, const uint8_t *sb, struct hs_strbuf *why)
{
	uint64_t blocks = hs_get_le32(sb + 4);
	unsigned shift = 10 + hs_get_le32(sb + 24);

	if (hs_get_le32(sb + 96) & INCOMPAT_64BIT)
		blocks |= (uint64_t)hs_get_le32(sb + 336) << 32;
	if (blocks <= io->size >> shift)
		return 0;
	hs_strbuf_printf(why,
			 "%s: the file system has %" PRIu64 " blocks of %u bytes, but the device "
			 "only %" PRIu64 " (a truncated image?)",
			 io->name, blocks, 1u << shift, io->size >> shift);
	return -ENODATA;
}

/* What can be said before the library looks: names for the common mistakes. */
static errint_t check_raw_super(struct hs_io *io, struct hs_strbuf *why)
{
	uint8_t sb[1024];
	errint_t err;

	err = hs_io_pread(io, sb, sizeof(sb), EXT4_SB_OFFSET);
	if (err == -ENODATA) {
		hs_strbuf_printf(why, "%s: too short to hold a file system", io->name);
		return err;
	}
	if (err) {
		hs_strbuf_printf(why, "%s: cannot read the superblock: %s", io->name,
				 strerror(-err));
		return err;
	}
	if (hs_get_le16(sb + 56) != EXT4_SB_MAGIC) {
		hs_strbuf_printf(why, "%s: no ext4 superblock", io->name);
		return -EINVAL;
	}
	if (hs_get_le32(sb + 24) > 6) {
		hs_strbuf_printf(why, "%s: damaged superblock: impossible block size", io->name);
		return -EINVAL;
	}
	err = check_incompat(io->name, hs_get_le32(sb + 96), why);
	return err ? err : check_size(io, sb, why);
}

static void fill_geo(struct hs_fs *fs, ext2_filsys e2)
{
	const struct ext2_super_block *sb = e2->super;
	struct hs_fs_geo *geo = &fs->geo;

	geo->block_size = e2->blocksize;
	geo->blocks = ext2fs_blocks_count(e2->super);
	geo->first_block = sb->s_first_data_block;
	geo->inode_size = EXT2_INODE_SIZE(e2->super);
	geo->inodes = sb->s_inodes_count;
	geo->inodes_per_group = sb->s_inodes_per_group;
	geo->inodes_used = sb->s_inodes_count - sb->s_free_inodes_count;
	geo->groups = e2->group_desc_count;
	geo->first_ino = EXT2_FIRST_INO(e2->super);
	geo->compat = sb->s_feature_compat;
	geo->incompat = sb->s_feature_incompat;
	geo->rocompat = sb->s_feature_ro_compat;
	geo->project_quota_ino = sb->s_prj_quota_inum;
	geo->last_mount = sb->s_mtime;
	geo->last_write = sb->s_wtime;
	memcpy(geo->uuid, sb->s_uuid, sizeof(geo->uuid));
	for (size_t i = 0; i < 4; i++)
		hs_put_le32(geo->hash_seed + 4 * i, sb->s_hash_seed[i]);
	geo->hash_unsigned = sb->s_flags & EXT2_FLAGS_UNSIGNED_HASH;
	geo->has_project = geo->rocompat & ROCOMPAT_PROJECT;
	geo->has_metadata_csum = geo->rocompat & ROCOMPAT_METADATA_CSUM;
	geo->clean = (sb->s_state & EXT2_VALID_FS) && !(sb->s_state & EXT2_ERROR_FS);
	memcpy(geo->label, sb->s_volume_name, 16);
	geo->label[16] = 0;

	fs->block_shift = (unsigned)__builtin_ctz(geo->block_size);
	fs->has_dirdata = geo->incompat & HS_EXT4_INCOMPAT_DIRDATA;
	fs->has_largedir = geo->incompat & INCOMPAT_LARGEDIR;
	fs->has_huge_file = geo->rocompat & ROCOMPAT_HUGE_FILE;
	fs->crc32c = hs_crc32c_best();
	fs->csum_seed = geo->incompat & INCOMPAT_CSUM_SEED
				? sb->s_checksum_seed
				: fs->crc32c(~0u, geo->uuid, sizeof(geo->uuid));
	fs->bitmap_csum_mask = EXT2_DESC_SIZE(e2->super) >= EXT2_MIN_DESC_SIZE_64BIT ? ~0u : 0xffff;
}

static errint_t check_geo(const struct hs_fs *fs, struct hs_strbuf *why)
{
	const struct hs_fs_geo *geo = &fs->geo;
	const char *name = fs->io->name;

	if (geo->inode_size < HS_EXT4_GOOD_OLD_INODE || geo->inode_size > geo->block_size ||
	    (geo->inode_size & (geo->inode_size - 1)) || !geo->inodes_per_group ||
	    geo->inodes_per_group > geo->block_size * 8 || geo->inodes_per_group % 8 ||
	    !geo->groups || (uint64_t)geo->groups * geo->inodes_per_group != geo->inodes ||
	    (uint64_t)geo->inodes_per_group * geo->inode_size % geo->block_size ||
	    geo->blocks > fs->io->size >> fs->block_shift || geo->first_ino < 11 ||
	    geo->first_ino > geo->inodes) {
		hs_strbuf_printf(why, "%s: damaged superblock: impossible geometry", name);
		return -EINVAL;
	}
	return 0;
}

/* bg_inode_bitmap_csum has a high half only in large descriptors. */
static uint32_t bitmap_csum(ext2_filsys e2, uint32_t group)
{
	const struct ext4_group_desc *gd =
		(const struct ext4_group_desc *)ext2fs_group_desc(e2, e2->group_desc, group);
	uint32_t csum = gd->bg_inode_bitmap_csum_lo;

	if (EXT2_DESC_SIZE(e2->super) >= EXT2_MIN_DESC_SIZE_64BIT)
		csum |= (uint32_t)gd->bg_inode_bitmap_csum_hi << 16;
	return csum;
}

static errint_t load_groups(struct hs_fs *fs, ext2_filsys e2, struct hs_strbuf *why)
{
	const struct hs_fs_geo *geo = &fs->geo;
	uint64_t table_blocks =
		(uint64_t)geo->inodes_per_group * geo->inode_size >> fs->block_shift;
	bool has_csum = geo->rocompat & (ROCOMPAT_GDT_CSUM | ROCOMPAT_METADATA_CSUM);

	fs->groups = calloc(geo->groups, sizeof(*fs->groups));
	if (!fs->groups)
		return -ENOMEM;
	for (uint32_t g = 0; g < geo->groups; g++) {
		struct hs_group *group = &fs->groups[g];
		uint32_t unused;

		group->inode_bitmap = ext2fs_inode_bitmap_loc(e2, g);
		group->inode_table = ext2fs_inode_table_loc(e2, g);
		group->bitmap_csum = bitmap_csum(e2, g);
		if (!hs_fs_blocks_valid(fs, group->inode_bitmap, 1) ||
		    !hs_fs_blocks_valid(fs, group->inode_table, table_blocks)) {
			hs_strbuf_printf(why,
					 "%s: the descriptor of group %" PRIu32
					 " leads out of the device",
					 fs->io->name, g);
			return -EINVAL;
		}
		group->inodes = geo->inodes_per_group;
		if (!has_csum)
			continue;
		if (!ext2fs_group_desc_csum_verify(e2, g)) {
			hs_log(fs->log, HS_LOG_WARN,
			       "%s: the checksum of group descriptor %" PRIu32
			       " is wrong: all inodes of the group are looked at",
			       fs->io->name, g);
			continue;
		}
		unused = ext2fs_bg_itable_unused(e2, g);
		if (ext2fs_bg_flags_test(e2, g, EXT2_BG_INODE_UNINIT))
			group->inodes = 0;
		else if (unused <= geo->inodes_per_group)
			group->inodes -= unused;
	}
	return 0;
}

static errint_t open_with_library(struct hs_fs *fs, ext2_filsys *e2, struct hs_strbuf *why)
{
	/* FORCE: the library knows neither dirdata nor what of it is harmless; we have checked. */
	errcode_t code = hs_extio_open(fs->io, EXT2_FLAG_64BITS | EXT2_FLAG_FORCE, e2);

	if (!code)
		return 0;
	initialize_ext2_error_table();
	hs_strbuf_printf(why, "%s: damaged superblock or group descriptors: %s", fs->io->name,
			 error_message(code));
	return code == EXT2_ET_NO_MEMORY || code == ENOMEM ? -ENOMEM
	       : code > 0 && code < 256			   ? -(errint_t)code
							   : -EINVAL;
}

static errint_t load(struct hs_fs *fs, ext2_filsys e2, struct hs_strbuf *why)
{
	const struct ext2_super_block *sb = e2->super;
	errint_t err;

	fill_geo(fs, e2);
	err = check_geo(fs, why);
	if (err)
		return err;
	if ((fs->geo.compat & COMPAT_HAS_JOURNAL) && !sb->s_journal_inum) {
		hs_strbuf_printf(why, "%s: an external journal device is not supported",
				 fs->io->name);
		return -EINVAL;
	}
	err = load_groups(fs, e2, why);
	if (err)
		return err;
	return hs_orphans_load(fs, sb->s_last_orphan,
			       fs->geo.compat & COMPAT_ORPHAN_FILE ? sb->s_orphan_file_inum : 0);
}

errint_t hs_fs_open(struct hs_io *io, struct hs_log *log, struct hs_fs **out, struct hs_strbuf *why)
{
	struct hs_fs *fs = calloc(1, sizeof(*fs));
	ext2_filsys e2 = NULL;
	errint_t err;

	*out = NULL;
	if (!fs) {
		hs_io_close(io);
		return -ENOMEM;
	}
	fs->io = io;
	fs->log = log;
	err = check_raw_super(io, why);
	if (!err)
		err = open_with_library(fs, &e2, why);
	if (!err)
		err = load(fs, e2, why);
	if (e2)
		ext2fs_free(e2);
	if (err) {
		if (err == -ENOMEM)
			hs_strbuf_printf(why, "%s: out of memory", io->name);
		hs_fs_close(fs);
		return err;
	}
	*out = fs;
	return 0;
}

void hs_fs_close(struct hs_fs *fs)
{
	if (!fs)
		return;
	hs_io_close(fs->io);
	free(fs->groups);
	free(fs->orphans);
	free(fs);
}

const struct hs_fs_geo *hs_fs_geo(const struct hs_fs *fs)
{
	return &fs->geo;
}

struct hs_io *hs_fs_io(const struct hs_fs *fs)
{
	return fs->io;
}

struct hs_log *hs_fs_log(const struct hs_fs *fs)
{
	return fs->log;
}
