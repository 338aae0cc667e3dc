/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The summary of a run as text and as JSON.
 */
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "report/json.h"
#include "report/report.h"

struct text {
	struct hs_strbuf *out;
	size_t flags; /* shown so far */
};

static uint64_t tally_state(const struct hs_run_tally *t, enum hs_finding_state state)
{
	uint64_t n = 0;

	for (int sev = 0; sev < HS_SEV_MAX; sev++)
		n += t->findings[sev][state];
	return n;
}

static uint64_t tally_severity(const struct hs_run_tally *t, enum hs_severity severity)
{
	uint64_t n = 0;

	for (int state = 0; state < HS_STATE_MAX; state++)
		n += t->findings[severity][state];
	return n;
}

static void put_count(struct hs_strbuf *out, uint64_t n, const char *word)
{
	hs_report_number(out, n);
	hs_strbuf_printf(out, " %s%s", word, n == 1 ? "" : "s");
}

/* What is wrong for certain, and still is or was until it was repaired. */
static uint64_t tally_damage(const struct hs_run_tally *t)
{
	uint64_t n = 0;

	for (enum hs_finding_state s = 0; s < HS_STATE_MAX; s++) {
		if (s != HS_STATE_UNDECIDED)
			n += t->findings[HS_SEV_ERROR][s] + t->findings[HS_SEV_WARNING][s];
	}
	return n;
}

/* "consistent" only when everything was looked at and nothing stayed open. */
static const char *verdict(const struct hs_run_info *info, const struct hs_run_tally *t)
{
	if (tally_damage(t))
		return "inconsistent";
	if (tally_state(t, HS_STATE_UNDECIDED) || t->suspects || info->status != HS_RUN_COMPLETED)
		return "undecided";
	return "consistent";
}

/* " (1 error, 2 warnings; 1 repaired)" */
static void put_parts(struct hs_strbuf *out, const struct hs_run_tally *t)
{
	const char *sep = " (";

	for (enum hs_severity s = HS_SEV_ERROR; s <= HS_SEV_WARNING; s++) {
		uint64_t n = tally_severity(t, s) - t->findings[s][HS_STATE_UNDECIDED];

		if (!n)
			continue;
		hs_strbuf_puts(out, sep);
		put_count(out, n, hs_severity_name(s));
		sep = ", ";
	}
	sep = "; ";
	for (enum hs_finding_state s = HS_STATE_REPAIRED; s < HS_STATE_MAX; s++) {
		uint64_t n = t->findings[HS_SEV_ERROR][s] + t->findings[HS_SEV_WARNING][s];

		if (!n)
			continue;
		hs_strbuf_puts(out, sep);
		hs_report_number(out, n);
		hs_strbuf_printf(out, " %s", hs_finding_state_name(s));
		sep = ", ";
	}
	hs_strbuf_putc(out, ')');
}

/* "3 inconsistencies (1 error, 2 warnings), 1 note, 2 undecided" */
static void put_tally(struct hs_strbuf *out, const struct hs_run_info *info,
		      const struct hs_run_tally *t)
{
	uint64_t damage = tally_damage(t), undecided = tally_state(t, HS_STATE_UNDECIDED);
	uint64_t notes =
		tally_severity(t, HS_SEV_NOTE) - t->findings[HS_SEV_NOTE][HS_STATE_UNDECIDED];

	if (damage) {
		hs_report_number(out, damage);
		hs_strbuf_puts(out, damage == 1 ? " inconsistency" : " inconsistencies");
		put_parts(out, t);
	} else if (!strcmp(verdict(info, t), "consistent")) {
		hs_strbuf_puts(out, "consistent");
	} else {
		hs_strbuf_puts(out, "no inconsistency found");
	}
	if (notes) {
		hs_strbuf_puts(out, ", ");
		put_count(out, notes, "note");
	}
	if (undecided) {
		hs_strbuf_puts(out, ", ");
		hs_report_number(out, undecided);
		hs_strbuf_puts(out, " undecided");
	}
	if (t->suspects) {
		hs_strbuf_puts(out, ", ");
		put_count(out, t->suspects, "suspect");
	}
}

/* What was not given, and what that leaves open. */
static void put_absent(struct hs_strbuf *out, struct hs_run *run)
{
	hs_cleanup(hs_strbuf_free) struct hs_strbuf absent = HS_STRBUF_INIT;
	hs_cleanup(hs_strbuf_free) struct hs_strbuf param = HS_STRBUF_INIT;
	int64_t facts = 0;

	if (hs_run_get_option(run, "absent", &absent) || !absent.len)
		return;
	hs_strbuf_puts(out, "undecided: ");
	if (!hs_run_get_option(run, "param", &param) &&
	    !strstr(hs_strbuf_str(&param), "all_targets"))
		hs_strbuf_puts(out, "this is one target's own view; ");
	hs_strbuf_printf(out, "not given: %s", hs_strbuf_str(&absent));
	if (!hs_run_get_total(run, NULL, "undecided facts", &facts) && facts > 0) {
		hs_strbuf_puts(out, "; ");
		hs_report_number(out, (uint64_t)facts);
		hs_strbuf_puts(out, facts == 1 ? " record refers to it"
					       : " records refer to what is there");
	}
	hs_strbuf_putc(out, '\n');
}

