/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a checker has to tell about one object: the record that run.db keeps and from which human
 * text and JSON are both made.
 *
 * Two kinds share the form. A finding is a judgement: a rule is broken, these facts disagree, this
 * is what a repair does. A suspect is an object whose equations do not come out at zero, with the
 * facts left over; nothing has been judged yet.
 *
 * Strings are NUL-terminated bytes and may hold invalid UTF-8 (names come from the disk); only the
 * path carries a length. NULL means "none". The fields may point to string literals or to text
 * made by the functions below, which lives as long as the record. A record belongs to one thread.
 */
#ifndef HS_RUN_FINDING_H
#define HS_RUN_FINDING_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* run.db stores the words of hs_severity_name() and so on, never the numbers. */
enum hs_record_kind {
	HS_RECORD_FINDING = 0,
	HS_RECORD_SUSPECT = 1,
};

enum hs_severity {
	HS_SEV_ERROR = 0,   /* names or data are lost, wrong or out of reach */
	HS_SEV_WARNING = 1, /* everything can be reached, but redundant metadata is wrong */
	HS_SEV_NOTE = 2,    /* no damage: worth knowing, or could be better */
	HS_SEV_MAX
};

enum hs_finding_state {
	HS_STATE_FOUND = 0,
	HS_STATE_UNDECIDED = 1, /* a fact is out of reach or in flux; `reason` says which */
	HS_STATE_REPAIRED = 2,
	HS_STATE_SKIPPED = 3, /* `gate` names the option that would allow the repair */
	HS_STATE_FAILED = 4,  /* the repair was tried; `reason` says what went wrong */
	HS_STATE_MAX
};

/* One witness and what it says. */
struct hs_fact {
	const char *witness;  /* who: "linkEA of MDT0000 inode 173", or a target label */
	const char *claim;    /* what: "parent [0x...], name \"a\"" */
	const char *equation; /* suspects: the tag ("LAY", "NAME"); NULL in findings */
	int64_t left;	      /* suspects: copies left over, negative on the other side */
};

/* Another broken rule that the same cause explains. */
struct hs_symptom {
	const char *rule;
	const char *object;
	const char *message;
};

struct hs_finding_text;

struct hs_finding {
	enum hs_record_kind kind;
	enum hs_severity severity;
	enum hs_finding_state state;
	const char *rule;   /* "LAY-2"; of a suspect the rule that marked it, or NULL */
	const char *target; /* label of the target it was found on, "MDT0000" */
	const char *object; /* FID "[0x200000401:0x1:0x0]" or inode number "inode 173" */
	const char *path;   /* raw bytes; NULL: see no_path */
	size_t path_len;
	const char *no_path; /* why there is no path: "no name leads to it" */
	const char *message; /* one sentence, no full stop */
	const char *reason;  /* of UNDECIDED and FAILED */
	const char *repair;  /* what a repair would do or did, NULL: nothing can be done */
	const char *gate;    /* the option that allows it, "--create-objects"; NULL: none needed */

	/* Filled by the functions below. */
	const char **others; /* further objects concerned */
	size_t n_others;
	struct hs_fact *facts;
	size_t n_facts;
	struct hs_symptom *symptoms;
	size_t n_symptoms;

	/* Private. */
	size_t room_others, room_facts, room_symptoms;
	struct hs_finding_text *texts;
	errint_t err; /* -ENOMEM is remembered: hs_run_add_finding() returns it */
};

#define HS_FINDING_INIT                                                                            \
	{                                                                                          \
		.kind = HS_RECORD_FINDING                                                          \
	}

/* Frees what the functions below allocated and makes the record empty. */
void hs_finding_free(struct hs_finding *f);

/* Text that lives as long as the record; "" when memory is short, which the record remembers. */
const char *hs_finding_text(struct hs_finding *f, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* A copy of raw bytes, with a NUL behind them. NULL stays NULL. */
const char *hs_finding_copy(struct hs_finding *f, const void *bytes, size_t len);

/* Sets path and path_len to a copy. */
void hs_finding_set_path(struct hs_finding *f, const void *path, size_t len);

/* The lists keep the order of the calls. witness, rule and tag are kept as pointers. */
void hs_finding_add_other(struct hs_finding *f, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void hs_finding_add_fact(struct hs_finding *f, const char *witness, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void hs_finding_add_left(struct hs_finding *f, const char *witness, const char *equation,
			 int64_t left, const char *fmt, ...) __attribute__((format(printf, 5, 6)));
void hs_finding_add_symptom(struct hs_finding *f, const char *rule, const char *object,
			    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* The words used in text, JSON and run.db ("error", "found", ...). */
const char *hs_record_kind_name(enum hs_record_kind k);
const char *hs_severity_name(enum hs_severity s);
const char *hs_finding_state_name(enum hs_finding_state s);

#endif
