/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs: what is staged comes back as it was, commits are all or nothing, one writer at a time, and
 * failures of the directory are told.
 */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "base/cleanup.h"
#include "base/strbuf.h"
#include "run/read.h"
#include "run/run.h"
#include "run/side.h"
#include "cm.h"
#include "run_dir.h"

static char *const argv_given[] = {"holystone", "lustre", "check", "/dev/\xff disk", NULL};

static struct hs_run *create(const char *dir)
{
	const struct hs_run_option options[] = {{"threads", "2"}, {"seed", "0x17"}};
	const struct hs_run_params params = {
		.command = "lustre check",
		.fsname = "lfs",
		.run_dir = dir,
		.argc = 4,
		.argv = argv_given,
		.options = options,
		.n_options = 2,
	};
	struct hs_strbuf why = HS_STRBUF_INIT;
	struct hs_run *run = NULL;
	errint_t err = hs_run_create(&params, &run, &why);

	if (err)
		fail_msg("hs_run_create: %s", hs_strbuf_str(&why));
	hs_strbuf_free(&why);
	return run;
}

static struct hs_run *reopen(const char *dir, enum hs_run_access access)
{
	struct hs_strbuf why = HS_STRBUF_INIT;
	struct hs_run *run = NULL;

	if (hs_run_open(dir, access, &run, &why))
		fail_msg("hs_run_open: %s", hs_strbuf_str(&why));
	hs_strbuf_free(&why);
	return run;
}

static int setup(void **state)
{
	*state = run_dir_new();
	return 0;
}

static int teardown(void **state)
{
	run_dir_remove(*state);
	free(*state);
	return 0;
}

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
	struct hs_run *run = create(*state);

	fill(&f);
	assert_int_equal(hs_run_add_finding(run, &f), 0);
	assert_int_equal(hs_run_each_finding(run, compare, &seen), 0);
	assert_int_equal(seen.n, 1);
	assert_int_equal(hs_run_commit(run), 0);
	hs_run_close(run);

	run = reopen(*state, HS_RUN_READ);
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
	struct hs_run *run = create(*state);

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
	struct hs_run *run = create(*state);

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
	struct hs_run *run = create(*state);
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

	run = reopen(*state, HS_RUN_READ);
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
	struct hs_run *run = create(*state);

	assert_int_equal(hs_run_finish(run, HS_RUN_COMPLETED, 0), 0);
	hs_run_close(run);
	snprintf(path, sizeof(path), "%s/run.db-wal", (char *)*state);
	assert_int_equal(access(path, F_OK), -1);
}

static void what_is_not_committed_is_dropped(void **state)
{
	struct hs_run_tally tally;
	struct hs_run *run = create(*state);
	struct hs_run *reader = reopen(*state, HS_RUN_READ);
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
	run = reopen(*state, HS_RUN_READ);
	assert_int_equal(hs_run_read_tally(run, &tally), 0);
	assert_int_equal(tally.findings[HS_SEV_ERROR][HS_STATE_FOUND], 1);
	hs_run_close(run);
}

static void there_is_one_writer(void **state)
{
	const struct hs_run_params params = {.command = "x", .run_dir = *state};
	struct hs_strbuf why = HS_STRBUF_INIT;
	struct hs_run *run = create(*state), *other = NULL;
	struct hs_run_info info;

	assert_int_equal(hs_run_open(*state, HS_RUN_WRITE, &other, &why), -EBUSY);
	assert_non_null(strstr(hs_strbuf_str(&why), "another process"));
	assert_int_equal(hs_run_create(&params, &other, &why), -EBUSY);
	assert_int_equal(hs_run_set_status(run, HS_RUN_SCANNING_PHASE1), 0);
	assert_int_equal(hs_run_commit(run), 0);

	other = reopen(*state, HS_RUN_READ);
	assert_int_equal(hs_run_read_info(other, &info), 0);
	assert_int_equal(info.status, HS_RUN_SCANNING_PHASE1);
	hs_run_info_free(&info);
	hs_run_close(run);
	/* Unfinished and nobody works on it. */
	assert_int_equal(hs_run_read_info(other, &info), 0);
	assert_int_equal(info.status, HS_RUN_CRASHED);
	hs_run_info_free(&info);
	hs_run_close(other);

	hs_strbuf_reset(&why);
	assert_int_equal(hs_run_create(&params, &other, &why), -EEXIST);
	assert_non_null(strstr(hs_strbuf_str(&why), "holds a run already"));
	run = reopen(*state, HS_RUN_WRITE);
	hs_run_close(run);
	hs_strbuf_free(&why);
}

struct counting_log {
	struct hs_log log;
	unsigned infos;
};

static void count_infos(struct hs_log *log, enum hs_log_level level, const char *message)
{
	struct counting_log *c = (struct counting_log *)log;

	if (level == HS_LOG_INFO && strstr(message, "memory"))
		c->infos++;
}

