/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names that do not hash to the shard they lie in (NS-15). What is wrong there is one entry; the
 * finding is about the object that the name leads to. Where the LMV of the shard was wrong or lost
 * the scan could not tell: its names are read again and judged by the right one (STR-13).
 */
#include <stdlib.h>

#include "base/array.h"
#include "lfsck/judge_shards.h"

#define MAX_SYMPTOMS 16 /* shown; they may be half the names of a shard */

struct misplaced {
	struct hs_fid shard, child;
	struct hs_prov at;
	struct hs_lmv lmv; /* by which it is misplaced */
	const uint8_t *name;
	size_t len;
	const struct hs_mark *mark;
};

/* Into the shard that the name hashes to; the shard's linkEA tells the master. */
static void plan_move(struct hs_verdict *v, struct hs_case *c, const struct misplaced *p)
{
	struct hs_at from = hs_at(v->sys->targets[p->at.target], p->at.ino);
	struct hs_links l = {0};

	hs_links_load(v, from, &l);
	if (l.n == 1)
		hs_mend_to_shard(v, c, l.v[0].parent, from, p->shard, p->name, p->len);
	else
		hs_case_no_repair(c, "the master of the shard cannot be told");
	hs_links_free(&l);
}

static void judge_misplaced(struct hs_verdict *v, const char *rule, const struct misplaced *p)
{
	struct hs_case c;
	const char *why;

	hs_case_open(&c, rule, p->child, v->sys->targets[p->at.target]);
	hs_case_message(&c, "The name \"%s\" does not hash to this shard.",
			hs_case_name(&c, p->name, p->len));
	hs_case_fact(&c, hs_case_place(&c, v, &p->at), "\"%s\" lies in shard %s, index %u",
		     hs_case_name(&c, p->name, p->len), hs_case_fid(&c, p->shard), p->lmv.index);
	if (p->lmv.kind == HS_LMV_SHARD)
		hs_case_fact(&c, "hash of the name", "index %u of %u",
			     hs_name_stripe(p->lmv.hash & HS_LMV_HASH_MASK, p->lmv.count, p->name,
					    p->len),
			     p->lmv.count);
	plan_move(v, &c, p);
	if (p->mark)
		hs_verdict_use(v, NULL, p->mark);
	why = hs_in_recovery(v, p->shard);
	if (!why)
		why = hs_in_recovery(v, p->child);
	if (why)
		hs_case_undecided(&c, "%s", why);
	hs_case_close(v, &c, -1);
}

void hs_judge_shard_marks(struct hs_verdict *v, struct hs_case *c, const struct hs_slot *s,
			  const struct hs_lmv *right)
{
	size_t i, end, n = 0;

	hs_verdict_marks(v, s->fid, &i, &end);
	for (; i < end; i++) {
		const struct hs_mark *m = &v->marks->v[i];

		if (m->code == HS_M_NAME_HASH && !v->mark_used[i] &&
		    hs_lmv_name_fits(right, right->index, m->name, m->name_len))
			hs_verdict_use(v, n++ < MAX_SYMPTOMS ? c : NULL, m);
	}
	if (n && right->kind == HS_LMV_SHARD)
		hs_case_fact(c, "names in the shard",
			     "%zu do not hash to it by its own LMV and do by the right one", n);
}

/* Names of one shard that do not fit. */
struct names {
	const struct hs_lmv *right;
	struct entry {
		struct hs_fid child;
		uint32_t block;
		uint8_t len;
		uint8_t name[255];
	} * v;
	size_t n, room;
};

static int visit(void *arg, void *dir, const struct hs_dirent *e)
{
	struct names *names = arg;
	struct entry *to;

	(void)dir;
	if (!e->ino || !e->has_fid ||
	    (e->name[0] == '.' && (e->name_len == 1 || (e->name_len == 2 && e->name[1] == '.'))) ||
	    hs_lmv_name_fits(names->right, names->right->index, e->name, e->name_len))
		return 0;
	if (hs_array_grow(&names->v, &names->room, names->n + 1))
		return -ENOMEM;
	to = &names->v[names->n++];
	to->child = hs_fid_get_be(e->fid);
	to->block = e->block;
	to->len = e->name_len;
	memcpy(to->name, e->name, e->name_len);
	return 0;
}

static const struct hs_mark *find_mark(const struct hs_verdict *v, struct hs_fid shard,
				       const struct entry *e)
{
	size_t i, end;

	hs_verdict_marks(v, shard, &i, &end);
	for (; i < end; i++) {
		const struct hs_mark *m = &v->marks->v[i];

		if (m->code == HS_M_NAME_HASH && !v->mark_used[i] && m->name_len == e->len &&
		    !memcmp(m->name, e->name, e->len))
			return m;
	}
	return NULL;
}

void hs_judge_shard_names(struct hs_verdict *v, const struct hs_slot *s, const struct hs_lmv *right)
{
	const struct hs_dir_visitor visitor = {.entry = visit};
	struct names names = {.right = right};
	struct hs_loaded l = {0};

	if (right->kind != HS_LMV_SHARD || v->err)
		return;
	/* what cannot be read is marked already */
	if (hs_load(&l, s->place.t, s->place.ino, false) == 1 &&
	    hs_dir_read(s->place.t->fs, &l.inode, &visitor, &names) == -ENOMEM)
		v->err = -ENOMEM;
	hs_loaded_free(&l);
	for (size_t i = 0; !v->err && i < names.n; i++) {
		const struct entry *e = &names.v[i];
		const struct misplaced p = {
			.shard = s->fid,
			.child = e->child,
			.at = {s->place.t->pos, s->place.ino, e->block},
			.lmv = *right,
			.name = e->name,
			.len = e->len,
			.mark = find_mark(v, s->fid, e),
		};
		struct hs_place child;

		/* a name that dangles is to go anyway (judge_objects.c) */
		if (hs_verdict_object(v, e->child, &child) != HS_LOOKUP_NONE)
			judge_misplaced(v, "STR-13", &p);
		else if (p.mark)
			hs_verdict_use(v, NULL, p.mark);
	}
	free(names.v);
}

static void judge_mark(struct hs_verdict *v, const struct hs_mark *m)
{
	struct misplaced p = {
		.shard = m->fid,
		.child = m->fid,
		.at = m->prov,
		.name = m->name,
		.len = m->name_len,
		.mark = m,
	};
	struct hs_target *t;
	const struct hs_xattr *x;
	struct hs_place place;
	uint8_t room[512];
	struct hs_dirent e;

	if (hs_verdict_entry(v, m->fid, m->name, m->name_len, &t, &e, room) == 1 && e.has_fid)
		p.child = hs_fid_get_be(e.fid);
	if (hs_verdict_object(v, m->fid, &place) == HS_LOOKUP_FOUND) {
		x = hs_xattr_trusted(&v->loaded.xattrs, "lmv");
		if (x && x->value)
			hs_lmv_decode(x->value, x->value_len, &p.lmv);
	}
	p.lmv.index = (uint32_t)m->b;
	judge_misplaced(v, "NS-15", &p);
}

void hs_judge_hashes(struct hs_verdict *v)
{
	for (size_t i = 0; !v->err && i < v->marks->n; i++) {
		if (v->marks->v[i].code == HS_M_NAME_HASH && !v->mark_used[i])
			judge_mark(v, &v->marks->v[i]);
	}
}
