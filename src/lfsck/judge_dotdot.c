/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The way up from a directory: `..` against entry and linkEA (NS-47, NS-48), and directories that
 * several entries name (NS-49). The entry that exists is the authority, as in LFSCK: the parent
 * counts it in its nlink. Before the linkEA is judged, since a wrong `..` and a wrong linkEA that
 * agree are one fault.
 */
#include "lfsck/plan_parts.h"

#define TYPE_DIR 2

/* Inode and datum of `..`; false when there is none. */
static bool read_dotdot(const struct hs_loaded *l, uint32_t *ino, bool *has_fid, struct hs_fid *fid)
{
	struct hs_dirent e;
	uint8_t room[512];

	if (hs_dir_lookup(l->t->fs, &l->inode, "..", 2, &e, room) != 1)
		return false;
	*ino = e.ino;
	*has_fid = e.has_fid;
	if (e.has_fid)
		*fid = hs_fid_get_be(e.fid);
	return true;
}

/* What a wrong way up made of the tree: the marks of the directory and of its cycle. */
static void use_tree_marks(struct hs_verdict *v, struct hs_case *c, struct hs_fid fid)
{
	const struct hs_mark *m = hs_verdict_mark(v, fid, HS_M_CYCLE);

	hs_verdict_use_all(v, c, fid, HS_M_DOTDOT_FID);
	hs_verdict_use_all(v, c, fid, HS_M_UNREACHABLE);
	while (m) {
		uint64_t up = m->a;
		uint16_t target = m->prov.target;

		hs_verdict_use(v, c, m);
		m = NULL;
		for (size_t i = 0; up && i < v->marks->n && !m; i++) {
			const struct hs_mark *next = &v->marks->v[i];

			if (next->code == HS_M_CYCLE && !v->mark_used[i] &&
			    next->prov.target == target && next->prov.ino == up)
				m = next;
		}
	}
}

/* `..` as the linkEA has it. */
static void plan_parent(struct hs_verdict *v, struct hs_case *c, const struct hs_place *at)
{
	struct hs_at dir = hs_at(at->t, at->ino);
	struct hs_links l = {0};

	hs_links_load(v, dir, &l);
	if (l.n == 1) {
		hs_mend_parent(v, c, dir, l.v[0].parent);
		hs_expect_xattr(v, c, dir, "trusted.link");
	} else {
		hs_case_no_repair(c, "the linkEA does not name the one parent");
	}
	hs_links_free(&l);
}

/* linkEA and `..` as this entry has it. */
static void plan_move(struct hs_verdict *v, struct hs_case *c, const struct hs_place *at,
		      const struct hs_fact_fields *from, const struct hs_fact_fields *to)
{
	struct hs_at dir = hs_at(at->t, at->ino), parent;
	struct hs_links l = {0};

	hs_links_load(v, dir, &l);
	if (from)
		hs_links_drop(&l, from->fid, from->name, from->name_len);
	hs_links_add(v, &l, to->fid, to->name, to->name_len);
	hs_mend_links(v, c, dir, c->fid, HS_TYPE_DIR, &l);
	hs_mend_parent(v, c, dir, to->fid);
	if (hs_plan_find(v, to->fid, &parent))
		hs_expect_entry(v, c, parent, to->name, to->name_len);
	hs_links_free(&l);
}

/* The name goes; with `linked` its link as well. */
static void plan_unname(struct hs_verdict *v, struct hs_case *c, const struct hs_place *at,
			struct hs_fid parent, const uint8_t *name, size_t len, bool linked)
{
	struct hs_at dir = hs_at(at->t, at->ino), up;
	struct hs_links l = {0};

	if (!hs_plan_find(v, parent, &up)) {
		hs_case_no_repair(c, "the directory of the name cannot be found");
		return;
	}
	hs_mend_unname(v, c, up, name, len);
	hs_links_load(v, dir, &l);
	if (linked) {
		hs_links_drop(&l, parent, name, len);
		hs_mend_links(v, c, dir, c->fid, HS_TYPE_DIR, &l);
		if (l.n == 1)
			hs_mend_parent(v, c, dir, l.v[0].parent);
	}
	/* the name that stays */
	for (size_t i = 0; i < l.n; i++) {
		if (hs_plan_find(v, l.v[i].parent, &up))
			hs_expect_entry(v, c, up, l.v[i].name, l.v[i].len);
	}
	hs_links_free(&l);
}

