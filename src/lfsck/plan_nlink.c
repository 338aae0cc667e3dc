/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Link counts of directories at the end of the plan. Items say how many subdirectories they give
 * or take; what the inode counts may differ from what its entries are already (the mark DIR_NLINK
 * has both). So that the count is right whichever items are made in the end:
 *
 *   - what is too much or too little by itself is used up by the first changes it covers: a lost
 *     name that is still counted needs no more counting when it comes back;
 *   - what is left of it is the matter of the finding about the count (NS-61).
 */
#include <stdlib.h>

#include "lfsck/plan_parts.h"
#include "lfsck/plan_priv.h"

static int cmp_change(const void *pa, const void *pb)
{
	const struct hs_nlink_change *a = pa, *b = pb;

	if (a->target != b->target)
		return a->target < b->target ? -1 : 1;
	if (a->ino != b->ino)
		return a->ino < b->ino ? -1 : 1;
	if (a->made != b->made)
		return a->made < b->made ? -1 : 1;
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	if (a->item != b->item)
		return a->item < b->item ? -1 : 1;
	return (a->ord > b->ord) - (a->ord < b->ord);
}

/* What the inode counts beyond its entries of type directory. */
static int64_t surplus(const struct hs_verdict *v, const struct hs_nlink_change *c)
{
	size_t i, end;

	if (c->made)
		return 0;
	hs_verdict_marks_at(v, c->target, c->ino, &i, &end);
	for (; i < end; i++) {
		const struct hs_mark *m = &v->marks->v[v->by_place[i]];

		if (m->code == HS_M_DIR_NLINK)
			return (int64_t)m->a - (int64_t)m->b;
	}
	return 0;
}

/* How much of a change the surplus covers: as much as has the same sign. */
static int64_t covered(int64_t surplus, int64_t change)
{
	if (surplus > 0 && change > 0)
		return surplus < change ? surplus : change;
	if (surplus < 0 && change < 0)
		return surplus > change ? surplus : change;
	return 0;
}

void hs_mend_uncount(struct hs_verdict *v, struct hs_case *c, struct hs_at dir)
{
	const struct hs_nlink_change here = {
		.target = dir.t->pos, .ino = dir.ino, .made = dir.made};
	int64_t left = surplus(v, &here);

	/* those before it that had the same reason */
	for (size_t i = 0; left > 0 && i < v->plan.n_nlinks; i++) {
		const struct hs_nlink_change *o = &v->plan.nlinks[i];

		if (o->target == here.target && o->ino == here.ino && !o->made &&
		    o->kind != HS_NLINK_REST)
			left += o->kind == HS_NLINK_FIXED ? o->change : -covered(left, o->change);
	}
	if (left > 0)
		hs_mend_nlink(v, c, dir, -1);
}

static errint_t write_change(struct hs_verdict *v, const struct hs_nlink_change *c, int64_t by)
{
	const struct hs_step s = {
		.kind = HS_STEP_ADD_NLINK,
		.target = v->sys->targets[c->target]->id,
		.ino = c->ino,
		.made = c->made,
		.number = by,
	};
	struct hs_step_room room = {.bytes = HS_STRBUF_INIT};
	struct hs_run_step row;
	errint_t err = by ? hs_step_encode(&s, &room, &row) : 0;

	return !by || err ? err : hs_run_add_edit(v->run, c->item, c->ord, &row);
}

void hs_plan_end(struct hs_verdict *v)
{
	struct hs_nlink_change *changes = v->plan.nlinks;
	size_t n = v->plan.n_nlinks, end;

	if (n)
		qsort(changes, n, sizeof(*changes), cmp_change);
	for (size_t i = 0; !v->err && i < n; i = end) {
		int64_t left = surplus(v, &changes[i]);

		for (end = i;
		     !v->err && end < n && changes[end].target == changes[i].target &&
		     changes[end].ino == changes[i].ino && changes[end].made == changes[i].made;
		     end++) {
			const struct hs_nlink_change *c = &changes[end];
			int64_t by = c->change;

			switch ((enum hs_nlink_kind)c->kind) {
			case HS_NLINK_FIXED:
				left += by;
				break;
			case HS_NLINK_FOLLOW:
				by -= covered(left, by);
				left -= c->change - by;
				break;
			case HS_NLINK_REST:
				by = -left;
				left = 0;
				break;
			}
			v->err = write_change(v, c, by);
		}
	}
	/* a count that others make right is no repair of its own */
	if (!v->err && n)
		v->err = hs_run_trim_items(v->run);
}
