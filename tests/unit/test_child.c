/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Other programs: their lines, their ends, and how they are ended.
 */
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#include "cm.h"

#include "base/clock.h"
#include "base/strbuf.h"
#include "cli/child.h"

static void keep(void *arg, const char *text, size_t len)
{
	struct hs_strbuf *s = arg;

	hs_strbuf_putc(s, '[');
	hs_strbuf_add(s, text, len);
	hs_strbuf_putc(s, ']');
}

/* Runs a shell script: its status, or a negative error; its lines in brackets. */
static int sh(const char *script, struct hs_strbuf *lines, struct hs_stop *stop)
{
	const char *const argv[] = {"sh", "-c", script, NULL};
	struct hs_child c = {.file = "sh", .argv = argv, .stop = stop};
	int status = -1;
	errint_t rc;

	if (lines) {
		c.line = keep;
		c.arg = lines;
	}
	rc = hs_child_run(&c, &status);
	return rc ? rc : status;
}

static void test_status(void **state)
{
	const char *const argv[] = {"/nonexistent", NULL};
	struct hs_child c = {.file = argv[0], .argv = argv};
	int status;

	(void)state;
	assert_int_equal(sh("exit 0", NULL, NULL), 0);
	assert_int_equal(sh("exit 77", NULL, NULL), 77);
	assert_int_equal(sh("kill -KILL $$", NULL, NULL), 128 + 9);
	assert_int_equal(hs_child_run(&c, &status), -ENOENT);
}

static void test_lines(void **state)
{
	struct hs_strbuf s = HS_STRBUF_INIT;
	uint64_t began = hs_now_ns();

	(void)state;
	assert_int_equal(sh("echo a; printf b; sleep 0.3; echo c; echo; printf end", &s, NULL), 0);
	assert_string_equal(hs_strbuf_str(&s), "[a\n][bc\n][\n][end]");
	hs_strbuf_reset(&s);
	/* more than one read; nothing is lost when it ends at once */
	assert_int_equal(sh("seq 1 20000; exit 3", &s, NULL), 3);
	assert_non_null(strstr(hs_strbuf_str(&s), "[1\n][2\n]"));
	assert_non_null(strstr(hs_strbuf_str(&s), "[19999\n][20000\n]"));
	hs_strbuf_reset(&s);
	/* who inherits the output and lives on does not keep us */
	assert_int_equal(sh("echo out; sleep 30 2>/dev/null & exit 0", &s, NULL), 0);
	assert_string_equal(hs_strbuf_str(&s), "[out\n]");
	assert_true(hs_now_ns() - began < 20000000000ULL);
	hs_strbuf_free(&s);
}

static void *stop_soon(void *arg)
{
	usleep(300000);
	atomic_store(&((struct hs_stop *)arg)->requested, 1);
	return NULL;
}

static void test_stop(void **state)
{
	struct hs_stop stop = {0};
	struct hs_strbuf s = HS_STRBUF_INIT;
	uint64_t began = hs_now_ns();
	pthread_t t;

	(void)state;
	assert_int_equal(pthread_create(&t, NULL, stop_soon, &stop), 0);
	assert_int_equal(sh("exec sleep 60", NULL, &stop), 128 + 15);
	pthread_join(t, NULL);
	/* one SIGTERM, and then its own time to end */
	stop = (struct hs_stop){0};
	assert_int_equal(pthread_create(&t, NULL, stop_soon, &stop), 0);
	assert_int_equal(sh("trap 'echo term' TERM; i=0; while [ $i -lt 12 ]; do sleep 0.1; "
			    "i=$((i + 1)); done; exit 5",
			    &s, &stop),
			 5);
	pthread_join(t, NULL);
	assert_string_equal(hs_strbuf_str(&s), "[term\n]");
	assert_true(hs_now_ns() - began < 30000000000ULL);
	hs_strbuf_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_status),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