static void say_names(struct hs_case *c, const struct hs_verdict *v, const struct hs_claim *plus,
		      const struct hs_claim *minus)
{
	struct hs_fact_fields f;

	if (plus && hs_fact_decode(plus->bytes, plus->len, &f))
		hs_case_fact(c,
			     plus->n_places ? hs_case_place(c, v, &plus->places[0].prov) : "entry",
			     "the entry is \"%s\" in %s", hs_case_name(c, f.name, f.name_len),
			     hs_case_fid(c, f.fid));
	if (minus && hs_fact_decode(minus->bytes, minus->len, &f))
		hs_case_fact(c, "its linkEA", "\"%s\" in %s", hs_case_name(c, f.name, f.name_len),
			     hs_case_fid(c, f.fid));
}

static void say_dot(struct hs_case *c, const struct hs_claim *claim, const char *who)
{
	struct hs_fact_fields f;

	if (!claim || !hs_fact_decode(claim->bytes, claim->len, &f))
		return;
	if (f.target.kind == HS_NO_TARGET)
		hs_case_fact(c, who, "the parent is on another MDT");
	else
		hs_case_fact(c, who, "the parent is inode %u of MDT%04x", f.ino, f.target.index);
}

static void close_case(struct hs_verdict *v, struct hs_case *c)
{
	const char *why = hs_in_recovery(v, c->fid);

	if (why)
		hs_case_undecided(c, "%s", why);
	hs_case_close(v, c, -1);
}

/* The link to another MDT that the linkEA gains or loses changes the local names (6.2). */
static void follow_link(struct hs_verdict *v, struct hs_case *c, const struct hs_place *at,
			struct hs_fid parent, int64_t k)
{
	enum hs_presence presence;
	struct hs_fact_buf f;

	if (hs_tgt_eq(hs_system_owner(v->sys, parent.seq, &presence), at->t->id))
		return;
	hs_fact_inode(&f, HS_FACT_INO, c->fid, at->t->id, at->ino, TYPE_DIR);
	hs_delta_add(&c->delta, &f, k);
}

/*
 * NS-47: `..` names another directory than the one entry there is. A linkEA that says the same as
 * `..` was made wrong with it.
 */
static bool judge_wrong(struct hs_verdict *v, const struct hs_dossier *d, const struct hs_place *at)
{
	const struct hs_claim *minus = hs_claim_next(d, HS_FACT_DOT, -1, NULL);
	const struct hs_claim *plus = hs_claim_next(d, HS_FACT_DOT, 1, NULL);
	const struct hs_claim *link = hs_claim_next(d, HS_FACT_NAME, -1, NULL);
	const struct hs_claim *name = hs_claim_next(d, HS_FACT_NAME, 1, NULL);
	struct hs_fact_fields from = {0}, to = {0};
	bool has_fid = false, agree;
	struct hs_fid datum = {0};
	uint32_t ino = 0;
	struct hs_case c;

	/* surplus or missing names are judged first or elsewhere */
	if (hs_claim_next(d, HS_FACT_TYPE, 1, NULL) || hs_claim_next(d, HS_FACT_TYPE, -1, NULL) ||
	    !!link != !!name)
		return false;
	read_dotdot(&v->loaded, &ino, &has_fid, &datum);
	if (link && (!hs_fact_decode(link->bytes, link->len, &from) ||
		     !hs_fact_decode(name->bytes, name->len, &to)))
		return false;
	/* REMOTE_PARENT_DIR without a FID leaves it to the linkEA to say where `..` leads */
	agree = link && ((has_fid && hs_fid_eq(datum, from.fid)) || (minus && plus) ||
			 (!has_fid && ino && ino == at->t->rpd_ino));
	/* an impossible parent is a fault of the linkEA alone */
	agree = agree && !hs_verdict_mark(v, d->fid, HS_M_LINK_ENTRY);
	if (link ? !agree : !(minus && plus))
		return false;
	hs_case_open(&c, "NS-47", d->fid, at->t);
	say_names(&c, v, name, link);
	if (minus && plus) {
		hs_delta_settle(&c.delta, plus);
		hs_delta_settle(&c.delta, minus);
		say_dot(&c, plus, "its entry");
		say_dot(&c, minus, "its `..`");
	}
	if (has_fid)
		hs_case_fact(&c, "its `..`", "the FID beside it is %s", hs_case_fid(&c, datum));
	if (link) {
		hs_delta_settle(&c.delta, link);
		hs_delta_settle(&c.delta, name);
		follow_link(v, &c, at, from.fid, -1);
		follow_link(v, &c, at, to.fid, 1);
		hs_case_message(&c, "`..` and linkEA of the directory name another parent than its "
				    "entry.");
		hs_case_repair(&c, "Rewrites both from the entry.");
		plan_move(v, &c, at, &from, &to);
	} else {
		plan_parent(v, &c, at);
	}
	use_tree_marks(v, &c, d->fid);
	close_case(v, &c);
	return true;
}

