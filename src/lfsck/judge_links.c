/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The linkEA of objects that exist and can be found: lost or corrupt (NS-11, NS-12), a link it
 * lacks (NS-13), an entry for a name that is not there (NS-21, 22, 24, 25, 26). The entries of the
 * directories are the authority; names that are missing are judge_names.c's.
 */
#include "lfsck/plan_parts.h"

/* What the linkEA's parent has to do with the inode number equation: see equations 6.2. */
static void follow_parent(struct hs_verdict *v, struct hs_case *c, const struct hs_place *at,
			  struct hs_fid fid, struct hs_fid parent, int64_t links)
{
	enum hs_presence presence;
	struct hs_fact_buf f;
	struct hs_fact_fields ino;
	const struct hs_claim *claim;

	if (hs_tgt_eq(hs_system_owner(v->sys, parent.seq, &presence), at->t->id))
		return;
	/* a link to another MDT more is a local name less, and the reverse */
	hs_for_each_claim(claim, hs_ledger_dossier(&v->ledger, fid), HS_FACT_INO,
			  links > 0 ? -1 : 1)
	{
		if (!hs_fact_decode(claim->bytes, claim->len, &ino) || ino.ino != at->ino)
			continue;
		hs_fact_inode(&f, HS_FACT_INO, fid, ino.target, ino.ino, ino.type);
		hs_delta_add(&c->delta, &f, links);
		return;
	}
}

/* The mark of an entry without FID that this case speaks of anyway. */
static void use_no_fid(struct hs_verdict *v, struct hs_case *c, const struct hs_fact_fields *name)
{
	size_t i, end;

	hs_verdict_marks(v, c->fid, &i, &end);
	for (; i < end; i++) {
		const struct hs_mark *m = &v->marks->v[i];

		if (m->code == HS_M_ENTRY_NO_FID && !v->mark_used[i] &&
		    m->name_len == name->name_len && !memcmp(m->name, name->name, name->name_len))
			hs_verdict_use(v, c, m);
	}
}

/*
 * The linkEA loses one link and gains another; either name may be NULL. Of a directory `..` follows
 * the new one.
 */
static void plan_links(struct hs_verdict *v, struct hs_case *c, const struct hs_place *at,
		       const struct hs_fact_fields *drop, const struct hs_fact_fields *add)
{
	struct hs_at o = hs_at(at->t, at->ino);
	uint8_t type = hs_plan_type(v, o);
	struct hs_links l = {0};

	if (!hs_links_load(v, o, &l))
		hs_case_no_repair(c, "the linkEA cannot be read");
	if (drop)
		hs_links_drop(&l, drop->fid, drop->name, drop->name_len);
	if (add && !hs_links_have(&l, add->fid, add->name, add->name_len))
		hs_links_add(v, &l, add->fid, add->name, add->name_len);
	hs_mend_links(v, c, o, c->fid, type, &l);
	if (add && type == HS_TYPE_DIR)
		hs_mend_parent(v, c, o, add->fid);
	hs_links_free(&l);
}

/* Where the name is, it must still lead to the object. */
static void expect_name(struct hs_verdict *v, struct hs_case *c, const struct hs_fact_fields *name)
{
	struct hs_at dir;

	if (hs_plan_find(v, name->fid, &dir))
		hs_expect_entry(v, c, dir, name->name, name->name_len);
}

/* An entry that carries no FID gets it, as it is part of the same finding. */
static void plan_entry_fid(struct hs_verdict *v, struct hs_case *c, const struct hs_place *at,
			   const struct hs_fact_fields *name)
{
	struct hs_leads now;
	struct hs_at dir;

	if (!hs_plan_find(v, name->fid, &dir) ||
	    hs_plan_entry(v, dir, name->name, name->name_len, &now) != 1 || now.has_fid ||
	    dir.t != at->t || now.ino != at->ino)
		return;
	now.has_fid = true;
	now.fid = c->fid;
	hs_mend_entry(v, c, dir, name->name, name->name_len, &now);
}

