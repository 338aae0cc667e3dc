/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs: what is staged comes back as it was, from any number of threads, and commits are all or
 * nothing.
 */
#include <pthread.h>

#include "base/cleanup.h"
#include "run_new.h"

struct seen {
	struct hs_strbuf text;
	unsigned n;
	const struct hs_finding *want;
};

static void assert_same(const char *a, const char *b)
{
	if (!a || !b)
		assert_true(a == b);
	else
		assert_string_equal(a, b);
}

static errint_t compare(const struct hs_finding *f, void *arg)
{
	struct seen *seen = arg;
	const struct hs_finding *w = seen->want;

	seen->n++;
	assert_int_equal(f->kind, w->kind);
	assert_int_equal(f->severity, w->severity);
	assert_int_equal(f->state, w->state);
	assert_same(f->rule, w->rule);
	assert_same(f->target, w->target);
	assert_same(f->object, w->object);
	assert_int_equal(f->path_len, w->path_len);
	assert_memory_equal(f->path, w->path, w->path_len);
	assert_same(f->no_path, w->no_path);
	assert_same(f->message, w->message);
	assert_same(f->reason, w->reason);
	assert_same(f->repair, w->repair);
	assert_same(f->gate, w->gate);
	assert_int_equal(f->n_others, w->n_others);
	for (size_t i = 0; i < w->n_others; i++)
		assert_same(f->others[i], w->others[i]);
	assert_int_equal(f->n_facts, w->n_facts);
	for (size_t i = 0; i < w->n_facts; i++) {
		assert_same(f->facts[i].witness, w->facts[i].witness);
		assert_same(f->facts[i].claim, w->facts[i].claim);
		assert_same(f->facts[i].equation, w->facts[i].equation);
		assert_true(f->facts[i].left == w->facts[i].left);
	}
	assert_int_equal(f->n_symptoms, w->n_symptoms);
	for (size_t i = 0; i < w->n_symptoms; i++) {
		assert_same(f->symptoms[i].rule, w->symptoms[i].rule);
		assert_same(f->symptoms[i].object, w->symptoms[i].object);
		assert_same(f->symptoms[i].message, w->symptoms[i].message);
	}
	return 0;
}

static void fill(struct hs_finding *f)
{
	f->severity = HS_SEV_WARNING;
	f->state = HS_STATE_SKIPPED;
	f->rule = "LAY-2";
	f->target = "MDT0000";
	f->object = hs_finding_text(f, "[0x%x:0x1:0x0]", 0x2401);
	hs_finding_set_path(f, "/a\0b\xff\n\"c", 9);
	f->message = "the OST object names another parent";
	f->repair = "rewrite the parent record";
	f->gate = "--layout";
	hs_finding_add_other(f, "object %d", 17);
	hs_finding_add_other(f, "\xfe\xff");
	hs_finding_add_fact(f, "LOV EA", "stripe %d is OST%04x", 3, 1);
	hs_finding_add_fact(f, "parent record", "%s", "");
	hs_finding_add_symptom(f, "OWN-1", "[0x1:0x2:0x0]", "the owner differs");
}

static void a_finding_comes_back_as_it_was(void **state)
{
	struct hs_finding f = HS_FINDING_INIT;
	struct seen seen = {.want = &f};
	struct hs_run *run = run_create(*state);

	fill(&f);
	assert_int_equal(hs_run_add_finding(run, &f), 0);
	assert_int_equal(hs_run_each_finding(run, compare, &seen), 0);
	assert_int_equal(seen.n, 1);
	assert_int_equal(hs_run_commit(run), 0);
	hs_run_close(run);

	run = run_reopen(*state, HS_RUN_READ);
	assert_int_equal(hs_run_each_finding(run, compare, &seen), 0);
	assert_int_equal(seen.n, 2);
	hs_run_close(run);
	hs_finding_free(&f);
}

static void a_suspect_keeps_its_equations(void **state)
{
	struct hs_finding f = {.kind = HS_RECORD_SUSPECT, .object = "[0x200000401:0x1:0x0]"};
	struct hs_run_tally tally;
	struct seen seen = {.want = &f};
	struct hs_run *run = run_create(*state);

	f.no_path = "no name leads to it";
	hs_finding_add_left(&f, "OST0001", "LAY", -2, "parent stripe 1");
	hs_finding_add_left(&f, "MDT0000", "LAY", INT64_MAX, "stripe 0");
	assert_int_equal(hs_run_add_finding(run, &f), 0);
	assert_int_equal(hs_run_each_finding(run, compare, &seen), 0);
	assert_int_equal(seen.n, 1);
	assert_int_equal(hs_run_read_tally(run, &tally), 0);
	assert_int_equal(tally.suspects, 1);
	assert_int_equal(tally.findings[HS_SEV_ERROR][HS_STATE_FOUND], 0);
	hs_run_close(run);
	hs_finding_free(&f);
}

static errint_t collect_rule(const struct hs_finding *f, void *arg)
{
	struct seen *seen = arg;

	hs_strbuf_printf(&seen->text, "%s%s ", f->rule, f->object);
	return 0;
}

