/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/json.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "base/utf8.h"

/* The comma, and in an object the key. Keys are the program's own words: no escaping. */
static void member(struct hs_json *j, const char *key, const char *suffix)
{
	if (j->filled & (1u << j->depth))
		hs_strbuf_putc(j->out, ',');
	j->filled |= 1u << j->depth;
	if (key)
		hs_strbuf_printf(j->out, "\"%s%s\":", key, suffix);
}

static void begin(struct hs_json *j, const char *key, char bracket)
{
	member(j, key, "");
	hs_strbuf_putc(j->out, bracket);
	assert(j->depth + 1 < HS_JSON_DEPTH);
	j->depth++;
	j->filled &= ~(1u << j->depth);
}

static void end(struct hs_json *j, char bracket)
{
	assert(j->depth > 0);
	j->depth--;
	hs_strbuf_putc(j->out, bracket);
}

void hs_json_object(struct hs_json *j, const char *key)
{
	begin(j, key, '{');
}

void hs_json_array(struct hs_json *j, const char *key)
{
	begin(j, key, '[');
}

void hs_json_end_object(struct hs_json *j)
{
	end(j, '}');
}

void hs_json_end_array(struct hs_json *j)
{
	end(j, ']');
}

static bool is_text(const uint8_t *p, size_t len)
{
	for (size_t i = 0; i < len;) {
		size_t n = p[i] ? hs_utf8_len(p + i, len - i) : 0;

		if (n == 0)
			return false;
		i += n;
	}
	return true;
}

static void put_char(struct hs_strbuf *out, uint8_t c)
{
	static const char short_escapes[] = "btn\0fr"; /* from 0x08 on; 0x0b has none */

	if (c == '"' || c == '\\')
		hs_strbuf_printf(out, "\\%c", c);
	else if (c >= 0x08 && c <= 0x0d && short_escapes[c - 0x08])
		hs_strbuf_printf(out, "\\%c", short_escapes[c - 0x08]);
	else if (c < 0x20 || c == 0x7f)
		hs_strbuf_printf(out, "\\u%04x", c);
	else
		hs_strbuf_putc(out, (char)c);
}

/* A string; the bytes that are not text become \xHH in its value. */
static void put_string(struct hs_strbuf *out, const uint8_t *p, size_t len)
{
	hs_strbuf_putc(out, '"');
	for (size_t i = 0; i < len;) {
		size_t n = p[i] ? hs_utf8_len(p + i, len - i) : 0;

		if (n == 0)
			hs_strbuf_printf(out, "\\\\x%02x", p[i++]);
		else if (n == 1)
			put_char(out, p[i++]);
		else
			hs_strbuf_add(out, p + i, n);
		i += n > 1 ? n : 0;
	}
	hs_strbuf_putc(out, '"');
}

static void put_hex(struct hs_strbuf *out, const uint8_t *p, size_t len)
{
	static const char digits[] = "0123456789abcdef";

	hs_strbuf_putc(out, '"');
	for (size_t i = 0; i < len; i++) {
		hs_strbuf_putc(out, digits[p[i] >> 4]);
		hs_strbuf_putc(out, digits[p[i] & 15]);
	}
	hs_strbuf_putc(out, '"');
}

void hs_json_bytes(struct hs_json *j, const char *key, const void *bytes, size_t len)
{
	const uint8_t *p = bytes;
	bool text = is_text(p, len);

	if (!key && !text) {
		hs_json_object(j, NULL);
		member(j, "text", "");
		put_string(j->out, p, len);
		member(j, "hex", "");
		put_hex(j->out, p, len);
		hs_json_end_object(j);
		return;
	}
	member(j, key, "");
	put_string(j->out, p, len);
	if (!text) {
		member(j, key, "_hex");
		put_hex(j->out, p, len);
	}
}

void hs_json_str(struct hs_json *j, const char *key, const char *s)
{
	if (s)
		hs_json_bytes(j, key, s, strlen(s));
	else
		hs_json_null(j, key);
}

void hs_json_str_if(struct hs_json *j, const char *key, const char *s)
{
	if (s)
		hs_json_str(j, key, s);
}

void hs_json_int(struct hs_json *j, const char *key, int64_t v)
{
	member(j, key, "");
	hs_strbuf_printf(j->out, "%" PRId64, v);
}

void hs_json_uint(struct hs_json *j, const char *key, uint64_t v)
{
	member(j, key, "");
	hs_strbuf_printf(j->out, "%" PRIu64, v);
}

void hs_json_bool(struct hs_json *j, const char *key, bool v)
{
	member(j, key, "");
	hs_strbuf_puts(j->out, v ? "true" : "false");
}

void hs_json_null(struct hs_json *j, const char *key)
{
	member(j, key, "");
	hs_strbuf_puts(j->out, "null");
}

void hs_json_seconds(struct hs_json *j, const char *key, uint64_t ns)
{
	member(j, key, "");
	hs_strbuf_printf(j->out, "%" PRIu64 ".%06" PRIu64, ns / 1000000000, ns % 1000000000 / 1000);
}

void hs_json_printf(struct hs_json *j, const char *key, const char *fmt, ...)
{
	struct hs_strbuf text = HS_STRBUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	hs_strbuf_vprintf(&text, fmt, ap);
	va_end(ap);
	hs_json_bytes(j, key, hs_strbuf_str(&text), text.len);
	if (hs_strbuf_error(&text))
		j->out->err = hs_strbuf_error(&text);
	hs_strbuf_free(&text);
}

errint_t hs_json_done(struct hs_json *j)
{
	assert(j->depth == 0);
	j->filled = 0;
	hs_strbuf_putc(j->out, '\n');
	return hs_strbuf_error(j->out);
}
