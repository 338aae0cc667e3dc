/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The commands of "holystone appliance", one file each (appliance_run.c and so on).
 */
#ifndef HS_CLI_APPLIANCE_H
#define HS_CLI_APPLIANCE_H

#include "cli/command.h"

/*
 * What the commands that start a guest return when they could not: the command inside has all
 * other codes (as with env(1) and timeout(1)).
 */
#define HS_EXIT_APPLIANCE 125

int hs_command_appliance_build(struct hs_cli *cli, int argc, char **argv);
int hs_command_appliance_run(struct hs_cli *cli, int argc, char **argv);
int hs_command_appliance_shell(struct hs_cli *cli, int argc, char **argv);

#endif
