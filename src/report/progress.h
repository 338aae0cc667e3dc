/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Progress of a phase: rate and time left from what was measured, and the line that shows them.
 */
#ifndef HS_REPORT_PROGRESS_H
#define HS_REPORT_PROGRESS_H

#include <stddef.h>
#include <stdint.h>

#include "base/strbuf.h"

/* A reading: what the checker knows at one moment. */
struct hs_progress {
	const char *phase; /* "reading inode tables"; a pointer that stays the same in the phase */
	const char *unit;  /* "inodes" */
	uint64_t done;
	uint64_t total; /* 0: not known */
	uint64_t findings;
};

#define HS_PROGRESS_SAMPLES 32

/*
 * Readings over time. Belongs to the thread that shows progress. The rate is that of the last
 * HS_PROGRESS_SAMPLES readings, so that a slow start or a cached part does not spoil the forecast.
 */
struct hs_meter {
	const char *phase;
	struct {
		uint64_t ns;
		uint64_t done;
	} samples[HS_PROGRESS_SAMPLES];
	unsigned n;
	unsigned next;
	uint64_t rate;	  /* units per second */
	uint64_t left_ns; /* time left; UINT64_MAX: not known */
};

/* A new reading at time now_ns (hs_now_ns()). A new phase begins afresh. */
void hs_meter_update(struct hs_meter *m, const struct hs_progress *p, uint64_t now_ns);

/* One line without a newline, at most `columns` columns (0: no limit). */
void hs_progress_line(struct hs_strbuf *out, const struct hs_progress *p, const struct hs_meter *m,
		      size_t columns);

#endif
