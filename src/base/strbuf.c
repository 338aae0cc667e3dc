/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/strbuf.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/utf8.h"

void hs_strbuf_free(struct hs_strbuf *b)
{
	free(b->s);
	*b = (struct hs_strbuf)HS_STRBUF_INIT;
}

void hs_strbuf_reset(struct hs_strbuf *b)
{
	b->len = 0;
	b->err = 0;
	if (b->s)
		b->s[0] = '\0';
}

/* Room for `more` bytes and the NUL. */
static int make_room(struct hs_strbuf *b, size_t more)
{
	size_t want;

	if (b->err)
		return 0;
	if (__builtin_add_overflow(b->len + 1, more, &want))
		b->err = -ENOMEM;
	else
		b->err = hs_array_grow(&b->s, &b->room, want);
	return b->err == 0;
}

void hs_strbuf_add(struct hs_strbuf *b, const void *bytes, size_t len)
{
	if (!make_room(b, len))
		return;
	if (len)
		memcpy(b->s + b->len, bytes, len);
	b->len += len;
	b->s[b->len] = '\0';
}

void hs_strbuf_puts(struct hs_strbuf *b, const char *s)
{
	hs_strbuf_add(b, s, strlen(s));
}

void hs_strbuf_putc(struct hs_strbuf *b, char c)
{
	hs_strbuf_add(b, &c, 1);
}

void hs_strbuf_vprintf(struct hs_strbuf *b, const char *fmt, va_list ap)
{
	va_list again;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	if (n >= 0 && make_room(b, (size_t)n)) {
		vsnprintf(b->s + b->len, (size_t)n + 1, fmt, again);
		b->len += (size_t)n;
	}
	va_end(again);
}

void hs_strbuf_printf(struct hs_strbuf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	hs_strbuf_vprintf(b, fmt, ap);
	va_end(ap);
}

const char *hs_strbuf_str(const struct hs_strbuf *b)
{
	return b->s && b->room ? b->s : "";
}

void hs_strbuf_add_escaped(struct hs_strbuf *b, const void *bytes, size_t len)
{
	const uint8_t *p = bytes;
	size_t i = 0;

	while (i < len) {
		size_t n = hs_utf8_len(p + i, len - i);

		if (p[i] == '\\') {
			hs_strbuf_puts(b, "\\\\");
			i++;
		} else if (n == 0 || p[i] < 0x20 || p[i] == 0x7f ||
			   (n == 2 && p[i] == 0xc2 && p[i + 1] < 0xa0)) {
			size_t bad = n ? n : 1;

			for (; bad; bad--, i++)
				hs_strbuf_printf(b, "\\x%02x", p[i]);
		} else {
			hs_strbuf_add(b, p + i, n);
			i += n;
		}
	}
}
