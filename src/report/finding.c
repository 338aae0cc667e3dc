/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One record as text and as JSON. Text shows bytes that a terminal should not get as \xHH.
 */
#include <inttypes.h>
#include <string.h>

#include "report/json.h"
#include "report/report.h"

/* A damaged directory may have thousands. */
#define FACTS_SHOWN 12

static void put_escaped(struct hs_strbuf *out, const char *s)
{
	hs_strbuf_add_escaped(out, s, strlen(s));
}

/* "    label: text", continued on nothing: what the field holds is one line. */
static void line(struct hs_strbuf *out, const char *label, const char *text)
{
	if (!text || !text[0])
		return;
	hs_strbuf_printf(out, "    %s: ", label);
	put_escaped(out, text);
	hs_strbuf_putc(out, '\n');
}

static void put_heading(struct hs_strbuf *out, const struct hs_finding *f)
{
	if (f->kind == HS_RECORD_SUSPECT)
		hs_strbuf_puts(out, "suspect");
	else
		hs_strbuf_puts(out, hs_severity_name(f->severity));
	if (f->rule)
		hs_strbuf_printf(out, " %s", f->rule);
	if (f->target)
		hs_strbuf_printf(out, " %s", f->target);
	if (f->object) {
		hs_strbuf_putc(out, ' ');
		put_escaped(out, f->object);
	}
	if (f->message) {
		hs_strbuf_puts(out, ": ");
		put_escaped(out, f->message);
	}
	hs_strbuf_putc(out, '\n');
}

static void put_fact(struct hs_strbuf *out, const struct hs_fact *x)
{
	hs_strbuf_puts(out, "    ");
	if (x->witness)
		put_escaped(out, x->witness);
	if (x->equation)
		hs_strbuf_printf(out, " %s %+" PRId64, x->equation, x->left);
	if (x->claim && x->claim[0]) {
		hs_strbuf_puts(out, ": ");
		put_escaped(out, x->claim);
	}
	hs_strbuf_putc(out, '\n');
}

static void put_symptom(struct hs_strbuf *out, const struct hs_symptom *s)
{
	hs_strbuf_printf(out, "    explains%s%s", s->rule ? " " : "", s->rule ? s->rule : "");
	if (s->object) {
		hs_strbuf_putc(out, ' ');
		put_escaped(out, s->object);
	}
	if (s->message && s->message[0]) {
		hs_strbuf_puts(out, ": ");
		put_escaped(out, s->message);
	}
	hs_strbuf_putc(out, '\n');
}

static void put_outcome(struct hs_strbuf *out, const struct hs_finding *f)
{
	switch (f->state) {
	case HS_STATE_UNDECIDED:
		line(out, "undecided", f->reason ? f->reason : "a fact is out of reach");
		break;
	case HS_STATE_REPAIRED:
		line(out, "repaired", f->repair ? f->repair : "yes");
		break;
	case HS_STATE_SKIPPED:
		line(out, "repair", f->repair);
		line(out, "skipped, allowed by", f->gate ? f->gate : "no option");
		break;
	case HS_STATE_FAILED:
		line(out, "repair", f->repair);
		line(out, "failed", f->reason ? f->reason : "for an unknown reason");
		break;
	default:
		line(out, "repair", f->repair);
		line(out, "needs", f->gate);
		break;
	}
}

void hs_report_finding_text(struct hs_strbuf *out, const struct hs_finding *f)
{
	put_heading(out, f);
	if (f->path) {
		hs_strbuf_puts(out, "    path: ");
		hs_strbuf_add_escaped(out, f->path, f->path_len);
		hs_strbuf_putc(out, '\n');
	} else {
		line(out, "no path", f->no_path);
	}
	for (size_t i = 0; i < f->n_others; i++)
		line(out, "with", f->others[i]);
	for (size_t i = 0; i < f->n_facts && i < FACTS_SHOWN; i++)
		put_fact(out, &f->facts[i]);
	if (f->n_facts > FACTS_SHOWN)
		hs_strbuf_printf(out, "    and %zu facts more; --json shows all\n",
				 f->n_facts - FACTS_SHOWN);
	for (size_t i = 0; i < f->n_symptoms; i++)
		put_symptom(out, &f->symptoms[i]);
	if (f->kind == HS_RECORD_FINDING)
		put_outcome(out, f);
}

static void json_facts(struct hs_json *j, const struct hs_finding *f)
{
	hs_json_array(j, "facts");
	for (size_t i = 0; i < f->n_facts; i++) {
		const struct hs_fact *x = &f->facts[i];

		hs_json_object(j, NULL);
		hs_json_str_if(j, "witness", x->witness);
		if (x->equation) {
			hs_json_str(j, "equation", x->equation);
			hs_json_int(j, "left", x->left);
		}
		hs_json_str_if(j, "claim", x->claim);
		hs_json_end_object(j);
	}
	hs_json_end_array(j);
}

static void json_symptoms(struct hs_json *j, const struct hs_finding *f)
{
	if (!f->n_symptoms)
		return;
	hs_json_array(j, "symptoms");
	for (size_t i = 0; i < f->n_symptoms; i++) {
		const struct hs_symptom *s = &f->symptoms[i];

		hs_json_object(j, NULL);
		hs_json_str_if(j, "rule", s->rule);
		hs_json_str_if(j, "object", s->object);
		hs_json_str_if(j, "message", s->message);
		hs_json_end_object(j);
	}
	hs_json_end_array(j);
}

errint_t hs_report_finding_json(struct hs_strbuf *out, const struct hs_finding *f)
{
	struct hs_json j = hs_json_to(out);

	hs_json_object(&j, NULL);
	hs_json_str(&j, "type", hs_record_kind_name(f->kind));
	hs_json_str_if(&j, "rule", f->rule);
	if (f->kind == HS_RECORD_FINDING) {
		hs_json_str(&j, "severity", hs_severity_name(f->severity));
		hs_json_str(&j, "state", hs_finding_state_name(f->state));
	}
	hs_json_str_if(&j, "target", f->target);
	hs_json_str_if(&j, "object", f->object);
	if (f->n_others) {
		hs_json_array(&j, "others");
		for (size_t i = 0; i < f->n_others; i++)
			hs_json_str(&j, NULL, f->others[i]);
		hs_json_end_array(&j);
	}
	if (f->path)
		hs_json_bytes(&j, "path", f->path, f->path_len);
	else
		hs_json_str_if(&j, "no_path", f->no_path);
	hs_json_str_if(&j, "message", f->message);
	json_facts(&j, f);
	json_symptoms(&j, f);
	hs_json_str_if(&j, "reason", f->reason);
	hs_json_str_if(&j, "repair", f->repair);
	hs_json_str_if(&j, "gate", f->gate);
	hs_json_end_object(&j);
	return hs_json_done(&j);
}
