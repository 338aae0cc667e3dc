/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * "holystone lustre": a command more is a line more.
 */
#include "cli/lustre.h"

static const struct hs_command commands[] = {
	{"check", "Check that the targets agree with each other", hs_command_lustre_check},
	{NULL, NULL, NULL},
};

int hs_command_lustre(struct hs_cli *cli, int argc, char **argv)
{
	return hs_command_dispatch(cli, commands, argc, argv);
}
