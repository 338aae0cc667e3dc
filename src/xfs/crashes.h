/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Repairs that are known to crash certain kernels. Such a repair is withheld, for the one object
 * concerned, unless the user asks for it.
 */
#ifndef HS_XFS_CRASHES_H
#define HS_XFS_CRASHES_H

#include "xfs/check.h"

struct hs_xfs_crash {
	unsigned type;	  /* of the repair */
	uint32_t first;	  /* HS_XFS_KERNEL_VERSION() that has it */
	uint32_t fixed;	  /* that has it no more; 0: none is known */
	uint64_t with;	  /* bits of types that the file system has */
	uint64_t without; /* and has not */
	/* Whether the object is one of those; may ask the kernel. */
	bool (*concerns)(const struct hs_xfs_fs *fs, const struct hs_xfs_object *obj);
	const char *what; /* one clause, for people */
};

/* The crash that repairing this would cause on the running kernel, or NULL. Any thread. */
const struct hs_xfs_crash *hs_xfs_crash_of(const struct hs_xfs_fs *fs,
					   const struct hs_xfs_object *obj, unsigned type);

#endif
