/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "repair/schedule.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "work/team.h"

/* No attempt has been made: no count of changes ever has this value before very many repairs. */
#define NEVER_TRIED UINT32_MAX

errint_t hs_repair_init(struct hs_repair *r, const struct hs_repair_kind *kinds, unsigned stages,
			unsigned workers, const struct hs_repair_ops *ops, void *arg)
{
	memset(r, 0, sizeof(*r));
	r->kinds = kinds;
	r->stages = stages;
	r->workers = workers ? workers : 1;
	r->ops = ops;
	r->arg = arg;
	return -pthread_mutex_init(&r->lock, NULL);
}

void hs_repair_free(struct hs_repair *r)
{
	free(r->items);
	r->items = NULL;
	pthread_mutex_destroy(&r->lock);
}

void hs_repair_clear(struct hs_repair *r)
{
	free(r->items);
	r->items = NULL;
	r->n = r->room = 0;
}

static errint_t queue(struct hs_repair *r, const struct hs_repair_item *item)
{
	errint_t rc;

	pthread_mutex_lock(&r->lock);
	rc = hs_array_grow(&r->items, &r->room, r->n + 1);
	if (!rc)
		r->items[r->n++] = *item;
	if (r->n > r->most)
		r->most = r->n;
	pthread_mutex_unlock(&r->lock);
	return rc;
}

errint_t hs_repair_add(struct hs_repair *r, const struct hs_repair_item *item)
{
	struct hs_repair_item copy = *item;

	copy.tried = NEVER_TRIED;
	copy.again = 0;
	return queue(r, &copy);
}

size_t hs_repair_count(struct hs_repair *r)
{
	size_t n;

	pthread_mutex_lock(&r->lock);
	n = r->n;
	pthread_mutex_unlock(&r->lock);
	return n;
}

size_t hs_repair_bytes(struct hs_repair *r)
{
	size_t n;

	pthread_mutex_lock(&r->lock);
	n = r->most * sizeof(*r->items);
	pthread_mutex_unlock(&r->lock);
	return n;
}

static uint16_t steps_of_stage(const struct hs_repair *r, unsigned kind, unsigned stage)
{
	uint16_t steps = hs_repair_steps_until(r, kind, stage);

	return stage ? steps & (uint16_t)~hs_repair_steps_until(r, kind, stage - 1) : steps;
}

bool hs_repair_has_damage(struct hs_repair *r, unsigned stage)
{
	bool found = false;

	pthread_mutex_lock(&r->lock);
	for (size_t i = 0; !found && i < r->n; i++) {
		const struct hs_repair_item *item = &r->items[i];
		found = (item->damaged | item->doubtful) & steps_of_stage(r, item->kind, stage);
	}
	pthread_mutex_unlock(&r->lock);
	return found;
}

/* ---- one item ---- */

static bool needs_nothing(const struct hs_repair_item *item)
{
	return !(item->damaged | item->doubtful);
}

/* The steps of an item on which something may be done now. */
static uint16_t due(struct hs_repair *r, const struct hs_repair_item *item)
{
	bool tried = item->tried_stage == r->stage || item->tried_stage == r->stages;

	/* it has been put back too often: the last pass will see it */
	if (item->again >= HS_REPAIR_AGAIN)
		return 0;
	/* nothing has changed since these were tried */
	if (tried && item->tried == atomic_load(&r->changes))
		return 0;
	return (item->damaged | item->doubtful) & steps_of_stage(r, item->kind, r->stage);
}

/*
 * Works on those steps of an item, which are of one stage (or of all: r->stages), and when no
 * damage is known any more checks the object again. *progress is set when there is less to do than
 * before.
 */
