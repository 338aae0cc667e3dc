/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names that deceive: every class is reported, and its innocent twin is not. Most cases are rows of
 * tables; those of single names are tried in a domain of their own, those of pairs in both orders.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "names/internal.h"
#include "names/names.h"

#define NONE HS_NAME_CLASSES

struct seen {
	unsigned int count;
	unsigned int by_class[HS_NAME_CLASSES];
	enum hs_name_class class;
	enum hs_name_level level;
	char name[1100], other[1100];
	uint64_t cookie, other_cookie, number;
	char text[4096];
};

static void note(const struct hs_name_report *r, void *ctx)
{
	struct seen *seen = ctx;
	struct hs_strbuf b = HS_STRBUF_INIT;

	seen->count++;
	seen->by_class[r->class]++;
	seen->class = r->class;
	seen->level = r->level;
	snprintf(seen->name, sizeof(seen->name), "%.*s", (int)r->len, (const char *)r->name);
	snprintf(seen->other, sizeof(seen->other), "%.*s", (int)r->other_len,
		 r->other ? (const char *)r->other : "");
	seen->cookie = r->cookie;
	seen->other_cookie = r->other_cookie;
	seen->number = r->count;
	hs_name_report_render(r, &b);
	snprintf(seen->text, sizeof(seen->text), "%s", hs_strbuf_str(&b));
	hs_strbuf_free(&b);
}

struct bench {
	struct hs_names *names;
	struct hs_names_domain *domain;
	struct seen seen;
};

static void bench_open(struct bench *b, struct hs_names_options opts)
{
	memset(b, 0, sizeof(*b));
	assert_int_equal(hs_names_open(&opts, &b->names), 0);
	assert_int_equal(hs_names_domain_new(b->names, note, &b->seen, &b->domain), 0);
}

static void bench_close(struct bench *b)
{
	hs_names_domain_free(b->domain);
	hs_names_close(b->names);
}

static void begin(struct bench *b, enum hs_names_kind kind, bool trusted)
{
	memset(&b->seen, 0, sizeof(b->seen));
	hs_names_domain_begin(b->domain, kind, trusted);
}

static void add(struct bench *b, const char *name, uint64_t cookie)
{
	assert_int_equal(hs_names_domain_add(b->domain, name, strlen(name), cookie), 0);
}

static const struct hs_names_options verbose = {.utf8 = true, .all_info = true};
static const struct hs_names_options quiet = {.utf8 = true};

struct single {
	const char *name;
	enum hs_name_class class; /* NONE: nothing is said */
};

