/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The map of an inode's blocks, and reading by offset.
 */
#include "ldiskfs/file.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "ldiskfs/mapwalk.h"

#define I_BLOCK	     40u /* offset of the map in the inode */
#define I_BLOCK_SIZE 60u

static size_t blockset_slot(const struct hs_blockset *s, uint64_t block)
{
	size_t i = (size_t)(block * 0x9e3779b97f4a7c15ull >> 32) & (s->room - 1);

	while (s->slots[i] && s->slots[i] != block)
		i = (i + 1) & (s->room - 1);
	return i;
}

static errint_t blockset_grow(struct hs_blockset *s)
{
	struct hs_blockset bigger = {.room = s->room ? s->room * 2 : 64, .used = s->used};

	bigger.slots = calloc(bigger.room, sizeof(*bigger.slots));
	if (!bigger.slots)
		return -ENOMEM;
	for (size_t i = 0; i < s->room; i++)
		if (s->slots[i])
			bigger.slots[blockset_slot(&bigger, s->slots[i])] = s->slots[i];
	free(s->slots);
	*s = bigger;
	return 0;
}

/* 1 when the block is new, 0 when it was there. */
static int blockset_add(struct hs_blockset *s, uint64_t block)
{
	size_t i;

	if (s->used * 2 >= s->room && blockset_grow(s))
		return -ENOMEM;
	i = blockset_slot(s, block);
	if (s->slots[i])
		return 0;
	s->slots[i] = block;
	s->used++;
	return 1;
}

const uint8_t *hs_mapwalk_read(struct hs_mapwalk *w, unsigned level, uint64_t block, errint_t *err)
{
	int added;

	*err = 0;
	if (!hs_fs_blocks_valid(w->fs, block, 1)) {
		w->map->flaws |= HS_MAPF_BAD;
		return NULL;
	}
	added = blockset_add(&w->seen, block);
	if (added < 0) {
		*err = added;
		return NULL;
	}
	if (!added) {
		w->map->flaws |= HS_MAPF_BAD;
		return NULL;
	}
	if (!w->level_buf[level])
		w->level_buf[level] = malloc(w->fs->geo.block_size);
	if (!w->level_buf[level]) {
		*err = -ENOMEM;
		return NULL;
	}
	w->map->meta_blocks++;
	if (hs_fs_read_block(w->fs, block, w->level_buf[level])) {
		w->map->flaws |= HS_MAPF_READ;
		return NULL;
	}
	return w->level_buf[level];
}

errint_t hs_mapwalk_add(struct hs_mapwalk *w, const struct hs_extent *e)
{
	struct hs_map *map = w->map;
	struct hs_extent clip = *e;
	errint_t err;

	if (clip.logical < w->from) {
		if (clip.logical + clip.count <= w->from)
			return 0;
		clip.count -= (uint32_t)(w->from - clip.logical);
		clip.physical += w->from - clip.logical;
		clip.logical = w->from;
	}
	if (clip.logical >= w->to)
		return 0;
	if (clip.count > w->to - clip.logical)
		clip.count = (uint32_t)(w->to - clip.logical);
	if (clip.count > w->data_left) {
		map->flaws |= HS_MAPF_BAD;
		return 0;
	}
	w->data_left -= clip.count;
	if (map->n) {
		struct hs_extent *last = &map->v[map->n - 1];

		if (last->logical + last->count == clip.logical &&
		    last->physical + last->count == clip.physical &&
		    last->unwritten == clip.unwritten && last->count <= UINT32_MAX - clip.count) {
			last->count += clip.count;
			return 0;
		}
	}
	err = hs_array_grow(&map->v, &map->room, map->n + 1);
	if (!err)
		map->v[map->n++] = clip;
	return err;
}

/* A symlink whose text lies in the inode in place of the map. */
static bool is_fast_symlink(const struct hs_inode *inode)
{
	return (inode->mode & 0170000) == 0120000 && !(inode->flags & HS_INODE_EXTENTS) &&
	       inode->size < I_BLOCK_SIZE;
}

