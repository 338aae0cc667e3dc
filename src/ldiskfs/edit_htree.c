/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names in hashed directories, put where the kernel would look for them. A full leaf is split at
 * the middle of its hashes; a full node likewise; a full root gets a level below it. Where equal
 * hashes fall on both sides of a split, the lowest bit of the second leaf's hash says so.
 *
 * A path from the root to a leaf is held in memory while it is changed. Roots whose `..` carries a
 * FID have their fields behind it (format notes, section 4).
 */
#include "ldiskfs/edit_htree.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "ldiskfs/dirblock.h"
#include "ldiskfs/dirhash.h"
#include "ldiskfs/htree.h"

enum {
	DOT_LEN = 12,
	ROOT_INFO = 8,
	NODE_ENTRIES = 8, /* where they begin in a node */
	DX_ENTRY = 8,
	DX_TAIL = 8,
	LEVELS = 3, /* root and two levels of nodes: large_dir */
};

struct level {
	uint64_t logical;
	uint8_t *buf;
	uint32_t entries; /* offset of the entries in buf */
	uint32_t at;	  /* the entry that was followed */
};

struct path {
	struct level v[LEVELS];
	unsigned n;
	uint8_t version; /* of the hash */
	uint32_t hash;
};

static void path_free(struct path *p)
{
	for (unsigned i = 0; i < LEVELS; i++)
		free(p->v[i].buf);
}

static uint32_t count_of(const struct level *l)
{
	return hs_get_le16(l->buf + l->entries + 2);
}

static uint32_t limit_of(const struct level *l)
{
	return hs_get_le16(l->buf + l->entries);
}

static uint8_t *entry(const struct level *l, uint32_t i)
{
	return l->buf + l->entries + (size_t)i * DX_ENTRY;
}

static uint32_t entry_hash(const struct level *l, uint32_t i)
{
	return hs_get_le32(entry(l, i));
}

static uint32_t entry_block(const struct level *l, uint32_t i)
{
	return hs_get_le32(entry(l, i) + 4) & 0x0fffffffu;
}

static errint_t damaged(struct hs_edit *e, const struct hs_edit_dir *d)
{
	return hs_edit_fail(e, -EUCLEAN, "directory %u: its hash index is damaged", d->inode.ino);
}

static errint_t get(struct hs_edit *e, const struct hs_edit_dir *d, struct level *l)
{
	uint64_t block = l->logical < d->blocks ? hs_map_find(&d->map, l->logical) : 0;

	if (!block)
		return damaged(e, d);
	if (!l->buf)
		l->buf = malloc(hs_edit_block_size(e));
	if (!l->buf)
		return hs_edit_fail(e, -ENOMEM, "out of memory");
	return hs_edit_get_block(e, block, l->buf);
}

static errint_t put(struct hs_edit *e, const struct hs_edit_dir *d, const struct level *l)
{
	return hs_edit_dir_put_node(e, d, l->logical, l->buf, l->entries);
}

/* The last entry whose hash is not above ours; the first one has none. */
static uint32_t choose(const struct level *l, uint32_t hash)
{
	uint32_t low = 1, high = count_of(l);

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (entry_hash(l, mid) > hash)
			high = mid;
		else
			low = mid + 1;
	}
	return low - 1;
}

static errint_t load_root(struct hs_edit *e, const struct hs_edit_dir *d, struct path *p,
			  unsigned *levels)
{
	struct level *l = &p->v[0];
	struct hs_dx_root root;
	errint_t err;

	l->logical = 0;
	err = get(e, d, l);
	if (err)
		return err;
	if (!hs_dx_root_decode(l->buf, e->fs->geo.block_size, e->fs->has_dirdata, d->csum, &root) ||
	    !hs_edit_node_csum_ok(e, d, l->buf, &root.node) || root.levels >= LEVELS)
		return damaged(e, d);
	l->entries = (uint32_t)(root.node.entries - l->buf);
	p->version = (uint8_t)(root.hash_version + (e->fs->geo.hash_unsigned ? 3 : 0));
	*levels = root.levels;
	return 0;
}

