/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Look-up in the rule table and walk over its parts.
 */
#include "lfsck/rules_table.h"

#include <strings.h>

static const struct rules_part *const parts[] = {
	&rules_scrub,	  &rules_layout,  &rules_namespace,
	&rules_directory, &rules_striped, &rules_system,
};

#define PARTS (sizeof(parts) / sizeof(parts[0]))

size_t hs_rule_count(void)
{
	size_t n = 0;

	for (size_t p = 0; p < PARTS; p++)
		n += parts[p]->count;
	return n;
}

const struct hs_rule *hs_rule_at(size_t i)
{
	for (size_t p = 0; p < PARTS; p++) {
		if (i < parts[p]->count)
			return &parts[p]->rules[i];
		i -= parts[p]->count;
	}
	return NULL;
}

const struct hs_rule *hs_rule_find(const char *id)
{
	const struct hs_rule *r;

	for (size_t i = 0; (r = hs_rule_at(i)); i++) {
		if (strcasecmp(r->id, id) == 0)
			return r;
	}
	return NULL;
}

const char *hs_rule_component_name(enum hs_rule_component component)
{
	static const char *const names[HS_RULE_COMPONENTS] = {
		"scrub", "lastid", "layout", "namespace", "striped", "fld", "lost+found", "tree",
	};

	return names[component];
}

const char *hs_rule_severity_name(enum hs_rule_severity severity)
{
	static const char *const names[] = {"note", "minor", "major", "loss", "undecided"};

	return names[severity];
}
