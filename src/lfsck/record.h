/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writing what a check saw into its run: suspects with the equations left over, marks, totals.
 */
#ifndef HS_LFSCK_RECORD_H
#define HS_LFSCK_RECORD_H

#include "lfsck/check.h"
#include "run/run.h"

struct hs_recorder {
	struct hs_run *run;
	uint64_t suspects;  /* FIDs whose equations do not come out */
	uint64_t witnesses; /* of these, healthy ones that cannot balance (equations 6.4) */
	uint64_t places;    /* marks about a place, not an object */
};

/* Targets of the run; once, before the check. */
errint_t hs_record_targets(struct hs_recorder *r, const struct hs_system *s);

/* A hs_check_suspects_fn; arg is the recorder. */
int hs_record_suspects(void *arg, struct hs_check *c, const struct hs_join *j);

/* Marks without an object, totals, phase times; once, after the check. */
errint_t hs_record_result(struct hs_recorder *r, const struct hs_check *c);

#endif
