/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Large directories: read in windows, the next one in flight while one is looked at.
 */
#ifndef HS_LDISKFS_DIR_STREAM_H
#define HS_LDISKFS_DIR_STREAM_H

#include "ldiskfs/dirscan.h"

/* Two windows and their channels; reused from directory to directory. One thread. */
struct hs_dir_stream;

errint_t hs_dir_stream_new(const struct hs_fs *fs, struct hs_dir_stream **out);
void hs_dir_stream_free(struct hs_dir_stream *st); /* NULL is allowed */

/* Reads the blocks of `map` through `scan`. Non-zero: the visitor's, or an error. */
int hs_dir_stream_read(struct hs_dir_stream *st, struct hs_dirscan *scan,
		       const struct hs_dirscan_dir *d, const struct hs_map *map);

#endif
