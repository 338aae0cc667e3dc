/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The linkEA of a shard: one entry, its master and its name there (STR-12). Name and shard LMV,
 * which agree, are the authority.
 */
#include "lfsck/judge_shards.h"

/* STR-12: the shard is right, its linkEA does not lead to master and name. */
void hs_judge_shard_link(struct hs_verdict *v, const struct hs_striped *d, const struct hs_slot *s)
{
	const struct hs_dossier *dossier = hs_ledger_dossier(&v->ledger, s->fid);
	struct hs_case c;
	bool any = false;

	if (s->linked && s->link_index == s->name_index)
		return;
	hs_case_open(&c, "STR-12", s->fid, s->place.t);
	for (struct hs_claim *claim = dossier ? dossier->claims : NULL; claim;
	     claim = claim->next) {
		struct hs_fact_fields f;

		if (!claim->net || !hs_fact_decode(claim->bytes, claim->len, &f))
			continue;
		/* a link to another MDT more is a local name less (equations 6.2) */
		if (f.tag != HS_FACT_NAME && f.tag != HS_FACT_SHARD &&
		    (f.tag != HS_FACT_INO || f.ino != s->place.ino))
			continue;
		if (f.tag == HS_FACT_NAME)
			hs_case_fact(&c, claim->net > 0 ? "entry" : "its linkEA", "\"%s\" in %s",
				     hs_case_name(&c, f.name, f.name_len), hs_case_fid(&c, f.fid));
		any |= f.tag == HS_FACT_NAME;
		hs_delta_settle(&c.delta, claim);
	}
	if (!any || hs_case_gain(v, &c) <= 0) {
		hs_case_drop(&c);
		return;
	}
	hs_case_fact(&c, hs_slot_text(&c, s), "index %u of %u, as its name in the master",
		     s->lmv.index, d->lmv.count);
	hs_verdict_use_all(v, &c, s->fid, HS_M_LINK_NONE);
	hs_verdict_use_all(v, &c, s->fid, HS_M_LINK_MAGIC);
	hs_verdict_use_all(v, &c, s->fid, HS_M_LINK_LENGTH);
	hs_verdict_use_all(v, &c, s->fid, HS_M_LINK_ENTRY);
	hs_verdict_use_all(v, &c, s->fid, HS_M_LINK_MANY);
	hs_verdict_use_all(v, &c, s->fid, HS_M_REMOTE_FLAG);
	hs_verdict_use_all(v, &c, s->fid, HS_M_DOTDOT_FID);
	hs_verdict_use_all(v, &c, s->fid, HS_M_UNREACHABLE);
	hs_striped_close(v, &c);
}
