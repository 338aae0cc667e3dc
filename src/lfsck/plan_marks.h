/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Repairs of what one mark tells by itself.
 */
#ifndef HS_LFSCK_PLAN_MARKS_H
#define HS_LFSCK_PLAN_MARKS_H

#include "lfsck/plan_parts.h"

/* Attaches the edits, or why there are none, to the case that reports the mark. */
void hs_plan_mark(struct hs_verdict *v, struct hs_case *c, const struct hs_mark *m);

/* The server will rebuild the OI of the target when it mounts it: OI_scrub asks for it. */
bool hs_plan_scrub_is_due(const struct hs_target *t);

#endif
