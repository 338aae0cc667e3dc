/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Commands and how they are found. A command is one file with one function; a table line makes it
 * known. Tables nest: "holystone lustre" is a command that looks into a table of its own.
 */
#ifndef HS_CLI_COMMAND_H
#define HS_CLI_COMMAND_H

#include <stdio.h>

#include "cli/exit.h"
#include "cli/terminal.h"
#include "run/read.h"

/* What main() gives to every command. */
struct hs_cli {
	struct hs_terminal *term; /* standard error: messages and progress */
	struct hs_log *log;	  /* &term->log */
	FILE *out;		  /* results */
	int argc;		  /* the whole command line, for the run's record */
	char **argv;
};

struct hs_command {
	const char *name;
	const char *brief; /* one line for the list of commands */
	/*
	 * argv[0] is the full name ("holystone lustre check"), for argp. Returns the sum of
	 * enum hs_exit bits.
	 */
	int (*run)(struct hs_cli *cli, int argc, char **argv);
};

/*
 * Runs the command of the table that argv[1] names; a table ends with a line without a name.
 * "--help" lists the table; no command, or an unknown one, is HS_EXIT_USAGE and one message.
 */
int hs_command_dispatch(struct hs_cli *cli, const struct hs_command *table, int argc, char **argv);

/*
 * The bits that findings stand for: repaired, and not repaired. Notes are no damage, and undecided
 * findings prove none; suspects are the command's to judge.
 */
int hs_exit_of_tally(const struct hs_run_tally *tally);

/* Below the first table: commands, and tables of commands. */
int hs_command_all(struct hs_cli *cli, int argc, char **argv);
int hs_command_appliance(struct hs_cli *cli, int argc, char **argv);
int hs_command_lustre(struct hs_cli *cli, int argc, char **argv);
int hs_command_setup_xfs_scrub(struct hs_cli *cli, int argc, char **argv);
int hs_command_undo(struct hs_cli *cli, int argc, char **argv);
int hs_command_xfs(struct hs_cli *cli, int argc, char **argv);
/* The same when the program was called by xfs_scrub's name. */
int hs_command_xfs_scrub(struct hs_cli *cli, int argc, char **argv);

#endif
