/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Objects with attributes that could not be read (rule META-3): what is missing there proves
 * nothing, so nobody else says that it is missing.
 */
#include "lfsck/verdict.h"

static void judge_object(struct hs_verdict *v, const struct hs_mark *m)
{
	const struct hs_dossier *d = hs_ledger_dossier(&v->ledger, m->fid);
	const char *text = hs_mark_info(HS_M_XATTR_DAMAGED)->text;
	const struct hs_claim *name;
	struct hs_case c;

	hs_case_open(&c, "META-3", m->fid, v->sys->targets[m->prov.target]);
	hs_case_message(&c, "%s", text);
	hs_case_fact(&c, hs_case_place(&c, v, &m->prov), "%s", text);
	/* the linkEA may have listed each of the names */
	if (d && hs_verdict_mark(v, m->fid, HS_M_LINK_NONE)) {
		hs_for_each_claim(name, d, HS_FACT_NAME, 1) hs_delta_settle(&c.delta, name);
	}
	hs_case_undecided(&c, "%s: nothing is concluded from what is missing there", text);
	hs_case_close(v, &c, HS_M_XATTR_DAMAGED, HS_M_LINK_NONE, -1);
}

void hs_judge_unread(struct hs_verdict *v)
{
	for (size_t i = 0; !v->err && i < v->marks->n; i++) {
		const struct hs_mark *m = &v->marks->v[i];

		if (m->code == HS_M_XATTR_DAMAGED && !v->mark_used[i] && !hs_fid_is_zero(m->fid))
			judge_object(v, m);
	}
}
