/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is done to one item.
 */
#include "repair/schedule.h"

static uint16_t bit(unsigned step)
{
	return (uint16_t)(1U << step);
}

uint16_t hs_repair_steps_until(const struct hs_repair *r, unsigned kind, unsigned stage)
{
	const struct hs_repair_kind *k = &r->kinds[kind];
	unsigned set = 0;

	for (unsigned i = 0; i < k->n_steps; i++) {
		if (k->steps[i].stage <= stage)
			set |= 1U << i;
	}
	return (uint16_t)set;
}

/* What depends on a step that will not be repaired will not be, either. */
static void give_up(const struct hs_repair_kind *k, struct hs_repair_item *item)
{
	for (unsigned i = 0; i < k->n_steps; i++) {
		if (k->steps[i].after & item->given_up)
			item->given_up |= item->damaged & bit(i);
	}
	item->damaged &= (uint16_t)~item->given_up;
	item->doubtful &= (uint16_t)~item->given_up;
}

static void take_outcome(const struct hs_repair_kind *k, struct hs_repair_item *item, unsigned step,
			 int outcome, struct hs_repair_progress *p)
{
	switch ((enum hs_repair_outcome)outcome) {
	case HS_REPAIR_FIXED:
		p->fixed++;
		break;
	case HS_REPAIR_FINE:
		break;
	case HS_REPAIR_DOUBTFUL:
		item->doubtful |= bit(step);
		break;
	case HS_REPAIR_FAILED:
		return;
	case HS_REPAIR_NEVER:
		item->given_up |= bit(step);
		give_up(k, item);
		return;
	}
	p->solved++;
	item->damaged &= (uint16_t)~bit(step);
}

errint_t hs_repair_item_work(struct hs_repair *r, struct hs_repair_item *item, uint16_t allowed,
			     enum hs_repair_effort effort, int *reasons,
			     struct hs_repair_progress *p)
{
	const struct hs_repair_kind *k = &r->kinds[item->kind];
	unsigned before;

	*p = (struct hs_repair_progress){0};
	/* each further sweep needs one that solved something: there are at most n_steps + 1 */
	do {
		before = p->solved;
		for (unsigned i = 0; i < k->n_steps; i++) {
			unsigned waits = k->steps[i].after & item->damaged;
			int reason = 0, rc;

			if (!(item->damaged & allowed & bit(i)))
				continue;
			if (waits && effort != HS_REPAIR_LAST)
				continue;
			rc = hs_repair_ended(r);
			if (!rc)
				rc = r->ops->attempt(item, i, effort, &reason, r->arg);
			if (rc < 0)
				return rc;
			if (reasons)
				reasons[i] = reason;
			take_outcome(k, item, i, rc, p);
		}
	} while ((item->damaged & allowed) && p->solved > before);
	return 0;
}

errint_t hs_repair_item_revalidate(struct hs_repair *r, struct hs_repair_item *item,
				   enum hs_repair_effort effort)
{
	errint_t rc = hs_repair_ended(r);

	if (!rc)
		rc = r->ops->revalidate(item, effort, r->arg);
	give_up(&r->kinds[item->kind], item);
	return rc;
}

errint_t hs_repair_item_optimize(struct hs_repair *r, struct hs_repair_item *item)
{
	uint16_t left = item->better;

	item->better = 0;
	if (item->damaged | item->given_up)
		return 0;
	for (unsigned i = 0; left; i++, left >>= 1) {
		int rc;

		if (!(left & 1))
			continue;
		rc = hs_repair_ended(r);
		if (!rc)
			rc = r->ops->optimize(item, i, r->arg);
		if (rc < 0) {
			item->better = (uint16_t)(left << i);
			return rc;
		}
	}
	return 0;
}
