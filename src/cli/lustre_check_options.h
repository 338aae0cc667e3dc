/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The command line of "holystone lustre check". Options that lctl lfsck_start has keep their
 * letters and their meaning.
 */
#ifndef HS_CLI_LUSTRE_CHECK_OPTIONS_H
#define HS_CLI_LUSTRE_CHECK_OPTIONS_H

#include "cli/options.h"

struct hs_check_options {
	struct hs_output_options output;
	struct hs_work_options work;
	const char **targets; /* owned, the strings are not */
	size_t n_targets, room;
	bool all;	     /* -A, or more than one target: they are the file system */
	bool failout;	     /* -e abort */
	bool stats;	     /* --stats */
	unsigned components; /* bit of each enum hs_rule_component; 0: all */
	bool has_seed;
	uint64_t seed;
	uint64_t counters; /* 0: not given */
	bool has_max_repairs;
	uint64_t max_repairs; /* of one rule; recorded for those who carry out the plan */
};

/* Does not return when the command line makes no sense. */
void hs_check_options_parse(struct hs_check_options *o, int argc, char **argv);
void hs_check_options_free(struct hs_check_options *o);

/* "failout,dryrun,all_targets": the options as lctl get_param prints them. */
const char *hs_check_options_param(const struct hs_check_options *o);

#endif
