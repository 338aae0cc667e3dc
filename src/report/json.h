/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writing JSON, member by member, into a text buffer (docs/json.md tells readers what to expect).
 *
 * Bytes that are not UTF-8 survive: hs_json_bytes() writes valid text as a plain string. Other
 * bytes, and a NUL, make it write two members: KEY with the bad bytes as \xHH, for people, and
 * KEY_hex with all bytes in hexadecimal, for programs. In an array it writes an object with the
 * members "text" and "hex" instead.
 *
 * The writer trusts its caller to close what it opened (at most HS_JSON_DEPTH deep) and to give
 * keys in objects and NULL in arrays; hs_json_done() asserts the first.
 */
#ifndef HS_REPORT_JSON_H
#define HS_REPORT_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/strbuf.h"

#define HS_JSON_DEPTH 32

struct hs_json {
	struct hs_strbuf *out;
	unsigned depth;
	uint32_t filled; /* bit d: something stands at depth d already */
};

static inline struct hs_json hs_json_to(struct hs_strbuf *out)
{
	return (struct hs_json){.out = out};
}

void hs_json_object(struct hs_json *j, const char *key);
void hs_json_array(struct hs_json *j, const char *key);
void hs_json_end_object(struct hs_json *j);
void hs_json_end_array(struct hs_json *j);

void hs_json_bytes(struct hs_json *j, const char *key, const void *bytes, size_t len);
/* A NUL-terminated string, treated the same way. NULL writes null. */
void hs_json_str(struct hs_json *j, const char *key, const char *s);
/* Only if s is not NULL. */
void hs_json_str_if(struct hs_json *j, const char *key, const char *s);
void hs_json_int(struct hs_json *j, const char *key, int64_t v);
void hs_json_uint(struct hs_json *j, const char *key, uint64_t v);
void hs_json_bool(struct hs_json *j, const char *key, bool v);
void hs_json_null(struct hs_json *j, const char *key);
/* Seconds with six digits behind the point. */
void hs_json_seconds(struct hs_json *j, const char *key, uint64_t ns);
void hs_json_printf(struct hs_json *j, const char *key, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Ends a line. Returns what the buffer has to say: 0 or -ENOMEM. */
errint_t hs_json_done(struct hs_json *j);

#endif
