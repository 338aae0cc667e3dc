/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Walking IAM index files: OI and FLD.
 */
#ifndef HS_LFSCK_INDEX_H
#define HS_LFSCK_INDEX_H

#include "ldiskfs/file.h"
#include "lustre/iam.h"

/* Where a record lies. */
struct hs_index_place {
	uint32_t ino;
	uint32_t block; /* logical */
	uint32_t slot;
};

/* key and rec point into a block, valid during the call. Non-zero ends the walk. */
typedef errint_t hs_index_fn(void *arg, const struct hs_index_place *place, const uint8_t *key,
			     const uint8_t *rec);

#define HS_INDEX_UNREAD 0x10000u /* beside enum hs_iam_flaw: a block could not be read */
#define HS_INDEX_CYCLE	0x20000u /* a block is reached twice */

/*
 * Calls fn for every record with a non-zero key. Leaves are read in disk order, adjacent ones
 * together; each block of the file is visited at most once. *flaws gathers what is wrong; sound
 * parts are walked all the same. Error returns: -ENOMEM, or what fn returned.
 */
errint_t hs_index_walk(const struct hs_fs *fs, const struct hs_inode *inode, uint16_t key_size,
		       uint16_t rec_size, hs_index_fn *fn, void *arg, unsigned *flaws);

/*
 * Looks one key up by descending the tree. 1 found (rec_size bytes copied to rec), 0 absent,
 * -EUCLEAN when a node on the way is damaged or unreadable, -ENOMEM.
 */
int hs_index_lookup(const struct hs_fs *fs, const struct hs_inode *inode, const uint8_t *key,
		    uint16_t key_size, uint16_t rec_size, uint8_t *rec);

#endif
