/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The state of a run in the words of lctl get_param: mdd.*.lfsck_namespace, mdd.*.lfsck_layout,
 * obdfilter.*.lfsck_layout and osd-ldiskfs.*.oi_scrub, line by line as Lustre 2.17 prints them
 * after a dry run, so that scripts made for LFSCK read it as well.
 */
#ifndef HS_REPORT_LCTL_H
#define HS_REPORT_LCTL_H

#include <stdbool.h>

#include "report/report.h"

/*
 * All parameters of all targets of the run, which must be a Lustre check. JSON: one object a
 * parameter, of type "lfsck". `now` is the time, seconds since 1970, to which "time_since" counts.
 */
errint_t hs_report_lctl(struct hs_strbuf *out, struct hs_run *run, bool json, int64_t now);

#endif
