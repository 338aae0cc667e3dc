/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an MDT keeps for the other MDTs: the REMOTE_PARENT flag and the entry in REMOTE_PARENT_DIR
 * of an object whose parent is elsewhere (NS-31, NS-65), the agent inode of an entry whose object
 * is elsewhere (NS-66); and cycles of directories (TREE-1).
 */
#include "lfsck/verdict.h"
#include "lustre/lma.h"

static void close_case(struct hs_verdict *v, struct hs_case *c)
{
	const char *why = hs_in_recovery(v, c->fid);

	if (why)
		hs_case_undecided(c, "%s", why);
	hs_case_close(v, c, -1);
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
	close_case(v, &c);
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
