/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Walking the hash index from its root. An index is taken as a whole or not at all: hashes that do
 * not ascend, a block named twice, a node that is none, and the directory is read as a linear one.
 * The walk ends when it has named more blocks than the directory has.
 */
#include "ldiskfs/dirindex.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
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
	if (!index->flaws || block < index->bad_block)
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

/* The part of the hashes that child i of a node takes; false when the hashes do not ascend. */
static bool child_range(const struct hs_dx_node *node, uint32_t i, const struct hs_dirleaf *whole,
			struct hs_dirleaf *child)
{
	uint32_t next;

	if (i == 0) {
		child->low = whole->low;
		child->from_previous = whole->from_previous;
	} else {
		child->low = hs_dx_hash(node, i) & ~1u;
		child->from_previous = hs_dx_hash(node, i) & 1;
	}
	if (i + 1 == node->count) {
		child->high = whole->high;
		child->into_next = whole->into_next;
		return child->low <= child->high;
	}
	next = hs_dx_hash(node, i + 1);
	child->into_next = next & 1;
	child->high = next & ~1u;
	if (!child->into_next && child->high)
		child->high--;
	return (next & ~1u) >= child->low && (next & ~1u) <= whole->high;
}

static errint_t walk_children(struct walk *w, const struct hs_dx_node *node, unsigned levels,
			      const struct hs_dirleaf *whole, uint32_t logical);

/* `levels` of nodes lie below this one. */
static errint_t walk_node(struct walk *w, unsigned levels, const struct hs_dirleaf *self)
{
	uint32_t bs = w->fs->geo.block_size;
	hs_autofree uint8_t *own = NULL;
	struct hs_dx_node node;
	const uint8_t *bytes;

	/* Each names at least one block of its own, or the index is damaged. */
	if (++w->index->nodes > w->blocks) {
		flaw(w->index, HS_DIRF_INDEX, self->block);
		return 0;
	}
	bytes = w->get(w->arg, self->block);
	if (!bytes) {
		flaw(w->index, HS_DIRF_INDEX, self->block);
		return 0;
	}
	own = malloc(bs);
	if (!own)
		return -ENOMEM;
	memcpy(own, bytes, bs);
	if (!hs_dx_node_decode(own, bs, w->fs->geo.has_metadata_csum, &node)) {
		flaw(w->index, HS_DIRF_INDEX, self->block);
		return 0;
	}
	check_csum(w, own, &node, self->block);
	return walk_children(w, &node, levels, self, self->block);
}

static errint_t walk_children(struct walk *w, const struct hs_dx_node *node, unsigned levels,
			      const struct hs_dirleaf *whole, uint32_t logical)
{
	struct hs_dirindex *x = w->index;

	for (uint32_t i = 0; i < node->count; i++) {
		struct hs_dirleaf child = {.block = hs_dx_block(node, i), .is_node = levels > 0};
		errint_t err;

		if (!child.block || child.block >= w->blocks || x->n >= w->blocks ||
		    !child_range(node, i, whole, &child)) {
			flaw(x, HS_DIRF_INDEX, logical);
			return 0;
		}
		err = hs_array_grow(&x->v, &x->room, x->n + 1);
		if (err)
			return err;
		x->v[x->n++] = child;
		if (!levels)
			continue;
		err = walk_node(w, levels - 1, &child);
		if (err || x->flaws & HS_DIRF_INDEX)
			return err;
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
	hs_autofree uint8_t *own = NULL;
	const uint8_t *bytes;
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
		return 0;
	}
	index->hash_version = (uint8_t)(root.hash_version + (fs->geo.hash_unsigned ? 3 : 0));
	check_csum(&w, own, &root.node, 0);
	err = walk_children(&w, &root.node, root.levels, &all, 0);
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
