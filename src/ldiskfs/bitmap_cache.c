/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading and keeping runs of inode bitmaps.
 */
#include "ldiskfs/bitmap_cache.h"

#include <stdlib.h>
#include <string.h>

#define REMEMBERED 2u /* runs kept beside those in use */

errint_t hs_bitmap_cache_init(struct hs_bitmap_cache *c, unsigned users)
{
	memset(c, 0, sizeof(*c));
	c->n = users + REMEMBERED;
	c->runs = calloc(c->n, sizeof(*c->runs));
	return c->runs ? 0 : -ENOMEM;
}

void hs_bitmap_cache_free(struct hs_bitmap_cache *c)
{
	for (unsigned i = 0; c->runs && i < c->n; i++)
		free(c->runs[i].buf);
	free(c->runs);
	memset(c, 0, sizeof(*c));
}

/* The run with the group, else the one least recently used. */
static struct hs_bitmap_run *choose(struct hs_bitmap_cache *c, const struct hs_fs *fs,
				    uint32_t group, bool *hit)
{
	struct hs_bitmap_run *oldest = NULL;

	*hit = false;
	for (unsigned i = 0; i < c->n; i++) {
		struct hs_bitmap_run *run = &c->runs[i];

		if (run->fs == fs && group >= run->group && group - run->group < run->count) {
			*hit = true;
			return run;
		}
		if (!run->users && !run->reading && (!oldest || run->used_at < oldest->used_at))
			oldest = run;
	}
	return oldest;
}

/* How many groups from `group` on have their bitmaps side by side. */
static uint32_t run_length(const struct hs_fs *fs, uint32_t group)
{
	uint32_t n = 1;

	while (n < HS_BITMAP_RUN && n < fs->geo.groups - group &&
	       fs->groups[group + n].inode_bitmap == fs->groups[group].inode_bitmap + n)
		n++;
	return n;
}

static errint_t start(struct hs_bitmap_run *run, const struct hs_fs *fs, struct hs_io_chan *chan,
		      uint32_t group)
{
	uint32_t count = run_length(fs, group);
	size_t len = (size_t)count << fs->block_shift;
	errint_t err;

	run->fs = NULL;
	if (run->room < len) {
		free(run->buf);
		run->room = 0;
		run->buf = malloc(len);
		if (!run->buf)
			return -ENOMEM;
		run->room = len;
	}
	run->req = (struct hs_io_req){
		.off = fs->groups[group].inode_bitmap << fs->block_shift,
		.len = len,
		.buf = run->buf,
	};
	err = hs_io_submit(chan, &run->req);
	if (err)
		return err;
	run->fs = fs;
	run->chan = chan;
	run->group = group;
	run->count = count;
	run->reading = true;
	memset(run->judged, 0, sizeof(run->judged));
	return 0;
}

errint_t hs_bitmap_get(struct hs_bitmap_cache *c, const struct hs_fs *fs, struct hs_io_chan *chan,
		       uint32_t group, struct hs_bitmap_run **out)
{
	bool hit;
	struct hs_bitmap_run *run = choose(c, fs, group, &hit);

	if (!run)
		return -EBUSY;
	if (!hit) {
		errint_t err = start(run, fs, chan, group);

		if (err)
			return err;
	}
	run->users++;
	run->used_at = ++c->clock;
	*out = run;
	return 0;
}

void hs_bitmap_put(struct hs_bitmap_run *run)
{
	run->users--;
}

const uint8_t *hs_bitmap_of(struct hs_bitmap_run *run, uint32_t group, errint_t *err)
{
	const struct hs_fs *fs = run->fs;
	uint32_t i = group - run->group;
	uint8_t *block = run->buf + ((size_t)i << fs->block_shift);

	if (!run->judged[i]) {
		run->judged[i] = true;
		run->err[i] = 0;
		if (run->req.res)
			run->err[i] = hs_fs_read_block(fs, fs->groups[group].inode_bitmap, block);
		if (!run->err[i] && !hs_bitmap_csum_ok(fs, group, block))
			run->err[i] = -EUCLEAN;
	}
	*err = run->err[i];
	return *err ? NULL : block;
}
