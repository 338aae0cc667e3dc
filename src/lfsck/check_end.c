/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rules that are decided at the end of a target, from the highest ids seen and the allocation
 * files (equations, section 7: end of an OST, end of an MDT, tables).
 */
#include "lfsck/check.h"

/* What fits into the FIDs of an object sequence and of group 0 (format notes, 1.5). */
#define OBJID_MAX      0xffffffffull
#define IDIF_OBJID_MAX 0xffffffffffffull

static void mark(struct hs_check *c, const struct hs_target *t, enum hs_mark_code code,
		 uint32_t ino, uint64_t a, uint64_t b)
{
	struct hs_prov prov = {t->pos, ino, 0};

	hs_mark_add(&c->marks, code, (struct hs_fid){0}, &prov, a, b, NULL, 0);
}

static uint64_t highest(const struct hs_check *c, const struct hs_target *t, uint64_t seq,
			bool *seen)
{
	uint64_t id = 0;

	*seen = false;
	for (size_t i = 0; i < c->n_highs; i++) {
		if (c->highs[i].target != t->pos || c->highs[i].seq != seq)
			continue;
		*seen = true;
		if (c->highs[i].id > id)
			id = c->highs[i].id;
	}
	return id;
}

/* LID-1 to LID-4, LID-61: sequences of objects on an OST. */
static void check_last_id(struct hs_check *c, const struct hs_target *t, const struct hs_oseq *s)
{
	bool seen;
	uint64_t high = highest(c, t, s->seq, &seen);

	if (s->seq != 0 && !hs_seq_is_normal(s->seq))
		return;
	switch (s->state) {
	case HS_LASTID_NONE:
		if (seen)
			mark(c, t, HS_M_LASTID_NONE, s->ino, s->seq, high);
		break;
	case HS_LASTID_EMPTY:
		mark(c, t, HS_M_LASTID_EMPTY, s->lastid_ino, s->seq, high);
		break;
	case HS_LASTID_SHORT:
		mark(c, t, HS_M_LASTID_SHORT, s->lastid_ino, s->seq, high);
		break;
	case HS_LASTID_OK:
		if (seen && s->last_id < high)
			mark(c, t, HS_M_LASTID_LOW, s->lastid_ino, s->last_id, high);
		if (s->last_id > (s->seq ? OBJID_MAX : IDIF_OBJID_MAX))
			mark(c, t, HS_M_LASTID_HIGH, s->lastid_ino, s->last_id, high);
		break;
	}
}

/* lov_objid of the MDT that uses a sequence must not be above the sequence's LAST_ID. */
static void check_objids(struct hs_check *c, const struct hs_target *mdt)
{
	for (size_t i = 0; i < mdt->n_lov_objid && i < c->sys->n_osts; i++) {
		uint64_t seq = i < mdt->n_lov_objseq ? mdt->lov_objseq[i] : 0;
		const struct hs_target *ost = c->sys->osts[i];
		const struct hs_oseq *s;

		if (!ost || !mdt->lov_objid[i])
			continue;
		if (hs_seq_is_idif(seq) || (seq == 0 && mdt->id.index == 0))
			seq = 0;
		else if (!hs_seq_is_normal(seq))
			continue;
		s = hs_target_oseq(ost, seq);
		if (s && s->state == HS_LASTID_OK && mdt->lov_objid[i] > s->last_id)
			mark(c, ost, HS_M_OBJID_HIGH, s->lastid_ino, mdt->lov_objid[i], s->last_id);
	}
}

/* OI-13: LAST_ID of the sequences that local storage allocates from. */
static void check_local(struct hs_check *c, const struct hs_target *t, const struct hs_oseq *s)
{
	bool seen;
	uint64_t high = highest(c, t, s->seq, &seen);

	if (s->seq != HS_SEQ_LLOG && s->seq != HS_SEQ_LLOG_NAME && s->seq != HS_SEQ_LOCAL_NAME)
		return;
	if (!seen)
		return;
	if (s->state != HS_LASTID_OK || s->last_id < high)
		mark(c, t, HS_M_LOCAL_LASTID, s->lastid_ino,
		     s->state == HS_LASTID_OK ? s->last_id : 0, high);
}

/* Sequences whose O/ directory is missing have no struct hs_oseq: their loss is ODIR_LOST. */
void hs_check_end(struct hs_check *c)
{
	for (size_t i = 0; i < c->sys->n_targets; i++) {
		const struct hs_target *t = c->sys->targets[i];

		for (size_t k = 0; k < t->n_oseqs; k++) {
			if (t->id.kind == HS_OST)
				check_last_id(c, t, &t->oseqs[k]);
			check_local(c, t, &t->oseqs[k]);
		}
		if (hs_target_is_mdt(t))
			check_objids(c, t);
		for (size_t k = 0; k < t->n_lost_found; k++)
			mark(c, t, HS_M_LOST_FOUND, t->lost_found[k].ino, t->lost_found[k].type, 0);
	}
}
