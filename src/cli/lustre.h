/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The commands of "holystone lustre", one file each (lustre_check.c and so on).
 */
#ifndef HS_CLI_LUSTRE_H
#define HS_CLI_LUSTRE_H

#include "cli/command.h"

int hs_command_lustre_check(struct hs_cli *cli, int argc, char **argv);
int hs_command_lustre_info(struct hs_cli *cli, int argc, char **argv);
int hs_command_lustre_path(struct hs_cli *cli, int argc, char **argv);
int hs_command_lustre_fid(struct hs_cli *cli, int argc, char **argv);
int hs_command_lustre_stat(struct hs_cli *cli, int argc, char **argv);

#endif
