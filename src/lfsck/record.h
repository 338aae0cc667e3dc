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

/* Totals; once, after the check. */
errint_t hs_record_result(struct hs_run *run, const struct hs_check *c);

#endif
