/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Walking an index file to a key and changing the blocks on the way. Whatever is damaged on that
 * way is left as it is: -EUCLEAN.
 */
#include "lfsck/iam_edit.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "ldiskfs/file.h"
#include "lustre/iam_write.h"

struct level {
	uint64_t logical;
	uint8_t *buf;
	struct hs_iam_block block;
	uint32_t at; /* the place that was followed */
};

/* The root, nodes, and the leaf. */
struct path {
	struct level v[HS_IAM_MAX_LEVELS + 2];
	unsigned n; /* the leaf is v[n - 1] */
	struct hs_iam_root root;
};

static void path_free(struct path *p)
{
	for (unsigned i = 0; i < p->n; i++)
		free(p->v[i].buf);
}

static errint_t damaged(struct hs_edit *e, const struct hs_iam_file *x, uint64_t logical)
{
	return hs_edit_fail(e, -EUCLEAN, "index %u: block %" PRIu64 " is damaged", x->ino, logical);
}

static size_t block_size(const struct hs_edit *e)
{
	return hs_fs_geo(hs_edit_fs(e))->block_size;
}

static errint_t read_inode(struct hs_edit *e, uint32_t ino, uint8_t **raw, struct hs_inode *in)
{
	const struct hs_fs *fs = hs_edit_fs(e);
	errint_t err;

	*raw = malloc(hs_fs_geo(fs)->inode_size);
	if (!*raw)
		return hs_edit_fail(e, -ENOMEM, "out of memory");
	err = hs_inode_read(fs, ino, *raw, in);
	if (err)
		return hs_edit_fail(e, err, "cannot read inode %u: %s", ino, strerror(-err));
	if (!hs_inode_is_reg(in) || in->csum_bad)
		return hs_edit_fail(e, -EUCLEAN, "inode %u is no sound index file", ino);
	return 0;
}

static errint_t get(struct hs_edit *e, const struct hs_iam_file *x, struct level *l)
{
	hs_autofree uint8_t *raw = NULL;
	size_t bs = block_size(e), got = 0;
	struct hs_inode in;
	errint_t err = read_inode(e, x->ino, &raw, &in);

	if (err)
		return err;
	l->buf = malloc(bs);
	if (!l->buf)
		return hs_edit_fail(e, -ENOMEM, "out of memory");
	err = l->logical > in.size / bs
		      ? 0
		      : hs_file_pread(hs_edit_fs(e), &in, l->buf, bs, l->logical * bs, &got);
	if (err && err != -EUCLEAN)
		return hs_edit_fail(e, err, "index %u: cannot read block %" PRIu64 ": %s", x->ino,
				    l->logical, strerror(-err));
	return err || got != bs ? damaged(e, x, l->logical) : 0;
}

static errint_t put(struct hs_edit *e, const struct hs_iam_file *x, const struct level *l)
{
	size_t bs = block_size(e);

	return hs_edit_write(e, x->ino, l->buf, bs, l->logical * bs);
}

static errint_t probe(struct hs_edit *e, const struct hs_iam_file *x, const uint8_t *key,
		      struct path *p)
{
	size_t bs = block_size(e);
	errint_t err;

	p->n = 1;
	err = get(e, x, &p->v[0]);
	if (err)
		return err;
	if (!hs_iam_block_open(p->v[0].buf, bs, HS_IAM_ROOT, &p->root, &p->v[0].block) ||
	    p->root.key_size != x->key_size || p->root.rec_size != x->rec_size)
		return damaged(e, x, 0);
	for (unsigned level = 0; level <= p->root.levels; level++) {
		struct level *up = &p->v[level], *l = up + 1;

		up->at = hs_iam_block_choose(&up->block, key);
		l->logical = hs_iam_block_child(&up->block, up->at);
		p->n++;
		err = get(e, x, l);
		if (err)
			return err;
		if (!hs_iam_block_open(l->buf, bs,
				       level == p->root.levels ? HS_IAM_LEAF : HS_IAM_INDEX,
				       &p->root, &l->block))
			return damaged(e, x, l->logical);
	}
	return 0;
}

int hs_iam_file_find(struct hs_edit *e, const struct hs_iam_file *x, const uint8_t *key,
		     uint8_t *record)
{
	hs_cleanup(path_free) struct path p = {0};
	const struct level *leaf;
	uint32_t at;
	errint_t err = probe(e, x, key, &p);

	if (err)
		return err;
	leaf = &p.v[p.n - 1];
	if (!hs_iam_block_search(&leaf->block, key, &at))
		return 0;
	memcpy(record, hs_iam_block_at(&leaf->block, at) + x->key_size, x->rec_size);
	return 1;
}

errint_t hs_iam_file_change(struct hs_edit *e, const struct hs_iam_file *x, const uint8_t *key,
			    const uint8_t *record)
{
	hs_cleanup(path_free) struct path p = {0};
	struct level *leaf;
	uint32_t at;
	errint_t err = probe(e, x, key, &p);

	if (err)
		return err;
	leaf = &p.v[p.n - 1];
	if (!hs_iam_block_search(&leaf->block, key, &at))
		return hs_edit_fail(e, -ENOENT, "index %u has no such key", x->ino);
	memcpy(hs_iam_block_at(&leaf->block, at) + x->key_size, record, x->rec_size);
	return put(e, x, leaf);
}

