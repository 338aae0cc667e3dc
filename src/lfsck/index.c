/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lfsck/index.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"

#define MAX_LEVELS 8 /* far beyond what 2^32 blocks could need */
#define RUN_BYTES  (256 * 1024u)

struct leaf {
	uint64_t physical;
	uint32_t logical;
};

struct walker {
	const struct hs_fs *fs;
	const struct hs_inode *inode;
	uint32_t block_size;
	uint64_t n_blocks; /* of the file */
	struct hs_map map;
	struct hs_iam_root root;
	uint8_t *visited; /* bitmap over logical blocks */
	struct leaf *leaves;
	size_t n_leaves, room;
	unsigned flaws;
};

/* A block of the file, or false (flaws say why). */
static bool read_block(struct walker *w, uint64_t logical, uint8_t *buf)
{
	uint64_t physical = logical < w->n_blocks ? hs_map_find(&w->map, logical) : 0;

	if (!physical ||
	    hs_io_pread(hs_fs_io(w->fs), buf, w->block_size, physical * w->block_size)) {
		w->flaws |= HS_INDEX_UNREAD;
		return false;
	}
	return true;
}

static bool visit(struct walker *w, uint64_t logical)
{
	if (logical >= w->n_blocks) {
		w->flaws |= HS_INDEX_UNREAD;
		return false;
	}
	if (w->visited[logical / 8] >> (logical % 8) & 1) {
		w->flaws |= HS_INDEX_CYCLE;
		return false;
	}
	w->visited[logical / 8] |= (uint8_t)(1u << (logical % 8));
	return true;
}

static errint_t add_leaf(struct walker *w, uint64_t logical)
{
	uint64_t physical = hs_map_find(&w->map, logical);
	errint_t err;

	if (!physical) {
		w->flaws |= HS_INDEX_UNREAD;
		return 0;
	}
	err = hs_array_grow(&w->leaves, &w->room, w->n_leaves + 1);
	if (!err)
		w->leaves[w->n_leaves++] = (struct leaf){physical, (uint32_t)logical};
	return err;
}

/* Children of an index node with `levels` index levels below it. */
static errint_t descend(struct walker *w, const struct hs_iam_node *node, unsigned levels)
{
	hs_autofree uint8_t *buf = levels ? malloc(w->block_size) : NULL;
	errint_t err = 0;

	if (levels && !buf)
		return -ENOMEM;
	for (uint32_t i = 0; !err && i < node->count; i++) {
		uint64_t child = hs_iam_child(node, i);
		struct hs_iam_node below;

		if (!visit(w, child))
			continue;
		if (!levels) {
			err = add_leaf(w, child);
		} else if (read_block(w, child, buf)) {
			w->flaws |= hs_iam_decode_index(buf, w->block_size, &w->root, &below);
			err = descend(w, &below, levels - 1);
		}
	}
	return err;
}

static int cmp_leaf(const void *a, const void *b)
{
	const struct leaf *x = a, *y = b;

	return (x->physical > y->physical) - (x->physical < y->physical);
}

static errint_t walk_leaf(struct walker *w, const uint8_t *buf, uint32_t logical, hs_index_fn *fn,
			  void *arg)
{
	struct hs_index_place place = {w->inode->ino, logical, 0};
	struct hs_iam_node node;
	errint_t err = 0;

	w->flaws |= hs_iam_decode_leaf(buf, w->block_size, &w->root, &node);
	for (uint32_t i = 0; !err && i < node.count; i++) {
		if (hs_iam_key_is_zero(&node, i))
			continue;
		place.slot = i;
		err = fn(arg, &place, hs_iam_key(&node, i), hs_iam_rec(&node, i));
	}
	return err;
}

static errint_t walk_leaves(struct walker *w, hs_index_fn *fn, void *arg)
{
	size_t run = RUN_BYTES / w->block_size ? RUN_BYTES / w->block_size : 1;
	hs_autofree uint8_t *buf = malloc(run * w->block_size);
	errint_t err = 0;

	if (!buf)
		return -ENOMEM;
	if (w->n_leaves)
		qsort(w->leaves, w->n_leaves, sizeof(*w->leaves), cmp_leaf);
	for (size_t i = 0, n; !err && i < w->n_leaves; i += n) {
		const struct leaf *first = &w->leaves[i];
		bool whole;

		for (n = 1; n < run && i + n < w->n_leaves &&
			    w->leaves[i + n].physical == first->physical + n;
		     n++)
			;
		whole = !hs_io_pread(hs_fs_io(w->fs), buf, n * w->block_size,
				     first->physical * w->block_size);
		for (size_t k = 0; !err && k < n; k++) {
			uint8_t *block = buf + k * w->block_size;

			if (!whole && !read_block(w, w->leaves[i + k].logical, block))
				continue;
			err = walk_leaf(w, block, w->leaves[i + k].logical, fn, arg);
		}
	}
	return err;
}

