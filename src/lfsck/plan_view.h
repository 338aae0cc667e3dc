/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Items of a plan as they are read back from run.db, decoded and checked: for those who show a plan
 * and those who carry it out.
 */
#ifndef HS_LFSCK_PLAN_VIEW_H
#define HS_LFSCK_PLAN_VIEW_H

#include "lfsck/plan_step.h"

struct hs_item_view {
	const struct hs_run_item_read *row;
	struct hs_step *expects, *edits; /* owned; their bytes are the row's */
	size_t n_expects, n_edits;
};

/*
 * -EUCLEAN, with one sentence in `why`, for an item that no plan has: a damaged step, no edit, a
 * fact among the edits or the reverse, a phase or a need that cannot be. -ENOMEM. The row must
 * outlive the view. To be freed also after an error.
 */
errint_t hs_item_view_decode(const struct hs_run_item_read *row, struct hs_item_view *out,
			     struct hs_strbuf *why);
void hs_item_view_free(struct hs_item_view *view);

/* The step in words, one line: "MDT0000 inode 12: inserts "a" that leads to inode 13 ...". */
void hs_step_say(const struct hs_step *s, struct hs_strbuf *out);

#endif
