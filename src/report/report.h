/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Telling what a run found, as text for people or as JSON lines for programs. Both come from the
 * records of run.db.
 */
#ifndef HS_REPORT_REPORT_H
#define HS_REPORT_REPORT_H

#include <stdbool.h>
#include <stdio.h>

#include "base/strbuf.h"
#include "run/read.h"

enum hs_report_form {
	HS_REPORT_TEXT,
	HS_REPORT_JSON,
};

enum hs_report_detail {
	HS_REPORT_QUIET,   /* text: findings only */
	HS_REPORT_NORMAL,  /* text: findings with their facts, and the result */
	HS_REPORT_VERBOSE, /* text: totals, targets and phase times too */
};

struct hs_report {
	enum hs_report_form form;
	enum hs_report_detail detail;
	bool stats; /* of a Lustre check: LFSCK's counters too (report/lctl.h) */
	FILE *out;
};

/*
 * Findings and suspects in their order, then the summary. JSON: one object a line, the last one is
 * the summary. -errno when the output cannot be written (a full disk, a closed pipe).
 */
errint_t hs_report_run(const struct hs_report *report, struct hs_run *run);

/* One record, as the report shows it: several lines of text, or one line of JSON. */
void hs_report_finding_text(struct hs_strbuf *out, const struct hs_finding *f);
errint_t hs_report_finding_json(struct hs_strbuf *out, const struct hs_finding *f);

/* The summary of a run, the same way. */
errint_t hs_report_summary_text(struct hs_strbuf *out, struct hs_run *run,
				enum hs_report_detail detail);
errint_t hs_report_summary_json(struct hs_strbuf *out, struct hs_run *run);

/* A byte count or a rate as people read it: "3.4 GiB"; a duration: "2 min 5 s". */
void hs_report_bytes(struct hs_strbuf *out, uint64_t bytes);
void hs_report_duration(struct hs_strbuf *out, uint64_t ns);
/* A number with its thousands apart: "1,234,567". */
void hs_report_number(struct hs_strbuf *out, uint64_t n);

#endif
