/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names that do not hash to the shard they lie in (NS-15, STR-13). What is wrong there is one
 * entry; the finding is about the object that the name leads to.
 */
#include "lfsck/judge_shards.h"

void hs_judge_shard_names(struct hs_verdict *v, struct hs_case *c, const struct hs_slot *s,
			  uint32_t index)
{
	size_t i, end;

	hs_verdict_marks(v, s->fid, &i, &end);
	for (; i < end; i++) {
		const struct hs_mark *m = &v->marks->v[i];

		if (m->code == HS_M_NAME_HASH && !v->mark_used[i] &&
		    hs_lmv_name_fits(&s->lmv, index, m->name, m->name_len))
			hs_verdict_use(v, c, m);
	}
}

static void judge_name(struct hs_verdict *v, const struct hs_mark *m)
{
	struct hs_target *t = v->sys->targets[m->prov.target];
	struct hs_fid child = m->fid;
	const struct hs_xattr *x;
	struct hs_place place;
	uint8_t room[512];
	struct hs_dirent e;
	struct hs_lmv lmv = {0};
	const char *why;
	struct hs_case c;

	if (hs_verdict_entry(v, m->fid, m->name, m->name_len, &t, &e, room) == 1 && e.has_fid)
		child = hs_fid_get_be(e.fid);
	if (hs_verdict_object(v, m->fid, &place) == HS_LOOKUP_FOUND) {
		x = hs_xattr_trusted(&v->loaded.xattrs, "lmv");
		if (x && x->value)
			hs_lmv_decode(x->value, x->value_len, &lmv);
	}
	hs_case_open(&c, "NS-15", child, t);
	hs_case_message(&c, "The name \"%s\" does not hash to this shard.",
			hs_case_name(&c, m->name, m->name_len));
	hs_case_fact(&c, hs_case_place(&c, v, &m->prov), "\"%s\" lies in shard %s, index %llu",
		     hs_case_name(&c, m->name, m->name_len), hs_case_fid(&c, m->fid),
		     (unsigned long long)m->b);
	if (lmv.kind == HS_LMV_SHARD)
		hs_case_fact(&c, "hash of the name", "index %u of %u",
			     hs_name_stripe(lmv.hash & HS_LMV_HASH_MASK, lmv.count, m->name,
					    m->name_len),
			     lmv.count);
	hs_verdict_use(v, NULL, m);
	why = hs_in_recovery(v, m->fid);
	if (!why)
		why = hs_in_recovery(v, child);
	if (why)
		hs_case_undecided(&c, "%s", why);
	hs_case_close(v, &c, -1);
}

void hs_judge_hashes(struct hs_verdict *v)
{
	for (size_t i = 0; !v->err && i < v->marks->n; i++) {
		if (v->marks->v[i].code == HS_M_NAME_HASH && !v->mark_used[i])
			judge_name(v, &v->marks->v[i]);
	}
}
