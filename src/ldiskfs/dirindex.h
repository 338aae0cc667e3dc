/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the hash index of one directory says about its blocks: which hold names, and which hashes
 * belong into each.
 */
#ifndef HS_LDISKFS_DIRINDEX_H
#define HS_LDISKFS_DIRINDEX_H

#include "ldiskfs/dir.h"
#include "ldiskfs/fs_priv.h"

struct hs_dirleaf {
	uint32_t block;
	uint32_t low;	    /* first hash; bit 0 is cleared */
	uint32_t high;	    /* last hash */
	bool from_previous; /* shares `low` with the leaf before it */
	bool into_next;	    /* shares `high` with the leaf after it */
	bool is_node;	    /* an index block: it holds no names */
};

struct hs_dirindex {
	struct hs_dirleaf *v; /* by block; the root is not among them */
	size_t n, room;
	uint8_t hash_version; /* with the signedness of this file system */
	unsigned flaws;	      /* of enum hs_dir_flaw; INDEX: v is not to be used */
	uint32_t bad_block;   /* first block with a flaw */
	uint64_t nodes;	      /* index blocks met, the root included */
};

/* Gives block `logical` of the directory: its bytes, or NULL if it cannot be read or is not mapped.
 */
typedef const uint8_t *hs_dirindex_block_fn(void *arg, uint32_t logical);

/* `blocks` is the directory's length. Reuses the memory of *index. -ENOMEM only. */
errint_t hs_dirindex_build(const struct hs_fs *fs, const struct hs_inode *dir, uint64_t blocks,
			   hs_dirindex_block_fn *get, void *arg, struct hs_dirindex *index);
void hs_dirindex_free(struct hs_dirindex *index);

/* The leaf or node at a block, NULL if the index does not know it. */
const struct hs_dirleaf *hs_dirindex_find(const struct hs_dirindex *index, uint32_t block);

#endif
