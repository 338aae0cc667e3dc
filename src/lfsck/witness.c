/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Look-ups for the judges: who carries a FID, what an inode or an entry says, who mentions whom.
 */
#include <stdlib.h>

#include "base/array.h"
#include "lfsck/verdict.h"
#include "lustre/lma.h"

/* The FID that a claim mentions beside its key. */
static bool mentioned(const struct hs_claim *c, struct hs_fid *fid)
{
	switch (c->bytes[0]) {
	case HS_FACT_NAME:
	case HS_FACT_LAY:
	case HS_FACT_REF:
	case HS_FACT_SHARD:
		*fid = hs_fid_get_le(c->bytes + HS_FACT_HEAD);
		return true;
	default:
		return false;
	}
}

static int cmp_ref(const void *pa, const void *pb)
{
	const struct hs_ref *a = pa, *b = pb;
	int c = hs_fid_cmp(a->fid, b->fid);

	if (!c)
		c = hs_fid_cmp(a->dossier->fid, b->dossier->fid);
	if (!c)
		c = memcmp(a->claim->bytes, b->claim->bytes,
			   a->claim->len < b->claim->len ? a->claim->len : b->claim->len);
	return c;
}

errint_t hs_verdict_index_refs(struct hs_verdict *v)
{
	v->n_refs = 0;
	for (size_t i = 0; i < v->ledger.n_dossiers; i++) {
		struct hs_dossier *d = v->ledger.order[i];

		for (struct hs_claim *c = d->claims; c; c = c->next) {
			struct hs_fid fid;

			if (!mentioned(c, &fid))
				continue;
			if (hs_array_grow(&v->refs, &v->refs_room, v->n_refs + 1))
				return -ENOMEM;
			v->refs[v->n_refs++] = (struct hs_ref){fid, d, c};
		}
	}
	if (v->n_refs)
		qsort(v->refs, v->n_refs, sizeof(*v->refs), cmp_ref);
	return 0;
}

void hs_verdict_refs(const struct hs_verdict *v, struct hs_fid fid, size_t *first, size_t *end)
{
	size_t lo = 0, hi = v->n_refs;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (hs_fid_cmp(v->refs[mid].fid, fid) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	*first = lo;
	while (lo < v->n_refs && hs_fid_eq(v->refs[lo].fid, fid))
		lo++;
	*end = lo;
}

/* Class 1 of the equations: unlinked, and not because somebody has it open. */
static bool is_dead(const struct hs_loaded *l)
{
	const struct hs_xattr *x = hs_xattr_trusted(&l->xattrs, "lma");
	struct hs_lma lma;

	return l->inode.nlink == 0 && !hs_target_pending(l->t, l->inode.ino) &&
	       (!x || !x->value || !hs_lma_decode(x->value, x->value_len, &lma) ||
		!(lma.incompat & HS_LMAI_ORPHAN));
}

int hs_verdict_inode_fid(struct hs_verdict *v, struct hs_target *t, uint32_t ino,
			 struct hs_fid *fid)
{
	int rc = hs_load(&v->loaded, t, ino, false);

	if (rc == -ENOMEM)
		v->err = rc;
	if (rc == 1 && is_dead(&v->loaded))
		return 0;
	return rc == 1 ? hs_loaded_fid(&v->loaded, fid) : rc;
}

enum hs_lookup hs_verdict_object(struct hs_verdict *v, struct hs_fid fid, struct hs_place *place)
{
	enum hs_lookup found = hs_lookup_fid(v->sys, fid, place);
	struct hs_fid carried;
	int rc;

	if (found != HS_LOOKUP_FOUND)
		return found;
	rc = hs_verdict_inode_fid(v, place->t, place->ino, &carried);
	if (rc < 0)
		return HS_LOOKUP_UNREAD;
	return rc && hs_fid_eq(carried, fid) ? HS_LOOKUP_FOUND : HS_LOOKUP_NONE;
}

int hs_verdict_entry(struct hs_verdict *v, struct hs_fid dir, const uint8_t *name, size_t len,
		     struct hs_target **t, struct hs_dirent *e, uint8_t room[512])
{
	struct hs_place place;

	switch (hs_verdict_object(v, dir, &place)) {
	case HS_LOOKUP_FOUND:
		break;
	case HS_LOOKUP_UNREAD:
		return -EUCLEAN;
	default:
		return 0;
	}
	*t = place.t;
	if (!hs_inode_is_dir(&v->loaded.inode))
		return 0;
	return hs_dir_lookup(place.t->fs, &v->loaded.inode, name, len, e, room);
}
