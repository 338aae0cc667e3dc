/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * "holystone appliance": a command more is a line more.
 */
#include "cli/appliance.h"

static const struct hs_command commands[] = {
	{"build", "build the appliance's kernel, once", hs_command_appliance_build},
	{"run", "run a command inside the appliance", hs_command_appliance_run},
	{"shell", "give a shell inside the appliance", hs_command_appliance_shell},
	{NULL, NULL, NULL},
};

int hs_command_appliance(struct hs_cli *cli, int argc, char **argv)
{
	return hs_command_dispatch(cli, commands, argc, argv);
}
