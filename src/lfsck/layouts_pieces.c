/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The objects of a file as pieces from which its layout can be rebuilt.
 */
#include <stdlib.h>

#include "lfsck/layouts.h"

static bool has_piece(const struct hs_lov_piece *v, size_t n, struct hs_fid object)
{
	for (size_t i = 0; i < n; i++) {
		if (hs_fid_eq(v[i].object, object))
			return true;
	}
	return false;
}

/* Appends an object if its record names the file. */
static size_t add(struct hs_verdict *v, struct hs_fid file, struct hs_fid object,
		  struct hs_object_view *o, struct hs_lov_piece **pieces, size_t n)
{
	struct hs_lov_piece *more;

	if (has_piece(*pieces, n, object))
		return n;
	hs_object_view_load(v, object, o);
	if (o->found != HS_LOOKUP_FOUND || !o->has_parent ||
	    !hs_fid_eq(o->parent.file, (struct hs_fid){file.seq, file.oid, 0}) ||
	    !hs_inode_is_reg(&o->l.inode))
		return n;
	more = realloc(*pieces, (n + 1) * sizeof(*more));
	if (!more) {
		v->err = -ENOMEM;
		return n;
	}
	*pieces = more;
	more[n] = (struct hs_lov_piece){
		.object = object,
		.ost = o->t,
		.ino = o->l.inode.ino,
		.parent = o->parent,
		.owner = {o->l.inode.uid, o->l.inode.gid, o->l.inode.projid},
		.size = o->l.inode.size,
	};
	return n + 1;
}

size_t hs_layouts_pieces(struct hs_verdict *v, struct hs_fid file, struct hs_lov_piece **out)
{
	struct hs_object_view o = {0};
	size_t first, end, n = 0;

	*out = NULL;
	hs_verdict_refs(v, file, &first, &end);
	for (; !v->err && first < end; first++) {
		const struct hs_ref *r = &v->refs[first];

		if (r->claim->bytes[0] == HS_FACT_LAY && r->claim->net < 0)
			n = add(v, file, r->dossier->fid, &o, out, n);
	}
	hs_object_view_free(&o);
	return n;
}

size_t hs_layouts_add_confirmed(struct hs_verdict *v, const struct hs_file_view *f,
				struct hs_lov_piece **pieces, size_t n)
{
	struct hs_object_view o = {0};

	for (uint32_t i = 0; f->has_lov && i < f->lov.n_comps; i++) {
		const struct hs_lov_comp *comp = &f->lov.comps[i];

		for (uint32_t k = 0; !v->err && k < comp->n_records; k++) {
			struct hs_lov_stripe s;

			hs_lov_stripe(&f->lov, comp, k, &s);
			if (!s.dummy)
				n = add(v, f->fid, s.object, &o, pieces, n);
		}
	}
	hs_object_view_free(&o);
	return n;
}

void hs_layouts_expect_pieces(struct hs_verdict *v, struct hs_case *c,
			      const struct hs_lov_piece *pieces, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct hs_at at = hs_at(pieces[i].ost, pieces[i].ino);

		hs_expect_inode(v, c, at);
		hs_expect_xattr(v, c, at, "trusted.fid");
		hs_expect_xattr(v, c, at, "trusted.lma");
	}
}
