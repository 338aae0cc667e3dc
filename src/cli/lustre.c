/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * "holystone lustre": a command more is a line more.
 */
#include "cli/lustre.h"

static const struct hs_command commands[] = {
	{"check", "Check that the targets agree with each other", hs_command_lustre_check},
	{"info", "Tell what targets are and what is on them", hs_command_lustre_info},
	{"path", "Tell the paths of an object", hs_command_lustre_path},
	{"fid", "Tell the FID of a path", hs_command_lustre_fid},
	{"stat", "Tell everything known about an object", hs_command_lustre_stat},
	{NULL, NULL, NULL},
};

int hs_command_lustre(struct hs_cli *cli, int argc, char **argv)
{
	return hs_command_dispatch(cli, commands, argc, argv);
}
