/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The blocks of an inode: extent trees and block maps of any depth, bounded against cycles and
 * nonsense; reading small files by offset.
 */
#ifndef HS_LDISKFS_FILE_H
#define HS_LDISKFS_FILE_H

#include "ldiskfs/inode.h"

struct hs_extent {
	uint64_t logical;  /* blocks */
	uint64_t physical; /* blocks; 0 never occurs */
	uint32_t count;	   /* blocks */
	bool unwritten;
};

enum hs_map_flaw {
	HS_MAPF_READ = 1, /* an index or indirect block could not be read */
	HS_MAPF_BAD = 2,  /* a header, checksum, order, depth or address that cannot be */
};

struct hs_map {
	struct hs_extent *v; /* ascending by logical block */
	size_t n, room;
	uint64_t meta_blocks; /* index or indirect blocks read */
	unsigned flaws;
};

/*
 * The map of an inode's first `limit` logical blocks (0: all up to i_size). Reuses *map's memory.
 * Error returns: -ENOMEM only; damage is in map->flaws and what is sound is in the map. Inline
 * data has an empty map.
 */
errint_t hs_file_map(const struct hs_fs *fs, const struct hs_inode *inode, uint64_t limit,
		     struct hs_map *map);
void hs_map_free(struct hs_map *map);

/* Physical block of a logical one, 0 for a hole. Binary search. */
uint64_t hs_map_find(const struct hs_map *map, uint64_t logical);

/*
 * Reads up to len bytes at off, holes as zeroes, bounded by i_size. *got is what was read.
 * -EIO, -ENODATA from the device; -EUCLEAN when the map is damaged there.
 */
errint_t hs_file_pread(const struct hs_fs *fs, const struct hs_inode *inode, void *buf, size_t len,
		       uint64_t off, size_t *got);

#endif
