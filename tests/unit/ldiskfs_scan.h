/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One pass over a whole image, as the checker makes it, boiled down to a sum over all facts (each
 * hashed with what it is about) and to whether anything was flagged.
 */
#ifndef HS_TESTS_LDISKFS_SCAN_H
#define HS_TESTS_LDISKFS_SCAN_H

#include <string.h>

#include "ldiskfs/dir.h"
#include "ldiskfs/itable.h"
#include "ldiskfs/xattr.h"

struct scan {
	errint_t err; /* the pass itself failed */
	uint64_t facts;
	uint64_t inodes, attrs, directories, entries;
	uint64_t flagged; /* flaws met */
	unsigned dir_flaws, xattr_flaws;
	uint64_t wrong_leaves, duplicates, bad_data;

	const struct hs_fs *fs;
	struct hs_dir_reader *dirs;
	struct hs_xattr_set xattrs;
};

static inline uint64_t scan_hash(uint64_t h, const void *p, size_t len)
{
	const uint8_t *b = p;

	for (size_t i = 0; i < len; i++)
		h = (h ^ b[i]) * 0x100000001b3ull;
	return h ^ h >> 29;
}

static inline uint64_t scan_num(uint64_t h, uint64_t n)
{
	return scan_hash(h, &n, sizeof(n));
}

static inline int scan_begin(void *arg, void *dir)
{
	struct scan *s = arg;

	s->directories++;
	s->facts += scan_num(1, (uintptr_t)dir);
	return 0;
}

static inline int scan_entry(void *arg, void *dir, const struct hs_dirent *e)
{
	struct scan *s = arg;
	uint64_t h = scan_num(scan_num(2, (uintptr_t)dir), e->ino);

	h = scan_hash(scan_num(h, e->type_raw), e->name, e->name_len);
	if (e->has_fid)
		h = scan_hash(h, e->fid, 16);
	s->facts += h;
	s->entries++;
	s->wrong_leaves += e->wrong_leaf;
	s->duplicates += e->duplicate;
	s->bad_data += e->bad_data;
	return 0;
}

static inline int scan_end(void *arg, void *dir, const struct hs_dir_end *end)
{
	struct scan *s = arg;

	(void)dir;
	s->dir_flaws |= end->flaws;
	s->flagged += end->flaws != 0;
	return 0;
}

static const struct hs_dir_visitor scan_visitor = {scan_begin, scan_entry, scan_end};

static inline errint_t scan_inode(struct scan *s, const struct hs_inode *i)
{
	uint64_t h = scan_num(3, i->ino);
	errint_t err;

	h = scan_num(scan_num(scan_num(h, i->mode), i->nlink), i->generation);
	h = scan_num(scan_num(scan_num(h, i->uid), i->gid), i->projid);
	h = scan_num(scan_num(scan_num(h, i->size), i->flags), i->version);
	h = scan_num(scan_num(scan_num(h, i->ctime), i->mtime), i->blocks);
	s->facts += h;
	s->inodes++;
	s->flagged += i->csum_bad;
	err = hs_xattr_load(s->fs, i, true, &s->xattrs);
	if (err)
		return err;
	s->flagged += s->xattrs.flaws != 0;
	s->xattr_flaws |= s->xattrs.flaws;
	for (unsigned k = 0; k < s->xattrs.n; k++) {
		const struct hs_xattr *x = &s->xattrs.v[k];

		h = scan_num(scan_num(4, i->ino), x->index);
		h = scan_hash(h, x->name, x->name_len);
		s->facts += x->value ? scan_hash(h, x->value, x->value_len) : h;
		s->attrs++;
	}
	if (!hs_inode_is_dir(i))
		return 0;
	err = hs_dir_queue(s->dirs, i, (void *)(uintptr_t)i->ino); // NOLINT: a cookie
	if (!err && hs_dir_reader_full(s->dirs))
		err = hs_dir_reader_flush(s->dirs, &scan_visitor, s);
	return err;
}

static inline errint_t scan_chunk(struct scan *s, struct hs_itable_walk *walk)
{
	struct hs_inode inode;
	int ret;

	s->flagged += walk->bitmap_err != 0;
	while ((ret = hs_itable_walk_next(walk, &inode))) {
		errint_t err = 0;

		if (ret == -EIO)
			s->flagged++;
		else
			err = scan_inode(s, &inode);
		if (err)
			return err;
	}
	return 0;
}

static inline errint_t scan_tables(struct scan *s, struct hs_itable_reader *reader,
				   struct hs_source *src)
{
	int more = 1;

	for (;;) {
		struct hs_itable_chunk chunk;
		struct hs_itable_walk walk;
		errint_t err = 0;
		int ret;

		while (more && !hs_itable_reader_full(reader)) {
			more = src->ops->next(src, &chunk);
			if (more > 0)
				err = hs_itable_submit(reader, s->fs, &chunk, NULL);
			if (err)
				return err;
		}
		ret = hs_itable_take(reader, &walk);
		if (ret <= 0)
			return ret;
		err = scan_chunk(s, &walk);
		hs_itable_release(reader, &walk);
		if (err)
			return err;
	}
}

/* The pass itself; any number of threads may make one at a time over the same fs. */
static inline struct scan scan_fs(const struct hs_fs *fs)
{
	struct scan s = {.fs = fs};
	struct hs_itable_reader *reader = NULL;
	struct hs_source *src = NULL;

	s.err = hs_dir_reader_new(fs, &s.dirs);
	if (!s.err)
		s.err = hs_xattr_set_init(&s.xattrs, fs);
	if (!s.err)
		s.err = hs_itable_source_new(fs, &src);
	if (!s.err)
		s.err = hs_itable_reader_new(4, &reader);
	if (!s.err)
		s.err = scan_tables(&s, reader, src);
	if (!s.err)
		s.err = hs_dir_reader_flush(s.dirs, &scan_visitor, &s);
	hs_itable_reader_free(reader);
	hs_itable_source_free(src);
	hs_xattr_set_free(&s.xattrs);
	hs_dir_reader_free(s.dirs);
	s.fs = NULL;
	return s;
}

/* Opens `io` (and closes it); scan.err is what opening or reading said. */
static inline struct scan scan_io(struct hs_io *io)
{
	struct scan s = {0};
	struct hs_strbuf why = HS_STRBUF_INIT;
	struct hs_fs *fs = NULL;

	s.err = hs_fs_open(io, NULL, &fs, &why);
	if (s.err && !why.len)
		s.err = -ENOTRECOVERABLE; /* an error without a reason is one of ours */
	hs_strbuf_free(&why);
	if (!s.err)
		s = scan_fs(fs);
	hs_fs_close(fs);
	return s;
}

#endif
