/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * OST objects whose LMA lacks the FID_ON_OST flag (rule OI-6): taken for files of the target itself
 * they contradict the index, their name and their file. With the flag they agree.
 */
#include "lfsck/plan_parts.h"

static void judge_object(struct hs_verdict *v, const struct hs_mark *m)
{
	const struct hs_override marked = {.set_fid = true, .fid = m->fid};
	struct hs_target *t = v->sys->targets[m->prov.target];
	const struct hs_dossier *d = hs_ledger_dossier(&v->ledger, m->fid);
	struct hs_case c;

	hs_case_open(&c, "OI-6", m->fid, t);
	if (hs_probe_inode(&v->probe, t, m->prov.ino, NULL, -1, &c.delta) < 0 ||
	    hs_probe_inode(&v->probe, t, m->prov.ino, &marked, 1, &c.delta) < 0 ||
	    hs_case_gain(v, &c) <= 0) {
		hs_case_drop(&c);
		return;
	}
	hs_case_fact(&c, hs_finding_text(&c.f, "LMA of %s", hs_case_place(&c, v, &m->prov)),
		     "%s, without the flag FID_ON_OST", c.f.object);
	if (d && hs_claim_next(d, HS_FACT_ONAME, 1, NULL))
		hs_case_fact(&c, "name below O/", "this inode is %s", c.f.object);
	if (d && hs_claim_next(d, HS_FACT_LAY, 1, NULL))
		hs_case_fact(&c, "layout of its file", "%s", c.f.object);
	hs_mend_fid(v, &c, hs_at(t, m->prov.ino), m->fid);
	hs_case_close(v, &c, HS_M_OBJ_NOT_MARKED, -1);
}

void hs_judge_unmarked(struct hs_verdict *v)
{
	for (size_t i = 0; !v->err && i < v->marks->n; i++) {
		const struct hs_mark *m = &v->marks->v[i];

		if (m->code == HS_M_OBJ_NOT_MARKED && !v->mark_used[i])
			judge_object(v, m);
	}
}