errint_t hs_index_walk(const struct hs_fs *fs, const struct hs_inode *inode, uint16_t key_size,
		       uint16_t rec_size, hs_index_fn *fn, void *arg, unsigned *flaws)
{
	const struct hs_fs_geo *geo = hs_fs_geo(fs);
	struct walker w = {.fs = fs, .inode = inode, .block_size = geo->block_size};
	hs_autofree uint8_t *buf = malloc(geo->block_size);
	struct hs_iam_node node;
	errint_t err = buf ? hs_file_map(fs, inode, 0, &w.map) : -ENOMEM;

	if (err)
		goto out;
	if (w.map.flaws)
		w.flaws |= HS_INDEX_UNREAD;
	if (w.map.n)
		w.n_blocks = w.map.v[w.map.n - 1].logical + w.map.v[w.map.n - 1].count;
	if (w.n_blocks > geo->blocks)
		w.n_blocks = geo->blocks; /* an index file has no holes to speak of */
	w.visited = calloc(w.n_blocks / 8 + 1, 1);
	if (!w.visited)
		err = -ENOMEM;
	if (err || !read_block(&w, 0, buf))
		goto out;
	visit(&w, 0);
	w.flaws |= hs_iam_decode_root(buf, geo->block_size, key_size, rec_size, &w.root, &node);
	if (w.flaws & (HS_IAM_MAGIC | HS_IAM_SIZES | HS_IAM_SHORT) || w.root.levels > MAX_LEVELS)
		goto out;
	err = descend(&w, &node, w.root.levels);
	if (!err)
		err = walk_leaves(&w, fn, arg);
out:
	*flaws |= w.flaws;
	hs_map_free(&w.map);
	free(w.visited);
	free(w.leaves);
	return err;
}

/* Last slot whose key is not above the wanted one; slot 0 if there is none. */
static uint32_t choose_slot(const struct hs_iam_node *node, const uint8_t *key, uint16_t key_size)
{
	uint32_t lo = 0, hi = node->count;

	while (hi - lo > 1) {
		uint32_t mid = (lo + hi) / 2;

		if (memcmp(hs_iam_key(node, mid), key, key_size) <= 0)
			lo = mid;
		else
			hi = mid;
	}
	return lo;
}

int hs_index_lookup(const struct hs_fs *fs, const struct hs_inode *inode, const uint8_t *key,
		    uint16_t key_size, uint16_t rec_size, uint8_t *rec)
{
	uint32_t block_size = hs_fs_geo(fs)->block_size;
	hs_autofree uint8_t *buf = malloc(block_size);
	struct hs_iam_node node;
	struct hs_iam_root root;
	size_t got;

	if (!buf)
		return -ENOMEM;
	if (hs_file_pread(fs, inode, buf, block_size, 0, &got) || got != block_size)
		return -EUCLEAN;
	if (hs_iam_decode_root(buf, block_size, key_size, rec_size, &root, &node) ||
	    root.levels > MAX_LEVELS)
		return -EUCLEAN;
	for (unsigned level = 0; level <= root.levels; level++) {
		uint64_t child;
		unsigned flaws;

		if (!node.count)
			return -EUCLEAN;
		child = hs_iam_child(&node, choose_slot(&node, key, key_size));
		if (hs_file_pread(fs, inode, buf, block_size, child * block_size, &got) ||
		    got != block_size)
			return -EUCLEAN;
		flaws = level < root.levels ? hs_iam_decode_index(buf, block_size, &root, &node)
					    : hs_iam_decode_leaf(buf, block_size, &root, &node);
		if (flaws)
			return -EUCLEAN;
	}
	if (!node.count)
		return 0;
	for (uint32_t i = choose_slot(&node, key, key_size); i < node.count; i++) {
		int c = memcmp(hs_iam_key(&node, i), key, key_size);

		if (c > 0)
			break;
		if (c == 0) {
			memcpy(rec, hs_iam_rec(&node, i), rec_size);
			return 1;
		}
	}
	return 0;
}