static errint_t text_target(const struct hs_run_target *t, void *arg)
{
	struct text *x = arg;

	hs_strbuf_printf(x->out, "  %s", t->label);
	if (t->device) {
		hs_strbuf_puts(x->out, "  ");
		hs_strbuf_add_escaped(x->out, t->device, strlen(t->device));
	}
	if (t->size) {
		hs_strbuf_puts(x->out, "  ");
		hs_report_bytes(x->out, t->size);
	}
	if (t->uuid) {
		hs_strbuf_puts(x->out, "  ");
		hs_strbuf_add_escaped(x->out, t->uuid, strlen(t->uuid));
	}
	hs_strbuf_putc(x->out, '\n');
	return 0;
}

static errint_t text_total(const struct hs_run_total *t, void *arg)
{
	struct hs_strbuf number = HS_STRBUF_INIT;
	struct text *x = arg;

	/* "lfsck_layout.checked_phase1": shown by --stats */
	if (strchr(t->key, '.'))
		return 0;
	if (t->value < 0)
		hs_strbuf_putc(&number, '-');
	hs_report_number(&number, t->value < 0 ? -(uint64_t)t->value : (uint64_t)t->value);
	hs_strbuf_printf(x->out, "  %-10s %-32s %16s\n", t->target ? t->target : "", t->key,
			 hs_strbuf_str(&number));
	hs_strbuf_free(&number);
	return 0;
}

static errint_t text_phase(const struct hs_run_phase *p, void *arg)
{
	struct text *x = arg;

	hs_strbuf_printf(x->out, "  %-43s ", p->name);
	hs_report_duration(x->out, p->run_ns);
	hs_strbuf_putc(x->out, '\n');
	return 0;
}

static errint_t text_flag(const char *flag, void *arg)
{
	struct text *x = arg;

	hs_strbuf_printf(x->out, "%s%s", x->flags++ ? ", " : "", flag);
	return 0;
}

static void put_table(struct hs_strbuf *out, const char *heading, struct hs_strbuf *rows)
{
	if (rows->len) {
		hs_strbuf_printf(out, "%s\n", heading);
		hs_strbuf_add(out, rows->s, rows->len);
	}
	hs_strbuf_reset(rows);
}

static errint_t put_tables(struct hs_strbuf *out, struct hs_run *run)
{
	hs_cleanup(hs_strbuf_free) struct hs_strbuf rows = HS_STRBUF_INIT;
	struct text x = {.out = &rows};
	errint_t err;

	err = hs_run_each_target(run, text_target, &x);
	put_table(out, "targets", &rows);
	if (!err)
		err = hs_run_each_total(run, text_total, &x);
	put_table(out, "totals", &rows);
	if (!err)
		err = hs_run_each_phase(run, text_phase, &x);
	put_table(out, "phases", &rows);
	return err;
}

static void put_result(struct hs_strbuf *out, struct hs_run *run, const struct hs_run_info *info,
		       const struct hs_run_tally *tally)
{
	if (info->fsname[0]) {
		hs_strbuf_add_escaped(out, info->fsname, strlen(info->fsname));
		hs_strbuf_puts(out, ": ");
	}
	put_tally(out, info, tally);
	if (info->status != HS_RUN_COMPLETED)
		hs_strbuf_printf(out, "; %s", hs_run_status_name(info->status));
	if (hs_run_is_durable(run)) {
		hs_strbuf_puts(out, "; run ");
		hs_strbuf_add_escaped(out, hs_run_dir(run), strlen(hs_run_dir(run)));
	}
	hs_strbuf_putc(out, '\n');
}

errint_t hs_report_summary_text(struct hs_strbuf *out, struct hs_run *run,
				enum hs_report_detail detail)
{
	hs_cleanup(hs_run_info_free) struct hs_run_info info = {0};
	hs_cleanup(hs_strbuf_free) struct hs_strbuf flags = HS_STRBUF_INIT;
	struct text x = {.out = &flags};
	struct hs_run_tally tally;
	errint_t err;

	err = hs_run_read_info(run, &info);
	if (!err)
		err = hs_run_read_tally(run, &tally);
	if (!err)
		err = hs_run_each_flag(run, text_flag, &x);
	if (!err && detail == HS_REPORT_VERBOSE)
		err = put_tables(out, run);
	if (err)
		return err;
	if (flags.len && detail == HS_REPORT_VERBOSE)
		hs_strbuf_printf(out, "flags: %s\n", flags.s);
	put_absent(out, run);
	put_result(out, run, &info, &tally);
	return hs_strbuf_error(out);
}

