/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs in a hard world: two writers, directories that cannot be written, hostile names, a full
 * disk, a database that is gone or not ours, side files that do not match.
 */
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "run/side.h"
#include "run_new.h"

static void there_is_one_writer(void **state)
{
	const struct hs_run_params params = {.command = "x", .run_dir = *state};
	struct hs_strbuf why = HS_STRBUF_INIT;
	struct hs_run *run = run_create(*state), *other = NULL;
	struct hs_run_info info;

	assert_int_equal(hs_run_open(*state, HS_RUN_WRITE, &other, &why), -EBUSY);
	assert_non_null(strstr(hs_strbuf_str(&why), "another process"));
	assert_int_equal(hs_run_create(&params, &other, &why), -EBUSY);
	assert_int_equal(hs_run_set_status(run, HS_RUN_SCANNING_PHASE1), 0);
	assert_int_equal(hs_run_commit(run), 0);

	other = run_reopen(*state, HS_RUN_READ);
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
	run = run_reopen(*state, HS_RUN_WRITE);
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
	struct hs_run *run = run_create(*state);
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

/* The user version stands at offset 60 of an SQLite file, most significant byte first. */
static void a_newer_format_is_refused(void **state)
{
	struct hs_strbuf why = HS_STRBUF_INIT;
	struct hs_run *run = run_create(*state);
	char path[256];
	int fd;

	assert_int_equal(hs_run_finish(run, HS_RUN_COMPLETED, 0), 0);
	hs_run_close(run);
	snprintf(path, sizeof(path), "%s/run.db", (char *)*state);
	fd = open(path, O_WRONLY);
	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, "\x7f", 1, 63), 1);
	close(fd);
	assert_int_equal(hs_run_open(*state, HS_RUN_READ, &run, &why), -EPROTONOSUPPORT);
	assert_non_null(strstr(hs_strbuf_str(&why), "format 127"));
	hs_strbuf_free(&why);
}

/* In a child, because the limit is the process's: EFBIG wherever a file would grow too large. */
static int fill_up(const char *dir)
{
	struct rlimit limit = {256 * 1024, 256 * 1024};
	struct hs_finding f = {.rule = "A-1", .message = "x"};
	struct hs_run *run = run_create(dir);
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
	run = run_reopen(*state, HS_RUN_WRITE);
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
	struct hs_run *run = run_create(*state);
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

	run = run_reopen(*state, HS_RUN_WRITE);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_dir(there_is_one_writer),
		in_dir(memory_does_when_no_directory_can_be_written),
		in_dir(hostile_file_system_names_stay_inside),
		in_dir(run_db_deleted_meanwhile_is_noticed),
		in_dir(foreign_and_empty_databases_are_refused),
		in_dir(a_newer_format_is_refused),
		in_dir(a_full_disk_is_one_clear_error),
		in_dir(side_files_belong_to_commits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
