/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writing into its run what a check looked at: targets and totals. Findings are the verdict's.
 */
#ifndef HS_LFSCK_RECORD_H
#define HS_LFSCK_RECORD_H

#include "lfsck/check.h"
#include "run/run.h"

/* Targets of the run; once, before the check. */
errint_t hs_record_targets(struct hs_run *run, const struct hs_system *s);

/* Puts positions into the run and commits it: what hs_check_params.log asks for; arg is the run. */
errint_t hs_record_position(void *run, const struct hs_target *t, const char *source,
			    const struct hs_position *pos);
errint_t hs_record_commit(void *run);

/* Totals; once, after the check. */
errint_t hs_record_result(struct hs_run *run, const struct hs_check *c);

#endif
