/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lfsck/census.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "lfsck/lookup.h"
#include "lfsck/preamble.h"

#define DEPTH 8 /* chunks of the inode table in flight */

/* One inode, classified as a check does it. */
static errint_t count_inode(struct hs_worker *w, struct hs_target *t, struct hs_xattr_set *xattrs,
			    const struct hs_inode *inode, struct hs_census *out)
{
	struct hs_object o = {.t = t, .inode = inode, .xattrs = xattrs};
	errint_t err = hs_xattr_load(t->fs, inode, false, xattrs);

	if (err)
		return err;
	hs_object_classify(w, &o);
	out->inodes++;
	out->by_class[o.class == HS_CLASS_NAMESPACE && !o.has_fid ? HS_CLASS_NAMELESS : o.class]++;
	out->by_type[o.type & 7]++;
	return 0;
}

static errint_t count_chunk(struct hs_worker *w, struct hs_itable_walk *walk,
			    struct hs_xattr_set *xattrs, struct hs_census *out)
{
	struct hs_inode inode;
	errint_t err = 0;
	int rc;

	while (!err && (rc = hs_itable_walk_next(walk, &inode)) != 0) {
		if (rc == 1)
			err = count_inode(w, walk->tag, xattrs, &inode, out);
		else
			out->unread++;
	}
	return err;
}

static errint_t take(struct hs_target *t, struct hs_stop *stop, struct hs_source *src,
		     struct hs_itable_reader *reader, struct hs_xattr_set *xattrs,
		     struct hs_census *out)
{
	/* not a digest pass: nothing is marked */
	struct hs_scan scan = {0};
	struct hs_worker w = {.scan = &scan};
	struct hs_itable_chunk chunk;
	struct hs_itable_walk walk;
	errint_t err = 0;
	int more = 1;

	for (;;) {
		while (!err && more > 0 && !hs_itable_reader_full(reader)) {
			if (stop && atomic_load(&stop->requested))
				err = -ECANCELED;
			else
				more = src->ops->next(src, &chunk);
			if (!err && more < 0)
				err = more;
			if (!err && more > 0)
				err = hs_itable_submit(reader, t->fs, &chunk, t);
		}
		if (!hs_itable_take(reader, &walk))
			return err;
		if (!err)
			err = count_chunk(&w, &walk, xattrs, out);
		hs_itable_release(reader, &walk);
	}
}

errint_t hs_census_take(struct hs_target *t, struct hs_stop *stop, struct hs_census *out)
{
	struct hs_itable_reader *reader = NULL;
	struct hs_source *src = NULL;
	struct hs_xattr_set xattrs;
	errint_t err = hs_xattr_set_init(&xattrs, t->fs);

	*out = (struct hs_census){0};
	if (err)
		return err;
	err = hs_itable_source_new(t->fs, &src);
	if (!err)
		err = hs_itable_reader_new(DEPTH, &reader);
	if (!err)
		err = take(t, stop, src, reader, &xattrs, out);
	if (reader)
		hs_itable_reader_free(reader);
	if (src)
		hs_itable_source_free(src);
	hs_xattr_set_free(&xattrs);
	return err;
}

/* A small file of the backend root; 0 in *len when there is none that can be read. */
static errint_t read_file(struct hs_target *t, const char *name, uint32_t *ino, uint8_t **buf,
			  size_t *len)
{
	hs_autofree uint8_t *raw = hs_preamble_raw(t);
	struct hs_inode inode;
	errint_t err;

	*buf = NULL;
	*len = 0;
	*ino = 0;
	if (!raw)
		return -ENOMEM;
	if (!hs_preamble_lookup(t, &name, 1, &inode, raw) || !hs_inode_is_reg(&inode))
		return 0;
	*ino = inode.ino;
	err = hs_preamble_slurp(t, &inode, 4096, buf, len);
	return err == -ENOMEM ? err : 0;
}

errint_t hs_kernel_lfsck_read(struct hs_target *t, struct hs_kernel_lfsck *out)
{
	hs_cleanup(hs_loaded_free) struct hs_loaded l = {0};
	hs_autofree uint8_t *bookmark = NULL;
	hs_autofree uint8_t *layout = NULL;
	hs_autofree uint8_t *names = NULL;
	size_t bookmark_len, layout_len, names_len;
	const struct hs_xattr *x;
	uint32_t ino;

	*out = (struct hs_kernel_lfsck){0};
	if (read_file(t, "lfsck_bookmark", &ino, &bookmark, &bookmark_len) ||
	    read_file(t, "lfsck_layout", &ino, &layout, &layout_len) ||
	    read_file(t, "lfsck_namespace", &ino, &names, &names_len))
		return -ENOMEM;
	out->has_bookmark =
		bookmark && hs_lfsck_bookmark_decode(bookmark, bookmark_len, &out->bookmark);
	out->has_layout = layout && hs_lfsck_layout_decode(layout, layout_len, &out->layout);
	/* this one keeps its state in an attribute (format notes, 15) */
	if (!ino || hs_load(&l, t, ino, true) != 1)
		return 0;
	x = hs_xattr_trusted(&l.xattrs, "lfsck_ns");
	out->has_namespace =
		x && x->value && hs_lfsck_namespace_decode(x->value, x->value_len, &out->names);
	return 0;
}