static bool has_blocks(const struct hs_inode *inode)
{
	switch (inode->mode & 0170000) {
	case 0010000: /* fifo */
	case 0020000: /* character device */
	case 0060000: /* block device */
	case 0140000: /* socket */
		return false;
	default:
		return !(inode->flags & HS_INODE_INLINE) && !is_fast_symlink(inode);
	}
}

errint_t hs_file_map_range(const struct hs_fs *fs, const struct hs_inode *inode, uint64_t from,
			   uint64_t to, struct hs_map *map)
{
	struct hs_mapwalk w = {
		.fs = fs,
		.inode = inode,
		.map = map,
		.from = from,
		.to = to,
		.data_left = fs->geo.blocks,
	};
	errint_t err;

	map->n = 0;
	map->meta_blocks = 0;
	map->flaws = 0;
	if (from >= to || !has_blocks(inode))
		return 0;
	err = inode->flags & HS_INODE_EXTENTS ? hs_extent_walk(&w) : hs_blockmap_walk(&w);
	for (size_t i = 0; i < sizeof(w.level_buf) / sizeof(w.level_buf[0]); i++)
		free(w.level_buf[i]);
	free(w.seen.slots);
	return err;
}

errint_t hs_file_map(const struct hs_fs *fs, const struct hs_inode *inode, uint64_t limit,
		     struct hs_map *map)
{
	uint64_t end = inode->size >> fs->block_shift;

	if (inode->size & (fs->geo.block_size - 1))
		end++;
	return hs_file_map_range(fs, inode, 0, limit ? limit : end, map);
}

void hs_map_free(struct hs_map *map)
{
	free(map->v);
	memset(map, 0, sizeof(*map));
}

static const struct hs_extent *find_extent(const struct hs_map *map, uint64_t logical)
{
	size_t low = 0, high = map->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		const struct hs_extent *e = &map->v[mid];

		if (logical < e->logical)
			high = mid;
		else if (logical - e->logical >= e->count)
			low = mid + 1;
		else
			return e;
	}
	return NULL;
}

uint64_t hs_map_find(const struct hs_map *map, uint64_t logical)
{
	const struct hs_extent *e = find_extent(map, logical);

	return e ? e->physical + (logical - e->logical) : 0;
}

static errint_t read_inside(const struct hs_fs *fs, const struct hs_inode *inode, uint8_t *buf,
			    size_t len, uint64_t off)
{
	hs_cleanup(hs_map_free) struct hs_map map = {0};
	uint64_t first = off >> fs->block_shift;
	uint64_t last = (off + len - 1) >> fs->block_shift;
	errint_t err = hs_file_map_range(fs, inode, first, last + 1, &map);

	if (err)
		return err;
	if (map.flaws)
		return map.flaws & HS_MAPF_READ ? -EIO : -EUCLEAN;
	memset(buf, 0, len);
	for (size_t i = 0; i < map.n; i++) {
		const struct hs_extent *e = &map.v[i];
		uint64_t begin = e->logical << fs->block_shift;
		uint64_t end = (e->logical + e->count) << fs->block_shift;
		uint64_t skip = 0;

		if (e->unwritten)
			continue;
		if (begin < off) {
			skip = off - begin;
			begin = off;
		}
		if (end > off + len)
			end = off + len;
		err = hs_io_pread(fs->io, buf + (begin - off), end - begin,
				  (e->physical << fs->block_shift) + skip);
		if (err)
			return err;
	}
	return 0;
}

errint_t hs_file_pread(const struct hs_fs *fs, const struct hs_inode *inode, void *buf, size_t len,
		       uint64_t off, size_t *got)
{
	errint_t err;

	*got = 0;
	if (off >= inode->size || !len)
		return 0;
	if (len > inode->size - off)
		len = (size_t)(inode->size - off);
	if (is_fast_symlink(inode) ||
	    ((inode->flags & HS_INODE_INLINE) && off + len <= I_BLOCK_SIZE)) {
		memcpy(buf, inode->raw + I_BLOCK + off, len);
		*got = len;
		return 0;
	}
	if (inode->flags & HS_INODE_INLINE)
		return -EOPNOTSUPP;
	err = read_inside(fs, inode, buf, len, off);
	if (!err)
		*got = len;
	return err;
}
