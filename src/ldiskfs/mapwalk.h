/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the walkers of extent trees and block maps share: the range wanted, the map that grows, and
 * the bounds that keep a damaged inode from costing more than the device is large.
 */
#ifndef HS_LDISKFS_MAPWALK_H
#define HS_LDISKFS_MAPWALK_H

#include "ldiskfs/file.h"
#include "ldiskfs/fs_priv.h"

/* Index or indirect blocks already read: each is read once, so a cycle ends at its second visit. */
struct hs_blockset {
	uint64_t *slots; /* open addressing; 0 is empty */
	size_t room;	 /* a power of two, or 0 */
	size_t used;
};

struct hs_mapwalk {
	const struct hs_fs *fs;
	const struct hs_inode *inode;
	struct hs_map *map;
	uint64_t from, to;  /* logical blocks wanted: [from, to) */
	uint64_t data_left; /* data blocks that may still be mapped: never more than the device has
			     */
	struct hs_blockset seen;
	uint8_t *level_buf[5]; /* one block a level, allocated when the level is met */
};

/*
 * Reads a block of the map itself into the buffer of `level`. NULL with *err 0 when it is damage
 * (the flaw is set), with -ENOMEM when memory is short.
 */
const uint8_t *hs_mapwalk_read(struct hs_mapwalk *w, unsigned level, uint64_t block, errint_t *err);

/* Adds a run of blocks, clipped to the range wanted, joined to the last extent where it fits. */
errint_t hs_mapwalk_add(struct hs_mapwalk *w, const struct hs_extent *e);

errint_t hs_extent_walk(struct hs_mapwalk *w);
errint_t hs_blockmap_walk(struct hs_mapwalk *w);

/* The map of logical blocks [from, to) only; reads no more of the tree than that needs. */
errint_t hs_file_map_range(const struct hs_fs *fs, const struct hs_inode *inode, uint64_t from,
			   uint64_t to, struct hs_map *map);

#endif
