/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * holystone explain: the whole text of one rule.
 */
#include <argp.h>
#include <ctype.h>
#include <string.h>

#include "base/cleanup.h"
#include "cli/rules.h"

#define WIDTH	 78
#define ID_MAX	 8 /* "META-5" and what people make of it */
#define NEAR_MAX 6 /* that many similar ids are named */

enum { KEY_JSON = 0x1000 };

struct options {
	bool json;
	const char *id;
};

static const struct argp_option argp_options[] = {
	{"json", KEY_JSON, NULL, 0, "Print one JSON object", 0},
	{0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case KEY_JSON:
		o->json = true;
		return 0;
	case ARGP_KEY_ARG:
		if (o->id)
			argp_error(state, "one rule at a time");
		o->id = arg;
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "no rule given");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = argp_options,
	.parser = parse,
	.args_doc = "RULE",
	.doc = "Explain a rule of the Lustre check: what is found, why it happens, what a repair "
	       "does and what is lost without it."
	       "\vRULE is an id such as LAY-2, as findings have it; upper or lower case. "
	       "'holystone rules' lists all.",
};

/* Changes of single letters that make one id of the other, up to ID_MAX letters of each. */
static unsigned distance(const char *a, const char *b)
{
	unsigned row[ID_MAX + 1];
	size_t la = strnlen(a, ID_MAX), lb = strnlen(b, ID_MAX);

	for (size_t k = 0; k <= lb; k++)
		row[k] = (unsigned)k;
	for (size_t i = 1; i <= la; i++) {
		unsigned diagonal = row[0];

		row[0] = (unsigned)i;
		for (size_t k = 1; k <= lb; k++) {
			bool same = toupper((unsigned char)a[i - 1]) == b[k - 1];
			unsigned best = diagonal + !same;

			if (row[k] + 1 < best)
				best = row[k] + 1;
			if (row[k - 1] + 1 < best)
				best = row[k - 1] + 1;
			diagonal = row[k];
			row[k] = best;
		}
	}
	return row[lb];
}

static void say_unknown(struct hs_log *log, const char *id)
{
	hs_cleanup(hs_strbuf_free) struct hs_strbuf near = HS_STRBUF_INIT;
	hs_cleanup(hs_strbuf_free) struct hs_strbuf shown = HS_STRBUF_INIT;
	size_t n = 0;

	for (size_t i = 0; i < hs_rule_count() && n < NEAR_MAX; i++) {
		const struct hs_rule *r = hs_rule_at(i);

		if (strlen(id) <= ID_MAX && distance(id, r->id) <= 1)
			hs_strbuf_printf(&near, "%s%s", n++ ? ", " : "", r->id);
	}
	hs_strbuf_add_escaped(&shown, id, strlen(id));
	if (n)
		hs_log(log, HS_LOG_ERROR, "there is no rule '%s'; similar: %s",
		       hs_strbuf_str(&shown), hs_strbuf_str(&near));
	else
		hs_log(log, HS_LOG_ERROR, "there is no rule '%s': see 'holystone rules'",
		       hs_strbuf_str(&shown));
}

/* A paragraph, broken between words. */
static void put_wrapped(FILE *out, const char *text)
{
	size_t column = 0;

	while (*text) {
		size_t len = strcspn(text, " ");

		if (column && column + 1 + len > WIDTH) {
			fputc('\n', out);
			column = 0;
		} else if (column) {
			fputc(' ', out);
			column++;
		}
		fwrite(text, 1, len, out);
		column += len;
		text += len;
		text += *text == ' ';
	}
	fputc('\n', out);
}

static void write_text(const struct hs_rule *r, FILE *out)
{
	hs_cleanup(hs_strbuf_free) struct hs_strbuf text = HS_STRBUF_INIT;

	hs_strbuf_printf(&text, "%s: %s", r->id, r->message);
	put_wrapped(out, hs_strbuf_str(&text));
	fputc('\n', out);
	put_wrapped(out, r->explain);
	hs_strbuf_reset(&text);
	hs_strbuf_printf(&text, "Repair: %s", r->repair);
	fputc('\n', out);
	put_wrapped(out, hs_strbuf_str(&text));
	hs_strbuf_reset(&text);
	hs_strbuf_printf(&text, "Component %s, severity %s; ", hs_rule_component_name(r->component),
			 hs_rule_severity_name(r->severity));
	if (r->gate)
		hs_strbuf_printf(&text, "a repair needs -%c; ", r->gate);
	if (r->counter)
		hs_strbuf_printf(&text, "LFSCK counts it as %s.", r->counter);
	else
		hs_strbuf_puts(&text, "LFSCK does not count it.");
	fputc('\n', out);
	put_wrapped(out, hs_strbuf_str(&text));
}

int hs_command_explain(struct hs_cli *cli, int argc, char **argv)
{
	struct options o = {0};
	const struct hs_rule *r;

	argp_err_exit_status = HS_EXIT_USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, &o);
	r = hs_rule_find(o.id);
	if (!r) {
		say_unknown(cli->log, o.id);
		return HS_EXIT_USAGE;
	}
	if (o.json)
		return hs_rule_write_json(r, cli->out) ? HS_EXIT_OPERATIONAL : HS_EXIT_CLEAN;
	write_text(r, cli->out);
	return HS_EXIT_CLEAN;
}
