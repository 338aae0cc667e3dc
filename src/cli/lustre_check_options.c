/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/lustre_check_options.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "lfsck/rules.h"

enum { KEY_SEED = 0x1000, KEY_COUNTERS, KEY_STATS, KEY_MAX };

static const struct argp_option argp_options[] = {
	{"type", 't', "TYPE[,TYPE...]", 0,
	 "Report only these components: namespace, layout, scrub, all (default)", 0},
	{"all", 'A', NULL, 0, "The targets given are all of the file system", 0},
	{"error", 'e', "continue|abort", 0,
	 "At an object that cannot be handled go on (default) or stop", 0},
	{"dry-run", 'n', NULL, 0, "Write nothing: a check never does", 0},
	{"reset", 'r', NULL, 0, "Start from the beginning: a check always does", 0},
	{"stats", KEY_STATS, NULL, 0, "Print also what lctl get_param would", 0},
	{"max-repairs", KEY_MAX, "N", 0,
	 "Repairs by one rule that may be made without asking (default: one for a hundred inodes "
	 "in use, 1000 at least)",
	 0},
	{"seed", KEY_SEED, "N", 0, "Hash seed of this run (default: random)", 0},
	{"counters", KEY_COUNTERS, "N", 0, "Number of counters (default: one an object)", 0},
	{0},
};

#define BIT(component) (1u << HS_RULE_##component)

/* As LFSCK divides the work; what it does not look for goes where it belongs best. */
static const struct {
	const char *name;
	unsigned components;
} types[] = {
	{"namespace", BIT(NAMESPACE) | BIT(STRIPED) | BIT(TREE) | BIT(LOSTFOUND) | BIT(FLD)},
	{"layout", BIT(LAYOUT) | BIT(LASTID)},
	{"scrub", BIT(SCRUB)},
	{"all", (1u << HS_RULE_COMPONENTS) - 1},
};

static bool add_type(const char *name, size_t len, unsigned *components)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (strlen(types[i].name) == len && !memcmp(types[i].name, name, len)) {
			*components |= types[i].components;
			return true;
		}
	}
	return false;
}

static void parse_types(const char *list, unsigned *components, struct argp_state *state)
{
	for (;;) {
		size_t len = strcspn(list, ",");

		if (!add_type(list, len, components))
			argp_error(state, "--type: '%.*s' is none of namespace, layout, scrub, all",
				   (int)len, list);
		if (!list[len])
			return;
		list += len + 1;
	}
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct hs_check_options *o = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &o->output;
		state->child_inputs[1] = &o->work;
		return 0;
	case 't':
		parse_types(arg, &o->components, state);
		return 0;
	case 'A':
		o->all = true;
		return 0;
	case 'e':
		if (strcmp(arg, "abort") && strcmp(arg, "continue"))
			argp_error(state, "--error: neither continue nor abort: %s",
				   arg ? arg : "");
		o->failout = !strcmp(arg, "abort");
		return 0;
	case 'n':
	case 'r':
		return 0;
	case KEY_STATS:
		o->stats = true;
		return 0;
	case KEY_SEED:
		o->has_seed = true;
		if (hs_parse_number(arg, 0, UINT64_MAX, &o->seed))
			argp_error(state, "--seed: not a number: %s", arg);
		return 0;
	case KEY_MAX:
		o->has_max_repairs = true;
		if (hs_parse_number(arg, 0, UINT64_MAX, &o->max_repairs))
			argp_error(state, "--max-repairs: not a number: %s", arg);
		return 0;
	case KEY_COUNTERS:
		if (hs_parse_number(arg, 1, UINT32_MAX, &o->counters))
			argp_error(state, "--counters: not a number from 1 to 2^32-1: %s", arg);
		return 0;
	case ARGP_KEY_ARG:
		if (hs_array_grow(&o->targets, &o->room, o->n_targets + 1))
			argp_failure(state, HS_EXIT_OPERATIONAL, ENOMEM, "targets");
		o->targets[o->n_targets++] = arg;
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "no target given");
		return 0;
	case ARGP_KEY_SUCCESS:
		o->all |= o->n_targets > 1;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_child children[] = {
	{&hs_output_argp, 0, "Output:", 0},
	{&hs_work_argp, 0, "Work:", 0},
	{0},
};

static const struct argp argp = {
	.options = argp_options,
	.parser = parse,
	.args_doc = "TARGET...",
	.doc = "Check that the targets of a Lustre file system agree with each other."
	       "\vTARGET is an MDT or OST: a block device, an image or a snapshot, not mounted. "
	       "Give all targets of the file system: what depends on one that is missing stays "
	       "undecided. Nothing is written to any target.\n\n"
	       "Exit status: 0 consistent, 4 inconsistencies found, 8 the check could not be done "
	       "or not be complete, 16 usage, 32 cancelled; sums of these.",
	.children = children,
};

void hs_check_options_parse(struct hs_check_options *o, int argc, char **argv)
{
	*o = (struct hs_check_options){0};
	argp_err_exit_status = HS_EXIT_USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, o);
}

void hs_check_options_free(struct hs_check_options *o)
{
	free(o->targets);
}

const char *hs_check_options_param(const struct hs_check_options *o)
{
	if (o->failout)
		return o->all ? "failout,dryrun,all_targets" : "failout,dryrun";
	return o->all ? "dryrun,all_targets" : "dryrun";
}