static const struct single singles[] = {
	/* innocent */
	{"plain.txt", NONE},
	{"with blank inside", NONE},
	{".", NONE},
	{"..", NONE},
	{"-rf", NONE},
	{"caf\u00e9", NONE},
	{"cafe\u0301", NONE},
	{"\u65e5\u672c\u8a9e.txt", NONE},
	{"\ud55c\uae00", NONE},
	{"\u1112\u1161\u11ab", NONE},
	{"\uff26\uff35\uff2c\uff2c", NONE},
	{"\ufb01le", NONE},
	{"\u0440\u0443\u0441\u0441\u043a\u0438\u0439.txt", NONE},
	{"\u05e9\u05dc\u05d5\u05dd.txt", NONE},
	{"\u0645\u0631\u062d\u0628\u0627.pdf", NONE},
	{"\u0645\u0631\u062d\u0628\u0627 12", NONE},
	{"\u0915\u094d\u200d\u0937", NONE},
	{"\U0001f469\u200d\U0001f4bb.png", NONE},
	{"\u2764\ufe0f", NONE},
	{"\u2764\ufe0fa\ufe0f", NONE},
	{"\u0e44\u0e17\u0e22", NONE},
	{"a\u00a0b", NONE},
	{"3\u20ac", NONE},
	{"job\u2024offer sheet", NONE},
	{"job.\u4e00", NONE},
	{"\U0001d7d9", NONE},
	{"\ue000", NONE},
	{"\U0010ffff", NONE},
	/* direction overrides */
	{"gnp\u202etxt.exe", HS_NAME_BIDI_OVERRIDE},
	{"\u202dabc", HS_NAME_BIDI_OVERRIDE},
	{"\u05e9\u202e.txt", HS_NAME_BIDI_OVERRIDE},
	/* a full stop that is none */
	{"job offer\u2024pdf", HS_NAME_PHONY_EXTENSION},
	{"job offer\ufe52pdf", HS_NAME_PHONY_EXTENSION},
	{"job offer\uff0epdf", HS_NAME_PHONY_EXTENSION},
	{"job offer\uff61pdf", HS_NAME_PHONY_EXTENSION},
	{"job offer\u0701pdf", HS_NAME_PHONY_EXTENSION},
	{"job offer\u0702pdf", HS_NAME_PHONY_EXTENSION},
	{"job offer\ua4f8pdf", HS_NAME_PHONY_EXTENSION},
	{"job offer\u2024\u200dpdf", HS_NAME_PHONY_EXTENSION},
	{"a\u2024tar.gz", HS_NAME_PHONY_EXTENSION},
	/* control characters of every general category that counts */
	{"a\tb", HS_NAME_CONTROL},
	{"a\nb", HS_NAME_CONTROL},
	{"\x01", HS_NAME_CONTROL},
	{"rub\x7fout", HS_NAME_CONTROL},
	{"c1\xc2\x85", HS_NAME_CONTROL},
	{"csi\xc2\x9b"
	 "31m",
	 HS_NAME_CONTROL},
	{"soft\u00adhyphen", HS_NAME_CONTROL},
	{"\ufeffbom", HS_NAME_CONTROL},
	{"zero\u200bwidth", HS_NAME_CONTROL},
	{"zwnj\u200cname", HS_NAME_CONTROL},
	{"mark\u200ename", HS_NAME_CONTROL},
	{"embed\u202aname", HS_NAME_CONTROL},
	{"isolate\u2066name\u2069", HS_NAME_CONTROL},
	{"line\u2028end", HS_NAME_CONTROL},
	{"para\u2029end", HS_NAME_CONTROL},
	{"word\u2060joiner", HS_NAME_CONTROL},
	{"tag\U000e0041", HS_NAME_CONTROL},
	/* variation selectors */
	{"\ufe0fabc", HS_NAME_VARIATION},
	{"a\ufe0f\ufe0fb", HS_NAME_VARIATION},
	{"\u845b\U000e0100\U000e0101", HS_NAME_VARIATION},
	/* directions */
	{"abc\u05e9\u05dc\u05d5\u05dd", HS_NAME_BIDI_MIXED},
	{"\u0645\u0631\u062dabc.txt", HS_NAME_BIDI_MIXED},
	/* blanks at the ends */
	{" leading", HS_NAME_BLANK},
	{"trailing ", HS_NAME_BLANK},
	{"nbsp\u00a0", HS_NAME_BLANK},
	{"\u3000ideographic", HS_NAME_BLANK},
	{"filler\u3164", HS_NAME_BLANK},
	{"braille\u2800", HS_NAME_BLANK},
	{"\u2003", HS_NAME_BLANK},
	/* not UTF-8 */
	{"latin1-\xe9", HS_NAME_INVALID_UTF8},
	{"slash\xc0\xaf", HS_NAME_INVALID_UTF8},
	{"slash\xe0\x80\xaf", HS_NAME_INVALID_UTF8},
	{"nul\xc0\x80", HS_NAME_INVALID_UTF8},
	{"surrogate\xed\xa0\x80", HS_NAME_INVALID_UTF8},
	{"cesu\xed\xa0\xbd\xed\xb8\x80", HS_NAME_INVALID_UTF8},
	{"beyond\xf4\x90\x80\x80", HS_NAME_INVALID_UTF8},
	{"cut\xe2\x82", HS_NAME_INVALID_UTF8},
	{"\x80", HS_NAME_INVALID_UTF8},
	{"five\xf8\x88\x80\x80\x80", HS_NAME_INVALID_UTF8},
	{"", HS_NAME_EMPTY},
};