static errint_t load_node(struct hs_edit *e, const struct hs_edit_dir *d, struct level *l)
{
	struct hs_dx_node node;
	errint_t err = get(e, d, l);

	if (err)
		return err;
	if (!hs_dx_node_decode(l->buf, e->fs->geo.block_size, d->csum, &node) ||
	    !hs_edit_node_csum_ok(e, d, l->buf, &node))
		return damaged(e, d);
	l->entries = NODE_ENTRIES;
	return 0;
}

static uint32_t leaf_of(const struct path *p)
{
	return entry_block(&p->v[p->n - 1], p->v[p->n - 1].at);
}

/* The path to the leaf of a name. */
static errint_t probe(struct hs_edit *e, const struct hs_edit_dir *d, const void *name,
		      uint32_t len, struct path *p)
{
	unsigned levels = 0;
	errint_t err = load_root(e, d, p, &levels);

	if (err)
		return err;
	p->hash = (uint32_t)(hs_dirhash(p->version, e->fs->geo.hash_seed, name, len) >> 32);
	p->v[0].at = choose(&p->v[0], p->hash);
	for (p->n = 1; p->n <= levels; p->n++) {
		struct level *l = &p->v[p->n];

		l->logical = entry_block(l - 1, l[-1].at);
		err = load_node(e, d, l);
		if (err)
			return err;
		l->at = choose(l, p->hash);
	}
	return leaf_of(p) && leaf_of(p) < d->blocks ? 0 : damaged(e, d);
}

/* Moves on to the next leaf: 1, 0 at the end. *hash is where it begins. */
static int next_leaf(struct hs_edit *e, const struct hs_edit_dir *d, struct path *p, uint32_t *hash)
{
	unsigned i = p->n;

	do {
		if (i-- == 0)
			return 0;
	} while (p->v[i].at + 1 >= count_of(&p->v[i]));
	p->v[i].at++;
	*hash = entry_hash(&p->v[i], p->v[i].at);
	for (i++; i < p->n; i++) {
		errint_t err;

		p->v[i].logical = entry_block(&p->v[i - 1], p->v[i - 1].at);
		err = load_node(e, d, &p->v[i]);
		if (err)
			return err;
		p->v[i].at = 0;
	}
	return 1;
}

errint_t hs_edit_htree_leaves(struct hs_edit *e, const struct hs_edit_dir *d, const void *name,
			      uint32_t len, struct hs_htree_leaves *out)
{
	hs_cleanup(path_free) struct path p = {0};
	uint32_t begins;
	errint_t err = probe(e, d, name, len, &p);
	int more = 1;

	out->n = 0;
	while (!err && more > 0 && out->n < HS_HTREE_LEAVES) {
		out->logical[out->n++] = leaf_of(&p);
		more = next_leaf(e, d, &p, &begins);
		if (more < 0)
			err = more;
		else if (more && begins != (p.hash | 1))
			more = 0;
	}
	return err;
}

errint_t hs_edit_htree_put_root(struct hs_edit *e, const struct hs_edit_dir *d, uint8_t *buf)
{
	struct hs_dx_root root;

	if (!hs_dx_root_decode(buf, e->fs->geo.block_size, e->fs->has_dirdata, d->csum, &root))
		return damaged(e, d);
	return hs_edit_dir_put_node(e, d, 0, buf, (uint32_t)(root.node.entries - buf));
}

/* Adds an entry behind the one that was followed; there is room. */
static void add_entry(struct level *l, uint32_t hash, uint64_t block)
{
	uint32_t count = count_of(l);
	uint8_t *at = entry(l, l->at + 1);

	memmove(at + DX_ENTRY, at, (size_t)(count - l->at - 1) * DX_ENTRY);
	hs_put_le32(at, hash);
	hs_put_le32(at + 4, (uint32_t)block);
	hs_put_le16(l->buf + l->entries + 2, (uint16_t)(count + 1));
}

