/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From a FID to its paths: what kind of object it is says where its names are told. Files have them
 * in their linkEA, objects of OSTs have those of their file, directories are climbed from.
 */
#include <stdlib.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "lfsck/resolve_priv.h"
#include "lustre/linkea.h"
#include "lustre/lov.h"

void hs_paths_free(struct hs_paths *p)
{
	for (size_t i = 0; i < p->n; i++)
		free(p->v[i].bytes);
	free(p->v);
	hs_strbuf_free(&p->why);
	*p = (struct hs_paths){0};
}

static void add_path(struct hs_resolver *r, struct hs_paths *out, struct hs_strbuf *path, bool sure)
{
	uint8_t *copy;

	if (!path->len)
		hs_strbuf_putc(path, '/');
	copy = malloc(path->len ? path->len : 1);
	if (!copy || hs_strbuf_error(path) || hs_array_grow(&out->v, &out->room, out->n + 1)) {
		free(copy);
		r->err = -ENOMEM;
		return;
	}
	memcpy(copy, path->s, path->len);
	out->v[out->n++] = (struct hs_path){copy, path->len, sure};
}

static void keep_why(struct hs_paths *out, const struct hs_strbuf *why)
{
	if (!out->why.len)
		hs_strbuf_add(&out->why, hs_strbuf_str(why), why->len);
}

static void add_link(struct hs_resolver *r, struct hs_fid fid, bool sure,
		     const struct hs_linkea_entry *e, struct hs_paths *out)
{
	hs_cleanup(hs_strbuf_free) struct hs_strbuf path = HS_STRBUF_INIT;
	hs_cleanup(hs_strbuf_free) struct hs_strbuf why = HS_STRBUF_INIT;
	hs_cleanup(hs_strbuf_free) struct hs_strbuf above = HS_STRBUF_INIT;
	struct hs_claim c;

	hs_set_claim(&c, e->parent, e->name, e->name_len);
	if (hs_ask_parent(r, &c, fid, &why) != HS_ANSWER_TRUE)
		sure = false;
	if (hs_dir_path(r, c.parent, &path, &sure, &above)) {
		hs_strbuf_putc(&path, '/');
		hs_strbuf_add(&path, c.name, c.len);
		add_path(r, out, &path, sure);
	} else {
		keep_why(out, &above);
	}
	keep_why(out, &why);
	keep_why(out, &above);
}

/* The names of what is not a directory. */
static void file_paths(struct hs_resolver *r, struct hs_fid fid, bool sure, struct hs_paths *out)
{
	const struct hs_xattr *x = hs_xattr_trusted(&r->object.xattrs, "link");
	struct hs_linkea_entry e;
	struct hs_linkea l;
	char text[HS_FID_TEXT];
	size_t pos = 0, entries = 0;

	hs_fid_text(fid, text);
	if (!x || !x->value) {
		hs_strbuf_printf(&out->why,
				 "%s has no linkEA, and only a directory knows its parent without",
				 text);
		return;
	}
	hs_linkea_open(x->value, x->value_len, &l);
	while (hs_linkea_next(&l, &pos, &e)) {
		if (!e.valid)
			continue;
		entries++;
		add_link(r, fid, sure, &e, out);
	}
	out->overflow = l.overflow_time != 0;
	if (r->object.inode.nlink > entries)
		out->more = r->object.inode.nlink - entries;
	if (!entries && !out->why.len)
		hs_strbuf_printf(&out->why, "the linkEA of %s names no parent", text);
}

static bool layout_has(const struct hs_loaded *file, struct hs_fid object)
{
	const struct hs_xattr *x = hs_xattr_trusted(&file->xattrs, "lov");
	bool has = false;
	struct hs_lov l;

	if (!hs_inode_is_reg(&file->inode) || !x || !x->value ||
	    hs_lov_decode(x->value, x->value_len, &l))
		return false;
	for (uint32_t i = 0; i < l.n_comps && !has; i++) {
		for (uint32_t k = 0; k < l.comps[i].n_records && !has; k++) {
			struct hs_lov_stripe s;

			hs_lov_stripe(&l, &l.comps[i], k, &s);
			has = !s.dummy && hs_fid_eq(s.object, object);
		}
	}
	hs_lov_release(&l);
	return has;
}