static void test_single(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b, verbose);
	for (size_t i = 0; i < sizeof(singles) / sizeof(singles[0]); i++) {
		const struct single *s = &singles[i];

		begin(&b, HS_NAMES_DIRECTORY, false);
		add(&b, s->name, 1);
		hs_names_domain_end(b.domain);
		if (b.seen.count != (s->class != NONE) ||
		    (b.seen.count && b.seen.class != s->class))
			fail_msg("\"%s\" (row %zu): %u reports, %s", s->name, i, b.seen.count,
				 b.seen.text);
		if (s->class != NONE)
			assert_int_equal(b.seen.level, hs_name_class_level(s->class));
	}
	bench_close(&b);
}

struct pair {
	const char *a, *b;
	enum hs_name_class class;
	const char *said_of; /* NULL: of the later one */
};

static const struct pair pairs[] = {
	/* innocent */
	{"one", "two", NONE, NULL},
	{"file1", "file2", NONE, NULL},
	{"fi", "f1", NONE, NULL},
	{"\u65e5", "\u6708", NONE, NULL},
	{"caf\u00e9", "cafe", NONE, NULL},
	{"\u0431\u0435\u043b", "bel", NONE, NULL},
	{"\U0001f600", "\U0001f601", NONE, NULL},
	{"a b", "ab", NONE, NULL},
	{"x.c", "x.h", NONE, NULL},
	{"\u05d0\u05d1.txt", "\u05d0\u05d2.txt", NONE, NULL},
	{"same-\xff", "same-\xfe", HS_NAME_INVALID_UTF8, NULL}, /* twice, and no pair */
	/* the same after normalization: composition, order of marks, compatibility forms */
	{"caf\u00e9.txt", "cafe\u0301.txt", HS_NAME_IDENTICAL, NULL},
	{"q\u0307\u0323", "q\u0323\u0307", HS_NAME_IDENTICAL, NULL},
	{"\ud55c", "\u1112\u1161\u11ab", HS_NAME_IDENTICAL, NULL},
	{"\u212bngstrom", "\u00c5ngstrom", HS_NAME_IDENTICAL, NULL},
	{"\u03d3", "\u03d2\u0301", HS_NAME_IDENTICAL, NULL},
	{"\uff26ull", "Full", HS_NAME_IDENTICAL, NULL},
	{"\ufb01le", "file", HS_NAME_IDENTICAL, NULL},
	{"\u20a8", "Rs", HS_NAME_IDENTICAL, NULL},
	{"x\u00b2", "x2", HS_NAME_IDENTICAL, NULL},
	{"\u2460", "1", HS_NAME_IDENTICAL, NULL},
	{"a\u00a0b", "a b", HS_NAME_IDENTICAL, NULL},
	{"\u2025", "..", HS_NAME_IDENTICAL, NULL},
	{"\ufdfa",
	 "\u0635\u0644\u0649 \u0627\u0644\u0644\u0647 \u0639\u0644\u064a\u0647 "
	 "\u0648\u0633\u0644\u0645",
	 HS_NAME_IDENTICAL, NULL},
	{"\u1e9b\u0323", "\u1e69", HS_NAME_IDENTICAL, NULL},
	/* something that does not show */
	{"moocow", "moo\u200dcow", HS_NAME_INVISIBLE, "moo\u200dcow"},
	{"paypal", "pay\u034fpal", HS_NAME_INVISIBLE, "pay\u034fpal"},
	{"paypal", "p\u0430y\u200dpal", HS_NAME_INVISIBLE, "p\u0430y\u200dpal"},
	/* look-alikes across scripts */
	{"paypal", "p\u0430ypal", HS_NAME_CONFUSABLE, NULL},
	{"scope", "\u0455\u0441\u043e\u0440\u0435", HS_NAME_CONFUSABLE, NULL},
	{"mixed_top", "mixed_t\u03bfp", HS_NAME_CONFUSABLE, NULL},
	{"Alpha", "\u0391lpha", HS_NAME_CONFUSABLE, NULL},
	{"\u0410\u0412", "\u0391\u0392", HS_NAME_CONFUSABLE, NULL},
	{"a-b", "a\u2010b", HS_NAME_CONFUSABLE, NULL},
	{"dze", "\u02a3e", HS_NAME_CONFUSABLE, NULL},
	{"s\u0131te", "s\u0269te", HS_NAME_CONFUSABLE, NULL},
	{"file", "\u017file", HS_NAME_CONFUSABLE, NULL},
	{"sat", "\u017fat", HS_NAME_IDENTICAL, NULL},
	{"fat", "\u017fat", HS_NAME_CONFUSABLE, NULL},
	{"100%", "100\u00ba\u2044\u2080", HS_NAME_CONFUSABLE, NULL},
	{"rnodem", "\u043eodem", NONE, NULL},
	/* ASCII alone */
	{"modern", "modem", HS_NAME_ASCII_ALIKE, NULL},
	{"inadequate_al", "inadequate_a1", HS_NAME_ASCII_ALIKE, NULL},
	{"Iist", "list", HS_NAME_ASCII_ALIKE, NULL},
	{"vi0la", "viOla", HS_NAME_ASCII_ALIKE, NULL},
	{"a|b", "alb", HS_NAME_ASCII_ALIKE, NULL},
	/* case */
	{"Makefile", "makefile", HS_NAME_CASE_TWIN, NULL},
	{"README", "readme", HS_NAME_CASE_TWIN, NULL},
	{"\u00c4ther", "\u00e4ther", HS_NAME_CASE_TWIN, NULL},
	{"stra\u00dfe", "STRASSE", HS_NAME_CASE_TWIN, NULL},
	{"\u0416\u0443\u043a", "\u0436\u0443\u043a", HS_NAME_CASE_TWIN, NULL},
	{"\uff26ull", "full", HS_NAME_CASE_TWIN, NULL},
};

