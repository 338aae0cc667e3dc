/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Checking and reporting the entries of a directory.
 *
 * A name is looked for where it could hide from a look-up: in a hashed directory in its leaf, and
 * in the neighbour leaf if that goes on with the same hash; in a linear one everywhere.
 */
#include "ldiskfs/dirscan.h"

#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/bytes.h"
#include "ldiskfs/dirblock.h"
#include "ldiskfs/dirhash.h"

#define TAIL_SIZE 12u
#define TAIL_TYPE 0xdeu

errint_t hs_dirscan_init(struct hs_dirscan *s, const struct hs_fs *fs)
{
	size_t most = fs->geo.block_size / HS_DIRENT_MIN;

	memset(s, 0, sizeof(*s));
	s->fs = fs;
	s->offsets = calloc(most, sizeof(*s->offsets));
	s->hashes = calloc(most, sizeof(*s->hashes));
	if (!s->offsets || !s->hashes)
		return -ENOMEM;
	return hs_leafnames_init(&s->leaf, fs->geo.block_size);
}

void hs_dirscan_free(struct hs_dirscan *s)
{
	hs_dirindex_free(&s->index);
	hs_leafnames_free(&s->leaf);
	hs_dirnames_free(&s->names);
	free(s->offsets);
	free(s->hashes);
}

static void flaw(struct hs_dirscan *s, unsigned bits, uint32_t logical)
{
	if (!s->end.flaws || logical < s->end.bad_block)
		s->end.bad_block = logical;
	s->end.flaws |= bits;
}

int hs_dirscan_begin(struct hs_dirscan *s, const struct hs_dirscan_dir *d,
		     hs_dirindex_block_fn *get, void *get_arg)
{
	struct hs_inode who = {.ino = d->ino, .generation = d->generation};
	int ret = s->visitor->begin ? s->visitor->begin(s->arg, d->dir) : 0;
	errint_t err;

	if (ret)
		return ret;
	s->dir = d->dir;
	s->csum_seed = hs_inode_csum_seed(s->fs, d->ino, d->generation);
	s->blocks = hs_dir_blocks(s->fs, d->size);
	s->indexed = false;
	s->next_leaf = 0;
	s->end = (struct hs_dir_end){.blocks = d->meta_blocks};
	hs_dirnames_clear(&s->names);
	if (d->flags & HS_INODE_INLINE)
		s->end.flaws |= HS_DIRF_INLINE;
	else if (!s->blocks) /* not even room for `.` and `..` */
		s->end.flaws |= HS_DIRF_MAP;
	if (d->map_flaws & HS_MAPF_BAD)
		s->end.flaws |= HS_DIRF_MAP;
	if (d->map_flaws & HS_MAPF_READ)
		s->end.flaws |= HS_DIRF_MAP | HS_DIRF_READ;
	if (!(d->flags & HS_INODE_INDEX) || (d->flags & HS_INODE_INLINE) || s->blocks < 2)
		return 0;
	err = hs_dirindex_build(s->fs, &who, s->blocks, get, get_arg, &s->index);
	if (err)
		return err;
	if (s->index.flaws)
		flaw(s, s->index.flaws, s->index.bad_block);
	/* Every block but the root must be in the index; none is in it twice. */
	if (!(s->index.flaws & HS_DIRF_INDEX) && s->index.n + 1 != s->blocks)
		flaw(s, HS_DIRF_INDEX, 0);
	s->indexed = !(s->end.flaws & HS_DIRF_INDEX);
	s->hashable = !(d->flags & HS_INODE_CASEFOLD);
	return 0;
}

/* The last record of a block with a checksum is an unused one of a special type. */
static void check_csum(struct hs_dirscan *s, uint32_t logical, const uint8_t *block)
{
	uint32_t bs = s->fs->geo.block_size;
	const uint8_t *tail = block + bs - TAIL_SIZE;

	/* Index blocks have their checksum elsewhere; met here only when the index is damaged. */
	if (!hs_get_le32(block) && hs_dirent_rec_len(block, bs) == bs)
		return;
	if (hs_get_le32(tail) || hs_get_le16(tail + 4) != TAIL_SIZE || tail[6] ||
	    tail[7] != TAIL_TYPE ||
	    s->fs->crc32c(s->csum_seed, block, bs - TAIL_SIZE) != hs_get_le32(tail + 8))
		flaw(s, HS_DIRF_CSUM, logical);
}

