/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an MDT keeps for the other MDTs: the REMOTE_PARENT flag and the entry in REMOTE_PARENT_DIR
 * of an object whose parent is elsewhere (NS-31, NS-65), the agent inode of an entry whose object
 * is elsewhere (NS-66); and cycles of directories (TREE-1).
 */
#include "lfsck/plan_parts.h"

static void close_case(struct hs_verdict *v, struct hs_case *c)
{
	const char *why = hs_in_recovery(v, c->fid);

	if (why)
		hs_case_undecided(c, "%s", why);
	hs_case_close(v, c, -1);
}

/* Flag, entry in REMOTE_PARENT_DIR and `..` as the linkEA has it. */
static void plan_remote(struct hs_verdict *v, struct hs_case *c, struct hs_at at, bool remote)
{
	uint8_t type = hs_plan_type(v, at);
	struct hs_links l = {0};

	hs_mend_remote(v, c, at, c->fid, type, remote);
	hs_expect_xattr(v, c, at, "trusted.link");
	hs_links_load(v, at, &l);
	if (type == HS_TYPE_DIR && l.n == 1)
		hs_mend_parent(v, c, at, l.v[0].parent);
	hs_links_free(&l);
}

/* NS-31: linkEA, flag and entry say three things; the linkEA is right (it agrees with the names).
 */
static void judge_remote_parent(struct hs_verdict *v, struct hs_fid fid)
{
	const struct hs_mark *m = hs_verdict_mark(v, fid, HS_M_REMOTE_FLAG);
	const struct hs_dossier *d = hs_ledger_dossier(&v->ledger, fid);
	const struct hs_claim *minus = hs_claim_next(d, HS_FACT_RPD, -1, NULL);
	const struct hs_claim *plus = hs_claim_next(d, HS_FACT_RPD, 1, NULL);
	bool flag = minus || (m && !m->a), remote = m ? m->a > 0 : flag;
	struct hs_fact_fields f;
	struct hs_place at;
	struct hs_case c;

	if ((!m && !minus && !plus) || hs_verdict_object(v, fid, &at) != HS_LOOKUP_FOUND)
		return;
	if (m && m->a)
		flag = false;
	hs_case_open(&c, m || minus ? "NS-31" : "NS-65", fid, at.t);
	hs_case_fact(&c, "its linkEA",
		     remote ? "the parent is on another MDT" : "no parent is on another MDT");
	if (minus || m)
		hs_case_fact(&c, hs_finding_text(&c.f, "LMA of inode %u", at.ino),
			     flag ? "REMOTE_PARENT is set" : "REMOTE_PARENT is not set");
	if (plus && hs_fact_decode(plus->bytes, plus->len, &f))
		hs_case_fact(&c, hs_case_place(&c, v, &plus->places[0].prov),
			     "REMOTE_PARENT_DIR has it as inode %u", f.ino);
	else if (minus || remote)
		hs_case_fact(&c, "REMOTE_PARENT_DIR", "has no such name");
	if (minus)
		hs_delta_settle(&c.delta, minus);
	if (plus)
		hs_delta_settle(&c.delta, plus);
	hs_verdict_use_all(v, &c, fid, HS_M_REMOTE_FLAG);
	plan_remote(v, &c, hs_at(at.t, at.ino), remote);
	close_case(v, &c);
}

/* A name of REMOTE_PARENT_DIR goes. */
static void plan_stale(struct hs_verdict *v, struct hs_case *c, struct hs_target *t,
		       struct hs_fid fid, uint32_t ino)
{
	char name[HS_FID_TEXT];
	struct hs_leads now;
	struct hs_at rpd;

	if (!t)
		return;
	rpd = hs_at(t, t->rpd_ino);
	hs_fid_text_plain(fid, name);
	if (hs_plan_entry(v, rpd, name, strlen(name), &now) != 1) {
		hs_case_no_repair(c, "the name cannot be found again");
		return;
	}
	if (hs_plan_inode(v, hs_at(t, ino)))
		hs_expect_inode(v, c, hs_at(t, ino));
	else
		hs_expect_free(v, c, t, ino);
	hs_mend_entry(v, c, rpd, name, strlen(name), NULL);
	hs_mend_subdirs(v, c, rpd, -(now.type == HS_TYPE_DIR));
}

/* NS-65: a name in REMOTE_PARENT_DIR, and no object here. */
static void judge_stale(struct hs_verdict *v, const struct hs_dossier *d)
{
	const struct hs_claim *plus = hs_claim_next(d, HS_FACT_RPD, 1, NULL);
	struct hs_fact_fields f;
	struct hs_place at;
	struct hs_case c;
	const char *why;
	enum hs_lookup found;

	if (!plus || !hs_fact_decode(plus->bytes, plus->len, &f))
		return;
	found = hs_verdict_object(v, d->fid, &at);
	hs_case_open(&c, "NS-65", d->fid, hs_system_target(v->sys, f.target));
	hs_case_fact(&c, hs_case_place(&c, v, &plus->places[0].prov),
		     "REMOTE_PARENT_DIR has it as inode %u", f.ino);
	hs_case_fact(&c, "object index", "no inode carries this FID");
	hs_delta_settle(&c.delta, plus);
	plan_stale(v, &c, hs_system_target(v->sys, f.target), d->fid, f.ino);
	why = found == HS_LOOKUP_UNREAD ? "the index or the inode could not be read"
					: hs_absent_object(v, d->fid);
	if (why)
		hs_case_undecided(&c, "%s", why);
	close_case(v, &c);
}

