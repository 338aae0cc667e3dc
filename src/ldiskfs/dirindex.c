/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Walking the hash index from its root. An index is taken as a whole or not at all: hashes that do
 * not ascend, a block named twice, a node that is none, and the directory is read as a linear one.
 * A block is entered once, which bounds the walk by the number of blocks read.
 */
#include "ldiskfs/dirindex.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "ldiskfs/htree.h"

#define HASH_MAX 0xfffffffeu

struct walk {
	const struct hs_fs *fs;
	uint32_t csum_seed;
	uint64_t blocks;
	hs_dirindex_block_fn *get;
	void *arg;
	struct hs_dirindex *index;
};

static void flaw(struct hs_dirindex *index, unsigned bits, uint32_t block)
{
	if (!(index->flaws & ~(unsigned)HS_DIRF_CSUM) || block < index->bad_block)
		index->bad_block = block;
	index->flaws |= bits;
}

static void check_csum(struct walk *w, const uint8_t *block, const struct hs_dx_node *node,
		       uint32_t logical)
{
	static const uint8_t zero[4];
	const uint8_t *tail = hs_dx_tail(node);
	uint32_t crc;

	if (!w->fs->geo.has_metadata_csum)
		return;
	crc = w->fs->crc32c(w->csum_seed, block, hs_dx_csum_len(block, node));
	crc = w->fs->crc32c(crc, tail, 4);
	crc = w->fs->crc32c(crc, zero, 4);
	if (crc != hs_get_le32(tail + 4))
		flaw(w->index, HS_DIRF_CSUM, logical);
}

static struct hs_dirleaf *add(struct walk *w, uint32_t block, errint_t *err)
{
	struct hs_dirindex *x = w->index;

	*err = hs_array_grow(&x->v, &x->room, x->n + 1);
	if (*err)
		return NULL;
	x->v[x->n] = (struct hs_dirleaf){.block = block};
	return &x->v[x->n++];
}

/* Children of a node whose own hashes are [low, high]; `levels` of nodes lie below it. */
static errint_t walk_children(struct walk *w, const uint8_t *copy, const struct hs_dx_node *node,
			      unsigned levels, const struct hs_dirleaf *range, uint32_t logical)
{
	uint32_t low = range->low;
	bool from_previous = range->from_previous;

	(void)copy;
	for (uint32_t i = 0; i < node->count; i++) {
		uint32_t block = hs_dx_block(node, i);
		bool last = i + 1 == node->count;
		uint32_t next = last ? 0 : hs_dx_hash(node, i + 1);
		struct hs_dirleaf *child, mine;
		errint_t err;

		if (block == 0 || block >= w->blocks ||
		    (!last && ((next & ~1u) < low || (next & ~1u) > range->high))) {
			flaw(w->index, HS_DIRF_INDEX, logical);
			return 0;
		}
		child = add(w, block, &err);
		if (!child)
			return err;
		child->low = low;
		child->from_previous = from_previous;
		if (last) {
			child->high = range->high;
			child->into_next = range->into_next;
		} else {
			child->into_next = next & 1;
			child->high = next & 1 ? next & ~1u : (next ? next - 1 : 0);
			low = next & ~1u;
			from_previous = next & 1;
		}
		child->is_node = levels > 0;
		if (!levels)
			continue;
		mine = *child;
		if (++w->index->nodes > w->blocks) {
			flaw(w->index, HS_DIRF_INDEX, logical);
			return 0;
		}
		{
			uint32_t bs = w->fs->geo.block_size;
			const uint8_t *bytes = w->get(w->arg, block);
			uint8_t *own;
			struct hs_dx_node below;

			if (!bytes) {
				flaw(w->index, HS_DIRF_READ | HS_DIRF_INDEX, block);
				return 0;
			}
			own = malloc(bs);
			if (!own)
				return -ENOMEM;
			memcpy(own, bytes, bs);
			if (!hs_dx_node_decode(own, bs, w->fs->geo.has_metadata_csum, &below)) {
				flaw(w->index, HS_DIRF_INDEX, block);
				free(own);
				return 0;
			}
			check_csum(w, own, &below, block);
			err = walk_children(w, own, &below, levels - 1, &mine, block);
			free(own);
			if (err || w->index->flaws & HS_DIRF_INDEX)
				return err;
		}
	}
	return 0;
}

static int compare_leaf(const void *a, const void *b)
{
	uint32_t x = ((const struct hs_dirleaf *)a)->block;
	uint32_t y = ((const struct hs_dirleaf *)b)->block;

	return x < y ? -1 : x > y;
}

errint_t hs_dirindex_build(const struct hs_fs *fs, const struct hs_inode *dir, uint64_t blocks,
			   hs_dirindex_block_fn *get, void *arg, struct hs_dirindex *index)
{
	struct walk w = {
		.fs = fs,
		.csum_seed = hs_inode_csum_seed(fs, dir->ino, dir->generation),
		.blocks = blocks,
		.get = get,
		.arg = arg,
		.index = index,
	};
	const struct hs_dirleaf all = {.low = 0, .high = HASH_MAX};
	uint32_t bs = fs->geo.block_size;
	struct hs_dx_root root;
	const uint8_t *bytes;
	uint8_t *own;
	errint_t err;

	index->n = 0;
	index->flaws = 0;
	index->bad_block = 0;
	index->nodes = 1;
	bytes = get(arg, 0);
	if (!bytes) {
		index->flaws = HS_DIRF_INDEX;
		return 0;
	}
	own = malloc(bs);
	if (!own)
		return -ENOMEM;
	memcpy(own, bytes, bs);
	if (!hs_dx_root_decode(own, bs, fs->has_dirdata, fs->geo.has_metadata_csum, &root)) {
		flaw(index, HS_DIRF_INDEX, 0);
		free(own);
		return 0;
	}
	index->hash_version = (uint8_t)(root.hash_version + (fs->geo.hash_unsigned ? 3 : 0));
	check_csum(&w, own, &root.node, 0);
	err = walk_children(&w, own, &root.node, root.levels, &all, 0);
	free(own);
	if (err || index->flaws & HS_DIRF_INDEX)
		return err;
	qsort(index->v, index->n, sizeof(*index->v), compare_leaf);
	for (size_t i = 1; i < index->n; i++)
		if (index->v[i].block == index->v[i - 1].block)
			flaw(index, HS_DIRF_INDEX, index->v[i].block);
	return 0;
}

void hs_dirindex_free(struct hs_dirindex *index)
{
	free(index->v);
	memset(index, 0, sizeof(*index));
}

const struct hs_dirleaf *hs_dirindex_find(const struct hs_dirindex *index, uint32_t block)
{
	const struct hs_dirleaf key = {.block = block};

	return index->n ? bsearch(&key, index->v, index->n, sizeof(*index->v), compare_leaf) : NULL;
}
