/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * holystone rules: the table of everything that the check can find.
 */
#include <argp.h>

#include "cli/rules.h"
#include "cli/sheet.h"

enum { KEY_JSON = 0x1000 };

static const struct argp_option argp_options[] = {
	{"json", KEY_JSON, NULL, 0, "Print JSON, one rule a line, with the whole text", 0},
	{0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	bool *json = state->input;

	switch (key) {
	case KEY_JSON:
		*json = true;
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "unexpected argument: %s", arg);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = argp_options,
	.parser = parse,
	.doc = "List the rules of the Lustre check."
	       "\vThe option is the one that a repair needs, as lctl lfsck_start has it; the "
	       "counter is the line of lctl get_param in which LFSCK counts such repairs. "
	       "'holystone explain RULE' tells the whole of one.",
};

errint_t hs_rule_write_json(const struct hs_rule *r, FILE *out)
{
	const char option[] = {'-', r->gate, '\0'};
	struct hs_sheet s;

	hs_sheet_begin(&s, true, "rule");
	hs_sheet_str(&s, "rule", r->id);
	hs_sheet_str(&s, "component", hs_rule_component_name(r->component));
	hs_sheet_str(&s, "severity", hs_rule_severity_name(r->severity));
	if (r->gate)
		hs_sheet_str(&s, "gate", option);
	if (r->counter)
		hs_sheet_str(&s, "counter", r->counter);
	hs_sheet_str(&s, "message", r->message);
	hs_sheet_str(&s, "explanation", r->explain);
	hs_sheet_str(&s, "repair", r->repair);
	return hs_sheet_end(&s, out);
}

static void write_row(const struct hs_rule *r, FILE *out)
{
	const char option[] = {'-', r->gate, '\0'};

	fprintf(out, "%-7s %-10s %-9s %-6s %-28s %s\n", r->id, hs_rule_component_name(r->component),
		hs_rule_severity_name(r->severity), r->gate ? option : "-",
		r->counter ? r->counter : "-", r->message);
}

int hs_command_rules(struct hs_cli *cli, int argc, char **argv)
{
	bool json = false;
	errint_t err = 0;

	argp_err_exit_status = HS_EXIT_USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, &json);
	if (!json)
		fprintf(cli->out, "%-7s %-10s %-9s %-6s %-28s %s\n", "RULE", "COMPONENT",
			"SEVERITY", "OPTION", "LFSCK COUNTER", "MESSAGE");
	for (size_t i = 0; !err && i < hs_rule_count(); i++) {
		if (json)
			err = hs_rule_write_json(hs_rule_at(i), cli->out);
		else
			write_row(hs_rule_at(i), cli->out);
	}
	return err ? HS_EXIT_OPERATIONAL : HS_EXIT_CLEAN;
}
