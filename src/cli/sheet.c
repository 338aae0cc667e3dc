/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/sheet.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

void hs_sheet_begin(struct hs_sheet *s, bool json, const char *type)
{
	*s = (struct hs_sheet){.json = json};
	s->j = hs_json_to(&s->out);
	if (json) {
		hs_json_object(&s->j, NULL);
		hs_json_str(&s->j, "type", type);
	}
}

errint_t hs_sheet_end(struct hs_sheet *s, FILE *out)
{
	errint_t err;

	if (s->json) {
		hs_json_end_object(&s->j);
		hs_json_done(&s->j);
	}
	err = hs_strbuf_error(&s->out);
	if (!err && s->out.len && fwrite(s->out.s, 1, s->out.len, out) != s->out.len)
		err = -EIO;
	hs_strbuf_free(&s->out);
	return err;
}

/* Text: what stands before a value, or before the members of an object. */
static void line(struct hs_sheet *s, const char *key)
{
	unsigned depth = s->depth;

	if (s->fresh)
		hs_strbuf_putc(&s->out, '\n');
	s->fresh = false;
	if (s->item)
		depth--;
	for (unsigned i = 0; i < depth; i++)
		hs_strbuf_puts(&s->out, "  ");
	if (s->item || !key)
		hs_strbuf_puts(&s->out, "- ");
	s->item = false;
	for (const char *p = key; p && *p; p++)
		hs_strbuf_putc(&s->out, *p == '_' ? ' ' : *p);
	if (key)
		hs_strbuf_putc(&s->out, ':');
}

static void open_text(struct hs_sheet *s, const char *key)
{
	if (key) {
		line(s, key);
		s->fresh = true;
	} else {
		s->item = true;
	}
	s->depth++;
}

static void close_text(struct hs_sheet *s)
{
	if (s->fresh || s->item) {
		if (s->item) {
			s->depth--;
			line(s, NULL);
			s->depth++;
			hs_strbuf_puts(&s->out, "none\n");
		} else {
			hs_strbuf_puts(&s->out, " none\n");
		}
	}
	s->fresh = s->item = false;
	s->depth--;
}

void hs_sheet_object(struct hs_sheet *s, const char *key)
{
	if (s->json)
		hs_json_object(&s->j, key);
	else
		open_text(s, key);
}

void hs_sheet_list(struct hs_sheet *s, const char *key)
{
	if (s->json)
		hs_json_array(&s->j, key);
	else
		open_text(s, key);
}

void hs_sheet_end_object(struct hs_sheet *s)
{
	if (s->json)
		hs_json_end_object(&s->j);
	else
		close_text(s);
}

void hs_sheet_end_list(struct hs_sheet *s)
{
	if (s->json)
		hs_json_end_array(&s->j);
	else
		close_text(s);
}

/* Text: the key and the blank behind it. */
static void value(struct hs_sheet *s, const char *key)
{
	line(s, key);
	if (key)
		hs_strbuf_putc(&s->out, ' ');
}

void hs_sheet_bytes(struct hs_sheet *s, const char *key, const void *bytes, size_t len)
{
	if (s->json) {
		hs_json_bytes(&s->j, key, bytes, len);
		return;
	}
	value(s, key);
	hs_strbuf_add_escaped(&s->out, bytes, len);
	hs_strbuf_putc(&s->out, '\n');
}

void hs_sheet_str(struct hs_sheet *s, const char *key, const char *v)
{
	hs_sheet_bytes(s, key, v, strlen(v));
}

void hs_sheet_uint(struct hs_sheet *s, const char *key, uint64_t v)
{
	if (s->json) {
		hs_json_uint(&s->j, key, v);
		return;
	}
	value(s, key);
	hs_strbuf_printf(&s->out, "%" PRIu64 "\n", v);
}

void hs_sheet_int(struct hs_sheet *s, const char *key, int64_t v)
{
	if (s->json) {
		hs_json_int(&s->j, key, v);
		return;
	}
	value(s, key);
	hs_strbuf_printf(&s->out, "%" PRId64 "\n", v);
}

void hs_sheet_bool(struct hs_sheet *s, const char *key, bool v)
{
	if (s->json) {
		hs_json_bool(&s->j, key, v);
		return;
	}
	value(s, key);
	hs_strbuf_puts(&s->out, v ? "yes\n" : "no\n");
}

void hs_sheet_fid(struct hs_sheet *s, const char *key, struct hs_fid fid)
{
	char text[HS_FID_TEXT];

	hs_sheet_str(s, key, hs_fid_text(fid, text));
}

void hs_sheet_printf(struct hs_sheet *s, const char *key, const char *fmt, ...)
{
	struct hs_strbuf text = HS_STRBUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	hs_strbuf_vprintf(&text, fmt, ap);
	va_end(ap);
	hs_sheet_bytes(s, key, hs_strbuf_str(&text), text.len);
	if (hs_strbuf_error(&text))
		s->out.err = hs_strbuf_error(&text);
	hs_strbuf_free(&text);
}

void hs_sheet_time(struct hs_sheet *s, const char *key, int64_t seconds)
{
	time_t t = (time_t)seconds;
	char text[64];
	struct tm tm;

	if (s->json)
		hs_json_int(&s->j, key, seconds);
	else if (!seconds)
		hs_sheet_str(s, key, "never");
	else if (gmtime_r(&t, &tm) && strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S UTC", &tm))
		hs_sheet_str(s, key, text);
	else
		hs_sheet_int(s, key, seconds);
}

void hs_sheet_bits(struct hs_sheet *s, const char *key, uint32_t bits,
		   const struct hs_bit_name *names, size_t n)
{
	struct hs_strbuf text = HS_STRBUF_INIT;

	if (s->json)
		hs_json_array(&s->j, key);
	for (size_t i = 0; i < n; i++) {
		if (!(bits & names[i].bit))
			continue;
		bits &= ~names[i].bit;
		if (s->json)
			hs_json_str(&s->j, NULL, names[i].name);
		else
			hs_strbuf_printf(&text, "%s%s", text.len ? " " : "", names[i].name);
	}
	if (s->json) {
		if (bits)
			hs_json_printf(&s->j, NULL, "0x%x", bits);
		hs_json_end_array(&s->j);
	} else {
		if (bits)
			hs_strbuf_printf(&text, "%s0x%x", text.len ? " " : "", bits);
		hs_sheet_str(s, key, text.len ? text.s : "none");
	}
	hs_strbuf_free(&text);
}
