/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The smallest tools: growing arrays, text buffers, well-formed UTF-8. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/bytes.h"
#include "base/log.h"
#include "base/strbuf.h"
#include "base/utf8.h"

static void test_array(void **state)
{
	uint32_t *items = NULL, *same;
	size_t room = 0, before;

	(void)state;
	for (uint32_t i = 0; i < 1000; i++) {
		assert_int_equal(hs_array_grow(&items, &room, i + 1), 0);
		assert_true(room > i);
		items[i] = i;
	}
	for (uint32_t i = 0; i < 1000; i++)
		assert_int_equal(items[i], i);
	same = items;
	before = room;
	assert_int_equal(hs_array_grow(&items, &room, room), 0);
	assert_int_equal(hs_array_grow(&items, &room, 0), 0);
	assert_int_equal(hs_array_grow(&items, &room, SIZE_MAX), -ENOMEM);
	assert_int_equal(hs_array_grow(&items, &room, SIZE_MAX / 4 + 1), -ENOMEM);
	assert_ptr_equal(items, same);
	assert_int_equal(room, before);
	free(items);
}

static void test_bytes(void **state)
{
	uint8_t b[9] = {0, 1, 2, 3, 4, 5, 6, 7, 8};

	(void)state;
	assert_int_equal(hs_get_le16(b + 1), 0x0201);
	assert_int_equal(hs_get_be16(b + 1), 0x0102);
	assert_int_equal(hs_get_le32(b + 1), 0x04030201);
	assert_int_equal(hs_get_be32(b + 1), 0x01020304);
	assert_true(hs_get_le64(b + 1) == 0x0807060504030201);
	assert_true(hs_get_be64(b + 1) == 0x0102030405060708);
	hs_put_be64(b + 1, hs_get_le64(b + 1));
	assert_memory_equal(b, "\0\x08\x07\x06\x05\x04\x03\x02\x01", 9);
}

static void test_strbuf(void **state)
{
	struct hs_strbuf b = HS_STRBUF_INIT;
	char *long_text = malloc(5001);

	(void)state;
	assert_string_equal(hs_strbuf_str(&b), "");
	hs_strbuf_add(&b, NULL, 0);
	assert_string_equal(hs_strbuf_str(&b), "");
	hs_strbuf_puts(&b, "one");
	hs_strbuf_putc(&b, ' ');
	hs_strbuf_printf(&b, "%s %d", "two", 3);
	hs_strbuf_add(&b, "xyz", 1);
	assert_string_equal(hs_strbuf_str(&b), "one two 3x");
	assert_int_equal(b.len, 10);
	hs_strbuf_reset(&b);
	assert_string_equal(hs_strbuf_str(&b), "");
	assert_int_equal(b.len, 0);

	memset(long_text, 'k', 5000);
	long_text[5000] = '\0';
	hs_strbuf_printf(&b, "%s|%s", long_text, long_text);
	assert_int_equal(b.len, 10001);
	assert_int_equal(strlen(hs_strbuf_str(&b)), 10001);
	assert_int_equal(hs_strbuf_str(&b)[5000], '|');
	free(long_text);
	assert_int_equal(hs_strbuf_error(&b), 0);
	hs_strbuf_free(&b);
	assert_string_equal(hs_strbuf_str(&b), "");
	hs_strbuf_free(&b);
}

static void test_strbuf_short_of_memory(void **state)
{
	struct hs_strbuf b = HS_STRBUF_INIT;

	(void)state;
	hs_strbuf_puts(&b, "kept");
	hs_strbuf_add(&b, "", SIZE_MAX / 2); /* refused before a byte of it is read */
	assert_int_equal(hs_strbuf_error(&b), -ENOMEM);
	hs_strbuf_puts(&b, "lost");
	assert_string_equal(hs_strbuf_str(&b), "kept");
	/* a length that would wrap around is refused as well, not taken for a small one */
	hs_strbuf_reset(&b);
	hs_strbuf_puts(&b, "kept");
	hs_strbuf_add(&b, "", SIZE_MAX - 2);
	assert_int_equal(hs_strbuf_error(&b), -ENOMEM);
	assert_string_equal(hs_strbuf_str(&b), "kept");
	hs_strbuf_reset(&b);
	assert_int_equal(hs_strbuf_error(&b), 0);
	hs_strbuf_free(&b);
}

static void assert_escaped(const char *bytes, size_t len, const char *expected)
{
	struct hs_strbuf b = HS_STRBUF_INIT;

	hs_strbuf_add_escaped(&b, bytes, len);
	assert_string_equal(hs_strbuf_str(&b), expected);
	hs_strbuf_free(&b);
}

#define ASSERT_ESCAPED(bytes, expected) assert_escaped(bytes, sizeof(bytes) - 1, expected)

static void test_escaped(void **state)
{
	(void)state;
	ASSERT_ESCAPED("", "");
	ASSERT_ESCAPED("plain ~!", "plain ~!");
	ASSERT_ESCAPED("a\\x41", "a\\\\x41");
	ASSERT_ESCAPED("\0\t\n\x1b[2J\x7f", "\\x00\\x09\\x0a\\x1b[2J\\x7f");
	ASSERT_ESCAPED("gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x90\xb3",
		       "gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x90\xb3");
	/* the C1 controls, a terminal's other escapes; the first character behind them stays */
	ASSERT_ESCAPED("\xc2\x80\xc2\x9b\xc2\x9f", "\\xc2\\x80\\xc2\\x9b\\xc2\\x9f");
	ASSERT_ESCAPED("\xc2\xa0", "\xc2\xa0");
	ASSERT_ESCAPED("\xff\xfe", "\\xff\\xfe");
	/* a character cut off by the end, or by another one */
	ASSERT_ESCAPED("\xe2\x82", "\\xe2\\x82");
	ASSERT_ESCAPED("\xe2\x82z", "\\xe2\\x82z");
	ASSERT_ESCAPED("\xc0\xaf", "\\xc0\\xaf");
	ASSERT_ESCAPED("\xed\xa0\x80", "\\xed\\xa0\\x80");
}

