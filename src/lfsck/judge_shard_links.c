/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The linkEA of a shard: one entry, its master and its name there (STR-12). Name and shard LMV,
 * which agree, are the authority.
 */
#include <stdio.h>

#include "lfsck/judge_shards.h"

static void plan_link(struct hs_verdict *v, struct hs_case *c, const struct hs_striped *d,
		      const struct hs_slot *s)
{
	struct hs_at at = hs_at(s->place.t, s->place.ino);
	struct hs_links links = {0};
	char text[HS_FID_TEXT], name[64];
	int len = snprintf(name, sizeof(name), "%s:%u", hs_fid_text(s->name_fid, text),
			   s->name_index);

	hs_links_add(v, &links, d->fid, name, (size_t)len);
	hs_mend_links(v, c, at, s->fid, HS_TYPE_DIR, &links);
	hs_mend_parent(v, c, at, d->fid);
	hs_expect_entry(v, c, hs_at(d->place.t, d->place.ino), name, (size_t)len);
	hs_links_free(&links);
}

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
	plan_link(v, &c, d, s);
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
