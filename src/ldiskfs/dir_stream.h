/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Large directories: read in windows, the next one in flight while one is looked at.
 */
#ifndef HS_LDISKFS_DIR_STREAM_H
#define HS_LDISKFS_DIR_STREAM_H

#include "ldiskfs/dirscan.h"

/* Reads the blocks of `map` through `scan`. Non-zero: the visitor's, or an error. */
int hs_dir_stream(const struct hs_fs *fs, struct hs_dirscan *scan, struct hs_dirscan_dir *d,
		  const struct hs_map *map);

#endif
