/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Objects by FID, names in a directory, shards: what both directions of resolving stand on.
 */
#include <stdlib.h>

#include "base/array.h"
#include "lfsck/resolve_priv.h"

errint_t hs_resolver_new(const struct hs_system *sys, struct hs_resolver **out)
{
	struct hs_resolver *r = calloc(1, sizeof(*r));
	struct hs_target *mdt0 = hs_system_target(sys, (struct hs_tgt){HS_MDT, 0});

	if (!r)
		return -ENOMEM;
	r->sys = sys;
	/* file systems of before Lustre 2.0 keep the FID their root was born with */
	if (!mdt0 || !mdt0->root_ino || hs_load(&r->dir, mdt0, mdt0->root_ino, false) != 1 ||
	    !hs_loaded_fid(&r->dir, &r->root))
		r->root = (struct hs_fid){HS_SEQ_ROOT, 1, 0};
	*out = r;
	return 0;
}

void hs_resolver_free(struct hs_resolver *r)
{
	if (!r)
		return;
	for (size_t i = 0; i < HS_RESOLVE_CACHE; i++)
		free(r->known[i].path);
	hs_loaded_free(&r->object);
	hs_loaded_free(&r->dir);
	hs_loaded_free(&r->parent);
	hs_loaded_free(&r->child);
	free(r);
}

static enum hs_lookup say_not_found(struct hs_resolver *r, struct hs_fid fid, enum hs_lookup how,
				    const struct hs_target *t, struct hs_strbuf *why)
{
	enum hs_presence presence;
	struct hs_tgt owner = hs_system_owner(r->sys, fid.seq, &presence);
	char text[HS_FID_TEXT], tgt[16];

	hs_fid_text(fid, text);
	switch (how) {
	case HS_LOOKUP_FOUND:
		break;
	case HS_LOOKUP_NONE:
		hs_strbuf_printf(why, "%s has no object %s", hs_tgt_text(t->id, tgt), text);
		break;
	case HS_LOOKUP_ABSENT:
		if (owner.kind == HS_NO_TARGET)
			hs_strbuf_printf(why, "%s is on a target that was not given", text);
		else
			hs_strbuf_printf(why, "%s is on %s, which was not given", text,
					 hs_tgt_text(owner, tgt));
		break;
	case HS_LOOKUP_UNOWNED:
		if (fid.seq < HS_SEQ_NORMAL)
			hs_strbuf_printf(why,
					 "%s is a file that each target has of its own, outside "
					 "the name space",
					 text);
		else
			hs_strbuf_printf(why, "no target owns the sequence of %s", text);
		break;
	case HS_LOOKUP_UNREAD:
		hs_strbuf_printf(why, "the object index of %s could not be read for %s",
				 hs_tgt_text(t->id, tgt), text);
		break;
	}
	return how;
}

enum hs_lookup hs_resolver_load(struct hs_resolver *r, struct hs_fid fid, struct hs_loaded *l,
				bool *sure, struct hs_strbuf *why)
{
	char text[HS_FID_TEXT], other[HS_FID_TEXT], tgt[16];
	struct hs_place place;
	struct hs_lma lma;
	enum hs_lookup found = hs_lookup_fid(r->sys, fid, &place);
	struct hs_fid self;
	int rc;

	if (found != HS_LOOKUP_FOUND)
		return say_not_found(r, fid, found, place.t, why);
	hs_fid_text(fid, text);
	hs_tgt_text(place.t->id, tgt);
	rc = hs_load(l, place.t, place.ino, true);
	if (rc < 0) {
		if (rc == -ENOMEM)
			r->err = rc;
		hs_strbuf_printf(why, "inode %u of %s, which is %s, could not be read", place.ino,
				 tgt, text);
		return HS_LOOKUP_UNREAD;
	}
	if (rc == 0) {
		hs_strbuf_printf(why, "inode %u of %s, where %s should be, is not in use",
				 place.ino, tgt, text);
		return HS_LOOKUP_NONE;
	}
	/* without an LMA there is nothing that contradicts the index */
	if (!hs_loaded_lma(l, &lma) || !hs_loaded_fid(l, &self)) {
		*sure &= hs_seq_is_igif(fid.seq);
		return HS_LOOKUP_FOUND;
	}
	if (!hs_fid_eq(self, fid)) {
		hs_strbuf_printf(why, "inode %u of %s, where %s should be, is %s", place.ino, tgt,
				 text, hs_fid_text(self, other));
		return HS_LOOKUP_NONE;
	}
	return HS_LOOKUP_FOUND;
}

