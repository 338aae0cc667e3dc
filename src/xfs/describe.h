/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Objects in words, as xfs_scrub's messages name them (format notes 10.4). Called only when there
 * is something to say: for inodes the kernel may be asked for a path.
 */
#ifndef HS_XFS_DESCRIBE_H
#define HS_XFS_DESCRIBE_H

#include "base/strbuf.h"
#include "xfs/check.h"

/* "AG 3 superblock", "inode link counts", "/mnt/dir/file data block map". */
void hs_xfs_describe(const struct hs_xfs_fs *fs, const struct hs_xfs_object *obj, unsigned type,
		     struct hs_strbuf *out);

/* The object without the type: "AG 3", "inode 142 (0/142)", "/mnt/dir/file", "file system". */
void hs_xfs_describe_object(const struct hs_xfs_fs *fs, const struct hs_xfs_object *obj,
			    struct hs_strbuf *out);

/* The type without the object: "superblock"; of a metadata path which one: "rtgroup bitmap". */
const char *hs_xfs_describe_type(const struct hs_xfs_object *obj, unsigned type);

/*
 * An inode by a path below the mount point: "/mnt/dir/file"; by its number when that would be too
 * long.
 */
void hs_xfs_describe_path(const struct hs_xfs_fs *fs, uint64_t ino, const char *path, size_t len,
			  struct hs_strbuf *out);

/* "inode 142 (0/142)", whatever the paths. */
void hs_xfs_describe_ino(const struct hs_xfs_fs *fs, uint64_t ino, struct hs_strbuf *out);

#endif
