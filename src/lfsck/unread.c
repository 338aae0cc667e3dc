/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What could not be read proves nothing. A case settles facts that only one side told; the other
 * side's record is known by its place (the inode the index names, the directory the linkEA names,
 * the OI file the sequence selects). If just that place was unreadable or damaged, the case
 * concludes nothing.
 */
#include <stdlib.h>

#include "base/array.h"
#include "lfsck/verdict.h"

enum place_kind { PLACE_INODE, PLACE_DIR, PLACE_OI, PLACE_TABLE };

static errint_t add_place(struct hs_verdict *v, uint8_t kind, uint16_t target, uint32_t id)
{
	errint_t err = hs_array_grow(&v->unread, &v->unread_room, v->n_unread + 1);

	if (!err)
		v->unread[v->n_unread++] = (struct hs_unread){kind, target, id};
	return err;
}

static int cmp_place(const void *pa, const void *pb)
{
	const struct hs_unread *a = pa, *b = pb;

	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	if (a->target != b->target)
		return a->target < b->target ? -1 : 1;
	return (a->id > b->id) - (a->id < b->id);
}

errint_t hs_unread_collect(struct hs_verdict *v)
{
	errint_t err = 0;

	for (size_t i = 0; !err && i < v->marks->n; i++) {
		const struct hs_mark *m = &v->marks->v[i];

		switch ((enum hs_mark_code)m->code) {
		case HS_M_INODE_UNREAD:
		case HS_M_INODE_CSUM:
		case HS_M_XATTR_DAMAGED:
			err = add_place(v, PLACE_INODE, m->prov.target, m->prov.ino);
			break;
		case HS_M_DIR_DAMAGED:
			err = add_place(v, PLACE_DIR, m->prov.target, m->prov.ino);
			break;
		case HS_M_OI_DAMAGED:
			err = add_place(v, PLACE_OI, m->prov.target, (uint32_t)m->a);
			break;
		case HS_M_TABLE_UNREAD:
		case HS_M_FLD_DAMAGED:
			err = add_place(v, PLACE_TABLE, m->prov.target, m->prov.ino);
			if (!err)
				err = add_place(v, PLACE_DIR, m->prov.target, m->prov.ino);
			break;
		default:
			break;
		}
	}
	if (!err && v->n_unread)
		qsort(v->unread, v->n_unread, sizeof(*v->unread), cmp_place);
	return err;
}

static bool is_unread(const struct hs_verdict *v, enum place_kind kind, const struct hs_target *t,
		      uint32_t id)
{
	struct hs_unread key = {(uint8_t)kind, t->pos, id};

	return v->n_unread && bsearch(&key, v->unread, v->n_unread, sizeof(key), cmp_place);
}

/* Anything of a kind on one target (t) or on any MDT (NULL). */
static bool any_unread(const struct hs_verdict *v, enum place_kind kind, const struct hs_target *t)
{
	for (size_t i = 0; i < v->n_unread; i++) {
		const struct hs_unread *u = &v->unread[i];

		if (u->kind == kind &&
		    (t ? u->target == t->pos : hs_target_is_mdt(v->sys->targets[u->target])))
			return true;
	}
	return false;
}

static const char *const inode_text = "the inode of the object could not be read in full";
static const char *const dir_text = "a directory that may name it could not be read in full";
static const char *const oi_text = "the OI file that holds its record could not be read";
static const char *const table_text = "a table of its target could not be read";
static const char *const file_text = "files of an MDT could not be read";

/* Whether the inode that an index names for a FID is one that could not be read. */
static const char *object_unread(struct hs_verdict *v, struct hs_fid fid)
{
	struct hs_place place;

	switch (hs_lookup_fid(v->sys, fid, &place)) {
	case HS_LOOKUP_FOUND:
		return is_unread(v, PLACE_INODE, place.t, place.ino) ? inode_text : NULL;
	case HS_LOOKUP_UNREAD:
		return "the index that leads to the object could not be read";
	case HS_LOOKUP_ABSENT:
		return "its target was not given";
	case HS_LOOKUP_NONE:
		/* an object without record in the index can lie anywhere on its target */
		return any_unread(v, PLACE_INODE, place.t) && !hs_ledger_dossier(&v->ledger, fid)
			       ? inode_text
			       : NULL;
	default:
		return NULL;
	}
}

/* Whether a directory, by FID, may hold names that were not read. */
static const char *dir_unread(struct hs_verdict *v, struct hs_fid fid)
{
	const char *why = object_unread(v, fid);
	struct hs_place place;

	if (why)
		return why;
	if (hs_lookup_fid(v->sys, fid, &place) == HS_LOOKUP_FOUND &&
	    is_unread(v, PLACE_DIR, place.t, place.ino))
		return dir_text;
	return NULL;
}

/* The record that should have said the same as a fact of the referring side. */
static const char *object_side(struct hs_verdict *v, const struct hs_fact_fields *f)
{
	struct hs_target *t;

	switch (f->tag) {
	case HS_FACT_OI:
	case HS_FACT_ONAME:
	case HS_FACT_RPD:
		t = hs_system_target(v->sys, f->target);
		return t && is_unread(v, PLACE_INODE, t, f->ino) ? inode_text : NULL;
	case HS_FACT_INO:
	case HS_FACT_ADOT:
		t = hs_system_target(v->sys, f->target);
		if (t && f->tag == HS_FACT_INO && is_unread(v, PLACE_INODE, t, f->ino))
			return inode_text;
		if (t && f->tag == HS_FACT_ADOT &&
		    (any_unread(v, PLACE_INODE, t) || any_unread(v, PLACE_DIR, t)))
			return inode_text;
		return object_unread(v, f->key);
	case HS_FACT_DOT:
		return dir_unread(v, f->key);
	default:
		return object_unread(v, f->key);
	}
}

