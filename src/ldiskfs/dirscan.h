/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One directory on its way through the reader: takes its blocks in ascending order from wherever
 * they were read, checks them, and calls the visitor. Reused from directory to directory; one
 * thread.
 */
#ifndef HS_LDISKFS_DIRSCAN_H
#define HS_LDISKFS_DIRSCAN_H

#include "ldiskfs/dirindex.h"
#include "ldiskfs/dupnames.h"

struct hs_dirscan {
	const struct hs_fs *fs;
	const struct hs_dir_visitor *visitor;
	void *arg, *dir;
	uint32_t csum_seed;
	uint64_t blocks;  /* the directory's length */
	bool indexed;	  /* index is valid */
	bool hashable;	  /* and its hashes are of the names as stored */
	size_t next_leaf; /* of the index */
	struct hs_dir_end end;
	struct hs_dirindex index;
	struct hs_leafnames leaf;
	struct hs_dirnames names;
	uint16_t *offsets; /* of the entries of one leaf */
	uint64_t *hashes;
};

/* What a scan must know of a directory beside its blocks. */
struct hs_dirscan_dir {
	uint32_t ino, generation, flags;
	uint64_t size;
	unsigned map_flaws;
	uint64_t meta_blocks;
	void *dir; /* the caller's */
};

errint_t hs_dirscan_init(struct hs_dirscan *s, const struct hs_fs *fs);
void hs_dirscan_free(struct hs_dirscan *s);

/*
 * begin() is called, the index read through `get`. Then the blocks, ascending; NULL for one that
 * could not be read, left out if not mapped. Then the end. Non-zero: what the visitor returned, or
 * -ENOMEM.
 */
int hs_dirscan_begin(struct hs_dirscan *s, const struct hs_dirscan_dir *d,
		     hs_dirindex_block_fn *get, void *get_arg);
int hs_dirscan_block(struct hs_dirscan *s, uint32_t logical, const uint8_t *block);
void hs_dirscan_hole(struct hs_dirscan *s, uint32_t logical);
int hs_dirscan_end(struct hs_dirscan *s);

static inline uint64_t hs_dir_blocks(const struct hs_fs *fs, uint64_t size)
{
	return (size >> fs->block_shift) + ((size & (fs->geo.block_size - 1)) != 0);
}

#endif