static void try_pair(struct bench *b, const char *first, const char *second, const struct pair *p)
{
	unsigned int want = p->class == NONE ? 0 : p->class == HS_NAME_INVALID_UTF8 ? 2 : 1;

	begin(b, HS_NAMES_DIRECTORY, false);
	add(b, first, 1);
	add(b, second, 2);
	hs_names_domain_end(b->domain);
	if (b->seen.count != want || (want && b->seen.class != p->class))
		fail_msg("\"%s\" \"%s\": %u reports, %s", first, second, b->seen.count,
			 b->seen.text);
	if (want != 1)
		return;
	if (p->said_of) {
		assert_string_equal(b->seen.name, p->said_of);
	} else {
		assert_string_equal(b->seen.name, second);
		assert_string_equal(b->seen.other, first);
		assert_int_equal(b->seen.cookie, 2);
		assert_int_equal(b->seen.other_cookie, 1);
	}
	/* two names of one object deceive nobody in a directory */
	begin(b, HS_NAMES_DIRECTORY, false);
	add(b, first, 7);
	add(b, second, 7);
	assert_int_equal(b->seen.count, 0);
	/* in a list of attributes they do */
	begin(b, HS_NAMES_XATTR, false);
	add(b, first, 7);
	add(b, second, 7);
	assert_int_equal(b->seen.count, 1);
	/* and not in different domains */
	begin(b, HS_NAMES_DIRECTORY, false);
	add(b, first, 1);
	hs_names_domain_end(b->domain);
	hs_names_domain_begin(b->domain, HS_NAMES_DIRECTORY, false);
	add(b, second, 2);
	assert_int_equal(b->seen.count, 0);
}

