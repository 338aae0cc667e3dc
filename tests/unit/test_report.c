/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reports: JSON of hostile bytes is valid and gives them back, text is safe on a terminal, numbers
 * and forecasts are right.
 */
#include <jansson.h>

#include "base/cleanup.h"
#include "base/utf8.h"
#include "report/json.h"
#include "report/progress.h"
#include "report/report.h"
#include "cm.h"
#include "run_dir.h"

#define scoped hs_cleanup(hs_strbuf_free) struct hs_strbuf

static json_t *parse(const struct hs_strbuf *text)
{
	json_error_t e;
	json_t *j;

	assert_int_equal(hs_strbuf_error(text), 0);
	assert_int_equal(text->s[text->len - 1], '\n');
	assert_null(memchr(text->s, '\n', text->len - 1));
	j = json_loadb(text->s, text->len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &e);
	if (!j)
		fail_msg("%s: %s", e.text, text->s);
	return j;
}

/* The bytes that KEY and KEY_hex stand for. */
static size_t decode(const json_t *object, const char *key, const char *hex_key, uint8_t *out)
{
	const char *hex = json_string_value(json_object_get(object, hex_key));
	const json_t *text = json_object_get(object, key);
	size_t n = 0;

	assert_non_null(text);
	if (!hex) {
		memcpy(out, json_string_value(text), json_string_length(text));
		return json_string_length(text);
	}
	for (; *hex; hex += 2) {
		unsigned byte;

		assert_int_equal(sscanf(hex, "%2x", &byte), 1);
		out[n++] = (uint8_t)byte;
	}
	return n;
}

static void round_trip(const uint8_t *bytes, size_t len)
{
	scoped text = HS_STRBUF_INIT;
	struct hs_json j = hs_json_to(&text);
	uint8_t back[256];
	json_t *root;

	hs_json_object(&j, NULL);
	hs_json_bytes(&j, "k", bytes, len);
	hs_json_array(&j, "list");
	hs_json_bytes(&j, NULL, bytes, len);
	hs_json_end_array(&j);
	hs_json_end_object(&j);
	assert_int_equal(hs_json_done(&j), 0);
	root = parse(&text);
	assert_int_equal(decode(root, "k", "k_hex", back), len);
	assert_memory_equal(back, bytes, len);
	if (json_object_get(root, "k_hex")) {
		const json_t *item = json_array_get(json_object_get(root, "list"), 0);

		assert_int_equal(decode(item, "text", "hex", back), len);
		assert_memory_equal(back, bytes, len);
	}
	json_decref(root);
}

static void hostile_bytes_survive_json(void **state)
{
	static const char *const samples[] = {
		"",
		"plain",
		"quote\" back\\slash / tab\t nl\n cr\r bs\b ff\f vt\v del\x7f esc\x1b",
		"\xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80",
		"\\x41 looks escaped",
		"cut \xe2\x82",
		"\xed\xa0\x80 surrogate",
		"\xc0\x80 overlong",
		"\xf4\x90\x80\x80 too large",
		"\xff\xfe",
		"\xef\xbf\xbe",
		"\xe2\x80\xa8",
	};
	uint32_t seed = 1;

	(void)state;
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++)
		round_trip((const uint8_t *)samples[i], strlen(samples[i]));
	round_trip((const uint8_t *)"a\0b", 3);
	for (unsigned c = 0; c < 256; c++)
		round_trip(&(uint8_t){(uint8_t)c}, 1);
	for (int n = 0; n < 20000; n++) {
		uint8_t bytes[8];

		for (size_t i = 0; i < sizeof(bytes); i++) {
			seed = seed * 1664525 + 1013904223;
			/* Half of them lead and continuation bytes, so that sequences form. */
			bytes[i] = (uint8_t)(seed >> 24 | (n & 1 ? 0x80 : 0));
		}
		round_trip(bytes, sizeof(bytes));
	}
}

