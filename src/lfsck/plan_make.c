/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * New objects of MDTs. A FID that nobody has comes from the range that the target has yet to give
 * out (format notes, section 13): the plan takes one sequence a target and says so in seq_srv, so
 * that Lustre never gives it to a client.
 */
#include "lfsck/plan_parts.h"

#define ROOT_INO    2
#define OIDS_OF_SEQ 0x1ffffu /* of a sequence that a client gets (format notes 1.5) */

struct hs_at hs_plan_root_name(struct hs_verdict *v, struct hs_target *t, const char *name)
{
	struct hs_leads leads;

	if (hs_plan_entry(v, hs_at(t, ROOT_INO), name, strlen(name), &leads) != 1)
		return hs_at(t, 0);
	return (struct hs_at){t, leads.ino, leads.made};
}

/* The next sequence of the target becomes the plan's. */
static bool take_sequence(struct hs_verdict *v, struct hs_case *c, struct hs_target *t)
{
	struct hs_plan_target *p = &v->plan.targets[t->pos];
	struct hs_at file = hs_plan_root_name(v, t, "seq_srv");
	uint64_t next = p->new_seq ? p->new_seq + 1 : t->seq_srv.start;
	uint8_t le[8];

	if (!t->has_seq_srv || !file.ino || next >= t->seq_srv.end || !hs_seq_is_normal(next)) {
		hs_case_no_repair(c, "the MDT has no sequence left for a new FID");
		return false;
	}
	hs_put_le64(le, next + 1);
	hs_mend_bytes(v, c, file, 0, le, sizeof(le));
	p->new_seq = next;
	p->new_oid = 0;
	p->seq_item = hs_item_at(v, c)->id;
	return true;
}

bool hs_plan_new_fid(struct hs_verdict *v, struct hs_case *c, struct hs_target *t,
		     struct hs_fid *out)
{
	struct hs_plan_target *p = &v->plan.targets[t->pos];

	if ((!p->new_seq || p->new_oid >= OIDS_OF_SEQ) && !take_sequence(v, c, t))
		return false;
	hs_item_need(v, c, p->seq_item);
	*out = (struct hs_fid){p->new_seq, ++p->new_oid, 0};
	return true;
}

struct hs_at hs_mend_object(struct hs_verdict *v, struct hs_case *c, struct hs_target *t,
			    struct hs_fid fid, uint16_t mode, struct hs_owner owner)
{
	const struct hs_lma lma = {.fid = fid};
	struct hs_at at = hs_mend_make(v, c, t, mode, owner, NULL);
	uint8_t buf[HS_LMA_LONG_SIZE];

	hs_mend_xattr(v, c, at, "trusted.lma", buf, hs_lma_encode(&lma, buf));
	hs_mend_oi(v, c, fid, at);
	return at;
}
