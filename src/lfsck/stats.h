/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What LFSCK would have counted: findings by target and by the counter of their rule, and what the
 * scan looked at. Kept in the run's totals as "lfsck_namespace.dirent_inconsistent" and the like,
 * from which a report prints what lctl get_param prints (report/lctl.h).
 *
 * One thread.
 */
#ifndef HS_LFSCK_STATS_H
#define HS_LFSCK_STATS_H

#include "lfsck/check.h"
#include "lfsck/rules.h"
#include "run/run.h"

struct hs_stats {
	uint64_t *counts; /* by target position and rule */
	size_t n_targets, n_rules;
};

errint_t hs_stats_init(struct hs_stats *s, size_t n_targets);
void hs_stats_free(struct hs_stats *s);

/* One finding of a rule on a target of the system. */
void hs_stats_count(struct hs_stats *s, const struct hs_target *t, const struct hs_rule *rule);

/*
 * Writes the totals into the run. Counters that are 0 are left out, for they would fill the run of
 * a sound file system with lines that say nothing.
 */
errint_t hs_stats_record(const struct hs_stats *s, const struct hs_check *c, struct hs_run *run);

/*
 * Name of a counter in a dry run: "repaired_dangling" is "inconsistent_dangling". `out` has room
 * for HS_STATS_NAME bytes.
 */
#define HS_STATS_NAME 48
const char *hs_stats_dryrun_name(const char *counter, char out[HS_STATS_NAME]);

#endif
