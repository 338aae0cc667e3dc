/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An opened ldiskfs target, for reading.
 *
 * Superblock, group descriptors and their checksums come from libext2fs (its I/O goes through the
 * same hs_io); everything that is read in bulk is read and decoded by this room's own code. All
 * functions may be called from any thread unless they say otherwise; struct hs_fs never changes
 * after hs_fs_open().
 */
#ifndef HS_LDISKFS_FS_H
#define HS_LDISKFS_FS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/log.h"
#include "base/strbuf.h"
#include "io/io.h"

struct hs_fs;

struct hs_fs_geo {
	uint32_t block_size; /* bytes */
	uint64_t blocks;
	uint32_t first_block; /* 1 for 1 KiB blocks */
	uint32_t inode_size;
	uint32_t inodes;
	uint32_t inodes_per_group;
	uint32_t inodes_used; /* as the superblock says */
	uint32_t groups;
	uint32_t first_ino; /* first ordinary inode */
	uint32_t compat, incompat, rocompat;
	uint32_t project_quota_ino;	 /* 0: none */
	uint32_t last_mount, last_write; /* seconds */
	uint8_t uuid[16];
	uint8_t hash_seed[16];
	bool hash_unsigned;
	bool has_project; /* rocompat PROJECT */
	bool has_metadata_csum;
	bool clean; /* superblock state */
	char label[17];
};

/* Lustre's own feature; the one incompatible feature that libext2fs does not know and we read. */
#define HS_EXT4_INCOMPAT_DIRDATA 0x1000u

/*
 * Opens the file system on `io` (which the fs then owns, also on error). Refuses with -EINVAL and
 * one sentence in `why`: no ext4 superblock, a damaged one (a backup is not tried), an unknown
 * incompatible feature (by name or bit), a journal that needs recovery, an external journal
 * device, group descriptors that lead out of the device; -ENODATA a device shorter than the
 * superblock says (truncated image).
 */
errint_t hs_fs_open(struct hs_io *io, struct hs_log *log, struct hs_fs **out,
		    struct hs_strbuf *why);
void hs_fs_close(struct hs_fs *fs); /* NULL is allowed */

const struct hs_fs_geo *hs_fs_geo(const struct hs_fs *fs);
struct hs_io *hs_fs_io(const struct hs_fs *fs);
struct hs_log *hs_fs_log(const struct hs_fs *fs);

/* Whether an inode is on the ext4 orphan list (walked once at open, bounded). */
bool hs_fs_on_orphan_list(const struct hs_fs *fs, uint32_t ino);

#endif