/* NS-48 */
static void judge_missing(struct hs_verdict *v, const struct hs_dossier *d,
			  const struct hs_place *at)
{
	const struct hs_claim *plus = hs_claim_next(d, HS_FACT_DOT, 1, NULL);
	struct hs_case c;

	if (!hs_verdict_mark(v, d->fid, HS_M_DOTDOT_NONE))
		return;
	hs_case_open(&c, "NS-48", d->fid, at->t);
	hs_case_fact(&c, hs_finding_text(&c.f, "inode %u", at->ino), "the directory has no `..`");
	say_dot(&c, plus, "its entry");
	if (plus)
		hs_delta_settle(&c.delta, plus);
	hs_verdict_use_all(v, &c, d->fid, HS_M_DOTDOT_NONE);
	plan_parent(v, &c, at);
	use_tree_marks(v, &c, d->fid);
	close_case(v, &c);
}

/* Taking away one entry, and if `linked` the linkEA entry that belongs to it. */
static bool without(struct hs_verdict *v, struct hs_case *c, const struct hs_place *at,
		    struct hs_fid parent, const uint8_t *name, size_t len, bool linked)
{
	struct hs_target *t;
	struct hs_dir_job job;
	struct hs_fact_buf f;
	uint8_t room[512];
	struct hs_dirent e;

	if (hs_verdict_entry(v, parent, name, len, &t, &e, room) != 1 || !e.has_fid ||
	    !hs_fid_eq(hs_fid_get_be(e.fid), c->fid) ||
	    hs_probe_job(&v->probe, t, v->loaded.inode.ino, &job) != 1 ||
	    hs_probe_entry(&v->probe, &job, c->fid, &e, -1, &c->delta))
		return false;
	if (linked) {
		hs_fact_link(&f, c->fid, parent, name, len);
		hs_delta_add(&c->delta, &f, 1);
		follow_link(v, c, at, parent, -1);
	}
	return hs_case_gain(v, c) > 0;
}

/* NS-49: an entry besides the one that linkEA and `..` confirm. */
static bool judge_extra(struct hs_verdict *v, const struct hs_dossier *d, const struct hs_place *at)
{
	const struct hs_claim *plus = hs_claim_next(d, HS_FACT_NAME, 1, NULL);
	struct hs_fact_fields name;
	struct hs_case c;

	if (!plus || hs_claim_next(d, HS_FACT_NAME, -1, NULL) ||
	    !hs_claim_next(d, HS_FACT_TYPE, 1, NULL) ||
	    hs_verdict_mark(v, d->fid, HS_M_LINK_NONE) ||
	    hs_verdict_mark(v, d->fid, HS_M_LINK_MAGIC) ||
	    !hs_fact_decode(plus->bytes, plus->len, &name))
		return false;
	hs_case_open(&c, "NS-49", d->fid, at->t);
	if (!without(v, &c, at, name.fid, name.name, name.name_len, false)) {
		hs_case_drop(&c);
		return false;
	}
	say_names(&c, v, plus, NULL);
	hs_case_fact(&c, "its linkEA and `..`", "name another link, which exists");
	hs_case_repair(&c, "Removes the entry \"%s\" from %s.",
		       hs_case_name(&c, name.name, name.name_len), hs_case_fid(&c, name.fid));
	hs_verdict_subdirs(v, name.fid, -1);
	plan_unname(v, &c, at, name.fid, name.name, name.name_len, false);
	use_tree_marks(v, &c, d->fid);
	close_case(v, &c);
	return true;
}

