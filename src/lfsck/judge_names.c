/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Objects whose name is missing: the linkEA tells the directory and the name, count and place miss
 * them too (NS-27, NS-45; taken by another object: NS-25, NS-46; no linkEA either: NS-28, NS-40,
 * NS-41; in the backend's lost+found: LF-1). Directories also whose link cannot be right (NS-42) or
 * that have several, none of them confirmed (NS-50).
 */
#include "lfsck/plan_parts.h"

/* What the place of an object leaves over when its name is gone. */
static const enum hs_fact_tag place_tags[] = {HS_FACT_NAME, HS_FACT_TYPE, HS_FACT_INO,
					      HS_FACT_DOT,  HS_FACT_ADOT, HS_FACT_SHARD};

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

static void close_case(struct hs_verdict *v, struct hs_case *c, const char *why)
{
	if (!why)
		why = hs_in_recovery(v, c->fid);
	if (why)
		hs_case_undecided(c, "%s", why);
	hs_case_close(v, c, HS_M_LINK_MANY, HS_M_LINK_ENTRY, HS_M_UNREACHABLE, -1);
}

/* Why nothing can have a name in this object; NULL: it can, or nobody knows. */
static const char *no_parent(struct hs_verdict *v, struct hs_fid fid)
{
	struct hs_place place;

	if (!hs_fid_is_sane(fid))
		return "that FID is impossible";
	switch (hs_verdict_object(v, fid, &place)) {
	case HS_LOOKUP_FOUND:
		return hs_inode_is_dir(&v->loaded.inode) ? NULL : "that object is no directory";
	case HS_LOOKUP_UNOWNED:
		return "no target owns that sequence";
	default:
		return NULL;
	}
}

/* A directory that counts more subdirectories than it has confirms the link to it. */
static bool is_counted(const struct hs_verdict *v, struct hs_fid dir)
{
	const struct hs_mark *m = hs_verdict_mark(v, dir, HS_M_DIR_NLINK);

	return m && (int64_t)m->a > (int64_t)m->b + hs_verdict_subdirs_of(v, dir);
}

/* The directory of this MDT that `..` of a nameless directory leads to; 0 if to none. */
static uint32_t way_up(const struct hs_dossier *d)
{
	const struct hs_claim *claim = hs_claim_next(d, HS_FACT_DOT, -1, NULL);
	struct hs_fact_fields f;

	if (!claim || !hs_fact_decode(claim->bytes, claim->len, &f) ||
	    f.target.kind == HS_NO_TARGET)
		return 0;
	return f.ino;
}

/* The directory that `..` leads to counts the lost name in its nlink. */
static void count_way_up(struct hs_verdict *v, const struct hs_dossier *d,
			 const struct hs_place *at)
{
	uint32_t ino = way_up(d);
	struct hs_fid parent;

	if (ino && hs_verdict_inode_fid(v, at->t, ino, &parent) == 1 && is_counted(v, parent))
		hs_verdict_subdirs(v, parent, 1);
}

/* The directory that `..` leads to no longer counts one that goes to lost+found. */
static void plan_way_up(struct hs_verdict *v, struct hs_case *c, const struct hs_dossier *d,
			const struct hs_place *at)
{
	if (way_up(d))
		hs_mend_uncount(v, c, hs_at(at->t, way_up(d)));
}

static void plan_lost(struct hs_verdict *v, struct hs_case *c, const struct hs_place *at, bool dir)
{
	struct hs_at o = hs_at(at->t, at->ino);

	hs_mend_lost(v, c, o, c->fid, dir ? 'D' : 'O', dir ? hs_plan_infix(v, c, o) : "");
}

/* NS-42: no entry names the directory, and its one link names nothing that could. */
static bool judge_invalid(struct hs_verdict *v, const struct hs_dossier *d,
			  const struct hs_place *at)
{
	const struct hs_claim *claim = hs_claim_next(d, HS_FACT_NAME, -1, NULL);
	struct hs_fact_fields link;
	const char *what;
	struct hs_case c;

	if (!claim || hs_claim_next(d, HS_FACT_NAME, -1, claim) ||
	    !hs_fact_decode(claim->bytes, claim->len, &link))
		return false;
	what = no_parent(v, link.fid);
	if (!what)
		return false;
	hs_case_open(&c, "NS-42", d->fid, at->t);
	hs_case_fact(&c, hs_finding_text(&c.f, "linkEA of inode %u", at->ino), "\"%s\" in %s",
		     hs_case_name(&c, link.name, link.name_len), hs_case_fid(&c, link.fid));
	hs_case_fact(&c, hs_case_fid(&c, link.fid), "%s", what);
	count_way_up(v, d, at);
	c.f.no_path = "no entry names it, and its link leads to no directory";
	for (size_t i = 0; i < sizeof(place_tags) / sizeof(place_tags[0]); i++)
		take(&c, d, place_tags[i]);
	plan_lost(v, &c, at, true);
	plan_way_up(v, &c, d, at);
	close_case(v, &c, NULL);
	return true;
}

/* NS-50: several links, and no entry for any of them. */
static bool judge_unconfirmed(struct hs_verdict *v, const struct hs_dossier *d,
			      const struct hs_place *at)
{
	const struct hs_claim *claim = hs_claim_next(d, HS_FACT_NAME, -1, NULL);
	const char *why = NULL;
	struct hs_fact_fields link;
	struct hs_case c;

	if (!claim || !hs_claim_next(d, HS_FACT_NAME, -1, claim) ||
	    hs_claim_next(d, HS_FACT_NAME, 1, NULL))
		return false;
	hs_case_open(&c, "NS-50", d->fid, at->t);
	hs_for_each_claim(claim, d, HS_FACT_NAME, -1)
	{
		if (!hs_fact_decode(claim->bytes, claim->len, &link))
			continue;
		hs_delta_settle(&c.delta, claim);
		hs_case_fact(&c, hs_finding_text(&c.f, "linkEA of inode %u", at->ino),
			     "\"%s\" in %s", hs_case_name(&c, link.name, link.name_len),
			     hs_case_fid(&c, link.fid));
		hs_case_fact(&c, hs_finding_text(&c.f, "directory %s", hs_case_fid(&c, link.fid)),
			     is_counted(v, link.fid)
				     ? "has no such name, but counts a subdirectory more"
				     : "has no such name");
		if (is_counted(v, link.fid))
			hs_verdict_subdirs(v, link.fid, 1);
		if (!why)
			why = hs_absent_entries(v, link.fid);
	}
	plan_lost(v, &c, at, true);
	hs_for_each_claim(claim, d, HS_FACT_NAME, -1)
	{
		struct hs_at dir;

		if (hs_fact_decode(claim->bytes, claim->len, &link) &&
		    hs_plan_find(v, link.fid, &dir))
			hs_mend_uncount(v, &c, dir);
	}
	/* links to other MDTs count against local names, so more than one may be left over */
	for (size_t i = 1; i < sizeof(place_tags) / sizeof(place_tags[0]); i++) {
		hs_for_each_claim(claim, d, place_tags[i], -1) hs_delta_settle(&c.delta, claim);
		hs_for_each_claim(claim, d, place_tags[i], 1) hs_delta_settle(&c.delta, claim);
	}
	close_case(v, &c, why);
	return true;
}

/* Another link of the object has its name. */
static bool has_other_name(struct hs_verdict *v, struct hs_at o, struct hs_fid fid,
			   const struct hs_fact_fields *link)
{
	struct hs_links l = {0};
	bool found = false;

	hs_links_load(v, o, &l);
	for (size_t i = 0; i < l.n && !found; i++) {
		const struct hs_link *e = &l.v[i];
		struct hs_leads leads;
		struct hs_at dir;

		found = !(hs_fid_eq(e->parent, link->fid) && e->len == link->name_len &&
			  !memcmp(e->name, link->name, e->len)) &&
			hs_plan_find(v, e->parent, &dir) &&
			hs_plan_entry(v, dir, e->name, e->len, &leads) == 1 && leads.has_fid &&
			hs_fid_eq(leads.fid, fid);
	}
	hs_links_free(&l);
	return found;
}

/* A name may only come back into the shard that it hashes to. */
static bool fits_directory(struct hs_verdict *v, struct hs_at dir,
			   const struct hs_fact_fields *link)
{
	struct hs_strbuf value = HS_STRBUF_INIT;
	bool fits = true;
	struct hs_lmv lmv;

	if (hs_plan_xattr(v, dir, "trusted.lmv", &value) == 1) {
		hs_lmv_decode((const uint8_t *)hs_strbuf_str(&value), value.len, &lmv);
		if (lmv.kind == HS_LMV_SHARD)
			fits = hs_lmv_name_fits(&lmv, lmv.index, link->name, link->name_len);
	}
	hs_strbuf_free(&value);
	return fits;
}

/* The name is another object's for good: a link less, or lost+found if it was the only one. */
static void plan_taken(struct hs_verdict *v, struct hs_case *c, const struct hs_place *at,
		       const struct hs_fact_fields *link, bool dir)
{
	struct hs_at o = hs_at(at->t, at->ino), parent;
	struct hs_links l = {0};

	if (!dir && has_other_name(v, o, c->fid, link)) {
		hs_links_load(v, o, &l);
		hs_links_drop(&l, link->fid, link->name, link->name_len);
		hs_mend_links(v, c, o, c->fid, hs_plan_type(v, o), &l);
		hs_mend_nlink(v, c, o, -1);
		hs_links_free(&l);
		hs_case_repair(c, "Drops the link, as the object has another name.");
		return;
	}
	plan_lost(v, c, at, dir);
	if (dir && hs_plan_find(v, link->fid, &parent))
		hs_mend_uncount(v, c, parent);
	hs_case_repair(c, "Places it in lost+found, type %c.", dir ? 'D' : 'O');
}

/*
 * The object that has the name was made by LFSCK in its place and was never used: it goes, and the
 * name leads to the right one again.
 */
static bool plan_takeover(struct hs_verdict *v, struct hs_case *c, const struct hs_place *at,
			  struct hs_at parent, const struct hs_fact_fields *link)
{
	struct hs_leads now, to;
	const struct hs_inode *inode;
	struct hs_at other, o = hs_at(at->t, at->ino);

	if (hs_plan_entry(v, parent, link->name, link->name_len, &now) != 1 || !now.has_fid ||
	    now.type == HS_TYPE_DIR || !hs_plan_find(v, now.fid, &other) || other.made ||
	    other.t != parent.t || at->t != parent.t)
		return false;
	inode = hs_plan_inode(v, other);
	if (!inode || !hs_inode_is_reg(inode) || inode->ctime || inode->size || inode->blocks ||
	    inode->nlink != 1 || hs_xattr_trusted(&v->plan.loaded.xattrs, "lov"))
		return false;
	if (!hs_mend_lead(v, c, parent, c->fid, o, hs_plan_type(v, o), &to))
		return false;
	hs_mend_entry(v, c, parent, link->name, link->name_len, &to);
	hs_mend_subdirs(v, c, parent, to.type == HS_TYPE_DIR);
	hs_mend_oi_drop(v, c, other.t, now.fid);
	hs_mend_free(v, c, other);
	hs_expect_untouched(v, c, other);
	hs_case_repair(c, "Repoints the name: the object that has it was made by LFSCK and never "
			  "used.");
	return true;
}

/* The object gets its name back, or a place in lost+found. */
static void plan_name(struct hs_verdict *v, struct hs_case *c, const struct hs_dossier *d,
		      const struct hs_place *at, const struct hs_mark *lost,
		      const struct hs_fact_fields *link, bool taken, bool dir)
{
	struct hs_at o = hs_at(at->t, at->ino), parent;
	uint8_t type = hs_plan_type(v, o);

	if (!link) {
		plan_lost(v, c, at, dir);
		if (dir)
			plan_way_up(v, c, d, at);
	} else if (!hs_plan_find(v, link->fid, &parent) || hs_plan_type(v, parent) != HS_TYPE_DIR) {
		plan_lost(v, c, at, dir);
		hs_case_repair(c, "Places it in lost+found, type %c.", dir ? 'D' : 'O');
	} else if (taken ? !plan_takeover(v, c, at, parent, link)
			 : !fits_directory(v, parent, link)) {
		plan_taken(v, c, at, link, dir);
	} else if (!taken) {
		hs_mend_name(v, c, parent, link->name, link->name_len, c->fid, o, type);
		if (dir)
			hs_mend_parent(v, c, o, link->fid);
	}
	if (lost)
		hs_mend_unlost(v, c, o);
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
	bool taken = false, corrupt = false;

	if (!hs_claim_next(d, HS_FACT_TYPE, -1, NULL))
		return false;
	if (claim) {
		hs_fact_decode(claim->bytes, claim->len, &link);
		taken = hs_verdict_entry(v, link.fid, link.name, link.name_len, &t, &e, room) == 1;
		rule = taken ? (dir ? "NS-46" : "NS-25") : dir ? "NS-45" : "NS-27";
		why = hs_absent_entries(v, link.fid);
	} else if (hs_verdict_mark(v, d->fid, HS_M_LINK_NONE) ||
		   hs_verdict_mark(v, d->fid, HS_M_LINK_MAGIC)) {
		corrupt = hs_verdict_mark(v, d->fid, HS_M_LINK_MAGIC);
		rule = !dir ? "NS-28" : corrupt && way_up(d) ? "NS-41" : "NS-40";
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
			     corrupt ? "its linkEA is corrupt, and no entry names it"
				     : "no usable linkEA, and no entry names it");
		if (dir && way_up(d))
			hs_case_fact(&c, "its `..`", "leads to inode %u", way_up(d));
		if (dir)
			count_way_up(v, d, at);
	}
	take(&c, d, HS_FACT_TYPE);
	take(&c, d, HS_FACT_INO);
	take(&c, d, HS_FACT_DOT);
	take(&c, d, HS_FACT_ADOT);
	take(&c, d, HS_FACT_SHARD);
	if (lost)
		hs_verdict_use(v, &c, lost);
	plan_name(v, &c, d, at, lost, claim ? &link : NULL, taken, dir);
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
		if (dir && (judge_invalid(v, d, &at) || judge_unconfirmed(v, d, &at)))
			continue;
		while (!v->err && judge_name(v, d, &at, dir))
			;
	}
}
