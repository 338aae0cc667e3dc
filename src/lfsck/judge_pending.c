/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Objects that no file names because Lustre is about to destroy them: the MDT has logged it and
 * the OST will be told at the next mount (equations, section 11). One remark a target; nothing is
 * concluded about any of them.
 */
#include "lfsck/layouts.h"

#define MAX_LISTED 64

static bool is_pending(const struct hs_layouts *l, const struct hs_lay *e,
		       const struct hs_target *t)
{
	return hs_lay_open(e) && !hs_lay_is_named(l, e->object) &&
	       hs_layouts_home(l->v, e->object) == t && hs_in_recovery(l->v, e->object);
}

static void judge_target(struct hs_layouts *l, const struct hs_target *t)
{
	const char *why = NULL;
	struct hs_case c;
	size_t n = 0;

	hs_case_open_place(&c, "LAY-8", t, 0);
	for (size_t i = 0; i < l->claims.n; i++) {
		const struct hs_lay *e = &l->claims.v[i];

		if (!is_pending(l, e, t))
			continue;
		if (!n++)
			why = hs_in_recovery(l->v, e->object);
		hs_layouts_settle_object(l->v, &c, e->object);
		if (n <= MAX_LISTED)
			hs_layouts_say_claim(l->v, &c, e);
	}
	if (!n) {
		hs_case_drop(&c);
		return;
	}
	hs_case_message(&c, "%zu objects without a file wait to be destroyed.", n);
	hs_case_note(&c);
	hs_case_undecided(&c, "%s", why);
	hs_case_close(l->v, &c, -1);
}

void hs_judge_pending(struct hs_layouts *l)
{
	for (size_t i = 0; !l->v->err && l->claims.n && i < l->v->sys->n_targets; i++) {
		if (!hs_target_is_mdt(l->v->sys->targets[i]))
			judge_target(l, l->v->sys->targets[i]);
	}
}