static errint_t json_target(const struct hs_run_target *t, void *arg)
{
	struct hs_json *j = arg;

	hs_json_object(j, NULL);
	hs_json_str(j, "label", t->label);
	hs_json_str(j, "kind", t->kind);
	if (t->index >= 0)
		hs_json_int(j, "index", t->index);
	hs_json_str_if(j, "uuid", t->uuid);
	hs_json_uint(j, "size", t->size);
	hs_json_str_if(j, "device", t->device);
	hs_json_end_object(j);
	return 0;
}

/* Totals of one target follow each other or not: an array keeps it simple to read and write. */
static errint_t json_total(const struct hs_run_total *t, void *arg)
{
	struct hs_json *j = arg;

	hs_json_object(j, NULL);
	hs_json_str_if(j, "target", t->target);
	hs_json_str(j, "key", t->key);
	hs_json_int(j, "value", t->value);
	hs_json_end_object(j);
	return 0;
}

static errint_t json_phase(const struct hs_run_phase *p, void *arg)
{
	struct hs_json *j = arg;

	hs_json_object(j, NULL);
	hs_json_str(j, "name", p->name);
	hs_json_seconds(j, "seconds", p->run_ns);
	hs_json_end_object(j);
	return 0;
}

static errint_t json_flag(const char *flag, void *arg)
{
	hs_json_str(arg, NULL, flag);
	return 0;
}

static void json_time(struct hs_json *j, const char *key, int64_t seconds)
{
	time_t t = (time_t)seconds;
	char buf[32];
	struct tm tm;

	if (!seconds)
		return;
	gmtime_r(&t, &tm);
	strftime(buf, sizeof(buf), "%Y-%m-%dT%H:%M:%SZ", &tm);
	hs_json_str(j, key, buf);
}

/* Every severity and every state of findings is there, also when it is 0. */
static void json_tally(struct hs_json *j, const struct hs_run_tally *t)
{
	uint64_t all = 0;

	hs_json_object(j, "severities");
	for (enum hs_severity s = 0; s < HS_SEV_MAX; s++) {
		hs_json_uint(j, hs_severity_name(s), tally_severity(t, s));
		all += tally_severity(t, s);
	}
	hs_json_end_object(j);
	hs_json_object(j, "states");
	for (enum hs_finding_state s = 0; s < HS_STATE_MAX; s++)
		hs_json_uint(j, hs_finding_state_name(s), tally_state(t, s));
	hs_json_end_object(j);
	hs_json_uint(j, "findings", all);
	hs_json_uint(j, "suspects", t->suspects);
}

static errint_t json_lists(struct hs_json *j, struct hs_run *run)
{
	errint_t err;

	hs_json_array(j, "targets");
	err = hs_run_each_target(run, json_target, j);
	hs_json_end_array(j);
	hs_json_array(j, "totals");
	if (!err)
		err = hs_run_each_total(run, json_total, j);
	hs_json_end_array(j);
	hs_json_array(j, "phases");
	if (!err)
		err = hs_run_each_phase(run, json_phase, j);
	hs_json_end_array(j);
	hs_json_array(j, "flags");
	if (!err)
		err = hs_run_each_flag(run, json_flag, j);
	hs_json_end_array(j);
	return err;
}

/* Labels of the targets that were not given. */
static void json_absent(struct hs_json *j, struct hs_run *run)
{
	hs_cleanup(hs_strbuf_free) struct hs_strbuf absent = HS_STRBUF_INIT;
	const char *s;

	if (hs_run_get_option(run, "absent", &absent))
		return;
	hs_json_array(j, "absent");
	for (s = hs_strbuf_str(&absent); *s;) {
		size_t len = strcspn(s, ",");

		hs_json_bytes(j, NULL, s, len);
		s += len;
		s += strspn(s, ", ");
	}
	hs_json_end_array(j);
}

errint_t hs_report_summary_json(struct hs_strbuf *out, struct hs_run *run)
{
	hs_cleanup(hs_run_info_free) struct hs_run_info info = {0};
	struct hs_json j = hs_json_to(out);
	struct hs_run_tally tally;
	errint_t err;

	err = hs_run_read_info(run, &info);
	if (!err)
		err = hs_run_read_tally(run, &tally);
	if (err)
		return err;
	hs_json_object(&j, NULL);
	hs_json_str(&j, "type", "summary");
	hs_json_str(&j, "command", info.command);
	hs_json_str(&j, "fsname", info.fsname);
	hs_json_str(&j, "version", info.version);
	hs_json_str(&j, "run", hs_run_id(run));
	if (hs_run_is_durable(run))
		hs_json_str(&j, "run_dir", hs_run_dir(run));
	hs_json_str(&j, "status", hs_run_status_name(info.status));
	if (info.exit_code >= 0)
		hs_json_int(&j, "exit_code", info.exit_code);
	json_time(&j, "started", info.started);
	json_time(&j, "finished", info.finished);
	hs_json_str(&j, "verdict", verdict(&info, &tally));
	json_absent(&j, run);
	json_tally(&j, &tally);
	err = json_lists(&j, run);
	hs_json_end_object(&j);
	return err ? err : hs_json_done(&j);
}
