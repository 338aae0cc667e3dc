/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kinds of metadata the kernel can check (format notes 3): what each is about, what must be
 * sound before a check of it means anything, and the words messages use.
 */
#ifndef HS_XFS_TYPES_H
#define HS_XFS_TYPES_H

#include <stdint.h>

/* The kernel's numbers. */
enum hs_xfs_type {
	HS_XFS_PROBE = 0,
	HS_XFS_SB = 1,
	HS_XFS_AGF = 2,
	HS_XFS_AGFL = 3,
	HS_XFS_AGI = 4,
	HS_XFS_BNOBT = 5,
	HS_XFS_CNTBT = 6,
	HS_XFS_INOBT = 7,
	HS_XFS_FINOBT = 8,
	HS_XFS_RMAPBT = 9,
	HS_XFS_REFCNTBT = 10,
	HS_XFS_INODE = 11,
	HS_XFS_BMBTD = 12,
	HS_XFS_BMBTA = 13,
	HS_XFS_BMBTC = 14,
	HS_XFS_DIR = 15,
	HS_XFS_XATTR = 16,
	HS_XFS_SYMLINK = 17,
	HS_XFS_PARENT = 18,
	HS_XFS_RTBITMAP = 19,
	HS_XFS_RTSUM = 20,
	HS_XFS_UQUOTA = 21,
	HS_XFS_GQUOTA = 22,
	HS_XFS_PQUOTA = 23,
	HS_XFS_FSCOUNTERS = 24,
	HS_XFS_QUOTACHECK = 25,
	HS_XFS_NLINKS = 26,
	HS_XFS_HEALTHY = 27,
	HS_XFS_DIRTREE = 28,
	HS_XFS_METAPATH = 29,
	HS_XFS_RGSUPER = 30,
	HS_XFS_RTRMAPBT = 31,
	HS_XFS_RTREFCBT = 32,
	HS_XFS_TYPES
};

#define HS_XFS_BIT(type) (UINT64_C(1) << (type))

/* What a check of the type is addressed to; decides which argument fields must be zero. */
enum hs_xfs_scope {
	HS_XFS_SCOPE_FS,
	HS_XFS_SCOPE_AG,
	HS_XFS_SCOPE_RTGROUP, /* one whole-fs object where there are no groups */
	HS_XFS_SCOPE_INODE,
	HS_XFS_SCOPE_METAPATH,
};

struct hs_xfs_type_info {
	const char *name;     /* short, stable: JSON, run.db */
	const char *describe; /* as messages name it */
	enum hs_xfs_scope scope;
	uint64_t after; /* types of the same object that must have passed */
};

/* NULL for a number that is no type. */
const struct hs_xfs_type_info *hs_xfs_type_info(unsigned type);

/* Metadata directory paths: what sm_ino selects for HS_XFS_METAPATH. */
enum hs_xfs_metapath {
	HS_XFS_PATH_PROBE = 0,
	HS_XFS_PATH_RTDIR = 1,
	HS_XFS_PATH_RTBITMAP = 2,
	HS_XFS_PATH_RTSUM = 3,
	HS_XFS_PATH_QUOTADIR = 4,
	HS_XFS_PATH_UQUOTA = 5,
	HS_XFS_PATH_GQUOTA = 6,
	HS_XFS_PATH_PQUOTA = 7,
	HS_XFS_PATH_RTRMAPBT = 8,
	HS_XFS_PATH_RTREFCBT = 9,
	HS_XFS_PATHS
};

struct hs_xfs_path_info {
	const char *describe;
	int per_rtgroup;
};

/* NULL for a number that is no path. */
const struct hs_xfs_path_info *hs_xfs_path_info(unsigned path);

#endif
