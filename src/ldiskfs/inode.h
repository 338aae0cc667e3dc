/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One inode, decoded (ext4 on-disk layout as in the kernel's documentation "ext4 Data Structures
 * and Algorithms"; Lustre's use of the fields: format notes 3.2).
 */
#ifndef HS_LDISKFS_INODE_H
#define HS_LDISKFS_INODE_H

#include <stdbool.h>
#include <stdint.h>

#include "ldiskfs/fs.h"

#define HS_INODE_ENCRYPT   0x00000800u
#define HS_INODE_INDEX	   0x00001000u
#define HS_INODE_HUGE_FILE 0x00040000u
#define HS_INODE_EXTENTS   0x00080000u
#define HS_INODE_EA_INODE  0x00200000u
#define HS_INODE_INLINE	   0x10000000u

struct hs_inode {
	uint32_t ino;
	uint32_t generation;
	uint16_t mode;
	uint16_t extra_isize;
	uint32_t nlink;
	uint32_t uid, gid, projid;
	uint32_t flags;
	uint64_t size;	 /* bytes */
	uint64_t blocks; /* 512-byte units */
	uint64_t version;
	uint32_t atime, ctime, mtime, dtime; /* seconds, low 32 bits as stored */
	uint64_t file_acl;		     /* xattr block, 0 = none */
	const uint8_t
		*raw;  /* the on-disk inode, inode_size bytes, as long as the caller's buffer */
	bool csum_bad; /* METADATA_CSUM says this is not what was written */
};

/* What `type` nibble a directory entry of this inode carries (1 regular ... 7 symlink, 0 none). */
uint8_t hs_inode_dirent_type(const struct hs_inode *inode);

static inline bool hs_inode_is_dir(const struct hs_inode *i)
{
	return (i->mode & 0170000) == 0040000;
}

static inline bool hs_inode_is_reg(const struct hs_inode *i)
{
	return (i->mode & 0170000) == 0100000;
}

/* raw holds inode_size bytes. Never fails; verifies the checksum if the file system has them. */
void hs_inode_decode(const struct hs_fs *fs, uint32_t ino, const uint8_t *raw,
		     struct hs_inode *out);

/*
 * Reads one inode by number into `raw` (inode_size bytes, the caller's) and decodes it; -EINVAL
 * for an impossible number, -EIO and -ENODATA from the device. For look-ups, not for scans.
 */
errint_t hs_inode_read(const struct hs_fs *fs, uint32_t ino, uint8_t *raw, struct hs_inode *out);

/* Whether the inode bitmap says the inode is in use. 1, 0, or -errno. For look-ups. */
int hs_inode_in_use(const struct hs_fs *fs, uint32_t ino);

#endif