enum hs_lookup hs_resolver_name(struct hs_resolver *r, const struct hs_loaded *dir,
				const void *name, size_t len, struct hs_fid *child,
				struct hs_strbuf *why)
{
	uint8_t room[512];
	struct hs_dirent e;
	char tgt[16];
	int rc = hs_dir_lookup(dir->t->fs, &dir->inode, name, len, &e, room);

	hs_tgt_text(dir->t->id, tgt);
	if (rc == 0)
		return HS_LOOKUP_NONE;
	if (rc < 0) {
		if (rc == -ENOMEM)
			r->err = rc;
		hs_strbuf_printf(why, "directory inode %u of %s is damaged or could not be read",
				 dir->inode.ino, tgt);
		return HS_LOOKUP_UNREAD;
	}
	if (e.has_fid) {
		*child = hs_fid_get_be(e.fid);
		return HS_LOOKUP_FOUND;
	}
	rc = hs_load(&r->child, dir->t, e.ino, false);
	if (rc == -ENOMEM)
		r->err = rc;
	if (rc == 1 && hs_loaded_fid(&r->child, child))
		return HS_LOOKUP_FOUND;
	hs_strbuf_puts(why, "the entry \"");
	hs_strbuf_add_escaped(why, name, len);
	hs_strbuf_printf(why, "\" has no FID, and neither has inode %u of %s behind it", e.ino,
			 tgt);
	return HS_LOOKUP_UNREAD;
}

bool hs_loaded_lma(const struct hs_loaded *l, struct hs_lma *out)
{
	const struct hs_xattr *x = hs_xattr_trusted(&l->xattrs, "lma");

	return x && x->value && hs_lma_decode(x->value, x->value_len, out);
}

void hs_loaded_lmv(const struct hs_loaded *l, struct hs_lmv *out)
{
	const struct hs_xattr *x = hs_xattr_trusted(&l->xattrs, "lmv");

	*out = (struct hs_lmv){0};
	if (x && x->value)
		hs_lmv_decode(x->value, x->value_len, out);
}

struct shard_list {
	struct hs_shard *v;
	size_t n, room;
	unsigned flaws;
};

static int shard_entry(void *arg, void *dir, const struct hs_dirent *e)
{
	struct shard_list *l = arg;
	struct hs_shard s;
	errint_t err;

	(void)dir;
	if (!e->ino || !hs_lmv_parse_shard_name(e->name, e->name_len, &s.fid, &s.index))
		return 0;
	err = hs_array_grow(&l->v, &l->room, l->n + 1);
	if (!err)
		l->v[l->n++] = s;
	return err;
}

static int shard_end(void *arg, void *dir, const struct hs_dir_end *end)
{
	struct shard_list *l = arg;

	(void)dir;
	l->flaws = end->flaws;
	return 0;
}

static int cmp_shard(const void *pa, const void *pb)
{
	const struct hs_shard *a = pa, *b = pb;

	if (a->index != b->index)
		return a->index < b->index ? -1 : 1;
	return hs_fid_cmp(a->fid, b->fid);
}

errint_t hs_read_shards(const struct hs_loaded *master, struct hs_shard **shards, size_t *n)
{
	static const struct hs_dir_visitor visitor = {.entry = shard_entry, .end = shard_end};
	struct shard_list l = {0};
	int rc = hs_dir_read(master->t->fs, &master->inode, &visitor, &l);

	*shards = l.v;
	*n = l.n;
	if (l.n)
		qsort(l.v, l.n, sizeof(*l.v), cmp_shard);
	if (rc == -ENOMEM)
		return rc;
	return rc || (l.flaws & (HS_DIRF_MAP | HS_DIRF_READ | HS_DIRF_ENTRY | HS_DIRF_HOLE))
		       ? -EUCLEAN
		       : 0;
}
