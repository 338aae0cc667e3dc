/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One mounted XFS file system: its descriptor, geometry and what its kernel can do. Filled by
 * phase 1, read-only for all threads afterwards.
 */
#ifndef HS_XFS_FS_H
#define HS_XFS_FS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "xfs/kernel.h"
#include "xfs/types.h"

struct hs_xfs_fs {
	struct hs_xfs_kernel *kernel;
	int fd;		   /* of the mount point's root directory, -1 when not open */
	const char *shown; /* how messages name the mount point; the caller's */
	bool vectors;	   /* the kernel takes vectored scrub */
	bool read_only;	   /* mounted so */
	uint64_t types;	   /* bits of the types that this kernel has for this file system */
	uint32_t rest_us;  /* pause after each check */
	uint32_t device;   /* of the data volume, in the encoding that GETFSMAP uses */
	uint64_t fsid;	   /* as handles carry it */
	uint64_t root_ino;
	dev_t st_dev;	    /* of the data volume */
	unsigned agino_log; /* bits of an inode number that lie inside an AG */
	struct hs_xfs_geom geom;
};

static inline bool hs_xfs_has(const struct hs_xfs_fs *fs, unsigned type)
{
	return fs->types & HS_XFS_BIT(type);
}

static inline bool hs_xfs_feature(const struct hs_xfs_fs *fs, uint32_t flag)
{
	return fs->geom.flags & flag;
}

static inline uint64_t hs_xfs_ino_agno(const struct hs_xfs_fs *fs, uint64_t ino)
{
	return ino >> fs->agino_log;
}

static inline uint64_t hs_xfs_ino_agino(const struct hs_xfs_fs *fs, uint64_t ino)
{
	return ino & ((UINT64_C(1) << fs->agino_log) - 1);
}

static inline struct hs_xfs_handle hs_xfs_handle(const struct hs_xfs_fs *fs, uint64_t ino,
						 uint32_t gen)
{
	return (struct hs_xfs_handle){.fsid = fs->fsid, .fid_len = 14, .gen = gen, .ino = ino};
}

/* The 32-bit form of a device number that the kernel hands to user space. */
uint32_t hs_xfs_encode_device(dev_t dev);

/*
 * Opens a mount point and reads its geometry. -ENOTTY when it is no XFS, -EPROTO when the geometry
 * cannot be true, else as the kernel says. hs_xfs_fs_close() in any case.
 */
errint_t hs_xfs_fs_open(struct hs_xfs_fs *fs, struct hs_xfs_kernel *k, const char *path,
			const char *shown);
void hs_xfs_fs_close(struct hs_xfs_fs *fs);

/*
 * Asks the kernel which types it has here, without checking anything: arguments that no object can
 * have are refused with EINVAL for a type that exists and ENOENT for one that does not (format
 * notes 2.3). Returns -ENOTTY when there is no online check in this kernel, -ESHUTDOWN,
 * -ENOTRECOVERABLE or -EPERM when nothing can be checked, else 0.
 */
errint_t hs_xfs_fs_probe(struct hs_xfs_fs *fs);

#endif
