/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of scrub types. Names and descriptions are those that xfs_io and xfs_scrub use, so
 * that messages can be compared.
 */
#include "xfs/types.h"

#include <stddef.h>

#define B(t) HS_XFS_BIT(HS_XFS_##t)
#define T(t, n, d, s, a)                                                                           \
	[HS_XFS_##t] = {.name = (n), .describe = (d), .scope = HS_XFS_SCOPE_##s, .after = (a)}

static const struct hs_xfs_type_info types[HS_XFS_TYPES] = {
	T(PROBE, "probe", "metadata", FS, 0),
	T(SB, "sb", "superblock", AG, 0),
	T(AGF, "agf", "free space header", AG, B(SB)),
	T(AGFL, "agfl", "free list", AG, B(SB) | B(AGF)),
	T(AGI, "agi", "inode header", AG, B(SB)),
	T(BNOBT, "bnobt", "freesp by block btree", AG, B(AGF)),
	T(CNTBT, "cntbt", "freesp by length btree", AG, B(AGF)),
	T(INOBT, "inobt", "inode btree", AG, B(AGI)),
	T(FINOBT, "finobt", "free inode btree", AG, B(AGI)),
	T(RMAPBT, "rmapbt", "reverse mapping btree", AG, B(AGF)),
	T(REFCNTBT, "refcountbt", "reference count btree", AG, B(AGF)),
	T(INODE, "inode", "inode record", INODE, 0),
	T(BMBTD, "bmapbtd", "data block map", INODE, B(INODE)),
	T(BMBTA, "bmapbta", "attr block map", INODE, B(INODE)),
	T(BMBTC, "bmapbtc", "CoW block map", INODE, B(INODE)),
	T(DIR, "directory", "directory entries", INODE, B(BMBTD)),
	T(XATTR, "xattr", "extended attributes", INODE, B(BMBTA)),
	T(SYMLINK, "symlink", "symbolic link", INODE, B(BMBTD)),
	T(PARENT, "parent", "parent pointer", INODE, B(BMBTD)),
	T(RTBITMAP, "rtbitmap", "realtime bitmap", RTGROUP, 0),
	T(RTSUM, "rtsummary", "realtime summary", RTGROUP, B(RTBITMAP)),
	T(UQUOTA, "usrquota", "user quotas", FS, 0),
	T(GQUOTA, "grpquota", "group quotas", FS, 0),
	T(PQUOTA, "prjquota", "project quotas", FS, 0),
	T(FSCOUNTERS, "fscounters", "filesystem summary counters", FS, 0),
	T(QUOTACHECK, "quotacheck", "quota counters", FS, 0),
	T(NLINKS, "nlinks", "inode link counts", FS, 0),
	T(HEALTHY, "healthy", "retained health records", FS, 0),
	T(DIRTREE, "dirtree", "directory tree structure", INODE, 0),
	T(METAPATH, "metapath", "metadata directory paths", METAPATH, 0),
	T(RGSUPER, "rgsuper", "realtime group superblock", RTGROUP, 0),
	T(RTRMAPBT, "rtrmapbt", "realtime reverse mapping btree", RTGROUP, 0),
	T(RTREFCBT, "rtrefcountbt", "realtime reference count btree", RTGROUP, 0),
};

static const struct hs_xfs_path_info paths[HS_XFS_PATHS] = {
	[HS_XFS_PATH_PROBE] = {"metapath", 0},
	[HS_XFS_PATH_RTDIR] = {"realtime group metadir", 0},
	[HS_XFS_PATH_RTBITMAP] = {"rtgroup bitmap", 1},
	[HS_XFS_PATH_RTSUM] = {"rtgroup summary", 1},
	[HS_XFS_PATH_QUOTADIR] = {"quota file metadir", 0},
	[HS_XFS_PATH_UQUOTA] = {"user quota file", 0},
	[HS_XFS_PATH_GQUOTA] = {"group quota file", 0},
	[HS_XFS_PATH_PQUOTA] = {"project quota file", 0},
	[HS_XFS_PATH_RTRMAPBT] = {"rtgroup rmap btree", 1},
	[HS_XFS_PATH_RTREFCBT] = {"rtgroup refcount btree", 1},
};

const struct hs_xfs_type_info *hs_xfs_type_info(unsigned type)
{
	return type < HS_XFS_TYPES ? &types[type] : NULL;
}

const struct hs_xfs_path_info *hs_xfs_path_info(unsigned path)
{
	return path < HS_XFS_PATHS ? &paths[path] : NULL;
}
