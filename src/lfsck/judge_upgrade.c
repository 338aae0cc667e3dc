/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files of before Lustre 2, which have an IGIF and no record of it anywhere: no LMA, no FID in the
 * entry, and most often neither linkEA nor OI record (rule NS-4). All of that is one finding.
 */
#include "lfsck/plan_parts.h"

/* What an upgrade would have written: the record of the index, the names in the linkEA. */
static void settle_missing(struct hs_verdict *v, struct hs_case *c, const struct hs_dossier *d)
{
	const struct hs_claim *claim;

	if (!hs_claim_next(d, HS_FACT_OI, 1, NULL)) {
		hs_for_each_claim(claim, d, HS_FACT_OI, -1) hs_delta_settle(&c->delta, claim);
	}
	if (hs_verdict_mark(v, d->fid, HS_M_LINK_NONE)) {
		hs_for_each_claim(claim, d, HS_FACT_NAME, 1) hs_delta_settle(&c->delta, claim);
	}
}

/* LMA, OI record, linkEA and the FID in each entry, as an upgrade writes them. */
static void plan_file(struct hs_verdict *v, struct hs_case *c, const struct hs_mark *no_lma,
		      const struct hs_mark *entry, const struct hs_dossier *d)
{
	struct hs_at at = hs_at(v->sys->targets[no_lma->prov.target], no_lma->prov.ino);
	struct hs_at dir = hs_at(v->sys->targets[entry->prov.target], entry->prov.ino);
	const struct hs_claim *claim;
	struct hs_fact_fields f;
	struct hs_links l = {0};
	uint8_t type = hs_plan_type(v, at);
	struct hs_leads to = {at.ino, 0, type, true, c->fid};

	if (dir.t != at.t || !type) {
		hs_case_no_repair(c, "entry and inode are not on one MDT");
		return;
	}
	hs_mend_fid(v, c, at, c->fid);
	hs_mend_oi(v, c, c->fid, at);
	hs_mend_entry(v, c, dir, entry->name, entry->name_len, &to);
	hs_links_load(v, at, &l);
	if (d && l.lost) {
		hs_for_each_claim(claim, d, HS_FACT_NAME, 1)
		{
			if (hs_fact_decode(claim->bytes, claim->len, &f))
				hs_links_add(v, &l, f.fid, f.name, f.name_len);
		}
		hs_links_unique(&l);
		hs_mend_links(v, c, at, c->fid, type, &l);
	}
	hs_links_free(&l);
}

static void judge_file(struct hs_verdict *v, const struct hs_mark *no_lma)
{
	const struct hs_mark *entry = hs_verdict_mark(v, no_lma->fid, HS_M_ENTRY_NO_FID);
	const struct hs_dossier *d = hs_ledger_dossier(&v->ledger, no_lma->fid);
	struct hs_case c;

	if (!entry)
		return;
	hs_case_open(&c, "NS-4", no_lma->fid, v->sys->targets[no_lma->prov.target]);
	hs_case_fact(&c, hs_case_place(&c, v, &entry->prov), "entry \"%s\" has no FID",
		     hs_case_name(&c, entry->name, entry->name_len));
	hs_case_fact(&c, hs_case_place(&c, v, &no_lma->prov),
		     "no LMA; inode and generation give %s", c.f.object);
	plan_file(v, &c, no_lma, entry, d);
	if (d)
		settle_missing(v, &c, d);
	hs_case_close(v, &c, HS_M_LMA_NONE, HS_M_ENTRY_NO_FID, HS_M_LINK_NONE, -1);
}

void hs_judge_upgrade(struct hs_verdict *v)
{
	for (size_t i = 0; !v->err && i < v->marks->n; i++) {
		const struct hs_mark *m = &v->marks->v[i];

		if (m->code == HS_M_LMA_NONE && !v->mark_used[i] && hs_seq_is_igif(m->fid.seq))
			judge_file(v, m);
	}
}
