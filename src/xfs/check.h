/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Checking one object: every type of metadata that belongs to it, in dependency order, with the
 * retries that a living file system needs.
 *
 * With vectored scrub all types go in one call with a barrier before each type that depends on an
 * earlier one, so that a clean object costs one system call. Behind a barrier that tripped the
 * remaining types are asked for again without barriers: what the checks of a damaged object's
 * other parts say helps to see the cause. Without vectored scrub each type is a call.
 */
#ifndef HS_XFS_CHECK_H
#define HS_XFS_CHECK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "xfs/fs.h"

/* Most types that one object has. */
#define HS_XFS_OBJECT_TYPES 12

/* A check that stays incomplete, or disagrees with other metadata only, is made this often. */
#define HS_XFS_TRIES 10

struct hs_xfs_object {
	enum hs_xfs_scope scope;
	uint64_t id;	/* AG, rtgroup, inode number, metapath; 0 for the file system */
	uint32_t gen;	/* inode generation */
	uint32_t group; /* metapath: its rtgroup */
};

struct hs_xfs_result {
	uint8_t type;
	uint16_t flags; /* HS_XFS_SCRUB_OUT bits */
	int err;	/* 0 or -errno; -ENOENT: there is no such thing here, which is fine */
};

struct hs_xfs_outcome {
	unsigned n;
	struct hs_xfs_result r[HS_XFS_OBJECT_TYPES];
};

/*
 * Checks `n` types (in dependency order, at most HS_XFS_OBJECT_TYPES) of an object. Types that this
 * kernel does not have are left out. Returns 0 when everything is clean or absent and 1 when *out
 * has something to tell; *out is complete in both cases. An error means that nothing can be checked
 * any more: -ESHUTDOWN, -EPERM, -ENOTRECOVERABLE, or -EINTR for a fatal signal.
 */
int hs_xfs_check(const struct hs_xfs_fs *fs, const struct hs_xfs_object *obj, const uint8_t *types,
		 unsigned n, struct hs_xfs_outcome *out);

/* The argument of a scrub call about one type of an object. */
struct hs_xfs_scrub hs_xfs_scrub_arg(const struct hs_xfs_object *obj, unsigned type);

/* Bits of the types of an outcome whose result has one of the flags. */
uint64_t hs_xfs_outcome_mask(const struct hs_xfs_outcome *out, uint16_t flags);

/*
 * The object itself is gone or became another one: of its inode nothing is there. (Of a metadata
 * file the kernel checks the forks, but not the record.)
 */
bool hs_xfs_outcome_gone(const struct hs_xfs_outcome *out);

#endif