static errint_t work_on(struct hs_repair *r, struct hs_repair_item *item, uint16_t allowed,
			unsigned stage, bool *progress)
{
	unsigned before = atomic_load(&r->changes);
	struct hs_repair_progress p;
	uint16_t known = item->damaged & allowed;
	errint_t rc;

	rc = hs_repair_item_work(r, item, allowed, HS_REPAIR_TRY, NULL, &p);
	atomic_fetch_add(&r->changes, p.fixed);
	/* what others have changed meanwhile is news; what was changed here is none */
	item->tried = before + p.fixed;
	item->tried_stage = (uint8_t)stage;
	*progress = p.solved && item->again < HS_REPAIR_AGAIN;
	if (rc || item->damaged || (known && !p.solved && !item->doubtful))
		return rc;
	rc = hs_repair_item_revalidate(r, item, HS_REPAIR_TRY);
	if (rc) {
		/* repaired, but nobody has looked: it stays in the queue */
		item->doubtful |= known & (uint16_t)~item->given_up;
		return rc;
	}
	if (needs_nothing(item))
		*progress = true;
	if (item->damaged) {
		item->tried = NEVER_TRIED;
		if (item->again < HS_REPAIR_AGAIN)
			item->again++;
	}
	return 0;
}

static errint_t finish(struct hs_repair *r, struct hs_repair_item *item, const int *reasons)
{
	static const int none[HS_REPAIR_STEPS];

	return r->ops->finished(item, reasons ? reasons : none, r->arg);
}

/* The last attempt: whatever depends on what, with reasons. */
static errint_t try_last(struct hs_repair *r, struct hs_repair_item *item)
{
	int reasons[HS_REPAIR_STEPS] = {0};
	struct hs_repair_progress p;
	errint_t rc;

	rc = hs_repair_item_work(r, item, UINT16_MAX, HS_REPAIR_LAST, reasons, &p);
	atomic_fetch_add(&r->changes, p.fixed);
	if (!rc && !item->damaged && (p.solved || item->doubtful))
		rc = hs_repair_item_revalidate(r, item, HS_REPAIR_LAST);
	if (!rc)
		rc = finish(r, item, reasons);
	if (rc)
		return rc;
	/* told: nothing more is to be done about it */
	item->given_up |= item->damaged;
	item->damaged = item->doubtful = 0;
	return 0;
}

errint_t hs_repair_submit(struct hs_repair *r, struct hs_repair_item *item, uint16_t now)
{
	bool progress, needed = !needs_nothing(item);
	errint_t rc = 0;

	item->tried = NEVER_TRIED;
	item->again = 0;
	if (item->damaged & now)
		rc = work_on(r, item, now, r->stages, &progress);
	if (rc)
		return rc;
	if (item->damaged & ~now)
		item->tried = NEVER_TRIED;
	if (!needs_nothing(item))
		return queue(r, item);
	if (needed)
		rc = finish(r, item, NULL);
	if (!rc && item->better)
		rc = queue(r, item);
	return rc;
}

errint_t hs_repair_complete(struct hs_repair *r, struct hs_repair_item *item)
{
	bool progress = !needs_nothing(item);
	errint_t rc = 0;

	item->again = 0;
	while (!rc && progress && !needs_nothing(item))
		rc = work_on(r, item, UINT16_MAX, r->stages, &progress);
	if (!rc)
		rc = needs_nothing(item) ? finish(r, item, NULL) : try_last(r, item);
	if (!rc)
		rc = hs_repair_item_optimize(r, item);
	return rc;
}

/* ---- the queue ---- */

static int by_object(const void *a, const void *b)
{
	const struct hs_repair_item *x = a, *y = b;

	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	if (x->id != y->id)
		return x->id < y->id ? -1 : 1;
	if (x->sub != y->sub)
		return x->sub < y->sub ? -1 : 1;
	return 0;
}

/* One item an object, in the order of kinds and ids. */
static void sort_and_merge(struct hs_repair *r)
{
	size_t kept = 0;

	if (r->n == 0)
		return;
	qsort(r->items, r->n, sizeof(*r->items), by_object);
	for (size_t i = 1; i < r->n; i++) {
		struct hs_repair_item *into = &r->items[kept], *from = &r->items[i];

		if (by_object(into, from)) {
			r->items[++kept] = *from;
			continue;
		}
		into->damaged |= from->damaged;
		into->doubtful |= from->doubtful;
		into->better |= from->better;
		into->given_up |= from->given_up;
		into->tried = NEVER_TRIED;
		if (!into->cookie)
			into->cookie = from->cookie;
	}
	r->n = kept + 1;
}

