/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Entries of directories: finding the record, changing it in place, taking it out, adding one to a
 * linear directory. Indexed ones go to edit_htree.c for the leaf of a new name.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "ldiskfs/dirblock.h"
#include "ldiskfs/edit_htree.h"
#include "ldiskfs/edit_priv.h"

enum { COMPAT_DIR_INDEX = 0x20 };

/* A record in its leaf, which is in buf. */
struct record {
	uint64_t logical;
	uint32_t at, prev; /* prev == at: the first of the block */
	uint8_t *buf;
};

static bool is_dot(const void *name, size_t len)
{
	return len && len <= 2 && !memcmp(name, "..", len);
}

/* Looks into the leaf in r->buf. */
static bool in_leaf(const struct hs_edit *e, struct record *r, const void *name, size_t len,
		    uint32_t ino)
{
	uint32_t bs = e->fs->geo.block_size, prev = 0;

	for (uint32_t pos = 0; pos < bs; pos += hs_dirent_rec_len(r->buf + pos, bs)) {
		const uint8_t *p = r->buf + pos;

		if (hs_get_le32(p) && p[6] == len && !memcmp(p + HS_DIRENT_HEADER, name, len) &&
		    (!ino || hs_get_le32(p) == ino)) {
			r->at = pos;
			r->prev = prev;
			return true;
		}
		prev = pos;
	}
	return false;
}

/* Every block in turn: right whatever the index says. */
static errint_t find_linear(struct hs_edit *e, const struct hs_edit_dir *d, const void *name,
			    size_t len, uint32_t ino, struct record *r)
{
	for (r->logical = 0; r->logical < d->blocks; r->logical++) {
		errint_t err;

		if (!hs_map_find(&d->map, r->logical))
			continue;
		err = hs_edit_dir_get(e, d, r->logical, r->buf);
		if (err)
			return err;
		if (in_leaf(e, r, name, len, ino))
			return 0;
	}
	return -ENOENT;
}

static errint_t find(struct hs_edit *e, const struct hs_edit_dir *d, const void *name, size_t len,
		     uint32_t ino, struct record *r)
{
	if (d->inode.in.flags & HS_INODE_INDEX && !is_dot(name, len)) {
		struct hs_htree_leaves l = {0};
		errint_t err = hs_edit_htree_leaves(e, d, name, (uint32_t)len, &l);

		for (unsigned i = 0; i < l.n && !err; i++) {
			r->logical = l.logical[i];
			err = hs_edit_dir_get(e, d, r->logical, r->buf);
			if (!err && in_leaf(e, r, name, len, ino))
				return 0;
		}
		/* a name in the wrong leaf, or a damaged index: it may still be there */
	}
	return find_linear(e, d, name, len, ino, r);
}

static errint_t not_found(struct hs_edit *e, uint32_t dir, const void *name, size_t len)
{
	hs_cleanup(hs_strbuf_free) struct hs_strbuf shown = HS_STRBUF_INIT;

	hs_strbuf_add_escaped(&shown, name, len);
	return hs_edit_fail(e, -ENOENT, "directory %u has no such name '%s'", dir,
			    hs_strbuf_str(&shown));
}

static errint_t open_and_find(struct hs_edit *e, uint32_t dir, const void *name, size_t len,
			      uint32_t ino, struct hs_edit_dir *d, struct record *r)
{
	errint_t err = hs_edit_dir_open(e, dir, d);

	r->buf = malloc(hs_edit_block_size(e));
	if (!r->buf)
		return hs_edit_fail(e, -ENOMEM, "out of memory");
	if (!err)
		err = find(e, d, name, len, ino, r);
	return err == -ENOENT ? not_found(e, dir, name, len) : err;
}

/* The record before takes its room; the first one of a block stays as a free one. */
static void take_out(const struct hs_edit *e, struct record *r)
{
	uint32_t bs = e->fs->geo.block_size;
	uint8_t *p = r->buf + r->at;
	uint32_t len = hs_dirent_rec_len(p, bs);

	if (r->prev == r->at) {
		memset(p + 6, 0, len - 6);
		hs_put_le32(p, 0);
		return;
	}
	hs_edit_rec_len_put(r->buf + r->prev, hs_dirent_rec_len(r->buf + r->prev, bs) + len, bs);
	memset(p, 0, len);
}

errint_t hs_edit_remove(struct hs_edit *e, uint32_t dir, const void *name, size_t len, uint32_t ino)
{
	hs_cleanup(hs_edit_dir_close) struct hs_edit_dir d = {0};
	struct record r = {0};
	errint_t err;

	if (is_dot(name, len))
		return hs_edit_fail(e, -EINVAL, "directory %u: '.' and '..' stay", dir);
	err = open_and_find(e, dir, name, len, ino, &d, &r);
	if (!err) {
		take_out(e, &r);
		err = hs_edit_dir_put_leaf(e, &d, r.logical, r.buf);
	}
	free(r.buf);
	return err;
}

/* Block 0 of an indexed directory is its root: the index stands behind `..`. */
static errint_t put(struct hs_edit *e, const struct hs_edit_dir *d, const struct record *r)
{
	if (r->logical == 0 && d->inode.in.flags & HS_INODE_INDEX)
		return hs_edit_htree_put_root(e, d, r->buf);
	return hs_edit_dir_put_leaf(e, d, r->logical, r->buf);
}

static errint_t insert_into(struct hs_edit *e, struct hs_edit_dir *d, const struct hs_edit_name *n);

