/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A number of reads that belong together: started in order as the channel has room, finished as a
 * whole. What fails is read again block by block, so that a bad sector costs one block. One set of
 * a channel is under way at a time.
 */
#ifndef HS_LDISKFS_READSET_H
#define HS_LDISKFS_READSET_H

#include "ldiskfs/fs_priv.h"

#define HS_READSET_DEPTH   64u
#define HS_READSET_REQUEST (256u * 1024) /* bytes, the longest request */

struct hs_readset {
	const struct hs_fs *fs;
	struct hs_io_chan *chan; /* opened when first needed */
	struct hs_io_req *reqs;
	size_t n, room;
	size_t sent, done;
	/* Called for each block that cannot be read, within finish(). */
	void (*bad_block)(void *arg, uint8_t *buf);
	void *arg;
};

void hs_readset_init(struct hs_readset *s, const struct hs_fs *fs);
void hs_readset_free(struct hs_readset *s);

void hs_readset_clear(struct hs_readset *s);

/* Adds `count` blocks to be read to `buf`; joined to the read before where both fit. */
errint_t hs_readset_add(struct hs_readset *s, uint64_t physical, uint32_t count, uint8_t *buf);

/* After an error nothing is in flight any more. */
errint_t hs_readset_start(struct hs_readset *s);
errint_t hs_readset_finish(struct hs_readset *s);

/* Waits for what is in flight and forgets it. */
void hs_readset_drop(struct hs_readset *s);

#endif
