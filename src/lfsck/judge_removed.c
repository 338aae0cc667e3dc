/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Removed directories that wait for their last user and still hold names: what lies below cannot be
 * reached (TREE-2, or STR-10 when no directory is among it). Only shards may be left there
 * (equations, 5.1). One finding a removed directory, however many names it has.
 */
#include "lfsck/plan_parts.h"

#define MAX_NAMED 64 /* names and objects listed */

/* Settles the first copy left over on the object's side of a tag. */
static void take(struct hs_case *c, const struct hs_dossier *d, enum hs_fact_tag tag)
{
	const struct hs_claim *claim = hs_claim_next(d, tag, -1, NULL);
	struct hs_fact_buf f;

	if (!claim)
		return;
	f.len = claim->len;
	memcpy(f.b, claim->bytes, claim->len);
	hs_delta_add(&c->delta, &f, 1);
}

/*
 * The object behind a name, by the inode the entry has (a: as the scan noted it). True when its
 * linkEA knows the name; of an agent, when that of the object elsewhere does.
 */
static bool find_child(struct hs_verdict *v, const struct hs_mark *m, struct hs_fid *child,
		       struct hs_fact_buf *link)
{
	struct hs_target *t = v->sys->targets[m->prov.target];

	*child = (struct hs_fid){0};
	if (m->a > UINT32_MAX || hs_verdict_inode_fid(v, t, (uint32_t)m->a, child) != 1)
		return false;
	hs_fact_link(link, *child, m->fid, m->name, m->name_len);
	return hs_ledger_net(&v->ledger, link) < 0;
}

static bool holds_directory(struct hs_verdict *v, size_t first, size_t end)
{
	struct hs_fact_buf link;
	struct hs_fid child;

	for (size_t i = first; i < end; i++) {
		if (find_child(v, &v->marks->v[i], &child, &link) &&
		    hs_inode_is_dir(&v->loaded.inode))
			return true;
	}
	return false;
}

/*
 * The name goes with its directory: the object behind it to lost+found, unless it has other names
 * and only loses this one.
 */
static void plan_child(struct hs_verdict *v, struct hs_case *c, const struct hs_mark *m,
		       struct hs_fid child, bool known)
{
	struct hs_at dir = hs_at(v->sys->targets[m->prov.target], m->prov.ino), at;
	struct hs_links l = {0};
	const struct hs_inode *inode;
	uint8_t type;

	if (!known || !hs_plan_find(v, child, &at)) {
		hs_item_begin(v, c, HS_PLAN_PHASE_ORPHANS);
		hs_mend_unname(v, c, dir, m->name, m->name_len);
		return;
	}
	type = hs_plan_type(v, at);
	inode = hs_plan_inode(v, at);
	hs_links_load(v, at, &l);
	if (type != HS_TYPE_DIR && inode && inode->nlink > 1 && l.n > 1) {
		hs_item_begin(v, c, HS_PLAN_PHASE_ORPHANS);
		hs_links_drop(&l, m->fid, m->name, m->name_len);
		hs_mend_links(v, c, at, child, type, &l);
		hs_mend_nlink(v, c, at, -1);
	} else {
		hs_mend_lost(v, c, at, child, type == HS_TYPE_DIR ? 'D' : 'O',
			     type == HS_TYPE_DIR ? hs_plan_infix(v, c, at) : "");
	}
	hs_mend_unname(v, c, dir, m->name, m->name_len);
	hs_links_free(&l);
}

/* What is left over of a child: nobody counts its name there. */
static void take_child(struct hs_verdict *v, struct hs_case *c, struct hs_fid child,
		       const struct hs_fact_buf *link)
{
	static const enum hs_fact_tag tags[] = {HS_FACT_TYPE, HS_FACT_INO, HS_FACT_DOT,
						HS_FACT_ADOT};
	const struct hs_dossier *d = hs_ledger_dossier(&v->ledger, child);

	hs_delta_add(&c->delta, link, 1);
	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++)
		take(c, d, tags[i]);
	hs_verdict_use_all(v, c, child, HS_M_UNREACHABLE);
}

/* The marks of one directory. */
static void judge_removed(struct hs_verdict *v, size_t first, size_t end)
{
	const struct hs_mark *m = &v->marks->v[first];
	bool tree = holds_directory(v, first, end);
	size_t claimed = 0;
	struct hs_case c;
	const char *why;

	hs_case_open(&c, tree ? "TREE-2" : "STR-10", m->fid, v->sys->targets[m->prov.target]);
	for (; m < v->marks->v + end; m++) {
		struct hs_fact_buf link;
		struct hs_fid child;
		bool known = find_child(v, m, &child, &link);

		if (!hs_fid_is_zero(child) && c.f.n_others < MAX_NAMED)
			hs_finding_add_other(&c.f, "%s", hs_case_fid(&c, child));
		if ((size_t)(m - v->marks->v) < first + MAX_NAMED)
			hs_case_fact(&c, hs_case_place(&c, v, &m->prov), "still holds \"%s\", %s",
				     hs_case_name(&c, m->name, m->name_len),
				     hs_fid_is_zero(child) ? "which leads to no object"
							   : hs_case_fid(&c, child));
		plan_child(v, &c, m, child, known);
		if (known)
			take_child(v, &c, child, &link);
		claimed += known;
		hs_verdict_use(v, NULL, m);
	}
	hs_case_message(&c, "A removed directory still holds %zu name%s.", end - first,
			end - first == 1 ? "" : "s");
	hs_case_fact(&c, "linkEA of what it holds", "%zu of them know%s the name", claimed,
		     claimed == 1 ? "s" : "");
	hs_case_repair(&c, "Places what it holds in lost+found before the directory goes.");
	why = hs_in_recovery(v, c.fid);
	if (why)
		hs_case_undecided(&c, "%s", why);
	hs_case_close(v, &c, -1);
}

void hs_judge_removed(struct hs_verdict *v)
{
	size_t end;

	for (size_t i = 0; !v->err && i < v->marks->n; i = end) {
		const struct hs_mark *m = &v->marks->v[i];

		end = i + 1;
		if (m->code != HS_M_ORPHAN_ENTRY || v->mark_used[i] || hs_fid_is_zero(m->fid))
			continue;
		while (end < v->marks->n && hs_fid_eq(v->marks->v[end].fid, m->fid) &&
		       v->marks->v[end].code == m->code && !v->mark_used[end])
			end++;
		judge_removed(v, i, end);
	}
}
