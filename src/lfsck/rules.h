/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rules of the Lustre check as one table: what can be wrong, what a repair does, and which
 * counter of LFSCK it is. Ids of the catalogue (OI, LID, LAY, NS, STR) keep their numbers; numbers
 * from 60 on, and the prefixes TREE, FLD, LF and META, are rules that LFSCK does not have. Help,
 * reports and tests are made from this table. Constant data: any thread, no ownership, no errors.
 */
#ifndef HS_LFSCK_RULES_H
#define HS_LFSCK_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

enum hs_rule_component {
	HS_RULE_SCRUB,
	HS_RULE_LASTID,
	HS_RULE_LAYOUT,
	HS_RULE_NAMESPACE,
	HS_RULE_STRIPED,
	HS_RULE_FLD,
	HS_RULE_LOSTFOUND,
	HS_RULE_TREE,
	HS_RULE_COMPONENTS,
};

enum hs_rule_severity {
	HS_RULE_NOTE,	   /* worth knowing, nothing is wrong */
	HS_RULE_MINOR,	   /* redundant data are wrong; nothing is lost and access works */
	HS_RULE_MAJOR,	   /* access fails or goes wrong, or will after the next fault */
	HS_RULE_LOSS,	   /* files or data cannot be reached */
	HS_RULE_UNDECIDED, /* could not be read: nothing is concluded */
};

struct hs_rule {
	const char *id;
	enum hs_rule_component component;
	enum hs_rule_severity severity;
	char gate;	       /* option that a repair needs: 'o', 'c', 'C', 'd'; 0: none */
	const char *counter;   /* its line of lctl get_param, repaired form; NULL: LFSCK has none */
	const char *catalogue; /* where the catalogue lists what LFSCK misses, or NULL */
	const char *message;   /* one sentence */
	const char *repair;    /* what a repair does */
	const char *explain;   /* what is found, why it happens, what is lost without repair */
};

/* A rule without repair says why: its text begins with "None". */
static inline bool hs_rule_is_repaired(const struct hs_rule *r)
{
	return r && strncmp(r->repair, "None", 4) != 0;
}

/* NULL if there is no such rule; ids are compared without regard to case. */
const struct hs_rule *hs_rule_find(const char *id);

/* All rules, component by component, in the order of their numbers. */
size_t hs_rule_count(void);
const struct hs_rule *hs_rule_at(size_t i);

/* "layout" */
const char *hs_rule_component_name(enum hs_rule_component component);
const char *hs_rule_severity_name(enum hs_rule_severity severity);

#endif
