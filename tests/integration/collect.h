/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs the Lustre check over images and writes what it found as text that does not depend on the
 * run: one line a suspect, in order of FID, then one a mark about a place.
 *
 *	[0x200000bd1:0x3:0x0] LAY+1 OWN+1 PARENT_NONE
 *	OST0000:12 LASTID_NONE
 *
 * After the FID: the equations left over with their net count, then the names of the marks.
 */
#ifndef HS_TESTS_COLLECT_H
#define HS_TESTS_COLLECT_H

#include "lfsck/check.h"

struct collected {
	struct hs_strbuf text;
	uint64_t suspects; /* lines about FIDs */
	uint64_t left;	   /* of these, FIDs with an equation left over */
	uint64_t unread, undecided;
	struct hs_target_counts seen; /* over all targets */
	unsigned passes;
};

/* Opens, checks, closes. why: when it could not be opened (-EINVAL). */
errint_t collect_paths(const char *const *paths, size_t n, const struct hs_check_params *params,
		       struct collected *out, struct hs_strbuf *why);

/* The same over an open system. */
errint_t collect_system(struct hs_system *sys, const struct hs_check_params *params,
			struct collected *out);
void collected_free(struct collected *c);

#endif
