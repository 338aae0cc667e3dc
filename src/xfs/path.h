/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The parents of a file and its path, from parent pointers: nothing is opened, so a damaged tree
 * cannot hold anybody up. Works only on file systems that have parent pointers.
 */
#ifndef HS_XFS_PATH_H
#define HS_XFS_PATH_H

#include <stdint.h>

#include "base/err.h"
#include "base/strbuf.h"
#include "xfs/fs.h"

/* Longest path that is built, in bytes; also bounds a walk round a loop. */
#define HS_XFS_PATH_MAX 4096

struct hs_xfs_parent {
	uint64_t ino;
	uint32_t gen;
	const char *name; /* NUL-terminated, valid during the callback */
};

/*
 * Calls fn for each parent until it returns other than 0, which is returned. *is_root (may be
 * NULL) tells that the object is the root directory, which has none. -EPROTO when the kernel's
 * answer is malformed, else as the kernel says (-EOPNOTSUPP without parent pointers).
 */
int hs_xfs_each_parent(const struct hs_xfs_fs *fs, uint64_t ino, uint32_t gen, bool *is_root,
		       int (*fn)(const struct hs_xfs_parent *p, void *arg), void *arg);

/* One parent record of a buffer of `len` bytes; returns its length, or 0 when there is none. */
size_t hs_xfs_decode_parent(const uint8_t *buf, size_t len, struct hs_xfs_parent *out);

/*
 * Appends a path of the object below the mount point, "/" for the root; of a file with several
 * links the first. -ENOENT when no chain of parents leads to the root, -ELOOP when it is longer
 * than HS_XFS_PATH_MAX, or as above. Appends nothing on error.
 */
errint_t hs_xfs_path(const struct hs_xfs_fs *fs, uint64_t ino, uint32_t gen, struct hs_strbuf *out);

#endif