/* All entries that name the object. */
static void plan_all_links(struct hs_verdict *v, struct hs_case *c, const struct hs_dossier *d,
			   const struct hs_place *at)
{
	struct hs_at o = hs_at(at->t, at->ino);
	uint8_t type = hs_plan_type(v, o);
	struct hs_fact_fields name = {0};
	const struct hs_claim *claim;
	struct hs_links l = {0};

	hs_for_each_claim(claim, d, HS_FACT_NAME, 1)
	{
		if (!hs_fact_decode(claim->bytes, claim->len, &name))
			continue;
		hs_links_add(v, &l, name.fid, name.name, name.name_len);
		expect_name(v, c, &name);
	}
	hs_links_unique(&l);
	if (type == HS_TYPE_DIR && l.n != 1)
		hs_case_no_repair(c, "several names lead to the directory");
	hs_mend_links(v, c, o, d->fid, type, &l);
	if (type == HS_TYPE_DIR)
		hs_mend_parent(v, c, o, name.fid);
	hs_links_free(&l);
}

/* The whole linkEA is missing or unusable: every entry that names the object is left over. */
static void judge_lost(struct hs_verdict *v, const struct hs_dossier *d, const struct hs_place *at,
		       enum hs_mark_code code)
{
	const struct hs_claim *claim;
	struct hs_fact_fields name;
	struct hs_case c;

	if (!hs_claim_next(d, HS_FACT_NAME, 1, NULL))
		return;
	hs_case_open(&c, code == HS_M_LINK_NONE ? "NS-11" : "NS-12", d->fid, at->t);
	hs_for_each_claim(claim, d, HS_FACT_NAME, 1)
	{
		hs_fact_decode(claim->bytes, claim->len, &name);
		hs_delta_settle(&c.delta, claim);
		follow_parent(v, &c, at, d->fid, name.fid, claim->net);
		hs_case_fact(&c,
			     claim->n_places ? hs_case_place(&c, v, &claim->places[0].prov)
					     : "entry",
			     "\"%s\" in %s names it", hs_case_name(&c, name.name, name.name_len),
			     hs_case_fid(&c, name.fid));
	}
	hs_case_fact(&c, hs_finding_text(&c.f, "inode %u", at->ino), "%s",
		     hs_mark_info(code)->text);
	plan_all_links(v, &c, d, at);
	hs_case_close(v, &c, (int)code, HS_M_LINK_MANY, HS_M_LINK_LENGTH, HS_M_LINK_ENTRY,
		      HS_M_REMOTE_FLAG, -1);
}

/* Why the linkEA entry (parent, name) has no entry in a directory. */
static const char *wrong_link(struct hs_verdict *v, const struct hs_dossier *d,
			      const struct hs_fact_fields *link, struct hs_case *c,
			      const char **why)
{
	struct hs_target *t;
	uint8_t room[512];
	struct hs_dirent e;
	struct hs_place place;

	if (!hs_fid_is_sane(link->fid)) {
		*why = "that is no FID of a directory";
		return "NS-20";
	}
	*why = "the directory has no such name";
	switch (hs_verdict_object(v, link->fid, &place)) {
	case HS_LOOKUP_FOUND:
		if (!hs_inode_is_dir(&v->loaded.inode)) {
			*why = "that object is no directory";
			return "NS-24";
		}
		break;
	case HS_LOOKUP_UNREAD:
	case HS_LOOKUP_ABSENT:
		hs_case_undecided(c, "the parent cannot be read or was not given");
		return "NS-26";
	default:
		*why = "that directory does not exist";
		return "NS-22";
	}
	if (hs_verdict_entry(v, link->fid, link->name, link->name_len, &t, &e, room) == 1) {
		if (e.has_fid && hs_fid_eq(hs_fid_get_be(e.fid), d->fid)) {
			*why = "the name is listed more than once";
			return "NS-21";
		}
		*why = "that name belongs to another object";
		return "NS-25";
	}
	return "NS-26";
}