/* An empty node in a new block of the directory. */
static errint_t new_node(struct hs_edit *e, struct hs_edit_dir *d, struct level *l)
{
	uint32_t bs = (uint32_t)hs_edit_block_size(e);
	errint_t err = hs_edit_dir_grow(e, d, &l->logical);

	if (err)
		return err;
	if (l->logical > 0x0fffffff)
		return hs_edit_fail(e, -ENOSPC, "directory %u is full", d->inode.ino);
	l->buf = calloc(1, bs);
	if (!l->buf)
		return hs_edit_fail(e, -ENOMEM, "out of memory");
	l->entries = NODE_ENTRIES;
	hs_edit_rec_len_put(l->buf, bs, bs);
	hs_put_le16(l->buf + NODE_ENTRIES,
		    (uint16_t)((bs - NODE_ENTRIES - (d->csum ? DX_TAIL : 0)) / DX_ENTRY));
	return 0;
}

static void set_count(struct level *l, uint32_t n)
{
	hs_put_le16(l->buf + l->entries + 2, (uint16_t)n);
}

/* What the root holds goes to a node below it. */
static errint_t add_level(struct hs_edit *e, struct hs_edit_dir *d, struct path *p)
{
	unsigned most = e->fs->has_largedir ? LEVELS : LEVELS - 1;
	struct level *root = &p->v[0], node = {0};
	uint32_t n = count_of(root);
	errint_t err;

	if (p->n >= most)
		return hs_edit_fail(e, -ENOSPC, "directory %u: its hash index is full",
				    d->inode.ino);
	err = new_node(e, d, &node);
	if (err) {
		free(node.buf);
		return err;
	}
	/* all but what stands in place of the first hash: limit and count */
	memcpy(entry(&node, 0) + 4, entry(root, 0) + 4, (size_t)n * DX_ENTRY - 4);
	set_count(&node, n);
	node.at = root->at;
	set_count(root, 1);
	hs_put_le32(entry(root, 0) + 4, (uint32_t)node.logical);
	root->at = 0;
	root->buf[root->entries - ROOT_INFO + 6]++;
	memmove(&p->v[2], &p->v[1], (size_t)(p->n - 1) * sizeof(p->v[0]));
	p->v[1] = node;
	p->n++;
	err = put(e, d, root);
	return err ? err : put(e, d, &p->v[1]);
}

/* Lets the level have room for one more entry; levels above it may be split, and one be added. */
static errint_t make_room(struct hs_edit *e, struct hs_edit_dir *d, struct path *p, unsigned i)
{
	struct level upper = {0}, *l;
	uint32_t n, half;
	errint_t err;

	if (count_of(&p->v[i]) < limit_of(&p->v[i]))
		return 0;
	if (i == 0)
		return add_level(e, d, p);
	n = p->n;
	err = make_room(e, d, p, i - 1);
	if (err)
		return err;
	i += p->n - n; /* the path may have become longer */
	l = &p->v[i];
	err = new_node(e, d, &upper);
	if (err) {
		free(upper.buf);
		return err;
	}
	n = count_of(l);
	half = n / 2;
	memcpy(entry(&upper, 0) + 4, entry(l, half) + 4, (size_t)(n - half) * DX_ENTRY - 4);
	set_count(&upper, n - half);
	set_count(l, half);
	add_entry(l - 1, entry_hash(l, half), upper.logical);
	err = put(e, d, l);
	if (!err)
		err = put(e, d, &upper);
	if (!err)
		err = put(e, d, l - 1);
	if (l->at >= half) {
		upper.at = l->at - half;
		l[-1].at++;
		free(l->buf);
		*l = upper;
	} else {
		free(upper.buf);
	}
	return err;
}

/* One name of a leaf that is split. */
struct item {
	uint32_t hash;
	uint32_t at, used;
};

static int by_hash(const void *a, const void *b)
{
	const struct item *x = a, *y = b;

	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	return x->at < y->at ? -1 : x->at > y->at;
}