/* The state directory cannot be made: a file stands in its place, which stops root, too. */
static void memory_does_when_no_directory_can_be_written(void **state)
{
	struct counting_log log = {.log = {count_infos, HS_LOG_DEBUG}};
	struct hs_strbuf why = HS_STRBUF_INIT;
	struct hs_finding f = {.rule = "A-1"};
	struct hs_run_side *side;
	struct hs_run_tally tally;
	struct hs_run *run;
	char path[256];
	uint64_t size;
	int fd;

	snprintf(path, sizeof(path), "%s/file", (char *)*state);
	fd = open(path, O_CREAT | O_WRONLY, 0600);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(hs_run_create(&(struct hs_run_params){.command = "x",
							       .fsname = "lfs",
							       .state_dir = path,
							       .log = &log.log},
				       &run, &why),
			 0);
	assert_int_equal(log.infos, 1);
	assert_false(hs_run_is_durable(run));
	assert_string_equal(hs_run_dir(run), "");
	assert_int_equal(hs_run_add_finding(run, &f), 0);
	assert_int_equal(hs_run_side_create(run, "digest", &side), 0);
	assert_int_equal(hs_run_side_write(side, "abc", 3), 0);
	assert_int_equal(hs_run_side_seal(side), 0);
	assert_int_equal(hs_run_commit(run), 0);
	assert_int_equal(hs_run_side_open(run, "digest", &fd, &size), -ENOENT);
	assert_int_equal(hs_run_finish(run, HS_RUN_COMPLETED, 0), 0);
	assert_int_equal(hs_run_read_tally(run, &tally), 0);
	assert_int_equal(tally.findings[HS_SEV_ERROR][HS_STATE_FOUND], 1);
	assert_int_equal(log.infos, 1);
	hs_run_close(run);

	/* A directory the user asked for is another matter. */
	assert_int_equal(
		hs_run_create(&(struct hs_run_params){.command = "x", .run_dir = path}, &run, &why),
		-ENOTDIR);
	assert_non_null(strstr(hs_strbuf_str(&why), path));
	hs_strbuf_free(&why);
}

static void hostile_file_system_names_stay_inside(void **state)
{
	static const char *const names[] = {"../../x", "", ".", "..", "a/b", "\xff\n", NULL};
	struct hs_strbuf why = HS_STRBUF_INIT;
	size_t base = strlen(*state);

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct hs_run *run, *again;
		struct hs_run_params p = {.command = "x", .fsname = names[i], .state_dir = *state};
		const char *rest;

		assert_int_equal(hs_run_create(&p, &run, &why), 0);
		assert_int_equal(hs_run_create(&p, &again, &why), 0);
		assert_true(hs_run_is_durable(run));
		assert_true(hs_run_is_durable(again));
		assert_string_not_equal(hs_run_dir(run), hs_run_dir(again));
		assert_memory_equal(hs_run_dir(run), *state, base);
		rest = hs_run_dir(run) + base + 1;
		assert_true(rest[0] != '.' && rest[0] != '/');
		/* FSNAME/RUN and no deeper. */
		assert_ptr_equal(strchr(rest, '/'), strrchr(rest, '/'));
		hs_run_close(run);
		hs_run_close(again);
	}
	hs_strbuf_free(&why);
}

static void run_db_deleted_meanwhile_is_noticed(void **state)
{
	struct hs_run *run = create(*state);
	char path[256];

	snprintf(path, sizeof(path), "%s/run.db", (char *)*state);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(hs_run_set_flag(run, "x", true), 0);
	assert_int_equal(hs_run_commit(run), -ESTALE);
	assert_non_null(strstr(hs_run_why(run), "removed"));
	assert_int_equal(hs_run_set_flag(run, "y", true), -ESTALE);
	assert_int_equal(hs_run_commit(run), -ESTALE);
	hs_run_close(run);
}

static void foreign_and_empty_databases_are_refused(void **state)
{
	struct hs_strbuf why = HS_STRBUF_INIT;
	struct hs_run *run;
	char path[256];
	FILE *f;

	assert_int_equal(hs_run_open(*state, HS_RUN_READ, &run, &why), -ENOENT);
	snprintf(path, sizeof(path), "%s/run.db", (char *)*state);
	f = fopen(path, "w");
	assert_non_null(f);
	fclose(f);
	assert_int_equal(hs_run_open(*state, HS_RUN_WRITE, &run, &why), -ENODATA);
	f = fopen(path, "w");
	for (int i = 0; i < 1000; i++)
		fputs("this is no database ", f);
	fclose(f);
	assert_int_equal(hs_run_open(*state, HS_RUN_READ, &run, &why), -EMEDIUMTYPE);
	hs_strbuf_free(&why);
}