/* A linkEA entry too many, or one that should read otherwise. */
static bool judge_entry(struct hs_verdict *v, const struct hs_dossier *d, const struct hs_place *at)
{
	const struct hs_claim *minus = hs_claim_next(d, HS_FACT_NAME, -1, NULL);
	const struct hs_claim *plus = hs_claim_next(d, HS_FACT_NAME, 1, NULL);
	struct hs_fact_fields said, is;
	const char *rule, *why, *unread;
	struct hs_case c;

	if (!minus || !hs_fact_decode(minus->bytes, minus->len, &said))
		return false;
	/* a name is missing, not a link too many, when count and place miss it as well */
	if (!plus && hs_claim_next(d, HS_FACT_TYPE, -1, NULL))
		return false;
	hs_case_open(&c, plus ? "NS-13" : "NS-26", d->fid, at->t);
	rule = wrong_link(v, d, &said, &c, &why);
	if (!plus && strcmp(rule, "NS-26")) {
		hs_case_drop(&c);
		hs_case_open(&c, rule, d->fid, at->t);
	}
	hs_case_fact(&c, minus->n_places ? hs_case_place(&c, v, &minus->places[0].prov) : "linkEA",
		     "its linkEA says \"%s\" in %s", hs_case_name(&c, said.name, said.name_len),
		     hs_case_fid(&c, said.fid));
	hs_case_fact(&c, hs_case_fid(&c, said.fid), "%s", why);
	hs_delta_settle(&c.delta, minus);
	follow_parent(v, &c, at, d->fid, said.fid, minus->net);
	if (plus && hs_fact_decode(plus->bytes, plus->len, &is)) {
		struct hs_fact_buf f;

		hs_fact_link(&f, d->fid, is.fid, is.name, is.name_len);
		hs_delta_add(&c.delta, &f, -1);
		follow_parent(v, &c, at, d->fid, is.fid, 1);
		hs_case_fact(&c,
			     plus->n_places ? hs_case_place(&c, v, &plus->places[0].prov) : "entry",
			     "the entry is \"%s\" in %s", hs_case_name(&c, is.name, is.name_len),
			     hs_case_fid(&c, is.fid));
		hs_case_message(&c, "the linkEA names another link than the entry");
		hs_case_repair(&c, "Puts the entry's directory and name into the linkEA.");
		expect_name(v, &c, &is);
	}
	plan_links(v, &c, at, &said, plus ? &is : NULL);
	unread = hs_absent_entries(v, said.fid);
	if (unread && !c.undecided)
		hs_case_undecided(&c, "%s", unread);
	hs_case_close(v, &c, HS_M_LINK_REPEATED, HS_M_LINK_MANY, HS_M_LINK_ENTRY, HS_M_REMOTE_FLAG,
		      HS_M_DOTDOT_FID, HS_M_UNREACHABLE, -1);
	return true;
}

/* A name that the linkEA lacks; if the count lacks it too, both follow the entry. */
static bool judge_lacking(struct hs_verdict *v, const struct hs_dossier *d,
			  const struct hs_place *at)
{
	const struct hs_claim *plus = hs_claim_next(d, HS_FACT_NAME, 1, NULL);
	const struct hs_claim *other;
	struct hs_fact_fields name;
	struct hs_fact_buf f;
	struct hs_case c;

	if (!plus || hs_claim_next(d, HS_FACT_NAME, -1, NULL) ||
	    hs_verdict_mark(v, d->fid, HS_M_LINK_OVERFLOW) ||
	    !hs_fact_decode(plus->bytes, plus->len, &name))
		return false;
	hs_case_open(&c, "NS-13", d->fid, at->t);
	hs_fact_link(&f, d->fid, name.fid, name.name, name.name_len);
	hs_delta_add(&c.delta, &f, -1);
	follow_parent(v, &c, at, d->fid, name.fid, 1);
	hs_case_fact(&c, plus->n_places ? hs_case_place(&c, v, &plus->places[0].prov) : "entry",
		     "\"%s\" in %s names it", hs_case_name(&c, name.name, name.name_len),
		     hs_case_fid(&c, name.fid));
	hs_case_fact(&c, hs_finding_text(&c.f, "inode %u", at->ino), "its linkEA has no such link");
	expect_name(v, &c, &name);
	plan_links(v, &c, at, NULL, &name);
	other = hs_claim_next(d, HS_FACT_TYPE, 1, NULL);
	if (other && !hs_inode_is_dir(&v->loaded.inode)) {
		f.len = other->len;
		memcpy(f.b, other->bytes, other->len);
		hs_delta_add(&c.delta, &f, -1);
		other = hs_claim_next(d, HS_FACT_INO, 1, NULL);
		if (other) {
			f.len = other->len;
			memcpy(f.b, other->bytes, other->len);
			hs_delta_add(&c.delta, &f, -1);
		}
		hs_case_fact(&c, hs_finding_text(&c.f, "inode %u", at->ino),
			     "its nlink does not count it");
		hs_case_repair(&c, "Appends the link to the linkEA and raises nlink.");
		hs_mend_nlink(v, &c, hs_at(at->t, at->ino), 1);
	}
	use_no_fid(v, &c, &name);
	plan_entry_fid(v, &c, at, &name);
	hs_case_close(v, &c, HS_M_LINK_MANY, HS_M_LINK_ENTRY, HS_M_REMOTE_FLAG, -1);
	return true;
}

