/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * holystone plan: what a repair of the findings of a run would write.
 */
#include "cli/plan.h"

#include <argp.h>
#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "cli/options.h"
#include "lfsck/rules.h"
#include "lustre/target.h"
#include "report/json.h"

enum { KEY_ONLY = 0x1000, KEY_MAX };

struct options {
	struct hs_output_options output;
	const char *only;
	uint64_t max_repairs;
	bool has_max;
	const char *run;
};

static const struct argp_option argp_options[] = {
	{"only", KEY_ONLY, "RULE|FID|TARGET", 0,
	 "Show only repairs by this rule, of this object, or on this target", 0},
	{"max-repairs", KEY_MAX, "N", 0,
	 "Show which rules have more repairs than this (default: as the check set it)", 0},
	{0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &o->output;
		return 0;
	case KEY_ONLY:
		o->only = arg;
		return 0;
	case KEY_MAX:
		if (hs_parse_number(arg, 0, UINT64_MAX, &o->max_repairs))
			argp_error(state, "--max-repairs: not a number: %s", arg);
		o->has_max = true;
		return 0;
	case ARGP_KEY_ARG:
		if (o->run)
			argp_error(state, "one run at a time");
		o->run = arg;
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "no run given");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_child children[] = {
	{&hs_output_argp, 0, "Output:", 0},
	{0},
};

static const struct argp argp = {
	.options = argp_options,
	.parser = parse,
	.args_doc = "RUN",
	.doc = "Show what a repair of the findings of a Lustre check would write."
	       "\vRUN is the directory of the run. Nothing is read but the run, and nothing is "
	       "written. With -v the facts are shown that each repair rests on.\n\n"
	       "Exit status: 0 nothing is planned, 4 there are repairs to be made, 8 the plan "
	       "could not be read, 16 usage.",
	.children = children,
};

static bool names_target(const char *only, const struct hs_item_view *view)
{
	char label[16];

	if (view->row->target && !strcasecmp(only, view->row->target))
		return true;
	for (size_t i = 0; i < view->n_edits; i++) {
		if (!strcasecmp(only, hs_tgt_text(view->edits[i].target, label)))
			return true;
	}
	return false;
}

bool hs_plan_selects(const char *only, const struct hs_item_view *view)
{
	const char *object = view->row->object;
	struct hs_fid a, b;

	if (!only || (view->row->rule && !strcasecmp(only, view->row->rule)))
		return true;
	if (object && (!strcmp(only, object) ||
		       (!hs_fid_parse(only, strlen(only), &a) &&
			!hs_fid_parse(object, strlen(object), &b) && hs_fid_eq(a, b))))
		return true;
	return names_target(only, view);
}

/* Items of one rule. */
struct count {
	char rule[16];
	uint64_t items, edits, open;
};

struct show {
	struct hs_cli *cli;
	const struct options *o;
	FILE *out;
	int64_t finding; /* shown last */
	struct count *counts;
	size_t n_counts, room;
	uint64_t open;
	struct hs_strbuf why;
};

static struct count *count_of(struct show *s, const char *rule)
{
	struct count *c;

	for (size_t i = 0; i < s->n_counts; i++) {
		if (!strcmp(s->counts[i].rule, rule))
			return &s->counts[i];
	}
	if (hs_array_grow(&s->counts, &s->room, s->n_counts + 1))
		return NULL;
	c = &s->counts[s->n_counts++];
	*c = (struct count){0};
	snprintf(c->rule, sizeof(c->rule), "%s", rule);
	return c;
}

static void say_finding(struct show *s, const struct hs_run_item_read *row)
{
	hs_cleanup(hs_strbuf_free) struct hs_strbuf b = HS_STRBUF_INIT;

	if (s->finding == row->item.finding)
		return;
	s->finding = row->item.finding;
	hs_strbuf_puts(&b, row->rule ? row->rule : "?");
	if (row->target)
		hs_strbuf_printf(&b, " %s", row->target);
	if (row->object) {
		hs_strbuf_putc(&b, ' ');
		hs_strbuf_add_escaped(&b, row->object, strlen(row->object));
	}
	if (row->message) {
		hs_strbuf_puts(&b, ": ");
		hs_strbuf_add_escaped(&b, row->message, strlen(row->message));
	}
	hs_strbuf_putc(&b, '\n');
	if (row->path) {
		hs_strbuf_puts(&b, "    path: ");
		hs_strbuf_add_escaped(&b, row->path, row->path_len);
		hs_strbuf_putc(&b, '\n');
	}
	if (row->repair) {
		hs_strbuf_puts(&b, "    repair: ");
		hs_strbuf_add_escaped(&b, row->repair, strlen(row->repair));
		hs_strbuf_putc(&b, '\n');
	}
	fputs(hs_strbuf_str(&b), s->out);
}

static void say_steps(struct show *s, const struct hs_step *v, size_t n, const char *before)
{
	for (size_t i = 0; i < n; i++) {
		hs_cleanup(hs_strbuf_free) struct hs_strbuf b = HS_STRBUF_INIT;

		hs_step_say(&v[i], &b);
		fprintf(s->out, "        %s%s\n", before, hs_strbuf_str(&b));
	}
}

static void say_item(struct show *s, const struct hs_item_view *view)
{
	const struct hs_run_item *item = &view->row->item;

	say_finding(s, view->row);
	fprintf(s->out, "    item %" PRId64, item->id);
	if (item->phase > 1)
		fprintf(s->out, ", after all of phase %" PRId64, item->phase - 1);
	if (item->gate)
		fprintf(s->out, ", with %s", item->gate);
	for (size_t i = 0; i < item->n_needs; i++)
		fprintf(s->out, "%s %" PRId64, i ? "," : ", after item", item->needs[i]);
	if (view->row->state != HS_ITEM_PLANNED)
		fprintf(s->out, ", %s", hs_item_state_name(view->row->state));
	fputs(":\n", s->out);
	if (s->o->output.verbose)
		say_steps(s, view->expects, view->n_expects, "if ");
	say_steps(s, view->edits, view->n_edits, "");
}

static errint_t show_item(const struct hs_run_item_read *row, void *arg)
{
	hs_cleanup(hs_item_view_free) struct hs_item_view view = {0};
	struct show *s = arg;
	struct count *c;
	errint_t err = hs_item_view_decode(row, &view, &s->why);

	if (err || !hs_plan_selects(s->o->only, &view))
		return err;
	c = count_of(s, row->rule ? row->rule : "?");
	if (!c)
		return -ENOMEM;
	c->items++;
	c->edits += view.n_edits;
	c->open += row->state != HS_ITEM_DONE;
	s->open += row->state != HS_ITEM_DONE;
	if (s->o->output.json)
		return hs_plan_item_json(&view, s->out);
	if (!s->o->output.quiet)
		say_item(s, &view);
	return 0;
}

/* Findings without items, by why. */
struct rest {
	uint64_t none, undecided;
};

static errint_t count_rest(const struct hs_finding *f, void *arg)
{
	struct rest *r = arg;

	if (f->kind != HS_RECORD_FINDING || f->severity == HS_SEV_NOTE)
		return 0;
	r->undecided += f->state == HS_STATE_UNDECIDED;
	r->none += f->state != HS_STATE_UNDECIDED && f->repair && !strncmp(f->repair, "None", 4);
	return 0;
}

static int cmp_count(const void *pa, const void *pb)
{
	const struct count *a = pa, *b = pb;

	return strverscmp(a->rule, b->rule);
}

static void say_sum(const struct show *s, const struct rest *r, uint64_t max)
{
	if (s->n_counts)
		fprintf(s->out, "%-8s %8s %8s %8s\n", "RULE", "REPAIRS", "EDITS", "TO DO");
	for (size_t i = 0; i < s->n_counts; i++) {
		const struct count *c = &s->counts[i];

		fprintf(s->out, "%-8s %8" PRIu64 " %8" PRIu64 " %8" PRIu64 "%s\n", c->rule,
			c->items, c->edits, c->open,
			c->open > max ? "  more than --max-repairs allows" : "");
	}
	if (!s->n_counts)
		fputs("Nothing is planned.\n", s->out);
	if (r->none)
		fprintf(s->out, "%" PRIu64 " finding%s no repair; their report says why.\n",
			r->none, r->none == 1 ? " has" : "s have");
	if (r->undecided)
		fprintf(s->out, "%" PRIu64 " finding%s undecided: nothing is planned for them.\n",
			r->undecided, r->undecided == 1 ? " is" : "s are");
}

static errint_t json_sum(const struct show *s, const struct rest *r, uint64_t max,
			 const struct hs_run *run)
{
	hs_cleanup(hs_strbuf_free) struct hs_strbuf b = HS_STRBUF_INIT;
	struct hs_json j = hs_json_to(&b);
	errint_t err;

	hs_json_object(&j, NULL);
	hs_json_str(&j, "type", "plan");
	hs_json_str(&j, "run", hs_run_id(run));
	hs_json_uint(&j, "max_repairs", max);
	hs_json_array(&j, "rules");
	for (size_t i = 0; i < s->n_counts; i++) {
		const struct count *c = &s->counts[i];

		hs_json_object(&j, NULL);
		hs_json_str(&j, "rule", c->rule);
		hs_json_uint(&j, "items", c->items);
		hs_json_uint(&j, "edits", c->edits);
		hs_json_uint(&j, "to_do", c->open);
		hs_json_bool(&j, "too_many", c->open > max);
		hs_json_end_object(&j);
	}
	hs_json_end_array(&j);
	hs_json_uint(&j, "without_repair", r->none);
	hs_json_uint(&j, "undecided", r->undecided);
	hs_json_end_object(&j);
	err = hs_json_done(&j);
	if (!err && fwrite(b.s, 1, b.len, s->out) != b.len)
		err = -EIO;
	return err;
}

/* The limit that the check recorded; no limit in a run that has none. */
static uint64_t max_repairs(const struct options *o, struct hs_run *run)
{
	hs_cleanup(hs_strbuf_free) struct hs_strbuf value = HS_STRBUF_INIT;
	uint64_t max = UINT64_MAX;

	if (o->has_max)
		return o->max_repairs;
	if (!hs_run_get_option(run, "max-repairs", &value) &&
	    hs_parse_number(hs_strbuf_str(&value), 0, UINT64_MAX, &max))
		return UINT64_MAX;
	return max;
}

int hs_command_plan(struct hs_cli *cli, int argc, char **argv)
{
	struct options o = {0};
	struct show s = {.cli = cli, .o = &o, .out = cli->out, .finding = -1};
	struct rest rest = {0};
	struct hs_run *run = NULL;
	errint_t err;

	argp_err_exit_status = HS_EXIT_USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, &o);
	hs_output_apply(&o.output, cli);
	err = hs_run_open(o.run, HS_RUN_READ, &run, &s.why);
	if (!err)
		err = hs_run_each_item(run, show_item, &s);
	if (!err)
		err = hs_run_each_finding(run, count_rest, &rest);
	if (!err) {
		if (s.n_counts)
			qsort(s.counts, s.n_counts, sizeof(*s.counts), cmp_count);
		if (o.output.json)
			err = json_sum(&s, &rest, max_repairs(&o, run), run);
		else
			say_sum(&s, &rest, max_repairs(&o, run));
	}
	if (err)
		hs_log(cli->log, HS_LOG_ERROR, "%s: %s", o.run,
		       s.why.len ? hs_strbuf_str(&s.why) : strerror(-err));
	hs_run_close(run);
	hs_strbuf_free(&s.why);
	free(s.counts);
	return err ? HS_EXIT_OPERATIONAL : s.open ? HS_EXIT_UNCORRECTED : HS_EXIT_CLEAN;
}