/* The record that should have named the object as a fact of its own side says. */
static const char *referring_side(struct hs_verdict *v, const struct hs_fact_fields *f)
{
	struct hs_target *t = hs_system_target(v->sys, f->target);
	uint64_t seq = hs_seq_is_idif(f->key.seq) ? 0 : f->key.seq;

	switch (f->tag) {
	case HS_FACT_OI:
		return t && t->oi_files &&
				       is_unread(v, PLACE_OI, t,
						 (uint32_t)(f->key.seq & (t->oi_files - 1)))
			       ? oi_text
			       : NULL;
	case HS_FACT_ONAME:
		for (size_t i = 0; t && i < t->n_odirs; i++) {
			if (t->odirs[i].seq == seq &&
			    t->odirs[i].n == (hs_fid_objid(f->key) & (t->subdirs - 1)))
				return is_unread(v, PLACE_DIR, t, t->odirs[i].ino) ? dir_text
										   : NULL;
		}
		return t && any_unread(v, PLACE_TABLE, t) ? table_text : NULL;
	case HS_FACT_NAME:
	case HS_FACT_SHARD:
		return dir_unread(v, f->fid);
	case HS_FACT_RPD:
		if (t && !t->rpd_ino)
			return any_unread(v, PLACE_TABLE, t) ? table_text : NULL;
		return t && (is_unread(v, PLACE_DIR, t, t->rpd_ino) ||
			     is_unread(v, PLACE_INODE, t, t->rpd_ino))
			       ? dir_text
			       : NULL;
	case HS_FACT_ADOT:
		return t && (is_unread(v, PLACE_DIR, t, f->ino) ||
			     is_unread(v, PLACE_INODE, t, f->ino))
			       ? dir_text
			       : NULL;
	case HS_FACT_TYPE:
	case HS_FACT_INO:
	case HS_FACT_DOT:
		return NULL; /* the NAME of the same case tells which directory */
	case HS_FACT_LAY:
		return hs_fid_is_zero(f->fid) ? NULL : object_unread(v, f->fid);
	default:
		return NULL;
	}
}

/* Names are missing, and no linkEA says where they should be: any directory may hold them. */
static bool nameless(const struct hs_case *c)
{
	bool missing = false;

	for (size_t i = 0; i < c->delta.n; i++) {
		uint8_t tag = c->delta.v[i].f.b[0];

		if (tag == HS_FACT_NAME)
			return false;
		missing |= (tag == HS_FACT_TYPE || tag == HS_FACT_INO) && c->delta.v[i].k > 0;
	}
	return missing;
}

const char *hs_unread_reason(struct hs_verdict *v, struct hs_case *c)
{
	const char *why = NULL;

	if (!v->n_unread)
		return NULL;
	if (v->check->marks.counts[HS_M_FLD_DAMAGED])
		return "the FLD could not be read: who owns which sequence is not known";
	hs_delta_merge(&c->delta);
	for (size_t i = 0; !why && i < c->delta.n; i++) {
		const struct hs_delta_item *item = &c->delta.v[i];
		int64_t net = hs_ledger_net(&v->ledger, &item->f);
		struct hs_fact_fields f;

		if (!net || (net > 0) == (item->k > 0) ||
		    !hs_fact_decode(item->f.b, item->f.len, &f))
			continue;
		why = net > 0 ? object_side(v, &f) : referring_side(v, &f);
	}
	if (!why && nameless(c) &&
	    (any_unread(v, PLACE_DIR, NULL) || any_unread(v, PLACE_INODE, NULL)))
		why = dir_text;
	return why;
}

/* For conclusions from marks: which files use an object, which directory is in the tree. */
const char *hs_unread_mark_reason(struct hs_verdict *v, const struct hs_mark *m)
{
	const struct hs_target *t = v->sys->targets[m->prov.target];

	if (!v->n_unread)
		return NULL;
	switch ((enum hs_mark_code)m->code) {
	case HS_M_UNREFERENCED:
	case HS_M_REF_TWICE:
		return any_unread(v, PLACE_INODE, NULL)	  ? file_text
		       : any_unread(v, PLACE_TABLE, NULL) ? table_text
							  : NULL;
	case HS_M_UNREACHABLE:
	case HS_M_CYCLE:
		return any_unread(v, PLACE_INODE, NULL) || any_unread(v, PLACE_DIR, NULL) ? dir_text
											  : NULL;
	case HS_M_WRONG_TARGET:
		/* a local file that was not seen in its directory passes for an object */
		return hs_seq_is_igif(m->fid.seq) && any_unread(v, PLACE_TABLE, t) ? table_text
										   : NULL;
	case HS_M_LASTID_NONE:
	case HS_M_LASTID_EMPTY:
	case HS_M_LASTID_SHORT:
	case HS_M_LOCAL_LASTID:
	case HS_M_OI_LOST:
	case HS_M_OI_COUNT:
	case HS_M_ODIR_LOST:
	case HS_M_LINK_NONE:
	case HS_M_LMA_NONE:
		return any_unread(v, PLACE_TABLE, t) ? table_text : NULL;
	default:
		return NULL;
	}
}