/* An emptied leaf stays in its place, which is legal: the next insertion fills it. */
errint_t hs_iam_file_remove(struct hs_edit *e, const struct hs_iam_file *x, const uint8_t *key)
{
	hs_cleanup(path_free) struct path p = {0};
	struct level *leaf;
	uint32_t at;
	errint_t err = probe(e, x, key, &p);

	if (err)
		return err;
	leaf = &p.v[p.n - 1];
	if (!hs_iam_block_search(&leaf->block, key, &at))
		return hs_edit_fail(e, -ENOENT, "index %u has no such key", x->ino);
	hs_iam_block_remove(&leaf->block, at);
	return put(e, x, leaf);
}

/* A block of the file that is not in use: from the idle list, or a new one at its end. */
static errint_t take_idle(struct hs_edit *e, const struct hs_iam_file *x, struct path *p,
			  uint64_t *logical)
{
	struct level idle = {.logical = p->root.idle};
	uint32_t next = 0, taken = 0;
	errint_t err = get(e, x, &idle);

	if (!err && !hs_iam_idle_take(idle.buf, block_size(e), &taken, &next))
		err = damaged(e, x, idle.logical);
	if (!err && taken) {
		*logical = taken;
		err = put(e, x, &idle);
	} else if (!err) {
		/* it lists none: it is the last free one itself */
		*logical = idle.logical;
		hs_iam_root_set_idle(&p->v[0].block, &p->root, next);
		err = put(e, x, &p->v[0]);
	}
	free(idle.buf);
	return err;
}

static errint_t new_block(struct hs_edit *e, const struct hs_iam_file *x, struct path *p,
			  enum hs_iam_kind kind, struct level *l)
{
	hs_autofree uint8_t *raw = NULL;
	size_t bs = block_size(e);
	struct hs_inode in;
	errint_t err;

	if (p->root.idle) {
		err = take_idle(e, x, p, &l->logical);
	} else {
		err = read_inode(e, x->ino, &raw, &in);
		if (!err && in.size % bs)
			err = damaged(e, x, in.size / bs);
		l->logical = err ? 0 : in.size / bs;
	}
	if (err)
		return err;
	l->buf = malloc(bs);
	if (!l->buf)
		return hs_edit_fail(e, -ENOMEM, "out of memory");
	hs_iam_block_init(l->buf, bs, kind, &p->root, &l->block);
	/* at once: the next new block must not be the same */
	return put(e, x, l);
}

/* What the root holds goes to a node below it. */
static errint_t add_level(struct hs_edit *e, const struct hs_iam_file *x, struct path *p)
{
	struct level node = {0}, *root = &p->v[0];
	errint_t err;

	if (p->root.levels >= HS_IAM_MAX_LEVELS)
		return hs_edit_fail(e, -ENOSPC, "index %u is full", x->ino);
	err = new_block(e, x, p, HS_IAM_INDEX, &node);
	if (err) {
		free(node.buf);
		return err;
	}
	hs_iam_root_push_down(&root->block, &p->root, &node.block, node.logical);
	node.at = root->at;
	root->at = 0;
	memmove(&p->v[2], &p->v[1], (p->n - 1) * sizeof(p->v[0]));
	p->v[1] = node;
	p->n++;
	err = put(e, x, &p->v[1]);
	return err ? err : put(e, x, root);
}

/*
 * Lets the level that is `height` above the leaf have room for one more, and the path lead to where
 * the key belongs.
 */
static errint_t make_room(struct hs_edit *e, const struct hs_iam_file *x, struct path *p,
			  unsigned height, const uint8_t *key)
{
	struct level upper = {0}, *l = &p->v[p->n - 1 - height], *up;
	const uint8_t *pivot;
	uint8_t pointer[8];
	errint_t err;

	if (l->block.count < l->block.room)
		return 0;
	if (l->block.kind == HS_IAM_ROOT)
		return add_level(e, x, p);
	err = make_room(e, x, p, height + 1, key);
	if (err)
		return err;
	l = &p->v[p->n - 1 - height];
	up = l - 1;
	err = new_block(e, x, p, l->block.kind, &upper);
	if (err) {
		free(upper.buf);
		return err;
	}
	hs_iam_block_split(&l->block, &upper.block);
	pivot = hs_iam_block_at(&upper.block, 0);
	hs_iam_pointer(&p->root, upper.logical, pointer);
	hs_iam_block_insert(&up->block, up->at + 1, pivot, pointer);
	err = put(e, x, &upper);
	if (!err)
		err = put(e, x, up);
	if (!err)
		err = put(e, x, l);
	if (memcmp(key, pivot, x->key_size) >= 0) {
		free(l->buf);
		*l = upper;
		up->at++;
	} else {
		free(upper.buf);
	}
	if (l->block.kind == HS_IAM_INDEX)
		l->at = hs_iam_block_choose(&l->block, key);
	return err;
}

errint_t hs_iam_file_insert(struct hs_edit *e, const struct hs_iam_file *x, const uint8_t *key,
			    const uint8_t *record)
{
	hs_cleanup(path_free) struct path p = {0};
	struct level *leaf;
	uint32_t at;
	errint_t err = probe(e, x, key, &p);

	if (err)
		return err;
	leaf = &p.v[p.n - 1];
	if (hs_iam_block_search(&leaf->block, key, &at))
		return hs_edit_fail(e, -EEXIST, "index %u has that key", x->ino);
	err = make_room(e, x, &p, 0, key);
	if (err)
		return err;
	leaf = &p.v[p.n - 1];
	hs_iam_block_search(&leaf->block, key, &at);
	hs_iam_block_insert(&leaf->block, at, key, record);
	return put(e, x, leaf);
}
