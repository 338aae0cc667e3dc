/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The inode bitmaps one inode table reader needs: those of a flex group lie side by side and are
 * read in one request; the last few runs are kept. One thread.
 */
#ifndef HS_LDISKFS_BITMAP_CACHE_H
#define HS_LDISKFS_BITMAP_CACHE_H

#include "ldiskfs/fs_priv.h"

#define HS_BITMAP_RUN 16u /* groups read together */

struct hs_bitmap_run {
	const struct hs_fs *fs; /* NULL: empty */
	struct hs_io_chan *chan;
	uint32_t group, count;
	unsigned users;
	uint64_t used_at;
	bool reading;
	struct hs_io_req req;
	uint8_t *buf;
	size_t room;
	bool judged[HS_BITMAP_RUN];
	errint_t err[HS_BITMAP_RUN]; /* valid once judged */
};

struct hs_bitmap_cache {
	struct hs_bitmap_run *runs;
	unsigned n;
	uint64_t clock;
};

/* Runs for `users` chunks in flight and a few to remember. */
errint_t hs_bitmap_cache_init(struct hs_bitmap_cache *c, unsigned users);
void hs_bitmap_cache_free(struct hs_bitmap_cache *c); /* nothing may be in flight */

/*
 * The run that holds the bitmap of a group; starts reading it if need be. req.tag is NULL: the one
 * who reaps tells by it and calls hs_bitmap_run_done(). Put it back when done with it.
 */
errint_t hs_bitmap_get(struct hs_bitmap_cache *c, const struct hs_fs *fs, struct hs_io_chan *chan,
		       uint32_t group, struct hs_bitmap_run **out);
void hs_bitmap_put(struct hs_bitmap_run *run);

static inline struct hs_bitmap_run *hs_bitmap_run_of(struct hs_io_req *req)
{
	return (struct hs_bitmap_run *)((char *)req - offsetof(struct hs_bitmap_run, req));
}

/* The bitmap of a group in a run that has been read, or NULL and why not. */
const uint8_t *hs_bitmap_of(struct hs_bitmap_run *run, uint32_t group, errint_t *err);

#endif