static int seen_in_directory(struct hs_dirscan *s, uint64_t hash, const struct hs_dirent *e)
{
	int ret = hs_dirnames_add(&s->names, hash, e->name, e->name_len);

	if (ret == -ENOSPC) {
		s->end.flaws |= HS_DIRF_UNSEARCHED;
		return 0;
	}
	return ret;
}

/* In a leaf of a sound index. */
static int judge_hashed(struct hs_dirscan *s, const struct hs_dirleaf *leaf, const uint8_t *block,
			uint64_t hash, struct hs_dirent *e)
{
	uint32_t major = (uint32_t)(hash >> 32);
	int ret = 0;

	e->wrong_leaf = major < leaf->low || major > leaf->high;
	e->duplicate = hs_leafnames_add(&s->leaf, hash ^ hash >> 32, block, e->offset);
	if (!e->duplicate && ((leaf->from_previous && major == leaf->low) ||
			      (leaf->into_next && major == leaf->high)))
		ret = seen_in_directory(s, hash ^ hash >> 32, e);
	if (ret > 0)
		e->duplicate = true;
	return ret < 0 ? ret : 0;
}

static int judge_linear(struct hs_dirscan *s, const uint8_t *block, struct hs_dirent *e)
{
	uint64_t hash = XXH3_64bits(e->name, e->name_len);
	int ret;

	if (s->blocks <= 1 || s->indexed) {
		e->duplicate = hs_leafnames_add(&s->leaf, hash, block, e->offset);
		return 0;
	}
	ret = seen_in_directory(s, hash, e);
	e->duplicate = ret > 0;
	return ret < 0 ? ret : 0;
}

/* NULL: not a leaf. The blocks ascend, and so do the leaves. */
static const struct hs_dirleaf *leaf_at(struct hs_dirscan *s, uint32_t logical)
{
	const struct hs_dirindex *x = &s->index;

	while (s->next_leaf < x->n && x->v[s->next_leaf].block < logical)
		s->next_leaf++;
	if (s->next_leaf == x->n || x->v[s->next_leaf].block != logical)
		return NULL;
	return &x->v[s->next_leaf];
}

int hs_dirscan_block(struct hs_dirscan *s, uint32_t logical, const uint8_t *block)
{
	uint32_t bs = s->fs->geo.block_size;
	const struct hs_dirleaf *leaf = NULL;
	struct hs_dirblock it;
	struct hs_dirent e;
	size_t nth = 0;
	int got;

	s->end.blocks++;
	if (!block) {
		flaw(s, HS_DIRF_READ, logical);
		return 0;
	}
	if (s->indexed && logical) {
		leaf = leaf_at(s, logical);
		if (!leaf || leaf->is_node)
			return 0;
	}
	if (s->fs->geo.has_metadata_csum && !(s->indexed && !logical))
		check_csum(s, logical, block);
	if (leaf && s->hashable)
		hs_dirhash_block(s->index.hash_version, s->fs->geo.hash_seed, block, s->offsets,
				 hs_dirblock_offsets(block, bs, s->offsets), s->hashes);
	hs_leafnames_clear(&s->leaf);
	it = hs_dirblock_begin(block, bs, s->fs->has_dirdata);
	while ((got = hs_dirblock_next(&it, &e)) > 0) {
		int ret;

		e.block = logical;
		e.wrong_leaf = false;
		if (leaf && s->hashable)
			ret = judge_hashed(s, leaf, block, s->hashes[nth++], &e);
		else
			ret = judge_linear(s, block, &e);
		if (ret)
			return ret;
		s->end.entries++;
		ret = s->visitor->entry(s->arg, s->dir, &e);
		if (ret)
			return ret;
	}
	if (got < 0)
		flaw(s, HS_DIRF_ENTRY, logical);
	return 0;
}

void hs_dirscan_hole(struct hs_dirscan *s, uint32_t logical)
{
	flaw(s, HS_DIRF_HOLE, logical);
}

int hs_dirscan_end(struct hs_dirscan *s)
{
	return s->visitor->end ? s->visitor->end(s->arg, s->dir, &s->end) : 0;
}
