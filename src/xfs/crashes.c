/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "xfs/crashes.h"

#include "xfs/chunk.h"

/*
 * The record does not pass the kernel's verifier. BULKSTAT skips such an inode, as it skips one
 * that is not there; a check tells these two apart.
 */
static bool cannot_be_loaded(const struct hs_xfs_fs *fs, const struct hs_xfs_object *obj)
{
	struct hs_xfs_scrub s = {.type = HS_XFS_INODE, .ino = obj->id, .gen = obj->gen};
	struct hs_xfs_bstat st;

	if (hs_xfs_inode_load(fs, obj->id, &st) == 0)
		return false;
	return fs->kernel->ops->scrub(fs->kernel, fs->fd, &s) != -ENOENT;
}

static const struct hs_xfs_crash crashes[] = {
	/*
	 * xrep_dinode_count_rtgroup_rmaps() uses the cursor of a realtime reverse mapping btree
	 * that the file system does not have (format notes 6). Came with these btrees.
	 */
	{
		.type = HS_XFS_INODE,
		.first = HS_XFS_KERNEL_VERSION(6, 14),
		.fixed = 0,
		.with = HS_XFS_BIT(HS_XFS_RMAPBT),
		.without = HS_XFS_BIT(HS_XFS_RTRMAPBT),
		.concerns = cannot_be_loaded,
		.what = "repairing an inode record that cannot be loaded crashes this kernel",
	},
};

static bool has_it(const struct hs_xfs_crash *c, uint32_t version)
{
	/* a kernel that does not say how old it is may have everything */
	return version == 0 || (version >= c->first && (c->fixed == 0 || version < c->fixed));
}

const struct hs_xfs_crash *hs_xfs_crash_of(const struct hs_xfs_fs *fs,
					   const struct hs_xfs_object *obj, unsigned type)
{
	uint32_t version = fs->kernel->ops->version(fs->kernel);

	for (size_t i = 0; i < sizeof(crashes) / sizeof(crashes[0]); i++) {
		const struct hs_xfs_crash *c = &crashes[i];

		if (c->type == type && has_it(c, version) && (fs->types & c->with) == c->with &&
		    !(fs->types & c->without) && c->concerns(fs, obj))
			return c;
	}
	return NULL;
}