/* The inode numbers of agents: claims of a target that does not own the FID. */
static const struct hs_claim *agent_claim(const struct hs_verdict *v, const struct hs_dossier *d,
					  enum hs_fact_tag tag, int side, struct hs_fact_fields *f)
{
	enum hs_presence presence;
	struct hs_tgt owner = hs_system_owner(v->sys, d->fid.seq, &presence);
	const struct hs_claim *claim;

	hs_for_each_claim(claim, d, tag, side)
	{
		if (hs_fact_decode(claim->bytes, claim->len, f) &&
		    (tag == HS_FACT_ADOT || !hs_tgt_eq(f->target, owner)))
			return claim;
	}
	return NULL;
}

/*
 * `entry` and `agent` are claims about the inode number of either side, `dir` about where the entry
 * lies; those that are NULL were not left over.
 */
static void plan_agent(struct hs_verdict *v, struct hs_case *c, struct hs_target *t,
		       const struct hs_claim *entry, const struct hs_claim *dir,
		       const struct hs_claim *agent, const struct hs_claim *agent_dir)
{
	const struct hs_claim *at = entry ? entry : dir;
	struct hs_leads to = {0}, now;
	struct hs_fact_fields f;
	struct hs_plan_name name;
	struct hs_at up, inode = {t, 0, 0};
	struct hs_fid fid;

	if (agent && hs_fact_decode(agent->bytes, agent->len, &f))
		inode.ino = f.ino;
	else if (agent_dir && agent_dir->n_places)
		inode.ino = agent_dir->places[0].prov.ino;
	if (!at) {
		/* an agent for nobody */
		if (hs_plan_is_agent(v, inode, &fid) && hs_fid_eq(fid, c->fid))
			hs_mend_free(v, c, inode);
		else
			hs_case_no_repair(c, "the inode is no agent of that object");
		return;
	}
	if (!at->n_places) {
		hs_case_no_repair(c, "the entry cannot be found again");
		return;
	}
	up = hs_at(t, at->places[0].prov.ino);
	if (entry && hs_fact_decode(entry->bytes, entry->len, &f)) {
		to.type = f.type;
		if (!hs_plan_name_of(v, up, f.ino, &c->fid, &name)) {
			hs_case_no_repair(c, "the entry cannot be found again");
			return;
		}
		if (hs_plan_entry(v, up, name.bytes, name.len, &now) != 1)
			return;
		if (inode.ino) {
			to = (struct hs_leads){inode.ino, 0, now.type, true, c->fid};
		} else {
			enum hs_presence presence;
			struct hs_at remote = {
				hs_system_target(v->sys,
						 hs_system_owner(v->sys, c->fid.seq, &presence)),
				0, 0};

			/* only that it is not of this MDT matters for the agent */
			if (!hs_mend_lead(v, c, up, c->fid, remote, now.type, &to))
				return;
		}
		hs_mend_entry(v, c, up, name.bytes, name.len, &to);
	}
	if (inode.ino && (dir || agent_dir)) {
		to = (struct hs_leads){up.ino, 0, HS_TYPE_DIR, false, {0, 0, 0}};
		if (hs_plan_entry(v, inode, "..", 2, &now) == 1 && now.has_fid) {
			to.has_fid = true;
			to.fid = now.fid;
		}
		hs_mend_dots(v, c, inode, "..", &to);
	}
}

