/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs the Lustre check with its verdict over an open system and tells what was decided.
 */
#ifndef HS_TESTS_JUDGED_H
#define HS_TESTS_JUDGED_H

#include "lfsck/check.h"

struct judged {
	uint64_t findings;
	uint64_t decided;      /* findings of damage, neither notes nor undecided */
	struct hs_strbuf text; /* a line for each decided one */
};

errint_t judged_system(struct hs_system *sys, const struct hs_check_params *params,
		       struct judged *out);
void judged_free(struct judged *j);

#endif
