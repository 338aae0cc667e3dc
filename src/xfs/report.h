/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From what the kernel answered to what people are told: levels, counts, lines, findings.
 * Any thread may call everything here.
 */
#ifndef HS_XFS_REPORT_H
#define HS_XFS_REPORT_H

#include "run/finding.h"
#include "xfs/scan.h"

/* One line about the scan or an object; counts it by its level. */
void hs_xfs_say_at(struct hs_xfs_scan *scan, const char *file, unsigned line,
		   enum hs_xfs_level level, const char *object, const char *fmt, ...)
	__attribute__((format(printf, 6, 7)));
#define hs_xfs_say(scan, level, object, ...)                                                       \
	hs_xfs_say_at(scan, __FILE__, __LINE__, level, object, __VA_ARGS__)

/*
 * Judges the outcome of an object that hs_xfs_check() called not clean: damage goes to the docket,
 * the rest is told. What ends the run is returned.
 */
errint_t hs_xfs_judge(struct hs_xfs_scan *scan, const struct hs_xfs_object *obj,
		      const struct hs_xfs_outcome *out);

/* Whether sound metadata are to be judged, too, because everything is rebuilt. */
static inline bool hs_xfs_is_forced(const struct hs_xfs_scan *scan)
{
	return scan->opt->force_rebuild && scan->mode == HS_XFS_REPAIR;
}

/* hs_xfs_check() and hs_xfs_judge() in one. Sets *outcome if it is not NULL. */
errint_t hs_xfs_check_and_judge(struct hs_xfs_scan *scan, const struct hs_xfs_object *obj,
				const uint8_t *types, unsigned n, struct hs_xfs_outcome *outcome);

/* A check of an object could not be made: an Error line and an undecided finding. */
void hs_xfs_unchecked(struct hs_xfs_scan *scan, const struct hs_xfs_object *obj, unsigned type,
		      errint_t err);

/* Fills target, object and path of a finding about an object. */
void hs_xfs_finding_about(struct hs_xfs_scan *scan, const struct hs_xfs_object *obj,
			  struct hs_finding *f);

/*
 * Stages a finding and frees it. A run that cannot be written any more ends the scan.
 */
void hs_xfs_add_finding(struct hs_xfs_scan *scan, struct hs_finding *f);

/*
 * Puts an entry into the docket; nothing is told. *cookie is its place, counted from 1, for as long
 * as the docket is not sorted; 0 when it was only counted: of failed cross-references a few are
 * kept.
 */
errint_t hs_xfs_keep(struct hs_xfs_scan *scan, const struct hs_xfs_entry *e, uint32_t *cookie);

/* Nothing that is found later can turn what is open of this entry into a consequence. */
bool hs_xfs_is_cause(const struct hs_xfs_entry *e);

/* Why a type of an object is left as it is (enum hs_xfs_reason, or an errno), in a line. */
void hs_xfs_say_reason(struct hs_xfs_scan *scan, const struct hs_xfs_object *obj, unsigned type,
		       int reason);

/*
 * The Corruption line of what is open of an entry, once; the type that it is about is chosen by
 * fold.h.
 */
void hs_xfs_tell_entry(struct hs_xfs_scan *scan, struct hs_xfs_entry *e);

/*
 * Whether an object is in the docket because one of these types is damaged, and still is, or could
 * not be read. Not for hot paths.
 */
bool hs_xfs_is_known(struct hs_xfs_scan *scan, enum hs_xfs_scope scope, uint64_t id,
		     uint64_t types);

/* Whether nothing in the docket is left open, or could not be proven. Not for hot paths. */
bool hs_xfs_all_proven(struct hs_xfs_scan *scan);

/* Whether there is damage that has not been repaired. Not for hot paths. */
bool hs_xfs_found_damage(struct hs_xfs_scan *scan);

#endif