static void test_pairs(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b, verbose);
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		try_pair(&b, pairs[i].a, pairs[i].b, &pairs[i]);
		try_pair(&b, pairs[i].b, pairs[i].a, &pairs[i]);
	}
	bench_close(&b);
}

/* The first class that applies is the only one reported. */
static void test_order(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b, verbose);
	begin(&b, HS_NAMES_DIRECTORY, false);
	add(&b, "paypal", 1);
	add(&b, "p\u0430ypal", 2);
	add(&b, "pay\u200bpal", 3);
	assert_int_equal(b.seen.count, 2);
	assert_int_equal(b.seen.class, HS_NAME_INVISIBLE);
	add(&b, "pay\u202e\u200bpal", 4);
	assert_int_equal(b.seen.class, HS_NAME_BIDI_OVERRIDE);
	/* an identical name is found among many that are merely confusable */
	begin(&b, HS_NAMES_DIRECTORY, false);
	add(&b, "caf\u00e9", 1);
	add(&b, "c\u0430f\u00e9", 2);
	add(&b, "c\u0430fe\u0301", 3);
	assert_int_equal(b.seen.class, HS_NAME_IDENTICAL);
	assert_string_equal(b.seen.other, "c\u0430f\u00e9");
	bench_close(&b);
}

static void test_same_name_again(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b, verbose);
	begin(&b, HS_NAMES_DIRECTORY, false);
	add(&b, "caf\u00e9", 1);
	add(&b, "caf\u00e9", 2);
	assert_int_equal(b.seen.count, 0);
	/* the cookie is now 2, so a twin with 2 is the same object */
	add(&b, "cafe\u0301", 2);
	assert_int_equal(b.seen.count, 0);
	bench_close(&b);
}

static void test_kinds(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b, verbose);
	begin(&b, HS_NAMES_XATTR, false);
	add(&b, "user.job offer\u2024pdf", 0);
	add(&b, "user.\u05e9\u05dc\u05d5\u05dd", 0);
	assert_int_equal(b.seen.count, 0);
	add(&b, "user.abc\u05e9", 0);
	assert_int_equal(b.seen.class, HS_NAME_BIDI_MIXED);
	begin(&b, HS_NAMES_LABEL, false);
	add(&b, "", 0);
	assert_int_equal(b.seen.count, 0);
	add(&b, "l\u202eabel", 0);
	assert_string_equal(b.seen.text,
			    "Unicode name \"l\\xe2\\x80\\xaeabel\" in filesystem label "
			    "contains suspicious text direction overrides.");
	bench_close(&b);
}

static void test_withheld(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b, quiet);
	begin(&b, HS_NAMES_DIRECTORY, false);
	add(&b, "Makefile", 1);
	add(&b, "makefile", 2);
	assert_int_equal(b.seen.count, 1);
	add(&b, "ab", 3);
	add(&b, "AB", 4);
	assert_int_equal(b.seen.count, 1);
	add(&b, "a\u00e9", 5);
	add(&b, "ae\u0301", 6);
	assert_int_equal(b.seen.count, 2); /* a warning is not withheld */
	begin(&b, HS_NAMES_DIRECTORY, true);
	add(&b, "Makefile", 1);
	add(&b, "makefile", 2);
	add(&b, " blank", 3);
	assert_int_equal(b.seen.count, 0);
	add(&b, "bad-\xff", 4);
	assert_int_equal(b.seen.class, HS_NAME_INVALID_UTF8);
	add(&b, "a\tb", 5);
	assert_int_equal(b.seen.class, HS_NAME_CONTROL);
	begin(&b, HS_NAMES_LABEL, false);
	add(&b, "label ", 0);
	assert_int_equal(b.seen.count, 0);
	bench_close(&b);
}

