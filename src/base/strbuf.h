/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A growing text buffer. Once memory runs short it stays short: hs_strbuf_error() tells, and
 * hs_strbuf_str() still returns what fitted, so that printing code needs no check at every step.
 */
#ifndef HS_BASE_STRBUF_H
#define HS_BASE_STRBUF_H

#include <stdarg.h>
#include <stddef.h>

#include "base/err.h"

struct hs_strbuf {
	char *s;    /* NUL-terminated when not NULL */
	size_t len; /* bytes before the NUL */
	size_t room;
	errint_t err;
};

#define HS_STRBUF_INIT                                                                             \
	{                                                                                          \
		NULL, 0, 0, 0                                                                      \
	}

void hs_strbuf_free(struct hs_strbuf *b);
void hs_strbuf_reset(struct hs_strbuf *b);
void hs_strbuf_add(struct hs_strbuf *b, const void *bytes, size_t len);
void hs_strbuf_puts(struct hs_strbuf *b, const char *s);
void hs_strbuf_putc(struct hs_strbuf *b, char c);
void hs_strbuf_printf(struct hs_strbuf *b, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void hs_strbuf_vprintf(struct hs_strbuf *b, const char *fmt, va_list ap)
	__attribute__((format(printf, 2, 0)));

/* The text, never NULL; owned by the buffer. */
const char *hs_strbuf_str(const struct hs_strbuf *b);

static inline errint_t hs_strbuf_error(const struct hs_strbuf *b)
{
	return b->err;
}

/*
 * Appends raw bytes as they may be shown on a terminal: valid UTF-8 without control characters
 * stays, every other byte becomes \xHH, and a backslash becomes two. Reversible.
 */
void hs_strbuf_add_escaped(struct hs_strbuf *b, const void *bytes, size_t len);

#endif
