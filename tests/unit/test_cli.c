/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the commands share: values of options, messages, progress on a terminal, dispatch.
 */
#include <fcntl.h>
#include <pty.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/live.h"
#include "cli/options.h"
#include "cm.h"

static void sizes(void **state)
{
	static const struct {
		const char *text;
		errint_t err;
		uint64_t bytes;
	} t[] = {
		{"0", 0, 0},
		{"4096", 0, 4096},
		{"512M", 0, 512ull << 20},
		{"1.5G", 0, 3ull << 29},
		{"2k", 0, 2048},
		{"3KiB", 0, 3072},
		{"3KB", 0, 3072},
		{"7B", 0, 7},
		{"0.5", 0, 0},
		{"15.999999999999999999999E", 0, 0xfffffffffffffffe},
		{"18446744073709551615", 0, UINT64_MAX},
		{"18446744073709551616", -ERANGE, 0},
		{"16E", -ERANGE, 0},
		{"999999999999999999999999999999999999999999", -ERANGE, 0},
		{"", -EINVAL, 0},
		{"M", -EINVAL, 0},
		{"-1", -EINVAL, 0},
		{" 1", -EINVAL, 0},
		{"1 M", -EINVAL, 0},
		{"1.", -EINVAL, 0},
		{"1MM", -EINVAL, 0},
		{"1KiBs", -EINVAL, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		uint64_t bytes = 0;
		errint_t err = hs_parse_size(t[i].text, &bytes);

		if (err != t[i].err || bytes != t[i].bytes)
			fail_msg("%s: %d, %llx", t[i].text, err, (unsigned long long)bytes);
	}
}

static void numbers(void **state)
{
	uint64_t v;

	(void)state;
	assert_int_equal(hs_parse_number("17", 1, 17, &v), 0);
	assert_int_equal(v, 17);
	assert_int_equal(hs_parse_number("0xff", 0, UINT64_MAX, &v), 0);
	assert_int_equal(v, 255);
	assert_int_equal(hs_parse_number("18", 1, 17, &v), -ERANGE);
	assert_int_equal(hs_parse_number("0", 1, 17, &v), -ERANGE);
	assert_int_equal(hs_parse_number("99999999999999999999", 1, UINT64_MAX, &v), -ERANGE);
	assert_int_equal(hs_parse_number("-1", 0, UINT64_MAX, &v), -EINVAL);
	assert_int_equal(hs_parse_number("0x", 0, UINT64_MAX, &v), -EINVAL);
	assert_int_equal(hs_parse_number("", 0, UINT64_MAX, &v), -EINVAL);
	assert_int_equal(hs_parse_number("1x", 0, UINT64_MAX, &v), -EINVAL);
}

/* What has come out so far. */
static const char *output(int fd, char *buf, size_t size)
{
	ssize_t n = read(fd, buf, size - 1);

	buf[n > 0 ? n : 0] = '\0';
	return buf;
}

static void messages(void **state)
{
	struct hs_terminal t;
	char buf[256];
	int p[2];

	(void)state;
	assert_int_equal(pipe2(p, O_NONBLOCK), 0);
	hs_terminal_init(&t, p[1]);
	assert_false(t.tty);
	hs_terminal_progress(&t, "not shown");
	hs_log(&t.log, HS_LOG_ERROR, "no %s", "way");
	hs_log(&t.log, HS_LOG_WARN, "a\x1b[2J\xff\\x41\xc3\xa4\n");
	hs_log(&t.log, HS_LOG_DEBUG, "hidden");
	assert_string_equal(output(p[0], buf, sizeof(buf)),
			    "holystone: no way\n"
			    "holystone: warning: a\\x1b[2J\\xff\\x41\xc3\xa4\\x0a\n");
	hs_terminal_end(&t);
	close(p[0]);
	close(p[1]);
}

static bool read_progress(struct hs_progress *p, void *arg)
{
	(void)arg;
	*p = (struct hs_progress){"reading", "inodes", 1, 2, 0};
	return true;
}

static void progress_on_a_terminal(void **state)
{
	struct winsize size = {24, 80, 0, 0};
	struct hs_terminal t;
	struct hs_live *live;
	int master, slave;
	char buf[256];

	(void)state;
	assert_int_equal(openpty(&master, &slave, NULL, NULL, &size), 0);
	fcntl(master, F_SETFL, O_NONBLOCK);
	hs_terminal_init(&t, slave);
	assert_true(t.tty);
	assert_int_equal(hs_terminal_columns(&t), 79);
	hs_terminal_progress(&t, "50 %");
	assert_string_equal(output(master, buf, sizeof(buf)), "\r\033[K50 %");
	hs_log(&t.log, HS_LOG_INFO, "news");
	assert_string_equal(output(master, buf, sizeof(buf)), "\r\033[Kholystone: news\r\n50 %");
	hs_terminal_progress(&t, "");
	assert_string_equal(output(master, buf, sizeof(buf)), "\r\033[K");
	hs_terminal_progress(&t, "");
	assert_string_equal(output(master, buf, sizeof(buf)), "");

	assert_int_equal(hs_live_start(&t, read_progress, NULL, &live), 0);
	usleep(700000);
	assert_string_equal(output(master, buf, sizeof(buf)),
			    "\r\033[Kreading:  50%, 1 of 2 inodes");
	hs_live_stop(live);
	assert_string_equal(output(master, buf, sizeof(buf)), "\r\033[K");
	hs_terminal_end(&t);
	close(slave);
	close(master);
}

static int show_name(struct hs_cli *cli, int argc, char **argv)
{
	fprintf(cli->out, "%s|%s|%d", argv[0], argc > 1 ? argv[1] : "", argc);
	return HS_EXIT_UNCORRECTED;
}

static void dispatch(void **state)
{
	static const struct hs_command table[] = {{"do", "does", show_name}, {NULL, NULL, NULL}};
	char *argv[] = {"top", "do", "it", NULL};
	struct hs_terminal t;
	char *out = NULL;
	char buf[256];
	size_t size;
	int p[2];
	struct hs_cli cli = {.term = &t, .log = &t.log, .out = open_memstream(&out, &size)};

	(void)state;
	assert_int_equal(pipe2(p, O_NONBLOCK), 0);
	hs_terminal_init(&t, p[1]);
	assert_int_equal(hs_command_dispatch(&cli, table, 3, argv), HS_EXIT_UNCORRECTED);
	fflush(cli.out);
	assert_string_equal(out, "top do|it|2");
	argv[1] = "undo";
	assert_int_equal(hs_command_dispatch(&cli, table, 3, argv), HS_EXIT_USAGE);
	assert_int_equal(hs_command_dispatch(&cli, table, 1, argv), HS_EXIT_USAGE);
	assert_string_equal(output(p[0], buf, sizeof(buf)),
			    "holystone: unknown command 'undo'; see 'top --help'\n"
			    "holystone: no command given; see 'top --help'\n");
	argv[1] = "--help";
	assert_int_equal(hs_command_dispatch(&cli, table, 2, argv), HS_EXIT_CLEAN);
	fclose(cli.out);
	assert_non_null(strstr(out, "  do               does\n"));
	free(out);
	hs_terminal_end(&t);
	close(p[0]);
	close(p[1]);
}

static void exit_codes(void **state)
{
	struct hs_run_tally t = {.suspects = 1};

	(void)state;
	t.findings[HS_SEV_NOTE][HS_STATE_FOUND] = 1;
	t.findings[HS_SEV_ERROR][HS_STATE_UNDECIDED] = 1;
	assert_int_equal(hs_exit_of_tally(&t), 0);
	t.findings[HS_SEV_WARNING][HS_STATE_REPAIRED] = 1;
	assert_int_equal(hs_exit_of_tally(&t), 1);
	t.findings[HS_SEV_ERROR][HS_STATE_SKIPPED] = 1;
	assert_int_equal(hs_exit_of_tally(&t), 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes),    cmocka_unit_test(numbers),
		cmocka_unit_test(messages), cmocka_unit_test(progress_on_a_terminal),
		cmocka_unit_test(dispatch), cmocka_unit_test(exit_codes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
