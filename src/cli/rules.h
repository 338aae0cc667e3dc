/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The commands that tell what the check looks for: "holystone rules" and "holystone explain".
 */
#ifndef HS_CLI_RULES_H
#define HS_CLI_RULES_H

#include "cli/command.h"
#include "lfsck/rules.h"

int hs_command_rules(struct hs_cli *cli, int argc, char **argv);
int hs_command_explain(struct hs_cli *cli, int argc, char **argv);

/* One rule with everything in it, as a line of JSON (docs/json.md, rule). 0, -ENOMEM or -EIO. */
errint_t hs_rule_write_json(const struct hs_rule *r, FILE *out);

#endif