void hs_settle_overflow(struct hs_verdict *v, const struct hs_dossier *d)
{
	struct hs_delta delta = {0};
	const struct hs_claim *claim;

	hs_for_each_claim(claim, d, HS_FACT_NAME, 1) hs_delta_settle(&delta, claim);
	v->err = delta.err ? delta.err : hs_ledger_apply(&v->ledger, &delta);
	hs_delta_free(&delta);
}

/*
 * An overflowed linkEA may lack links: healthy if what it has is right and the count agrees. If it
 * lacks none, the mark is left over from links that are gone (NS-30).
 */
static void judge_overflow(struct hs_verdict *v, const struct hs_dossier *d)
{
	const struct hs_mark *m = hs_verdict_mark(v, d->fid, HS_M_LINK_OVERFLOW);
	struct hs_links l = {0};
	struct hs_at at;
	struct hs_case c;

	if (!m || hs_claim_next(d, HS_FACT_NAME, -1, NULL))
		return;
	if (v->sys->mdt_absent && !hs_claim_next(d, HS_FACT_NAME, 1, NULL))
		return; /* the names that it lacks may be over there */
	hs_case_open(&c, "NS-30", d->fid, v->sys->targets[m->prov.target]);
	if (!hs_claim_next(d, HS_FACT_NAME, 1, NULL)) {
		hs_case_fact(&c, hs_case_place(&c, v, &m->prov),
			     "its linkEA says that links are missing");
		hs_case_fact(&c, "entries", "each of them is in the linkEA");
		at = hs_at(v->sys->targets[m->prov.target], m->prov.ino);
		if (!hs_links_load(v, at, &l))
			hs_case_no_repair(&c, "the linkEA cannot be read");
		l.overflow_time = 0;
		hs_mend_links(v, &c, at, d->fid, hs_plan_type(v, at), &l);
		hs_links_free(&l);
		hs_case_close(v, &c, HS_M_LINK_OVERFLOW, -1);
		return;
	}
	hs_case_drop(&c);
	hs_settle_overflow(v, d);
}

void hs_judge_links(struct hs_verdict *v)
{
	for (size_t i = 0; !v->err && i < v->ledger.n_dossiers; i++) {
		const struct hs_dossier *d = v->ledger.order[i];
		struct hs_place at;

		if (d->done)
			continue;
		judge_overflow(v, d);
		if (!hs_claim_next(d, HS_FACT_NAME, 1, NULL) &&
		    !hs_claim_next(d, HS_FACT_NAME, -1, NULL))
			continue;
		if (hs_verdict_object(v, d->fid, &at) != HS_LOOKUP_FOUND)
			continue;
		if (hs_verdict_mark(v, d->fid, HS_M_LINK_NONE))
			judge_lost(v, d, &at, HS_M_LINK_NONE);
		else if (hs_verdict_mark(v, d->fid, HS_M_LINK_MAGIC))
			judge_lost(v, d, &at, HS_M_LINK_MAGIC);
		while (!v->err && judge_entry(v, d, &at))
			;
		while (!v->err && hs_verdict_object(v, d->fid, &at) == HS_LOOKUP_FOUND &&
		       judge_lacking(v, d, &at))
			;
	}
}