static void members_and_numbers(void **state)
{
	scoped text = HS_STRBUF_INIT;
	struct hs_json j = hs_json_to(&text);

	(void)state;
	hs_json_object(&j, NULL);
	hs_json_array(&j, "empty");
	hs_json_end_array(&j);
	hs_json_object(&j, "o");
	hs_json_int(&j, "min", INT64_MIN);
	hs_json_uint(&j, "max", UINT64_MAX);
	hs_json_end_object(&j);
	hs_json_array(&j, "a");
	hs_json_bool(&j, NULL, true);
	hs_json_null(&j, NULL);
	hs_json_object(&j, NULL);
	hs_json_end_object(&j);
	hs_json_end_array(&j);
	hs_json_seconds(&j, "s", 1002003999);
	hs_json_str(&j, "none", NULL);
	hs_json_str_if(&j, "absent", NULL);
	hs_json_printf(&j, "f", "%d%%", 5);
	hs_json_end_object(&j);
	assert_int_equal(hs_json_done(&j), 0);
	assert_string_equal(hs_strbuf_str(&text),
			    "{\"empty\":[],\"o\":{\"min\":-9223372036854775808,"
			    "\"max\":18446744073709551615},\"a\":[true,null,{}],"
			    "\"s\":1.002003,\"none\":null,\"f\":\"5%\"}\n");
}

static void fill(struct hs_finding *f)
{
	f->severity = HS_SEV_ERROR;
	f->state = HS_STATE_SKIPPED;
	f->rule = "LAY-2";
	f->target = "MDT0000";
	f->object = "[0x200000401:0x1:0x0]";
	hs_finding_set_path(f, "/a\n\x1b[2J\xff", 8);
	f->message = "the stripe names another parent";
	f->repair = "rewrite the parent record";
	f->gate = "--layout";
	hs_finding_add_other(f, "[0x100010000:0x2:0x0]");
	hs_finding_add_fact(f, "LOV EA", "stripe %d", 3);
	hs_finding_add_symptom(f, "OWN-1", "[0x100010000:0x2:0x0]", "the owner differs");
}

static void a_finding_in_both_forms(void **state)
{
	hs_cleanup(hs_finding_free) struct hs_finding f = HS_FINDING_INIT;
	scoped text = HS_STRBUF_INIT;
	json_t *j;

	(void)state;
	fill(&f);
	hs_report_finding_text(&text, &f);
	assert_string_equal(hs_strbuf_str(&text),
			    "error LAY-2 MDT0000 [0x200000401:0x1:0x0]: "
			    "the stripe names another parent\n"
			    "    path: /a\\x0a\\x1b[2J\\xff\n"
			    "    with: [0x100010000:0x2:0x0]\n"
			    "    LOV EA: stripe 3\n"
			    "    explains OWN-1 [0x100010000:0x2:0x0]: the owner differs\n"
			    "    repair: rewrite the parent record\n"
			    "    skipped, allowed by: --layout\n");
	hs_strbuf_reset(&text);
	assert_int_equal(hs_report_finding_json(&text, &f), 0);
	j = parse(&text);
	assert_string_equal(json_string_value(json_object_get(j, "type")), "finding");
	assert_string_equal(json_string_value(json_object_get(j, "path_hex")), "2f610a1b5b324aff");
	assert_string_equal(json_string_value(json_object_get(j, "state")), "skipped");
	assert_int_equal(json_array_size(json_object_get(j, "facts")), 1);
	json_decref(j);
}

static void a_suspect_shows_what_is_left(void **state)
{
	hs_cleanup(hs_finding_free) struct hs_finding f = {
		.kind = HS_RECORD_SUSPECT,
		.object = "[0x200000401:0x1:0x0]",
		.no_path = "no name leads to it",
	};
	scoped text = HS_STRBUF_INIT;

	(void)state;
	hs_finding_add_left(&f, "OST0001", "LAY", -1, "parent, stripe 0");
	hs_finding_add_left(&f, "MDT0000", "LAY", 2, "%s", "");
	hs_report_finding_text(&text, &f);
	assert_string_equal(hs_strbuf_str(&text), "suspect [0x200000401:0x1:0x0]\n"
						  "    no path: no name leads to it\n"
						  "    OST0001 LAY -1: parent, stripe 0\n"
						  "    MDT0000 LAY +2\n");
	hs_strbuf_reset(&text);
	assert_int_equal(hs_report_finding_json(&text, &f), 0);
	assert_string_equal(hs_strbuf_str(&text),
			    "{\"type\":\"suspect\",\"object\":\"[0x200000401:0x1:0x0]\","
			    "\"no_path\":\"no name leads to it\",\"facts\":["
			    "{\"witness\":\"OST0001\",\"equation\":\"LAY\",\"left\":-1,"
			    "\"claim\":\"parent, stripe 0\"},"
			    "{\"witness\":\"MDT0000\",\"equation\":\"LAY\",\"left\":2,"
			    "\"claim\":\"\"}]}\n");
}

