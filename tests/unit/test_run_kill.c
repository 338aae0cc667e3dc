/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A run killed at any instant: a child stages findings, totals, positions and side files and
 * commits them in a loop; it gets SIGKILL at a random moment, again and again. What is found
 * afterwards is always a state that some commit made: every count agrees with every other, and the
 * side file is the one that belongs to them.
 */
#include <dirent.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "run/read.h"
#include "run/run.h"
#include "run/side.h"
#include "cm.h"
#include "run_dir.h"

#define KILLS	   60
#define WAIT_US	   50000 /* a kill comes within this time after the start */
#define SIDE_WORDS 20000

static uint32_t next_random(uint32_t *seed)
{
	return *seed = *seed * 1664525 + 1013904223, *seed >> 8;
}

static errint_t stage_findings(struct hs_run *run, unsigned n)
{
	errint_t err = 0;

	for (unsigned i = 0; i < n && !err; i++) {
		hs_cleanup(hs_finding_free) struct hs_finding f = HS_FINDING_INIT;

		f.rule = "LAY-2";
		f.message = "a sentence long enough that some pages are filled";
		f.object = hs_finding_text(&f, "[0x%x:0x1:0x0]", i);
		hs_finding_add_fact(&f, "one", "%u", i);
		hs_finding_add_fact(&f, "two", "%u", i + 1);
		err = hs_run_add_finding(run, &f);
	}
	return err;
}

/* Every word is the number of findings that the file belongs to. */
static errint_t stage_side(struct hs_run *run, int64_t total)
{
	static uint64_t words[SIDE_WORDS];
	struct hs_run_side *side;
	errint_t err;

	for (size_t i = 0; i < SIDE_WORDS; i++)
		words[i] = (uint64_t)total;
	err = hs_run_side_create(run, "digest", &side);
	if (err)
		return err;
	err = hs_run_side_write(side, words, sizeof(words));
	if (err) {
		hs_run_side_abandon(side);
		return err;
	}
	return hs_run_side_seal(side);
}

/* Works until it is killed; returns only when something fails. */
static int work(const char *dir, uint32_t seed)
{
	hs_cleanup(hs_strbuf_free) struct hs_strbuf why = HS_STRBUF_INIT;
	struct hs_position pos = {0};
	struct hs_run *run = NULL;
	errint_t err;

	if (hs_run_open(dir, HS_RUN_WRITE, &run, &why))
		return fprintf(stderr, "%s\n", hs_strbuf_str(&why)), 1;
	err = hs_run_get_position(run, HS_POSITION_CHECKPOINT, "source", &pos);
	if (err == -ENOENT)
		err = 0;
	while (!err) {
		unsigned n = 1 + next_random(&seed) % 200;

		pos.done += n;
		err = stage_findings(run, n);
		if (!err)
			err = hs_run_add_total(run, NULL, "findings", n);
		if (!err)
			err = stage_side(run, (int64_t)pos.done);
		if (!err)
			err = hs_run_set_position(run, HS_POSITION_CHECKPOINT, "source", &pos);
		if (!err)
			err = hs_run_commit(run);
	}
	fprintf(stderr, "%s\n", hs_run_why(run));
	return 2;
}

static errint_t count_facts(const struct hs_finding *f, void *arg)
{
	*(int64_t *)arg += (int64_t)f->n_facts;
	return 0;
}

static void assert_side_is(struct hs_run *run, int64_t total)
{
	uint64_t words[64];
	uint64_t size;
	int fd;

	assert_int_equal(hs_run_side_open(run, "digest", &fd, &size), 0);
	assert_int_equal(size, SIDE_WORDS * sizeof(uint64_t));
	assert_int_equal(read(fd, words, sizeof(words)), sizeof(words));
	for (size_t i = 0; i < 64; i++)
		assert_int_equal(words[i], total);
	close(fd);
}

static unsigned count_side_files(const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	unsigned n = 0;

	assert_non_null(d);
	while ((e = readdir(d)))
		n += strncmp(e->d_name, "digest.", 7) == 0;
	closedir(d);
	return n;
}

/* Returns how many findings are recorded. */
static int64_t check(const char *dir, enum hs_run_access access)
{
	hs_cleanup(hs_strbuf_free) struct hs_strbuf why = HS_STRBUF_INIT;
	struct hs_position pos = {0};
	struct hs_run_tally tally;
	struct hs_run *run = NULL;
	int64_t total = 0, facts = 0;
	errint_t err;

	if (hs_run_open(dir, access, &run, &why))
		fail_msg("%s", hs_strbuf_str(&why));
	err = hs_run_get_total(run, NULL, "findings", &total);
	assert_true(err == 0 || err == -ENOENT);
	assert_int_equal(hs_run_read_tally(run, &tally), 0);
	assert_int_equal(tally.findings[HS_SEV_ERROR][HS_STATE_FOUND], total);
	err = hs_run_get_position(run, HS_POSITION_CHECKPOINT, "source", &pos);
	assert_true(err == 0 || (err == -ENOENT && total == 0));
	assert_int_equal(pos.done, total);
	if (total)
		assert_side_is(run, total);
	if (access == HS_RUN_WRITE) {
		assert_int_equal(hs_run_each_finding(run, count_facts, &facts), 0);
		assert_int_equal(facts, total * 2);
		assert_int_equal(count_side_files(dir), total ? 1 : 0);
	}
	hs_run_close(run);
	return total;
}

static void start_and_kill(const char *dir, uint32_t *seed)
{
	struct timespec wait = {0, (long)(next_random(seed) % WAIT_US) * 1000};
	uint32_t child_seed = next_random(seed);
	pid_t pid = fork();
	int status;

	if (pid == 0)
		_exit(work(dir, child_seed));
	assert_true(pid > 0);
	nanosleep(&wait, NULL);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
}

static void a_killed_run_is_consistent(void **state)
{
	hs_cleanup(hs_strbuf_free) struct hs_strbuf why = HS_STRBUF_INIT;
	char *dir = run_dir_new();
	const struct hs_run_params p = {.command = "kill", .run_dir = dir};
	uint32_t seed = (uint32_t)time(NULL);
	unsigned advanced = 0;
	struct hs_run *run;
	int64_t last = 0;

	(void)state;
	print_message("seed %u\n", seed);
	assert_int_equal(hs_run_create(&p, &run, &why), 0);
	hs_run_close(run);
	for (int i = 0; i < KILLS; i++) {
		int64_t now;

		start_and_kill(dir, &seed);
		/* First as another program sees it, log and leftovers in place. */
		now = check(dir, HS_RUN_READ);
		assert_true(now >= last);
		assert_int_equal(check(dir, i % 10 ? HS_RUN_READ : HS_RUN_WRITE), now);
		advanced += now > last;
		last = now;
	}
	assert_int_equal(check(dir, HS_RUN_WRITE), last);
	print_message("%lld findings, %u of %d kills after a commit\n", (long long)last, advanced,
		      KILLS);
	/* The test means something only if the child got to work. */
	assert_true(advanced >= 5);
	run_dir_remove(dir);
	free(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_killed_run_is_consistent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