/* Undoes the escaping as its documentation says. */
static size_t unescape(const char *s, uint8_t *out)
{
	size_t n = 0;

	while (*s) {
		if (s[0] == '\\' && s[1] == 'x') {
			char hex[3] = {s[2], s[3], '\0'};

			out[n++] = (uint8_t)strtoul(hex, NULL, 16);
			s += 4;
		} else if (s[0] == '\\') {
			out[n++] = (uint8_t)s[1];
			s += 2;
		} else {
			out[n++] = (uint8_t)*s++;
		}
	}
	return n;
}

static void test_escaping_is_reversible(void **state)
{
	struct hs_strbuf b = HS_STRBUF_INIT;
	uint8_t in[32], out[32 * 4];

	(void)state;
	srandom(5);
	for (int round = 0; round < 20000; round++) {
		size_t len = (size_t)random() % sizeof(in);

		for (size_t i = 0; i < len; i++) {
			/* bytes that begin and continue characters, and backslashes */
			static const uint8_t often[] = "\\x\xc2\xe2\xf0\x80\x9f\xa0";

			in[i] = random() % 2 ? (uint8_t)random() : often[random() % 8];
		}
		hs_strbuf_reset(&b);
		hs_strbuf_add_escaped(&b, in, len);
		assert_int_equal(unescape(hs_strbuf_str(&b), out), len);
		if (len)
			assert_memory_equal(out, in, len);
	}
	hs_strbuf_free(&b);
}

static size_t encode(uint32_t c, uint8_t *p)
{
	if (c < 0x80) {
		p[0] = (uint8_t)c;
		return 1;
	}
	if (c < 0x800) {
		p[0] = (uint8_t)(0xc0 | c >> 6);
		p[1] = (uint8_t)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		p[0] = (uint8_t)(0xe0 | c >> 12);
		p[1] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
		p[2] = (uint8_t)(0x80 | (c & 0x3f));
		return 3;
	}
	p[0] = (uint8_t)(0xf0 | c >> 18);
	p[1] = (uint8_t)(0x80 | (c >> 12 & 0x3f));
	p[2] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
	p[3] = (uint8_t)(0x80 | (c & 0x3f));
	return 4;
}

/* Every scalar value is accepted in its one form, and nothing else that begins with two bytes. */
static void test_utf8(void **state)
{
	uint8_t p[4];
	uint32_t accepted = 0;

	(void)state;
	assert_int_equal(hs_utf8_len((const uint8_t *)"a", 0), 0);
	for (uint32_t c = 0; c < 0x200000; c++) {
		size_t n = encode(c, p);
		int scalar = c < 0xd800 || (c > 0xdfff && c < 0x110000);

		if (hs_utf8_len(p, 4) != (scalar ? n : 0))
			fail_msg("U+%04X", c);
		for (size_t cut = 1; cut < n; cut++) {
			if (hs_utf8_len(p, cut))
				fail_msg("U+%04X cut to %zu", c, cut);
		}
	}
	/* three bytes, all of them: as many are accepted as there are such characters */
	for (uint32_t x = 0; x < 1u << 24; x++) {
		p[0] = (uint8_t)(x >> 16);
		p[1] = (uint8_t)(x >> 8);
		p[2] = (uint8_t)x;
		accepted += hs_utf8_len(p, 3) == 3;
	}
	assert_int_equal(accepted, 0x10000 - 0x800 - 0x800);
	/* four bytes: the last two continue and carry 12 bits, the first two decide */
	accepted = 0;
	p[2] = 0x80;
	p[3] = 0xbf;
	for (uint32_t x = 0; x < 1u << 16; x++) {
		p[0] = (uint8_t)(x >> 8);
		p[1] = (uint8_t)x;
		accepted += hs_utf8_len(p, 4) == 4;
	}
	assert_int_equal(accepted, 0x100000 >> 12);
}

struct heard {
	struct hs_log log;
	int count;
	char last[100];
};

static void hear(struct hs_log *log, enum hs_log_level level, const char *message)
{
	struct heard *h = (struct heard *)log;

	h->count++;
	strncpy(h->last, message, sizeof(h->last) - 1);
	assert_true(level <= log->max);
}

static void test_log(void **state)
{
	struct heard h = {.log = {hear, HS_LOG_WARN}};

	(void)state;
	hs_log(NULL, HS_LOG_ERROR, "nobody");
	hs_log(&h.log, HS_LOG_INFO, "too quiet");
	assert_int_equal(h.count, 0);
	hs_log(&h.log, HS_LOG_WARN, "%d of %s", 2, "three");
	assert_int_equal(h.count, 1);
	assert_string_equal(h.last, "2 of three");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_array),	cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_strbuf),	cmocka_unit_test(test_strbuf_short_of_memory),
		cmocka_unit_test(test_escaped), cmocka_unit_test(test_escaping_is_reversible),
		cmocka_unit_test(test_utf8),	cmocka_unit_test(test_log),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