/* NS-66: an agent without entry, an entry without agent, an agent in the wrong directory. */
static bool judge_agent(struct hs_verdict *v, const struct hs_dossier *d)
{
	struct hs_fact_fields ino_f, dot_f, f;
	const struct hs_claim *ino_plus = agent_claim(v, d, HS_FACT_INO, 1, &ino_f);
	const struct hs_claim *dot_plus = agent_claim(v, d, HS_FACT_ADOT, 1, &dot_f);
	const struct hs_claim *ino_minus = agent_claim(v, d, HS_FACT_INO, -1, &f);
	const struct hs_claim *dot_minus = agent_claim(v, d, HS_FACT_ADOT, -1, &f);
	const struct hs_claim *all[] = {ino_plus, dot_plus, ino_minus, dot_minus};
	struct hs_target *t = NULL;
	struct hs_case c;

	for (size_t i = 0; i < 4 && !t; i++) {
		if (all[i] && hs_fact_decode(all[i]->bytes, all[i]->len, &f))
			t = hs_system_target(v->sys, f.target);
	}
	if (!t)
		return false;
	hs_case_open(&c, "NS-66", d->fid, t);
	if ((ino_plus || dot_plus) && (ino_minus || dot_minus))
		hs_case_message(&c, "The agent inode is not the one its entry names, or lies in "
				    "another directory.");
	else if (ino_plus || dot_plus)
		hs_case_message(&c, "The entry of a remote object has no agent inode.");
	else
		hs_case_message(&c, "No entry uses the agent inode.");
	for (size_t i = 0; i < 4; i++) {
		if (!all[i] || !hs_fact_decode(all[i]->bytes, all[i]->len, &f))
			continue;
		hs_case_fact(&c,
			     all[i]->n_places ? hs_case_place(&c, v, &all[i]->places[0].prov)
					      : "no record",
			     f.tag == HS_FACT_ADOT ? (all[i]->net > 0 ? "the entry lies in inode %u"
								      : "`..` of the agent is %u")
			     : all[i]->net > 0	   ? "the entry names inode %u as agent"
						   : "the agent is inode %u",
			     f.ino);
		hs_delta_settle(&c.delta, all[i]);
	}
	if ((ino_plus || dot_plus) && (ino_minus || dot_minus))
		hs_case_repair(&c, "Makes entry and agent inode name each other.");
	else if (ino_plus || dot_plus)
		hs_case_repair(&c, "Makes the agent inode that the entry needs.");
	plan_agent(v, &c, t, ino_plus, dot_plus, ino_minus, dot_minus);
	hs_verdict_use_all(v, &c, d->fid, HS_M_AGENT_LOCAL);
	hs_verdict_use_all(v, &c, d->fid, HS_M_AGENT_NLINK);
	close_case(v, &c);
	return true;
}

/* The next member of a cycle, upwards; NULL when it has been used or cannot be told. */
static const struct hs_mark *next_in_cycle(const struct hs_verdict *v, const struct hs_mark *m)
{
	for (size_t i = 0; m->a && i < v->marks->n; i++) {
		const struct hs_mark *o = &v->marks->v[i];

		if (o->code == HS_M_CYCLE && !v->mark_used[i] && o->prov.target == m->prov.target &&
		    o->prov.ino == m->a)
			return o;
	}
	return NULL;
}

/* The cycle ends where this directory has its name: it goes to lost+found instead. */
static void plan_cut(struct hs_verdict *v, struct hs_case *c, struct hs_at dir)
{
	struct hs_links l = {0};
	struct hs_at up;

	hs_links_load(v, dir, &l);
	if (l.n != 1 || !hs_plan_find(v, l.v[0].parent, &up)) {
		hs_case_no_repair(c, "the name of the directory cannot be told");
	} else {
		hs_mend_lost(v, c, dir, c->fid, 'D', hs_plan_infix(v, c, dir));
		hs_mend_unname(v, c, up, l.v[0].name, l.v[0].len);
	}
	hs_links_free(&l);
}

/*
 * TREE-1: one finding a cycle. A cycle over several MDTs has no inode numbers to follow: its
 * members are those marks that stand for local roots (a is 0), and belong together.
 */
static void judge_cycle(struct hs_verdict *v, const struct hs_mark *m)
{
	struct hs_case c;

	hs_case_open(&c, "TREE-1", m->fid, v->sys->targets[m->prov.target]);
	for (const struct hs_mark *o = m; o; o = next_in_cycle(v, o)) {
		if (o != m)
			hs_finding_add_other(&c.f, "%s", hs_case_fid(&c, o->fid));
		if (o->a)
			hs_case_fact(&c, hs_case_place(&c, v, &o->prov), "`..` of %s is inode %llu",
				     hs_case_fid(&c, o->fid), (unsigned long long)o->a);
		v->mark_used[o - v->marks->v] = true;
	}
	for (size_t i = 0; !m->a && i < v->marks->n; i++) {
		const struct hs_mark *o = &v->marks->v[i];

		if (o->code != HS_M_CYCLE || o->a || (v->mark_used[i] && o != m))
			continue;
		hs_case_fact(&c, hs_case_place(&c, v, &o->prov),
			     "the parent of %s is on another MDT, below the cycle",
			     hs_case_fid(&c, o->fid));
		if (o != m)
			hs_finding_add_other(&c.f, "%s", hs_case_fid(&c, o->fid));
		v->mark_used[i] = true;
	}
	plan_cut(v, &c, hs_at(v->sys->targets[m->prov.target], m->prov.ino));
	close_case(v, &c);
}

void hs_judge_agents(struct hs_verdict *v)
{
	for (size_t i = 0; !v->err && i < v->ledger.n_dossiers; i++) {
		const struct hs_dossier *d = v->ledger.order[i];

		if (d->done || !d->claims)
			continue;
		judge_remote_parent(v, d->fid);
		judge_stale(v, d);
		judge_agent(v, d);
	}
	for (size_t i = 0; !v->err && i < v->marks->n; i++) {
		if (v->mark_used[i])
			continue;
		if (v->marks->v[i].code == HS_M_REMOTE_FLAG)
			judge_remote_parent(v, v->marks->v[i].fid);
		else if (v->marks->v[i].code == HS_M_CYCLE)
			judge_cycle(v, &v->marks->v[i]);
	}
}