errint_t hs_edit_change(struct hs_edit *e, uint32_t dir, const void *name, size_t len, uint32_t ino,
			const struct hs_edit_dirent *new)
{
	hs_cleanup(hs_edit_dir_close) struct hs_edit_dir d = {0};
	struct hs_edit_dirent dirent = *new;
	const struct hs_edit_name n = {name, (uint32_t)len, &dirent};
	uint32_t bs = (uint32_t)hs_edit_block_size(e), room, used;
	struct record r = {0};
	errint_t err = open_and_find(e, dir, name, len, ino, &d, &r);

	if (!e->fs->has_dirdata)
		dirent.fid = NULL;
	if (err)
		goto out;
	room = hs_dirent_rec_len(r.buf + r.at, bs);
	used = hs_dirent_used(r.buf + r.at, room, e->fs->has_dirdata);
	if (r.logical == 0 && d.inode.in.flags & HS_INODE_INDEX && hs_edit_entry_size(&n) != used) {
		err = hs_edit_fail(e, -ENOSPC,
				   "directory %u: the index leaves no room for another form of "
				   "this entry",
				   dir);
	} else if (hs_edit_entry_size(&n) <= room) {
		/* what the former data have taken becomes room */
		if (used > hs_edit_entry_size(&n))
			memset(r.buf + r.at + hs_edit_entry_size(&n), 0,
			       used - hs_edit_entry_size(&n));
		hs_edit_entry_encode(&n, r.buf + r.at, room, bs);
		err = put(e, &d, &r);
	} else if (is_dot(name, len)) {
		err = hs_edit_fail(e, -ENOSPC, "directory %u: no room for the FID behind '..'",
				   dir);
	} else {
		take_out(e, &r);
		err = hs_edit_dir_put_leaf(e, &d, r.logical, r.buf);
		if (!err)
			err = insert_into(e, &d, &n);
	}
out:
	free(r.buf);
	return err;
}

/* Into the first block with room, or a new one. */
static errint_t insert_linear(struct hs_edit *e, struct hs_edit_dir *d,
			      const struct hs_edit_name *n, uint64_t first)
{
	hs_autofree uint8_t *buf = malloc(hs_edit_block_size(e));
	uint64_t logical;
	errint_t err;

	if (!buf)
		return hs_edit_fail(e, -ENOMEM, "out of memory");
	for (logical = first; logical < d->blocks; logical++) {
		if (!hs_map_find(&d->map, logical))
			continue;
		err = hs_edit_dir_get(e, d, logical, buf);
		if (err)
			return err;
		if (hs_edit_leaf_insert(e, buf, d->leaf_len, n))
			return hs_edit_dir_put_leaf(e, d, logical, buf);
	}
	if (d->blocks == 1 && e->fs->geo.compat & COMPAT_DIR_INDEX) {
		err = hs_edit_htree_make(e, d);
		return err ? err : hs_edit_htree_insert(e, d, n);
	}
	err = hs_edit_dir_grow(e, d, &logical);
	if (err)
		return err;
	hs_edit_leaf_init(e, buf, d->leaf_len);
	hs_edit_leaf_insert(e, buf, d->leaf_len, n);
	return hs_edit_dir_put_leaf(e, d, logical, buf);
}

static errint_t insert_into(struct hs_edit *e, struct hs_edit_dir *d, const struct hs_edit_name *n)
{
	if (d->inode.in.flags & HS_INODE_INDEX)
		return hs_edit_htree_insert(e, d, n);
	return insert_linear(e, d, n, 0);
}

static errint_t exists(struct hs_edit *e, const struct hs_edit_dir *d, const void *name, size_t len)
{
	hs_autofree uint8_t *buf = malloc(hs_edit_block_size(e));
	struct record r = {.buf = buf};
	errint_t err;

	if (!buf)
		return hs_edit_fail(e, -ENOMEM, "out of memory");
	if (d->inode.in.flags & HS_INODE_INDEX) {
		struct hs_htree_leaves l = {0};

		err = hs_edit_htree_leaves(e, d, name, (uint32_t)len, &l);
		for (unsigned i = 0; i < l.n && !err; i++) {
			err = hs_edit_dir_get(e, d, l.logical[i], buf);
			if (!err && in_leaf(e, &r, name, len, 0))
				err = -EEXIST;
		}
	} else {
		err = find_linear(e, d, name, len, 0, &r);
		err = err == -ENOENT ? 0 : err ? err : -EEXIST;
	}
	if (err == -EEXIST) {
		hs_cleanup(hs_strbuf_free) struct hs_strbuf shown = HS_STRBUF_INIT;

		hs_strbuf_add_escaped(&shown, name, len);
		return hs_edit_fail(e, -EEXIST, "directory %u has a name '%s'", d->inode.ino,
				    hs_strbuf_str(&shown));
	}
	return err;
}

errint_t hs_edit_insert(struct hs_edit *e, uint32_t dir, const void *name, size_t len,
			const struct hs_edit_dirent *new)
{
	hs_cleanup(hs_edit_dir_close) struct hs_edit_dir d = {0};
	struct hs_edit_dirent dirent = *new;
	const struct hs_edit_name n = {name, (uint32_t)len, &dirent};
	errint_t err;

	if (!len || len > 255 || is_dot(name, len) || !new->ino || new->ino > e->fs->geo.inodes ||
	    new->type > 15)
		return hs_edit_fail(e, -EINVAL, "directory %u: impossible entry", dir);
	if (!e->fs->has_dirdata)
		dirent.fid = NULL;
	err = hs_edit_dir_open(e, dir, &d);
	if (!err)
		err = exists(e, &d, name, len);
	return err ? err : insert_into(e, &d, &n);
}