static void long_lists_are_cut_in_text_only(void **state)
{
	hs_cleanup(hs_finding_free) struct hs_finding f = HS_FINDING_INIT;
	scoped text = HS_STRBUF_INIT;
	json_t *j;

	(void)state;
	for (int i = 0; i < 1000; i++)
		hs_finding_add_fact(&f, "block", "%d", i);
	hs_report_finding_text(&text, &f);
	assert_non_null(
		strstr(text.s, "    block: 11\n    and 988 facts more; --json shows all\n"));
	hs_strbuf_reset(&text);
	assert_int_equal(hs_report_finding_json(&text, &f), 0);
	j = parse(&text);
	assert_int_equal(json_array_size(json_object_get(j, "facts")), 1000);
	json_decref(j);
}

static struct hs_run *make_run(const char *dir)
{
	const struct hs_run_params p = {
		.command = "lustre check", .fsname = "lf\x1bs", .run_dir = dir};
	const struct hs_run_target t = {.label = "MDT0000",
					.kind = "MDT",
					.uuid = "u",
					.size = 3 << 20,
					.device = "/dev/\xff"};
	hs_cleanup(hs_finding_free) struct hs_finding f = HS_FINDING_INIT;
	scoped why = HS_STRBUF_INIT;
	struct hs_run *run;

	assert_int_equal(hs_run_create(&p, &run, &why), 0);
	fill(&f);
	assert_int_equal(hs_run_add_finding(run, &f), 0);
	f.severity = HS_SEV_WARNING;
	f.state = HS_STATE_FOUND;
	assert_int_equal(hs_run_add_finding(run, &f), 0);
	assert_int_equal(hs_run_add_finding(run, &f), 0);
	f.kind = HS_RECORD_SUSPECT;
	assert_int_equal(hs_run_add_finding(run, &f), 0);
	assert_int_equal(hs_run_add_target(run, &t), 0);
	assert_int_equal(hs_run_set_total(run, "MDT0000", "inodes", 1234567), 0);
	assert_int_equal(hs_run_set_flag(run, "incomplete", true), 0);
	assert_int_equal(hs_run_set_phase(run, "digest"), 0);
	assert_int_equal(hs_run_finish(run, HS_RUN_COMPLETED, 4), 0);
	return run;
}

static void a_run_in_both_forms(void **state)
{
	char *dir = run_dir_new();
	struct hs_run *run = make_run(dir);
	scoped text = HS_STRBUF_INIT;
	char *out = NULL, *last;
	size_t size = 0;
	FILE *f = open_memstream(&out, &size);
	struct hs_report report = {.form = HS_REPORT_JSON, .detail = HS_REPORT_NORMAL, .out = f};
	unsigned lines = 0;
	json_t *j;

	(void)state;
	assert_int_equal(hs_report_run(&report, run), 0);
	for (const char *p = out; (p = strchr(p, '\n')); p++)
		lines++;
	assert_int_equal(lines, 5);
	out[size - 1] = '\0';
	last = strrchr(out, '\n') + 1;
	hs_strbuf_printf(&text, "%s\n", last);
	j = parse(&text);
	assert_string_equal(json_string_value(json_object_get(j, "type")), "summary");
	assert_int_equal(json_integer_value(json_object_get(j, "findings")), 3);
	assert_int_equal(json_integer_value(json_object_get(j, "suspects")), 1);
	assert_int_equal(json_integer_value(json_object_get(j, "exit_code")), 4);
	assert_int_equal(json_array_size(json_object_get(j, "phases")), 1);
	json_decref(j);
	fclose(f);
	free(out);

	hs_strbuf_reset(&text);
	assert_int_equal(hs_report_summary_text(&text, run, HS_REPORT_VERBOSE), 0);
	assert_non_null(strstr(text.s, "  MDT0000  /dev/\\xff  3.0 MiB  u\n"));
	assert_non_null(strstr(text.s, "1,234,567\n"));
	assert_non_null(strstr(text.s, "flags: incomplete\n"));
	assert_non_null(strstr(
		text.s,
		"lf\\x1bs: 3 inconsistencies (1 error, 2 warnings; 1 skipped), 1 suspect; run "));
	hs_run_close(run);
	run_dir_remove(dir);
	free(dir);
}

