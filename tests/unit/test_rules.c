/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rule table: complete, every id once, every text fit to print.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "lfsck/rules.h"

/* Numbers of the catalogue and of the rules beyond it. */
static const struct {
	const char *prefix;
	int from, to;
} wanted[] = {
	{"OI", 1, 15},	 {"OI", 60, 63}, {"LID", 1, 4},	 {"LID", 60, 61}, {"LAY", 1, 16},
	{"LAY", 60, 70}, {"NS", 1, 15},	 {"NS", 20, 31}, {"NS", 40, 50},  {"NS", 60, 67},
	{"STR", 1, 14},	 {"FLD", 1, 5},	 {"LF", 1, 2},	 {"TREE", 1, 2},  {"META", 1, 6},
};

static void test_complete(void **state)
{
	size_t n = 0;
	char id[16];

	(void)state;
	for (size_t w = 0; w < sizeof(wanted) / sizeof(wanted[0]); w++) {
		for (int i = wanted[w].from; i <= wanted[w].to; i++, n++) {
			snprintf(id, sizeof(id), "%s-%d", wanted[w].prefix, i);
			if (!hs_rule_find(id))
				fail_msg("no rule %s", id);
		}
	}
	assert_int_equal(hs_rule_count(), n);
	assert_null(hs_rule_at(n));
	assert_null(hs_rule_find("NS-16"));
	assert_ptr_equal(hs_rule_find("lay-2"), hs_rule_find("LAY-2"));
}

static void check_text(const char *id, const char *s)
{
	size_t len = strlen(s);

	if (len == 0 || s[0] == ' ' || s[len - 1] != '.' || strstr(s, "  "))
		fail_msg("%s: \"%s\"", id, s);
}

static void test_texts(void **state)
{
	(void)state;
	for (size_t i = 0; i < hs_rule_count(); i++) {
		const struct hs_rule *r = hs_rule_at(i);

		assert_ptr_equal(hs_rule_find(r->id), r); /* so no id occurs twice */
		check_text(r->id, r->message);
		check_text(r->id, r->repair);
		check_text(r->id, r->explain);
		assert_true(r->gate == 0 || strchr("ocCd", r->gate));
		assert_true(r->component < HS_RULE_COMPONENTS);
		assert_non_null(hs_rule_component_name(r->component));
		assert_non_null(hs_rule_severity_name(r->severity));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_complete),
		cmocka_unit_test(test_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
