/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What could not be read proves nothing, and what recovery will finish is no damage: the reasons
 * for which a verdict concludes nothing.
 */
#include <stdlib.h>

#include "lfsck/verdict.h"

/* Marks about tables and places sort first: their FID is zero. */
static const struct hs_mark *place_mark(const struct hs_verdict *v, enum hs_mark_code code,
					const struct hs_target *t)
{
	size_t i, end;

	if (!v->check->marks.counts[code])
		return NULL;
	hs_verdict_marks(v, (struct hs_fid){0}, &i, &end);
	for (; i < end; i++) {
		if (v->marks->v[i].code == code && v->marks->v[i].prov.target == t->pos)
			return &v->marks->v[i];
	}
	return NULL;
}

const char *hs_absent_target(const struct hs_verdict *v, const struct hs_target *t)
{
	if (place_mark(v, HS_M_INODE_UNREAD, t))
		return "inodes of that target could not be read";
	if (place_mark(v, HS_M_INODE_BITMAP, t))
		return "an inode bitmap of that target could not be read";
	return NULL;
}

const char *hs_absent_object(const struct hs_verdict *v, struct hs_fid fid)
{
	enum hs_presence presence;
	struct hs_tgt owner = hs_system_owner(v->sys, fid.seq, &presence);
	struct hs_target *t = hs_system_target(v->sys, owner);

	if (presence == HS_ABSENT)
		return "its target was not given";
	return t ? hs_absent_target(v, t) : NULL;
}

const char *hs_absent_entries(const struct hs_verdict *v, struct hs_fid dir)
{
	enum hs_presence presence;
	size_t i, end;

	hs_system_owner(v->sys, dir.seq, &presence);
	if (presence == HS_ABSENT)
		return "the target of that directory was not given";
	hs_verdict_marks(v, dir, &i, &end);
	for (; i < end; i++) {
		/* also when it has become part of a finding: it was not read all the same */
		if (v->marks->v[i].code == HS_M_DIR_DAMAGED)
			return "that directory could not be read in full";
	}
	return hs_absent_object(v, dir);
}

static int cmp_fid(const void *a, const void *b)
{
	return hs_fid_cmp(*(const struct hs_fid *)a, *(const struct hs_fid *)b);
}

static bool listed(const struct hs_fid *v, size_t n, struct hs_fid fid)
{
	return n && bsearch(&fid, v, n, sizeof(fid), cmp_fid);
}

/* Objects above an MDT's lov_objid are destroyed or used again at the next connection. */
static bool above_objid(const struct hs_target *mdt, struct hs_fid fid)
{
	for (size_t i = 0; i < mdt->n_lov_objid; i++) {
		uint64_t seq = i < mdt->n_lov_objseq ? mdt->lov_objseq[i] : 0;

		if (hs_seq_is_idif(fid.seq)) {
			if (mdt->id.index == 0 && hs_fid_idif_ost(fid) == i &&
			    (seq == 0 || hs_seq_is_idif(seq)))
				return hs_fid_objid(fid) > mdt->lov_objid[i];
		} else if (seq == fid.seq) {
			return fid.oid > mdt->lov_objid[i];
		}
	}
	return false;
}

enum hs_recovery hs_recovery_of(const struct hs_verdict *v, struct hs_fid fid)
{
	for (size_t i = 0; i < v->sys->n_targets; i++) {
		const struct hs_target *t = v->sys->targets[i];

		if (listed(t->ops.destroys, t->ops.n_destroys, fid))
			return HS_RECOVERY_DESTROY;
		if (listed(t->ops.in_flux, t->ops.n_in_flux, fid))
			return HS_RECOVERY_UNFINISHED;
		if (hs_target_is_mdt(t) && above_objid(t, fid))
			return HS_RECOVERY_UNUSED;
	}
	return HS_RECOVERY_NONE;
}

const char *hs_in_recovery(const struct hs_verdict *v, struct hs_fid fid)
{
	switch (hs_recovery_of(v, fid)) {
	case HS_RECOVERY_DESTROY:
		return "its destruction is on its way from the MDT to the OST";
	case HS_RECOVERY_UNFINISHED:
		return "an unfinished operation over several MDTs names it";
	case HS_RECOVERY_UNUSED:
		return "it lies above the last object id its MDT has used: destroyed or used again "
		       "at the next connection";
	case HS_RECOVERY_NONE:
		break;
	}
	return NULL;
}