/* The names of a leaf in the order of their hashes; 0 when one of them makes no sense. */
static uint32_t sort_leaf(const struct hs_edit *e, const struct path *p, const uint8_t *leaf,
			  uint32_t leaf_len, struct item *items)
{
	uint32_t bs = e->fs->geo.block_size, n = 0, rec_len;

	for (uint32_t pos = 0; pos < leaf_len; pos += rec_len) {
		const uint8_t *q = leaf + pos;

		rec_len = hs_dirent_rec_len(q, bs);
		if (!hs_get_le32(q))
			continue;
		items[n].used = hs_dirent_used(q, rec_len, e->fs->has_dirdata);
		if (!items[n].used || items[n].used > rec_len)
			return 0;
		items[n].at = pos;
		items[n].hash = (uint32_t)(hs_dirhash(p->version, e->fs->geo.hash_seed,
						      q + HS_DIRENT_HEADER, q[6]) >>
					   32);
		n++;
	}
	qsort(items, n, sizeof(*items), by_hash);
	return n;
}

/* Where the upper half by size begins. */
static uint32_t middle(const struct item *items, uint32_t n, uint32_t leaf_len)
{
	uint32_t size = 0, i = n;

	while (i > 1 && size + items[i - 1].used / 2 <= leaf_len / 2)
		size += items[--i].used;
	return i < n ? i : n / 2;
}

/* Packs the items into an empty leaf; the last record takes what is left. */
static void pack(const struct hs_edit *e, const uint8_t *from, const struct item *items, uint32_t n,
		 uint8_t *leaf, uint32_t leaf_len)
{
	uint32_t bs = e->fs->geo.block_size, pos = 0;

	hs_edit_leaf_init(e, leaf, leaf_len);
	for (uint32_t i = 0; i < n; i++) {
		memcpy(leaf + pos, from + items[i].at, items[i].used);
		hs_edit_rec_len_put(leaf + pos, i + 1 < n ? items[i].used : leaf_len - pos, bs);
		pos += items[i].used;
	}
}

/* Splits the leaf of the path in two and puts the name into the right one. */
static errint_t split_leaf(struct hs_edit *e, struct hs_edit_dir *d, struct path *p,
			   const uint8_t *leaf, const struct hs_edit_name *name)
{
	size_t bs = hs_edit_block_size(e);
	hs_autofree struct item *items = calloc(bs / HS_DIRENT_MIN + 1, sizeof(*items));
	hs_autofree uint8_t *lower = malloc(bs), *upper = malloc(bs);
	uint64_t logical, old = leaf_of(p);
	uint32_t n, half, pivot;
	errint_t err;

	if (!items || !lower || !upper)
		return hs_edit_fail(e, -ENOMEM, "out of memory");
	n = sort_leaf(e, p, leaf, d->leaf_len, items);
	if (n < 2)
		return hs_edit_fail(e, -EUCLEAN, "directory %u: block %" PRIu64 " is damaged",
				    d->inode.ino, old);
	err = make_room(e, d, p, p->n - 1);
	if (!err)
		err = hs_edit_dir_grow(e, d, &logical);
	if (err)
		return err;
	half = middle(items, n, d->leaf_len);
	pivot = items[half].hash;
	pack(e, leaf, items, half, lower, d->leaf_len);
	pack(e, leaf, items + half, n - half, upper, d->leaf_len);
	if (!hs_edit_leaf_insert(e, p->hash >= pivot ? upper : lower, d->leaf_len, name))
		return hs_edit_fail(e, -ENOSPC, "directory %u: no room for a name", d->inode.ino);
	add_entry(&p->v[p->n - 1], pivot | (pivot == items[half - 1].hash), logical);
	err = hs_edit_dir_put_leaf(e, d, old, lower);
	if (!err)
		err = hs_edit_dir_put_leaf(e, d, logical, upper);
	return err ? err : put(e, d, &p->v[p->n - 1]);
}

