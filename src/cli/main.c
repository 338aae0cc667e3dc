/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The front end: standard streams made safe, the terminal set up, the command found.
 */
#include <argp.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cli/command.h"
#include "cli/plan.h"
#include "cli/rules.h"

static const struct hs_command commands[] = {
	{"all", "check all mounted XFS file systems", hs_command_all},
	{"appliance", "run commands on a kernel with XFS online fsck", hs_command_appliance},
	{"explain", "explain a rule of the Lustre check", hs_command_explain},
	{"lustre", "check Lustre servers' targets (MDTs and OSTs)", hs_command_lustre},
	{"plan", "show what repairs of a Lustre check would write", hs_command_plan},
	{"rules", "list what the Lustre check can find", hs_command_rules},
	{"setup-xfs-scrub", "let this program take xfs_scrub's place, or undo it",
	 hs_command_setup_xfs_scrub},
	{"undo", "take back what a repair has changed", hs_command_undo},
	{"xfs", "check mounted XFS file systems", hs_command_xfs},
	{NULL, NULL, NULL},
};

/*
 * With a standard stream closed, the next file opened takes its number, and a message meant for
 * people would be written into a target.
 */
static int fill_standard_streams(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDWR);
		if (fd < 0)
			return -1;
	} while (fd <= STDERR_FILENO);
	return close(fd);
}

/* The command line as it was: dispatching changes argv. */
static char **copy_arguments(int argc, char **argv)
{
	char **copy = calloc((size_t)argc + 1, sizeof(*copy));

	if (copy)
		memcpy(copy, argv, (size_t)argc * sizeof(*copy));
	return copy;
}

/* Whether the program goes by another's name. */
static bool called(const char *argv0, const char *name)
{
	const char *slash = strrchr(argv0, '/');

	return !strcmp(slash ? slash + 1 : argv0, name);
}

int main(int argc, char **argv)
{
	struct hs_terminal term;
	struct hs_cli cli = {.term = &term, .log = &term.log, .out = stdout, .argc = argc};
	char name[] = "holystone";
	int result;

	if (argc < 1 || fill_standard_streams())
		return HS_EXIT_OPERATIONAL;
	/* A reader that goes away is an error of the output, not a reason to die in mid-repair. */
	signal(SIGPIPE, SIG_IGN);
	argp_program_version = "holystone " HS_VERSION;
	argp_err_exit_status = HS_EXIT_USAGE;
	hs_terminal_init(&term, STDERR_FILENO);
	cli.argv = copy_arguments(argc, argv);
	if (!cli.argv)
		return HS_EXIT_OPERATIONAL;
	if (called(argv[0], "xfs_scrub")) {
		result = hs_command_xfs_scrub(&cli, argc, argv);
		free(cli.argv);
		hs_terminal_end(&term);
		return result;
	}
	argv[0] = name;
	if (argc == 2 && (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V")))
		result = puts(argp_program_version) < 0 ? HS_EXIT_OPERATIONAL : HS_EXIT_CLEAN;
	else
		result = hs_command_dispatch(&cli, commands, argc, argv);
	errno = 0;
	if (fflush(stdout) || ferror(stdout)) {
		hs_log(cli.log, HS_LOG_ERROR, "cannot write the output: %s",
		       errno ? strerror(errno) : "an earlier write failed");
		result |= HS_EXIT_OPERATIONAL;
	}
	free(cli.argv);
	hs_terminal_end(&term);
	return result;
}