/* NS-49: two links that entries and linkEA confirm; `..` decides which is the right one. */
static bool judge_several(struct hs_verdict *v, const struct hs_dossier *d,
			  const struct hs_place *at)
{
	struct hs_linkea_entry e, worst = {0};
	const struct hs_xattr *x;
	struct hs_loaded l = {0};
	struct hs_linkea link;
	int64_t best = 0;
	size_t pos = 0;
	struct hs_case c;

	if (!hs_verdict_mark(v, d->fid, HS_M_LINK_MANY) ||
	    !hs_claim_next(d, HS_FACT_TYPE, 1, NULL) || hs_load(&l, at->t, at->ino, false) != 1)
		goto out;
	x = hs_xattr_trusted(&l.xattrs, "link");
	if (!x || !x->value || !hs_linkea_open(x->value, x->value_len, &link))
		goto out;
	while (hs_linkea_next(&link, &pos, &e)) {
		hs_case_open(&c, "NS-49", d->fid, at->t);
		if (e.valid && without(v, &c, at, e.parent, e.name, e.name_len, true) &&
		    hs_case_gain(v, &c) > best) {
			best = hs_case_gain(v, &c);
			worst = e;
		}
		hs_case_drop(&c);
	}
	if (!best)
		goto out;
	hs_case_open(&c, "NS-49", d->fid, at->t);
	without(v, &c, at, worst.parent, worst.name, worst.name_len, true);
	hs_case_fact(&c, hs_finding_text(&c.f, "linkEA of inode %u", at->ino), "%u links",
		     link.seen);
	hs_case_fact(&c, "its `..`", "does not confirm \"%s\" in %s",
		     hs_case_name(&c, worst.name, worst.name_len), hs_case_fid(&c, worst.parent));
	hs_verdict_subdirs(v, worst.parent, -1);
	plan_unname(v, &c, at, worst.parent, worst.name, worst.name_len, true);
	hs_verdict_use_all(v, &c, d->fid, HS_M_LINK_MANY);
	use_tree_marks(v, &c, d->fid);
	close_case(v, &c);
out:
	hs_loaded_free(&l);
	return best > 0;
}

/* The inode of `..` is right, the FID beside it is another's (NS-47) or nobody's (NS-48). */
static void judge_datum(struct hs_verdict *v, const struct hs_mark *m)
{
	bool has_fid = false;
	struct hs_fid datum;
	struct hs_place at;
	struct hs_case c;
	uint32_t ino;

	if (hs_verdict_object(v, m->fid, &at) != HS_LOOKUP_FOUND)
		return;
	read_dotdot(&v->loaded, &ino, &has_fid, &datum);
	hs_case_open(&c, has_fid && !hs_fid_is_sane(datum) ? "NS-48" : "NS-47", m->fid, at.t);
	hs_case_message(&c, "The FID beside `..` is not the parent of the directory.");
	if (has_fid)
		hs_case_fact(&c, "its `..`", "the FID beside it is %s", hs_case_fid(&c, datum));
	hs_case_fact(&c, "its linkEA and its entry", "agree on another directory");
	plan_parent(v, &c, &at);
	hs_verdict_use(v, NULL, m);
	close_case(v, &c);
}

void hs_judge_dotdot(struct hs_verdict *v)
{
	for (size_t i = 0; !v->err && i < v->ledger.n_dossiers; i++) {
		const struct hs_dossier *d = v->ledger.order[i];
		struct hs_place at;

		if (d->done || !d->claims || hs_verdict_object(v, d->fid, &at) != HS_LOOKUP_FOUND ||
		    !hs_inode_is_dir(&v->loaded.inode))
			continue;
		while (!v->err && (judge_extra(v, d, &at) || judge_several(v, d, &at)))
			;
		if (hs_verdict_object(v, d->fid, &at) == HS_LOOKUP_FOUND && !judge_wrong(v, d, &at))
			judge_missing(v, d, &at);
	}
	for (size_t i = 0; !v->err && i < v->marks->n; i++) {
		const struct hs_mark *m = &v->marks->v[i];
		const struct hs_dossier *d = hs_ledger_dossier(&v->ledger, m->fid);

		/* with a name left over it is a matter of the linkEA */
		if (m->code == HS_M_DOTDOT_FID && !v->mark_used[i] &&
		    !hs_claim_next(d, HS_FACT_NAME, 1, NULL) &&
		    !hs_claim_next(d, HS_FACT_NAME, -1, NULL))
			judge_datum(v, m);
	}
}