errint_t hs_edit_htree_insert(struct hs_edit *e, struct hs_edit_dir *d,
			      const struct hs_edit_name *n)
{
	hs_cleanup(path_free) struct path p = {0};
	hs_autofree uint8_t *leaf = malloc(hs_edit_block_size(e));
	errint_t err;

	if (!leaf)
		return hs_edit_fail(e, -ENOMEM, "out of memory");
	err = probe(e, d, n->name, n->len, &p);
	if (!err)
		err = hs_edit_dir_get(e, d, leaf_of(&p), leaf);
	if (err)
		return err;
	if (hs_edit_leaf_insert(e, leaf, d->leaf_len, n))
		return hs_edit_dir_put_leaf(e, d, leaf_of(&p), leaf);
	return split_leaf(e, d, &p, leaf, n);
}

/* The root: `.` and `..` as they are, then the index, over the whole block. */
static errint_t make_root(struct hs_edit *e, const struct hs_edit_dir *d, uint8_t *buf,
			  uint32_t used)
{
	uint32_t bs = (uint32_t)hs_edit_block_size(e), info = DOT_LEN + used;
	uint32_t entries = info + ROOT_INFO;
	uint8_t version = e->e2->super->s_def_hash_version;

	memset(buf + info, 0, bs - info);
	hs_edit_rec_len_put(buf + DOT_LEN, bs - DOT_LEN, bs);
	buf[info + 4] = version < 3 ? version : (uint8_t)(version - 3);
	buf[info + 5] = ROOT_INFO;
	hs_put_le16(buf + entries, (uint16_t)((bs - entries - (d->csum ? DX_TAIL : 0)) / DX_ENTRY));
	hs_put_le16(buf + entries + 2, 1);
	hs_put_le32(buf + entries + 4, 1); /* the only leaf */
	return hs_edit_dir_put_node(e, d, 0, buf, entries);
}

errint_t hs_edit_htree_make(struct hs_edit *e, struct hs_edit_dir *d)
{
	size_t bs = hs_edit_block_size(e);
	hs_autofree struct item *items = calloc(bs / HS_DIRENT_MIN + 1, sizeof(*items));
	hs_autofree uint8_t *buf = malloc(bs), *leaf = malloc(bs);
	uint32_t ino = d->inode.ino, used, n = 0, rec_len;
	uint64_t logical;
	errint_t err;

	if (!items || !buf || !leaf)
		return hs_edit_fail(e, -ENOMEM, "out of memory");
	err = hs_edit_dir_get(e, d, 0, buf);
	if (err)
		return err;
	used = hs_dirent_used(buf + DOT_LEN, (uint32_t)bs - DOT_LEN, e->fs->has_dirdata);
	rec_len = hs_dirent_rec_len(buf + DOT_LEN, (uint32_t)bs);
	if (hs_dirent_rec_len(buf, (uint32_t)bs) != DOT_LEN || buf[6] != 1 ||
	    buf[DOT_LEN + 6] != 2 || !used || used > rec_len)
		return hs_edit_fail(e, -EUCLEAN, "directory %u does not begin with '.' and '..'",
				    ino);
	for (uint32_t pos = DOT_LEN + rec_len; pos < d->leaf_len; pos += rec_len) {
		rec_len = hs_dirent_rec_len(buf + pos, (uint32_t)bs);
		if (!hs_get_le32(buf + pos))
			continue;
		items[n].at = pos;
		items[n].used = hs_dirent_used(buf + pos, rec_len, e->fs->has_dirdata);
		if (!items[n].used || items[n].used > rec_len)
			return hs_edit_fail(e, -EUCLEAN, "directory %u is damaged", ino);
		n++;
	}
	err = hs_edit_dir_grow(e, d, &logical);
	if (err)
		return err;
	pack(e, buf, items, n, leaf, d->leaf_len);
	err = hs_edit_dir_put_leaf(e, d, logical, leaf);
	if (!err)
		err = make_root(e, d, buf, used);
	if (!err)
		err = hs_edit_set_flags(e, ino, HS_INODE_INDEX, 0);
	hs_edit_dir_close(d);
	memset(d, 0, sizeof(*d));
	return err ? err : hs_edit_dir_open(e, ino, d);
}
