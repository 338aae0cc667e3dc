/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The three forms of "holystone appliance". Each gets its own argv (argv[0] its name) and returns
 * an exit code.
 */
#ifndef HS_CLI_APPLIANCE_RUN_H
#define HS_CLI_APPLIANCE_RUN_H

#include "base/log.h"

int hs_appliance_command(struct hs_log *log, int argc, char **argv);

int hs_appliance_command_build(struct hs_log *log, int argc, char **argv);
int hs_appliance_command_run(struct hs_log *log, int argc, char **argv);
int hs_appliance_command_shell(struct hs_log *log, int argc, char **argv);

#endif