static void findings_are_ordered(void **state)
{
	static const struct {
		enum hs_severity severity;
		const char *rule, *object;
	} in[] = {
		{HS_SEV_NOTE, "LAY-1", "a"},  {HS_SEV_ERROR, "LAY-10", "a"},
		{HS_SEV_ERROR, "LAY-2", "b"}, {HS_SEV_ERROR, "LAY-2", "a"},
		{HS_SEV_ERROR, "HOLD", "z"},  {HS_SEV_WARNING, "NAME-3", "a"},
	};
	struct seen seen = {.text = HS_STRBUF_INIT};
	struct hs_run *run = run_create(*state);

	for (size_t i = 0; i < sizeof(in) / sizeof(in[0]); i++) {
		const struct hs_finding f = {
			.severity = in[i].severity, .rule = in[i].rule, .object = in[i].object};

		assert_int_equal(hs_run_add_finding(run, &f), 0);
	}
	assert_int_equal(hs_run_each_finding(run, collect_rule, &seen), 0);
	assert_string_equal(hs_strbuf_str(&seen.text),
			    "HOLDz LAY-2a LAY-2b LAY-10a NAME-3a LAY-1a ");
	hs_strbuf_free(&seen.text);
	hs_run_close(run);
}

static errint_t collect_word(const char *word, void *arg)
{
	struct seen *seen = arg;

	hs_strbuf_printf(&seen->text, "%s|", word);
	return 0;
}

static errint_t collect_total(const struct hs_run_total *t, void *arg)
{
	struct seen *seen = arg;

	hs_strbuf_printf(&seen->text, "%s.%s=%lld|", t->target ? t->target : "", t->key,
			 (long long)t->value);
	return 0;
}

static errint_t collect_target(const struct hs_run_target *t, void *arg)
{
	struct seen *seen = arg;

	hs_strbuf_printf(&seen->text, "%s %s %lld %s %llu %s %lld %lld|", t->label, t->kind,
			 (long long)t->index, t->uuid ? t->uuid : "-", (unsigned long long)t->size,
			 t->device, (long long)t->mounted, (long long)t->written);
	return 0;
}

static void everything_else_comes_back(void **state)
{
	const struct hs_run_target ost = {"OST0001", "OST", 1, NULL, 1ull << 40, "/dev/b", 7, 8};
	const struct hs_run_target mdt = {"MDT0000", "MDT", 0, "uu", UINT64_MAX, "/dev/a", 5, 6};
	struct hs_position pos = {.done = UINT64_MAX - 1, .cookie = {1, 0, 255}}, got;
	struct hs_strbuf value = HS_STRBUF_INIT;
	struct seen seen = {.text = HS_STRBUF_INIT};
	struct hs_run_info info;
	struct hs_run *run = run_create(*state);
	int64_t total;

	assert_int_equal(hs_run_add_target(run, &ost), 0);
	assert_int_equal(hs_run_add_target(run, &mdt), 0);
	assert_int_equal(hs_run_set_position(run, HS_POSITION_CHECKPOINT, "inodes", &pos), 0);
	assert_int_equal(hs_run_set_position(run, HS_POSITION_FIRST_INCONSISTENT, "inodes", &pos),
			 0);
	pos.done = 5;
	assert_int_equal(hs_run_set_position(run, HS_POSITION_FIRST_INCONSISTENT, "inodes", &pos),
			 0);
	assert_int_equal(hs_run_add_total(run, "MDT0000", "inodes", 40), 0);
	assert_int_equal(hs_run_set_total(run, NULL, "names", 7), 0);
	assert_int_equal(hs_run_add_total(run, "MDT0000", "inodes", 2), 0);
	assert_int_equal(hs_run_set_total(run, NULL, "names", 8), 0);
	assert_int_equal(hs_run_set_flag(run, "incomplete", true), 0);
	assert_int_equal(hs_run_set_flag(run, "inconsistent", true), 0);
	assert_int_equal(hs_run_set_flag(run, "incomplete", false), 0);
	assert_int_equal(hs_run_set_option(run, "seed", "0x18"), 0);
	assert_int_equal(hs_run_set_phase(run, "digest"), 0);
	assert_int_equal(hs_run_set_phase(run, "suspects"), 0);
	assert_int_equal(hs_run_finish(run, HS_RUN_COMPLETED, 4), 0);
	assert_int_equal(hs_run_set_flag(run, "late", true), -EROFS);
	hs_run_close(run);

	run = run_reopen(*state, HS_RUN_READ);
	assert_int_equal(hs_run_set_flag(run, "late", true), -EROFS);
	assert_int_equal(hs_run_get_position(run, HS_POSITION_CHECKPOINT, "inodes", &got), 0);
	assert_true(got.done == UINT64_MAX - 1);
	assert_memory_equal(got.cookie, pos.cookie, sizeof(got.cookie));
	assert_int_equal(hs_run_get_position(run, HS_POSITION_FIRST_INCONSISTENT, "inodes", &got),
			 0);
	assert_true(got.done == UINT64_MAX - 1);
	assert_int_equal(hs_run_get_position(run, HS_POSITION_CHECKPOINT, "x", &got), -ENOENT);
	assert_int_equal(hs_run_get_total(run, "MDT0000", "inodes", &total), 0);
	assert_int_equal(total, 42);
	assert_int_equal(hs_run_get_option(run, "seed", &value), 0);
	assert_string_equal(hs_strbuf_str(&value), "0x18");
	assert_int_equal(hs_run_get_option(run, "sea", &value), -ENOENT);
	assert_int_equal(hs_run_each_arg(run, collect_word, &seen), 0);
	assert_int_equal(hs_run_each_flag(run, collect_word, &seen), 0);
	assert_int_equal(hs_run_each_total(run, collect_total, &seen), 0);
	assert_int_equal(hs_run_each_target(run, collect_target, &seen), 0);
	assert_string_equal(hs_strbuf_str(&seen.text),
			    "holystone|lustre|check|/dev/\xff disk|"
			    "inconsistent|"
			    "MDT0000.inodes=42|.names=8|"
			    "MDT0000 MDT 0 uu 18446744073709551615 /dev/a 5 6|"
			    "OST0001 OST 1 - 1099511627776 /dev/b 7 8|");
	assert_int_equal(hs_run_read_info(run, &info), 0);
	assert_string_equal(info.command, "lustre check");
	assert_string_equal(info.fsname, "lfs");
	assert_string_equal(info.phase, "");
	assert_int_equal(info.pid, getpid());
	assert_int_equal(info.status, HS_RUN_COMPLETED);
	assert_int_equal(info.exit_code, 4);
	assert_true(info.started > 0 && info.finished >= info.started);
	hs_run_info_free(&info);
	hs_run_close(run);
	hs_strbuf_free(&value);
	hs_strbuf_free(&seen.text);
}

