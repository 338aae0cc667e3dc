/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The parts of the rule table, one a component file.
 */
#ifndef HS_LFSCK_RULES_TABLE_H
#define HS_LFSCK_RULES_TABLE_H

#include "lfsck/rules.h"

struct rules_part {
	const struct hs_rule *rules;
	size_t count;
};

extern const struct rules_part rules_scrub, rules_layout, rules_namespace, rules_directory,
	rules_striped, rules_system;

#define RULES_PART(table)                                                                          \
	{                                                                                          \
		table, sizeof(table) / sizeof(table[0])                                            \
	}

#endif