static void test_other_locale(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b, (struct hs_names_options){.utf8 = false});
	begin(&b, HS_NAMES_DIRECTORY, false);
	add(&b, "caf\u00e9", 1);
	add(&b, "cafe\u0301", 2);
	add(&b, "latin1-\xe9", 3);
	add(&b, "gnp\u202etxt", 4);
	add(&b, "Makefile", 5);
	add(&b, "makefile", 6);
	assert_int_equal(b.seen.count, 0);
	add(&b, "a\tb", 7);
	assert_int_equal(b.seen.class, HS_NAME_CONTROL_BYTE);
	assert_int_equal(b.seen.level, HS_NAME_INFO);
	assert_string_equal(b.seen.text, "Control character found in directory name \"a\\x09b\".");
	add(&b, "", 8);
	assert_int_equal(b.seen.class, HS_NAME_EMPTY);
	assert_int_equal(b.seen.level, HS_NAME_WARNING);
	bench_close(&b);
}

static void test_embedded_nul_and_length(void **state)
{
	char name[HS_NAMES_LEN_MAX + 1];
	struct bench b;

	(void)state;
	bench_open(&b, verbose);
	begin(&b, HS_NAMES_DIRECTORY, false);
	assert_int_equal(hs_names_domain_add(b.domain, "a\0b", 3, 1), 0);
	assert_int_equal(b.seen.class, HS_NAME_CONTROL);
	begin(&b, HS_NAMES_XATTR, false);
	memset(name, 'x', sizeof(name));
	assert_int_equal(hs_names_domain_add(b.domain, name, HS_NAMES_LEN_MAX, 1), 0);
	name[0] = 'X';
	assert_int_equal(hs_names_domain_add(b.domain, name, HS_NAMES_LEN_MAX, 2), 0);
	assert_int_equal(b.seen.class, HS_NAME_CASE_TWIN);
	assert_int_equal(hs_names_domain_add(b.domain, name, sizeof(name), 3), 0);
	hs_names_domain_end(b.domain);
	assert_int_equal(b.seen.class, HS_NAME_NOT_SEARCHED);
	assert_int_equal(b.seen.number, 1);
	bench_close(&b);
}

/* Many names, among them twins far apart; the tables grow many times. */
static void test_many(void **state)
{
	const unsigned int n = 200000;
	struct bench b;
	char name[64];

	(void)state;
	bench_open(&b, verbose);
	begin(&b, HS_NAMES_DIRECTORY, false);
	for (unsigned int i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "entry-%08x.data", i);
		add(&b, name, i + 10);
	}
	assert_int_equal(b.seen.count, 0);
	add(&b, "entry-0000002a.dat\u0430", 1);
	assert_int_equal(b.seen.class, HS_NAME_CONFUSABLE);
	assert_string_equal(b.seen.other, "entry-0000002a.data");
	assert_int_equal(b.seen.other_cookie, 10 + 0x2a);
	add(&b, "ENTRY-00030D3F.DATA", 2);
	assert_int_equal(b.seen.class, HS_NAME_CASE_TWIN);
	assert_int_equal(b.seen.count, 2);
	assert_true(hs_names_domain_memory(b.domain) < n * 100);
	hs_names_domain_end(b.domain);
	assert_true(hs_names_domain_memory(b.domain) < 1 << 21);
	bench_close(&b);
}

/* 2^16 spellings that all look alike cost no more than a bounded walk each, and are all told. */
static void test_alike_flood(void **state)
{
	struct bench b;
	char name[17] = "";

	(void)state;
	bench_open(&b, verbose);
	begin(&b, HS_NAMES_DIRECTORY, false);
	for (unsigned int i = 0; i < 1 << 16; i++) {
		for (unsigned int k = 0; k < 16; k++)
			name[k] = i & (1u << k) ? 'l' : '1';
		add(&b, name, i);
	}
	assert_int_equal(b.seen.by_class[HS_NAME_ASCII_ALIKE], (1 << 16) - 1);
	bench_close(&b);
}