static void a_finished_run_is_one_file(void **state)
{
	char path[256];
	struct hs_run *run = run_create(*state);

	assert_int_equal(hs_run_finish(run, HS_RUN_COMPLETED, 0), 0);
	hs_run_close(run);
	snprintf(path, sizeof(path), "%s/run.db-wal", (char *)*state);
	assert_int_equal(access(path, F_OK), -1);
}

static void what_is_not_committed_is_dropped(void **state)
{
	struct hs_run_tally tally;
	struct hs_run *run = run_create(*state);
	struct hs_run *reader = run_reopen(*state, HS_RUN_READ);
	struct hs_finding f = {.rule = "A-1"};

	assert_int_equal(hs_run_add_finding(run, &f), 0);
	assert_int_equal(hs_run_commit(run), 0);
	assert_int_equal(hs_run_add_finding(run, &f), 0);
	assert_int_equal(hs_run_read_tally(reader, &tally), 0);
	assert_int_equal(tally.findings[HS_SEV_ERROR][HS_STATE_FOUND], 1);
	assert_int_equal(hs_run_read_tally(run, &tally), 0);
	assert_int_equal(tally.findings[HS_SEV_ERROR][HS_STATE_FOUND], 2);
	hs_run_close(reader);
	hs_run_close(run);
	run = run_reopen(*state, HS_RUN_READ);
	assert_int_equal(hs_run_read_tally(run, &tally), 0);
	assert_int_equal(tally.findings[HS_SEV_ERROR][HS_STATE_FOUND], 1);
	hs_run_close(run);
}

#define THREADS 4
#define EACH	300

static void *stage_many(void *arg)
{
	struct hs_run *run = arg;

	for (int i = 0; i < EACH; i++) {
		hs_cleanup(hs_finding_free) struct hs_finding f = HS_FINDING_INIT;

		f.rule = "A-1";
		hs_finding_add_fact(&f, "x", "%d", i);
		if (hs_run_add_finding(run, &f) || hs_run_add_total(run, NULL, "n", 1) ||
		    (i % 50 == 0 && hs_run_commit(run)))
			return run;
	}
	return NULL;
}

static void threads_stage_together(void **state)
{
	struct hs_run *run = run_create(*state);
	struct hs_run_tally tally;
	pthread_t t[THREADS];
	int64_t n;

	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&t[i], NULL, stage_many, run), 0);
	for (int i = 0; i < THREADS; i++) {
		void *failed;

		pthread_join(t[i], &failed);
		assert_null(failed);
	}
	assert_int_equal(hs_run_read_tally(run, &tally), 0);
	assert_int_equal(tally.findings[HS_SEV_ERROR][HS_STATE_FOUND], THREADS * EACH);
	assert_int_equal(hs_run_get_total(run, NULL, "n", &n), 0);
	assert_int_equal(n, THREADS * EACH);
	hs_run_close(run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_dir(a_finding_comes_back_as_it_was), in_dir(a_suspect_keeps_its_equations),
		in_dir(findings_are_ordered),		in_dir(everything_else_comes_back),
		in_dir(a_finished_run_is_one_file),	in_dir(what_is_not_committed_is_dropped),
		in_dir(threads_stage_together),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
