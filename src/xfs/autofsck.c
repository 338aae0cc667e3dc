/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "xfs/autofsck.h"

#include <string.h>

static const struct {
	const char *word;
	const char *describe;
} modes[] = {
	[HS_XFS_AUTOFSCK_NONE] = {"none", "Disabling scrub per autofsck directive."},
	[HS_XFS_AUTOFSCK_CHECK] = {"check", "Checking per autofsck directive."},
	[HS_XFS_AUTOFSCK_OPTIMIZE] = {"optimize", "Optimizing per autofsck directive."},
	[HS_XFS_AUTOFSCK_REPAIR] = {"repair", "Checking and repairing per autofsck directive."},
};

enum hs_xfs_autofsck hs_xfs_autofsck(const struct hs_xfs_fs *fs, char unknown[64])
{
	char value[64];
	ssize_t n = fs->kernel->ops->getxattr(fs->kernel, fs->fd, "trusted.xfs:autofsck", value,
					      sizeof(value) - 1);

	unknown[0] = '\0';
	if (n > 0 && (size_t)n < sizeof(value)) {
		value[n] = '\0';
		for (unsigned m = 0; m < sizeof(modes) / sizeof(modes[0]); m++) {
			if (!strcmp(value, modes[m].word))
				return (enum hs_xfs_autofsck)m;
		}
		memcpy(unknown, value, sizeof(value));
	}
	return hs_xfs_feature(fs, HS_XFS_GEOM_RMAPBT | HS_XFS_GEOM_PARENT) ? HS_XFS_AUTOFSCK_CHECK
									   : HS_XFS_AUTOFSCK_NONE;
}

const char *hs_xfs_autofsck_describe(enum hs_xfs_autofsck mode)
{
	return modes[mode].describe;
}
