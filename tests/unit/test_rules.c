/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rule table: complete, every id once, every text fit to print.
 */
#include <ctype.h>
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lfsck/mark.h"
#include "lfsck/rules.h"

/* Numbers of the catalogue and of the rules beyond it. */
static const struct {
	const char *prefix;
	int from, to;
} wanted[] = {
	{"OI", 1, 15},	 {"OI", 60, 63}, {"LID", 1, 4},	 {"LID", 60, 61}, {"LAY", 1, 16},
	{"LAY", 60, 70}, {"NS", 1, 15},	 {"NS", 20, 31}, {"NS", 40, 50},  {"NS", 60, 69},
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

/* What is found, why it happens, what is lost: two to four sentences. */
static void check_sentences(const char *id, const char *s)
{
	unsigned n = 1;

	while ((s = strstr(s, ". "))) {
		n++;
		s += 2;
	}
	if (n < 2 || n > 4)
		fail_msg("%s: %u sentences", id, n);
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
		/* a repair, or the reason why there is none */
		if (!hs_rule_is_repaired(r) && strncmp(r->repair, "None: ", 6))
			fail_msg("%s: does not say why there is no repair", r->id);
		if (!hs_rule_is_repaired(r))
			assert_int_equal(r->gate, 0);
		check_text(r->id, r->explain);
		check_sentences(r->id, r->explain);
		assert_true(r->gate == 0 || strchr("ocCd", r->gate));
		assert_true(r->component < HS_RULE_COMPONENTS);
		assert_non_null(hs_rule_component_name(r->component));
		assert_non_null(hs_rule_severity_name(r->severity));
	}
}

static void test_marks(void **state)
{
	(void)state;
	for (unsigned i = 0; i < HS_MARK_CODES; i++) {
		const struct hs_mark_info *m = hs_mark_info((enum hs_mark_code)i);

		if (!hs_rule_find(m->rule))
			fail_msg("mark %s: no rule %s", m->name, m->rule);
	}
}

/* Length of an id like "NS-31" with its quotes at s, 0 if there is none. */
static size_t quoted_id(const char *s)
{
	size_t n = 1, digits;

	while (isupper((unsigned char)s[n]))
		n++;
	if (s[0] != '"' || n == 1 || s[n] != '-')
		return 0;
	for (digits = 0; isdigit((unsigned char)s[n + 1 + digits]);)
		digits++;
	return digits && s[n + 1 + digits] == '"' ? n + 2 + digits : 0;
}

static size_t check_source(const char *path)
{
	FILE *in = fopen(path, "r");
	size_t n = 0;
	char line[512];

	assert_non_null(in);
	while (fgets(line, sizeof(line), in)) {
		for (const char *s = line; (s = strchr(s, '"')); s++) {
			size_t len = quoted_id(s);
			char id[16];

			if (!len || len >= sizeof(id))
				continue;
			snprintf(id, sizeof(id), "%.*s", (int)len - 2, s + 1);
			if (!hs_rule_find(id))
				fail_msg("%s: no rule %s", path, id);
			n++;
		}
	}
	fclose(in);
	return n;
}

/* A judge names its rule by a string, which no compiler checks. */
static void test_judges(void **state)
{
	const char *root = getenv("SOURCE");
	char pattern[4096];
	size_t n = 0;
	glob_t g;

	(void)state;
	if (!root) {
		print_message("SOURCE is not set: the source is not looked at\n");
		skip();
	}
	snprintf(pattern, sizeof(pattern), "%s/src/lfsck/*.c", root);
	assert_int_equal(glob(pattern, 0, NULL, &g), 0);
	for (size_t i = 0; i < g.gl_pathc; i++)
		n += check_source(g.gl_pathv[i]);
	globfree(&g);
	assert_true(n > 60);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_complete),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_marks),
		cmocka_unit_test(test_judges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
