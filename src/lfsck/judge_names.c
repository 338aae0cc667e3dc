/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Objects whose name is missing: the linkEA tells the directory and the name, count and place miss
 * them too (NS-27, NS-45; taken by another object: NS-25, NS-46; no linkEA either: NS-28, NS-40;
 * in the backend's lost+found: LF-1).
 */
#include "lfsck/verdict.h"

static bool take(struct hs_case *c, const struct hs_dossier *d, enum hs_fact_tag tag)
{
	const struct hs_claim *claim = hs_claim_next(d, tag, -1, NULL);
	struct hs_fact_buf f;

	if (!claim)
		return false;
	f.len = claim->len;
	memcpy(f.b, claim->bytes, claim->len);
	hs_delta_add(&c->delta, &f, 1);
	return true;
}

static const struct hs_mark *lost_found_mark(const struct hs_verdict *v, const struct hs_place *at)
{
	size_t i, end;

	hs_verdict_marks(v, (struct hs_fid){0}, &i, &end);
	for (; i < end; i++) {
		const struct hs_mark *m = &v->marks->v[i];

		if (m->code == HS_M_LOST_FOUND && !v->mark_used[i] &&
		    m->prov.target == at->t->pos && m->prov.ino == at->ino)
			return m;
	}
	return NULL;
}

/* One missing name of an object. */
static bool judge_name(struct hs_verdict *v, const struct hs_dossier *d, const struct hs_place *at,
		       bool dir)
{
	const struct hs_claim *claim = hs_claim_next(d, HS_FACT_NAME, -1, NULL);
	const struct hs_mark *lost = lost_found_mark(v, at);
	struct hs_fact_fields link = {0};
	struct hs_target *t;
	uint8_t room[512];
	const char *why = NULL, *rule;
	struct hs_dirent e;
	struct hs_case c;
	bool taken = false;

	if (!hs_claim_next(d, HS_FACT_TYPE, -1, NULL))
		return false;
	if (claim) {
		hs_fact_decode(claim->bytes, claim->len, &link);
		taken = hs_verdict_entry(v, link.fid, link.name, link.name_len, &t, &e, room) == 1;
		rule = taken ? (dir ? "NS-46" : "NS-25") : dir ? "NS-45" : "NS-27";
		why = hs_absent_entries(v, link.fid);
	} else if (hs_verdict_mark(v, d->fid, HS_M_LINK_NONE) ||
		   hs_verdict_mark(v, d->fid, HS_M_LINK_MAGIC)) {
		rule = dir ? "NS-40" : "NS-28";
	} else {
		return false;
	}
	hs_case_open(&c, lost ? "LF-1" : rule, d->fid, at->t);
	if (claim) {
		take(&c, d, HS_FACT_NAME);
		hs_case_fact(&c, hs_finding_text(&c.f, "linkEA of inode %u", at->ino),
			     "\"%s\" in %s", hs_case_name(&c, link.name, link.name_len),
			     hs_case_fid(&c, link.fid));
		hs_case_fact(&c, hs_finding_text(&c.f, "directory %s", hs_case_fid(&c, link.fid)),
			     "%s",
			     taken ? "that name belongs to another object" : "has no such name");
		if (dir)
			hs_verdict_subdirs(v, link.fid, 1);
	} else {
		hs_case_fact(&c, hs_finding_text(&c.f, "inode %u", at->ino),
			     "no usable linkEA, and no entry names it");
	}
	take(&c, d, HS_FACT_TYPE);
	take(&c, d, HS_FACT_INO);
	take(&c, d, HS_FACT_DOT);
	take(&c, d, HS_FACT_ADOT);
	take(&c, d, HS_FACT_SHARD);
	if (lost)
		hs_verdict_use(v, &c, lost);
	if (!why)
		why = hs_in_recovery(v, d->fid);
	if (why)
		hs_case_undecided(&c, "%s", why);
	if (claim)
		hs_case_close(v, &c, HS_M_UNREACHABLE, -1);
	else
		hs_case_close(v, &c, HS_M_LINK_NONE, HS_M_LINK_MAGIC, HS_M_LINK_LENGTH,
			      HS_M_LINK_ENTRY, HS_M_UNREACHABLE, -1);
	return true;
}

void hs_judge_names(struct hs_verdict *v)
{
	for (size_t i = 0; !v->err && i < v->ledger.n_dossiers; i++) {
		const struct hs_dossier *d = v->ledger.order[i];
		struct hs_place at;
		bool dir;

		if (d->done || !hs_claim_next(d, HS_FACT_TYPE, -1, NULL) ||
		    hs_claim_next(d, HS_FACT_TYPE, 1, NULL))
			continue;
		if (hs_verdict_object(v, d->fid, &at) != HS_LOOKUP_FOUND)
			continue;
		dir = hs_inode_is_dir(&v->loaded.inode);
		while (!v->err && judge_name(v, d, &at, dir))
			;
	}
}