static bool is_over(const struct hs_repair_item *item)
{
	return needs_nothing(item) && !item->better;
}

static void drop_what_is_over(struct hs_repair *r)
{
	size_t kept = 0;

	for (size_t i = 0; i < r->n; i++) {
		if (!is_over(&r->items[i]))
			r->items[kept++] = r->items[i];
	}
	r->n = kept;
}

static void end_pass(struct hs_repair *r, errint_t rc)
{
	int none = 0;

	atomic_compare_exchange_strong(&r->failed, &none, rc);
}

static errint_t pass_worker(unsigned worker, void *arg)
{
	struct hs_repair *r = arg;

	(void)worker;
	for (;;) {
		size_t i = atomic_fetch_add(&r->next, 1);
		errint_t rc = atomic_load(&r->failed);
		struct hs_repair_item *item;
		bool progress = false;
		uint16_t steps;

		if (rc || i >= r->n)
			return rc;
		item = &r->items[i];
		steps = due(r, item);
		if (!steps)
			continue;
		rc = work_on(r, item, steps, r->stage, &progress);
		if (!rc && needs_nothing(item))
			rc = finish(r, item, NULL);
		if (rc) {
			end_pass(r, rc);
			return rc;
		}
		if (progress)
			atomic_store(&r->progress, true);
	}
}

/* All items once, by all workers. */
static errint_t pass(struct hs_repair *r, unsigned stage, bool *progress)
{
	unsigned workers = r->workers < r->n ? r->workers : (unsigned)r->n;
	errint_t rc;

	r->stage = stage;
	atomic_store(&r->next, 0);
	atomic_store(&r->progress, false);
	rc = workers ? hs_team_run(workers, pass_worker, r) : 0;
	drop_what_is_over(r);
	*progress = atomic_load(&r->progress);
	return rc;
}

static errint_t rounds(struct hs_repair *r)
{
	bool any, progress;
	errint_t rc = 0;

	do {
		any = false;
		for (unsigned stage = 0; !rc && stage < r->stages; stage++) {
			do {
				rc = pass(r, stage, &progress);
				any = any || progress;
			} while (!rc && progress);
		}
	} while (!rc && any);
	return rc;
}

static errint_t last_pass(struct hs_repair *r)
{
	errint_t rc = 0;

	for (size_t i = 0; !rc && i < r->n; i++) {
		if (needs_nothing(&r->items[i]))
			continue;
		rc = try_last(r, &r->items[i]);
	}
	return rc;
}

static errint_t optimize_worker(unsigned worker, void *arg)
{
	struct hs_repair *r = arg;

	(void)worker;
	for (;;) {
		size_t i = atomic_fetch_add(&r->next, 1);
		errint_t rc = atomic_load(&r->failed);

		if (rc || i >= r->n)
			return rc;
		rc = hs_repair_item_optimize(r, &r->items[i]);
		if (rc) {
			end_pass(r, rc);
			return rc;
		}
	}
}

static errint_t optimize_all(struct hs_repair *r)
{
	unsigned workers = r->workers < r->n ? r->workers : (unsigned)r->n;
	errint_t rc;

	atomic_store(&r->next, 0);
	rc = workers ? hs_team_run(workers, optimize_worker, r) : 0;
	drop_what_is_over(r);
	return rc;
}

static void begin(struct hs_repair *r)
{
	sort_and_merge(r);
	atomic_store(&r->failed, 0);
}

errint_t hs_repair_run(struct hs_repair *r)
{
	errint_t rc;

	begin(r);
	rc = rounds(r);
	if (!rc)
		rc = last_pass(r);
	if (!rc)
		rc = optimize_all(r);
	return rc;
}

errint_t hs_repair_run_optimizations(struct hs_repair *r)
{
	begin(r);
	return optimize_all(r);
}