static void test_memory_limit(void **state)
{
	const size_t limit = 1 << 18;
	struct bench b;
	char name[64];

	(void)state;
	bench_open(&b, (struct hs_names_options){.utf8 = true, .memory = limit});
	begin(&b, HS_NAMES_DIRECTORY, false);
	for (unsigned int i = 0; i < 50000; i++) {
		snprintf(name, sizeof(name), "entry-%08x.data", i);
		add(&b, name, i + 10);
	}
	assert_true(hs_names_domain_memory(b.domain) < limit + 65536);
	/* those kept are still compared with */
	add(&b, "entry-00000001.dat\u0430", 1);
	assert_int_equal(b.seen.class, HS_NAME_CONFUSABLE);
	/* and a name is still judged by itself */
	add(&b, "bell\x07", 2);
	assert_int_equal(b.seen.class, HS_NAME_CONTROL);
	assert_int_equal(b.seen.count, 2);
	hs_names_domain_end(b.domain);
	assert_int_equal(b.seen.class, HS_NAME_NOT_SEARCHED);
	assert_true(b.seen.number > 40000 && b.seen.number < 50002);
	/* the next domain starts afresh */
	begin(&b, HS_NAMES_DIRECTORY, false);
	add(&b, "modern", 1);
	add(&b, "modem", 2);
	hs_names_domain_end(b.domain);
	assert_int_equal(b.seen.count, 1);
	bench_close(&b);
}

/* What the tables say of ASCII is what ICU says, control characters included. */
static void test_ascii_tables(void **state)
{
	const unsigned int which = FORM_NFKC | FORM_FOLD | FORM_SKEL;
	struct names_forms tables = {0}, icu = {0};
	struct bench b;
	uint8_t name[32];

	(void)state;
	bench_open(&b, verbose);
	assert_true(b.names->ascii_exact);
	srand(1);
	for (unsigned int i = 0; i < 100000; i++) {
		size_t len = 1 + (size_t)rand() % sizeof(name);

		for (size_t k = 0; k < len; k++)
			name[k] = (uint8_t)(rand() % 128);
		assert_int_equal(names_forms_make(b.names, &tables, name, len, true, which), 0);
		assert_int_equal(names_forms_make(b.names, &icu, name, len, false, which), 0);
		assert_true(names_ustring_equal(&tables.nfkc, &icu.nfkc));
		assert_true(names_ustring_equal(&tables.fold, &icu.fold));
		assert_true(names_ustring_equal(&tables.skel, &icu.skel));
	}
	names_forms_free(&tables);
	names_forms_free(&icu);
	bench_close(&b);
}

static void test_words(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b, verbose);
	begin(&b, HS_NAMES_DIRECTORY, false);
	add(&b, "moocow", 1);
	add(&b, "moo\u200dcow", 2);
	assert_string_equal(b.seen.text,
			    "Unicode name \"moo\\xe2\\x80\\x8dcow\" in directory could "
			    "be confused with 'moocow' due to invisible characters.");
	add(&b, "caf\u00e9", 3);
	add(&b, "cafe\u0301", 4);
	assert_string_equal(b.seen.text, "Unicode name \"cafe\\xcc\\x81\" in directory renders "
					 "identically to \"caf\\xc3\\xa9\".");
	for (enum hs_name_class c = 0; c < HS_NAME_CLASSES; c++) {
		assert_non_null(hs_name_class_id(c));
		for (enum hs_name_class e = 0; e < c; e++)
			assert_string_not_equal(hs_name_class_id(c), hs_name_class_id(e));
	}
	bench_close(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_single),	     cmocka_unit_test(test_pairs),
		cmocka_unit_test(test_order),	     cmocka_unit_test(test_same_name_again),
		cmocka_unit_test(test_kinds),	     cmocka_unit_test(test_withheld),
		cmocka_unit_test(test_other_locale), cmocka_unit_test(test_embedded_nul_and_length),
		cmocka_unit_test(test_many),	     cmocka_unit_test(test_alike_flood),
		cmocka_unit_test(test_memory_limit), cmocka_unit_test(test_ascii_tables),
		cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
