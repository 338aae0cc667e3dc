/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The order of judgement.
 */
#include "lfsck/verdict.h"

#include <stdlib.h>

errint_t hs_verdict_init(struct hs_verdict *v, struct hs_check *c, struct hs_run *run)
{
	errint_t err;

	memset(v, 0, sizeof(*v));
	v->check = c;
	v->sys = c->sys;
	v->run = run;
	v->marks = &c->marks;
	err = hs_stats_init(&v->stats, c->sys->n_targets);
	if (!err)
		err = hs_plan_init(&v->plan, c->sys->n_targets);
	if (err)
		return err;
	err = hs_probe_init(&v->probe, c->sys, &c->objects);
	return err ? err : hs_resolver_new(c->sys, &v->resolver);
}

void hs_verdict_free(struct hs_verdict *v)
{
	hs_ledger_free(&v->ledger);
	hs_probe_free(&v->probe);
	hs_resolver_free(v->resolver);
	hs_loaded_free(&v->loaded);
	hs_stats_free(&v->stats);
	hs_plan_free(&v->plan);
	free(v->refs);
	free(v->unread);
	free(v->mark_used);
	free(v->by_place);
	free(v->subdirs);
	memset(v, 0, sizeof(*v));
}

int hs_verdict_take(void *arg, struct hs_check *c, const struct hs_join *j)
{
	struct hs_verdict *v = arg;

	(void)c;
	return hs_ledger_take(&v->ledger, j);
}

static int cmp_place(const void *pa, const void *pb, void *arg)
{
	const struct hs_marks *marks = arg;
	const struct hs_mark *a = &marks->v[*(const size_t *)pa],
			     *b = &marks->v[*(const size_t *)pb];

	if (a->prov.target != b->prov.target)
		return a->prov.target < b->prov.target ? -1 : 1;
	if (a->prov.ino != b->prov.ino)
		return a->prov.ino < b->prov.ino ? -1 : 1;
	return (a > b) - (a < b);
}

static errint_t index_marks(struct hs_verdict *v)
{
	size_t n = v->marks->n;

	v->mark_used = calloc(n ? n : 1, sizeof(*v->mark_used));
	v->by_place = malloc((n ? n : 1) * sizeof(*v->by_place));
	if (!v->mark_used || !v->by_place)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		v->by_place[i] = i;
	qsort_r(v->by_place, n, sizeof(*v->by_place), cmp_place, (void *)v->marks);
	return 0;
}

errint_t hs_verdict_give(struct hs_verdict *v)
{
	static void (*const judges[])(struct hs_verdict *) = {
		hs_judge_recovery, hs_judge_identity, hs_judge_twins,  hs_judge_unmarked,
		hs_judge_unread,   hs_judge_upgrade,  hs_judge_onames, hs_judge_index,
		hs_judge_entries,  hs_judge_objects,  hs_judge_shards, hs_judge_dotdot,
		hs_judge_links,	   hs_judge_removed,  hs_judge_names,  hs_judge_agents,
		hs_judge_layouts,  hs_judge_counts,   hs_judge_stale,  hs_judge_lostfound,
		hs_judge_tables,   hs_judge_rest,
	};

	v->err = index_marks(v);
	if (!v->err)
		v->err = hs_unread_collect(v);
	for (size_t i = 0; !v->err && i < sizeof(judges) / sizeof(judges[0]); i++) {
		/* a correction may have opened dossiers of its own */
		v->err = hs_ledger_sort(&v->ledger);
		if (!v->err)
			v->err = hs_verdict_index_refs(v);
		if (!v->err)
			judges[i](v);
	}
	if (!v->err)
		hs_plan_end(v);
	return v->err;
}

uint64_t hs_verdict_damage(const struct hs_verdict *v)
{
	return v->findings[HS_RULE_MINOR] + v->findings[HS_RULE_MAJOR] + v->findings[HS_RULE_LOSS];
}