/* In a child, because the limit is the process's: EFBIG wherever a file would grow too large. */
static int fill_up(const char *dir)
{
	struct rlimit limit = {256 * 1024, 256 * 1024};
	struct hs_finding f = {.rule = "A-1", .message = "x"};
	struct hs_run *run = create(dir);
	errint_t err = 0;
	errint_t first;

	hs_finding_set_path(&f, dir, strlen(dir));
	if (hs_run_add_finding(run, &f) || hs_run_commit(run))
		return 2;
	signal(SIGXFSZ, SIG_IGN);
	if (setrlimit(RLIMIT_FSIZE, &limit))
		return 3;
	for (int i = 0; i < 1000000 && !err; i++) {
		err = hs_run_add_finding(run, &f);
		if (!err && i % 1000 == 999)
			err = hs_run_commit(run);
	}
	if (!err)
		return 4;
	first = err;
	if (!strstr(hs_run_why(run), "run.db: ") || !strstr(hs_run_why(run), strerror(-first)))
		return 5;
	if (hs_run_add_finding(run, &f) != first || hs_run_commit(run) != first ||
	    hs_run_finish(run, HS_RUN_COMPLETED, 0) != first)
		return 6;
	hs_run_close(run);
	hs_finding_free(&f);
	return 0;
}

static void a_full_disk_is_one_clear_error(void **state)
{
	struct hs_run_tally tally;
	struct hs_run *run;
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(fill_up(*state));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	run = reopen(*state, HS_RUN_WRITE);
	assert_int_equal(hs_run_read_tally(run, &tally), 0);
	/* Whole commits only: the first, and then thousands. */
	assert_int_equal(tally.findings[HS_SEV_ERROR][HS_STATE_FOUND] % 1000, 1);
	hs_run_close(run);
}

static void put_side(struct hs_run *run, const char *text)
{
	struct hs_run_side *side;

	assert_int_equal(hs_run_side_create(run, "digest", &side), 0);
	assert_int_equal(hs_run_side_write(side, text, 3), 0);
	assert_int_equal(hs_run_side_write(side, text + 3, strlen(text) - 3), 0);
	assert_int_equal(hs_run_side_seal(side), 0);
}

static void assert_side(struct hs_run *run, const char *text)
{
	char buf[64] = "";
	uint64_t size;
	int fd;

	assert_int_equal(hs_run_side_open(run, "digest", &fd, &size), 0);
	assert_int_equal(size, strlen(text));
	assert_int_equal(read(fd, buf, sizeof(buf)), size);
	assert_string_equal(buf, text);
	close(fd);
}

static void side_files_belong_to_commits(void **state)
{
	struct hs_run *run = create(*state);
	struct hs_run_side *side;
	char path[256];
	uint64_t size;
	int fd;

	assert_int_equal(hs_run_side_open(run, "digest", &fd, &size), -ENOENT);
	assert_int_equal(hs_run_side_create(run, "Digest.1", &side), -EINVAL);
	assert_int_equal(hs_run_side_create(run, "", &side), -EINVAL);
	put_side(run, "first");
	assert_int_equal(hs_run_commit(run), 0);
	put_side(run, "second");
	put_side(run, "third");
	assert_side(run, "third");
	hs_run_close(run);

	run = reopen(*state, HS_RUN_WRITE);
	assert_side(run, "first");
	snprintf(path, sizeof(path), "%s/digest.2", (char *)*state);
	assert_int_equal(access(path, F_OK), -1);
	put_side(run, "fourth");
	assert_int_equal(hs_run_commit(run), 0);
	assert_side(run, "fourth");
	snprintf(path, sizeof(path), "%s/digest.1", (char *)*state);
	assert_int_equal(access(path, F_OK), -1);

	/* One byte turned over. */
	snprintf(path, sizeof(path), "%s/digest.2", (char *)*state);
	fd = open(path, O_WRONLY);
	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, "F", 1, 0), 1);
	close(fd);
	assert_int_equal(hs_run_side_open(run, "digest", &fd, &size), -EILSEQ);

	assert_int_equal(hs_run_side_drop(run, "digest"), 0);
	assert_int_equal(hs_run_commit(run), 0);
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(hs_run_side_open(run, "digest", &fd, &size), -ENOENT);
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
	struct hs_run *run = create(*state);
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

#define in_dir(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_dir(a_finding_comes_back_as_it_was),
		in_dir(a_suspect_keeps_its_equations),
		in_dir(findings_are_ordered),
		in_dir(everything_else_comes_back),
		in_dir(a_finished_run_is_one_file),
		in_dir(what_is_not_committed_is_dropped),
		in_dir(there_is_one_writer),
		in_dir(memory_does_when_no_directory_can_be_written),
		in_dir(hostile_file_system_names_stay_inside),
		in_dir(run_db_deleted_meanwhile_is_noticed),
		in_dir(foreign_and_empty_databases_are_refused),
		in_dir(a_full_disk_is_one_clear_error),
		in_dir(side_files_belong_to_commits),
		in_dir(threads_stage_together),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
