/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A sheet: what is known about one thing, member by member, written as one JSON object or as
 * indented text. Both come from the same calls, so that neither knows more than the other.
 *
 *	{"inode":{"number":12,"mode":"0100644"},"names":[{"path":"/a"}]}
 *
 *	inode:
 *	  number: 12
 *	  mode: 0100644
 *	names:
 *	  - path: /a
 *
 * In text a `_` of a key becomes a blank, bytes that are no text become \xHH, and a list or an
 * object without members is "none". Elements of lists have a NULL key.
 */
#ifndef HS_CLI_SHEET_H
#define HS_CLI_SHEET_H

#include <stdio.h>

#include "lustre/fid.h"
#include "report/json.h"

struct hs_sheet {
	struct hs_strbuf out;
	struct hs_json j;
	bool json;
	unsigned depth;
	bool fresh; /* a key stands there, its members do not yet */
	bool item;  /* the next member is the first of a list's element */
};

/* `type` becomes the first member in JSON. The sheet must not be moved afterwards. */
void hs_sheet_begin(struct hs_sheet *s, bool json, const char *type);
/* Writes it out and frees it: 0, -ENOMEM, or -EIO when the output cannot be written. */
errint_t hs_sheet_end(struct hs_sheet *s, FILE *out);

void hs_sheet_object(struct hs_sheet *s, const char *key);
void hs_sheet_list(struct hs_sheet *s, const char *key);
/* Ends an object or a list. */
void hs_sheet_end_object(struct hs_sheet *s);
void hs_sheet_end_list(struct hs_sheet *s);

void hs_sheet_bytes(struct hs_sheet *s, const char *key, const void *bytes, size_t len);
void hs_sheet_str(struct hs_sheet *s, const char *key, const char *v);
void hs_sheet_uint(struct hs_sheet *s, const char *key, uint64_t v);
void hs_sheet_int(struct hs_sheet *s, const char *key, int64_t v);
void hs_sheet_bool(struct hs_sheet *s, const char *key, bool v); /* text: yes, no */
void hs_sheet_fid(struct hs_sheet *s, const char *key, struct hs_fid fid);
void hs_sheet_printf(struct hs_sheet *s, const char *key, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* Seconds since 1970; JSON gets the number, text a date in UTC, and "never" for 0. */
void hs_sheet_time(struct hs_sheet *s, const char *key, int64_t seconds);

/* Names of set bits, as a list of words; bits without a name as one hexadecimal number. */
struct hs_bit_name {
	uint32_t bit;
	const char *name;
};
void hs_sheet_bits(struct hs_sheet *s, const char *key, uint32_t bits,
		   const struct hs_bit_name *names, size_t n);

#endif