static void output_that_cannot_be_written_is_an_error(void **state)
{
	char *dir = run_dir_new();
	struct hs_run *run = make_run(dir);
	struct hs_report report = {
		.form = HS_REPORT_TEXT, .detail = HS_REPORT_NORMAL, .out = fopen("/dev/full", "w")};

	(void)state;
	assert_non_null(report.out);
	assert_int_equal(hs_report_run(&report, run), -ENOSPC);
	fclose(report.out);
	hs_run_close(run);
	run_dir_remove(dir);
	free(dir);
}

static void assert_number(uint64_t n, void (*put)(struct hs_strbuf *, uint64_t), const char *want)
{
	scoped text = HS_STRBUF_INIT;

	put(&text, n);
	assert_string_equal(hs_strbuf_str(&text), want);
}

static void numbers_for_people(void **state)
{
	(void)state;
	assert_number(0, hs_report_number, "0");
	assert_number(999, hs_report_number, "999");
	assert_number(1000, hs_report_number, "1,000");
	assert_number(UINT64_MAX, hs_report_number, "18,446,744,073,709,551,615");
	assert_number(1023, hs_report_bytes, "1023 bytes");
	assert_number(1024, hs_report_bytes, "1.0 KiB");
	assert_number(1048575, hs_report_bytes, "1.0 MiB");
	assert_number(UINT64_MAX, hs_report_bytes, "16.0 EiB");
	assert_number(0, hs_report_duration, "0 s");
	assert_number(1500000000, hs_report_duration, "1.50 s");
	assert_number(125000000000, hs_report_duration, "2 min 5 s");
	assert_number(3600000000000, hs_report_duration, "1 h 0 min");
	assert_number(90000000000000, hs_report_duration, "1 d 1 h");
}

static void forecasts(void **state)
{
	struct hs_progress p = {"reading", "inodes", 0, 1000000, 0};
	struct hs_meter m = {0};
	scoped text = HS_STRBUF_INIT;

	(void)state;
	hs_meter_update(&m, &p, 1000000000);
	hs_progress_line(&text, &p, &m, 0);
	assert_string_equal(hs_strbuf_str(&text), "reading:   0%, 0 of 1,000,000 inodes");
	for (unsigned i = 1; i <= 100; i++) {
		p.done = i * 2500;
		hs_meter_update(&m, &p, 1000000000 + i * 500000000ull);
	}
	p.findings = 1;
	hs_strbuf_reset(&text);
	hs_progress_line(&text, &p, &m, 0);
	assert_string_equal(hs_strbuf_str(&text), "reading:  25%, 250,000 of 1,000,000 inodes, "
						  "5,000/s, 2 min 30 s left, 1 finding");
	hs_strbuf_reset(&text);
	hs_progress_line(&text, &p, &m, 12);
	assert_string_equal(hs_strbuf_str(&text), "reading:  25");

	/* Another phase forgets the rate; an unknown total has no percentage. */
	p = (struct hs_progress){"joining", "facts", 10, 0, 0};
	hs_meter_update(&m, &p, 900000000000);
	hs_strbuf_reset(&text);
	hs_progress_line(&text, &p, &m, 0);
	assert_string_equal(hs_strbuf_str(&text), "joining: 10 facts");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hostile_bytes_survive_json),
		cmocka_unit_test(members_and_numbers),
		cmocka_unit_test(a_finding_in_both_forms),
		cmocka_unit_test(a_suspect_shows_what_is_left),
		cmocka_unit_test(long_lists_are_cut_in_text_only),
		cmocka_unit_test(a_run_in_both_forms),
		cmocka_unit_test(output_that_cannot_be_written_is_an_error),
		cmocka_unit_test(numbers_for_people),
		cmocka_unit_test(forecasts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
