/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Building a record: its text lives in a chain of small allocations that goes with it.
 */
#include "run/finding.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"

struct hs_finding_text {
	struct hs_finding_text *next;
	char bytes[];
};

void hs_finding_free(struct hs_finding *f)
{
	struct hs_finding_text *t = f->texts;

	while (t) {
		struct hs_finding_text *next = t->next;

		free(t);
		t = next;
	}
	free(f->others);
	free(f->facts);
	free(f->symptoms);
	*f = (struct hs_finding)HS_FINDING_INIT;
}

/* Room for len bytes and a NUL, or NULL with the error remembered. */
static char *new_text(struct hs_finding *f, size_t len)
{
	struct hs_finding_text *t = malloc(sizeof(*t) + len + 1);

	if (!t) {
		f->err = -ENOMEM;
		return NULL;
	}
	t->next = f->texts;
	f->texts = t;
	t->bytes[len] = '\0';
	return t->bytes;
}

__attribute__((format(printf, 2, 0))) static const char *format_text(struct hs_finding *f,
								     const char *fmt, va_list ap)
{
	va_list again;
	char *s = NULL;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	if (n >= 0)
		s = new_text(f, (size_t)n);
	else
		f->err = -EINVAL;
	if (s)
		vsnprintf(s, (size_t)n + 1, fmt, again);
	va_end(again);
	return s ? s : "";
}

const char *hs_finding_text(struct hs_finding *f, const char *fmt, ...)
{
	const char *s;
	va_list ap;

	va_start(ap, fmt);
	s = format_text(f, fmt, ap);
	va_end(ap);
	return s;
}

const char *hs_finding_copy(struct hs_finding *f, const void *bytes, size_t len)
{
	char *s;

	if (!bytes)
		return NULL;
	s = new_text(f, len);
	if (!s)
		return "";
	if (len)
		memcpy(s, bytes, len);
	return s;
}

void hs_finding_set_path(struct hs_finding *f, const void *path, size_t len)
{
	f->path = hs_finding_copy(f, path, len);
	f->path_len = f->err ? 0 : len;
}

void hs_finding_add_other(struct hs_finding *f, const char *fmt, ...)
{
	va_list ap;

	if (hs_array_grow(&f->others, &f->room_others, f->n_others + 1)) {
		f->err = -ENOMEM;
		return;
	}
	va_start(ap, fmt);
	f->others[f->n_others++] = format_text(f, fmt, ap);
	va_end(ap);
}

/* `fact` comes without its claim. */
__attribute__((format(printf, 3, 0))) static void
add_fact(struct hs_finding *f, struct hs_fact fact, const char *fmt, va_list ap)
{
	if (hs_array_grow(&f->facts, &f->room_facts, f->n_facts + 1)) {
		f->err = -ENOMEM;
		return;
	}
	fact.claim = format_text(f, fmt, ap);
	f->facts[f->n_facts++] = fact;
}

void hs_finding_add_fact(struct hs_finding *f, const char *witness, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add_fact(f, (struct hs_fact){.witness = witness}, fmt, ap);
	va_end(ap);
}

void hs_finding_add_left(struct hs_finding *f, const char *witness, const char *equation,
			 int64_t left, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add_fact(f, (struct hs_fact){.witness = witness, .equation = equation, .left = left}, fmt,
		 ap);
	va_end(ap);
}

void hs_finding_add_symptom(struct hs_finding *f, const char *rule, const char *object,
			    const char *fmt, ...)
{
	struct hs_symptom s = {.rule = rule, .object = object};
	va_list ap;

	if (hs_array_grow(&f->symptoms, &f->room_symptoms, f->n_symptoms + 1)) {
		f->err = -ENOMEM;
		return;
	}
	va_start(ap, fmt);
	s.message = format_text(f, fmt, ap);
	va_end(ap);
	f->symptoms[f->n_symptoms++] = s;
}

const char *hs_record_kind_name(enum hs_record_kind k)
{
	return k == HS_RECORD_SUSPECT ? "suspect" : "finding";
}

const char *hs_severity_name(enum hs_severity s)
{
	static const char *const names[HS_SEV_MAX] = {"error", "warning", "note"};

	return s < HS_SEV_MAX ? names[s] : "error";
}

const char *hs_finding_state_name(enum hs_finding_state s)
{
	static const char *const names[HS_STATE_MAX] = {
		"found", "undecided", "repaired", "skipped", "failed",
	};

	return s < HS_STATE_MAX ? names[s] : "found";
}