bool hs_loaded_parent(const struct hs_loaded *l, struct hs_parent *out)
{
	const struct hs_xattr *x = hs_xattr_trusted(&l->xattrs, "fid");
	struct hs_lma lma;

	if (x && x->value && hs_parent_decode(x->value, x->value_len, out))
		return true;
	*out = (struct hs_parent){0};
	if (!hs_loaded_lma(l, &lma) || !lma.has_stripe)
		return false;
	*out = (struct hs_parent){
		.file = lma.parent,
		.stripe_index = lma.stripe_index,
		.has_layout = lma.has_comp,
		.stripe_size = lma.stripe_size,
		.stripe_count = lma.stripe_count,
		.comp_id = lma.comp_id,
		.comp_start = lma.comp_start,
		.comp_end = lma.comp_end,
	};
	return true;
}

/* An object of an OST: goes on with the file that its parent record names. */
static bool to_file(struct hs_resolver *r, struct hs_fid *fid, bool *sure, struct hs_paths *out)
{
	char object[HS_FID_TEXT], file[HS_FID_TEXT];
	const struct hs_fid self = *fid;

	hs_fid_text(self, object);
	if (!hs_loaded_parent(&r->object, &out->parent)) {
		hs_strbuf_printf(&out->why,
				 "object %s has no parent record: it was never written, or lost it",
				 object);
		return false;
	}
	if (hs_fid_is_zero(out->parent.file)) {
		hs_strbuf_printf(&out->why, "the parent record of object %s names no file", object);
		return false;
	}
	out->is_stripe = true;
	*fid = out->parent.file;
	if (hs_resolver_load(r, *fid, &r->object, sure, &out->why) != HS_LOOKUP_FOUND)
		return false;
	if (!layout_has(&r->object, self)) {
		hs_strbuf_printf(&out->why, "the layout of %s does not name object %s",
				 hs_fid_text(*fid, file), object);
		*sure = false;
	}
	return true;
}

static void dir_paths(struct hs_resolver *r, struct hs_fid fid, bool sure, struct hs_paths *out)
{
	hs_cleanup(hs_strbuf_free) struct hs_strbuf path = HS_STRBUF_INIT;
	hs_cleanup(hs_strbuf_free) struct hs_strbuf why = HS_STRBUF_INIT;

	if (hs_dir_path(r, fid, &path, &sure, &why))
		add_path(r, out, &path, sure);
	keep_why(out, &why);
}

errint_t hs_resolver_paths(struct hs_resolver *r, struct hs_fid fid, struct hs_paths *out)
{
	char text[HS_FID_TEXT];
	bool sure = true;

	*out = (struct hs_paths){0};
	r->err = 0;
	out->object = hs_resolver_load(r, fid, &r->object, &sure, &out->why);
	if (out->object != HS_LOOKUP_FOUND)
		return r->err;
	if (!sure)
		hs_strbuf_printf(&out->why, "%s has lost its LMA", hs_fid_text(fid, text));
	if (r->object.t->id.kind == HS_OST &&
	    !hs_target_is_internal(r->object.t, r->object.inode.ino) &&
	    !to_file(r, &fid, &sure, out))
		return r->err;
	if (hs_fid_eq(fid, r->root) || !hs_say_nameless(&r->object, fid, &out->why)) {
		if (hs_inode_is_dir(&r->object.inode))
			dir_paths(r, fid, sure, out);
		else
			file_paths(r, fid, sure, out);
	}
	return hs_strbuf_error(&out->why) ? -ENOMEM : r->err;
}

errint_t hs_resolve_path(const struct hs_system *sys, struct hs_fid fid, struct hs_paths *out)
{
	struct hs_resolver *r = NULL;
	errint_t err;

	*out = (struct hs_paths){0};
	err = hs_resolver_new(sys, &r);
	if (!err)
		err = hs_resolver_paths(r, fid, out);
	hs_resolver_free(r);
	return err;
}
