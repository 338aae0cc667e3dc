/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the commands that handle plans share.
 */
#ifndef HS_CLI_PLAN_H
#define HS_CLI_PLAN_H

#include "cli/command.h"
#include "lfsck/plan_view.h"

/* An item as one line of JSON (docs/json.md, "repair"). */
errint_t hs_plan_item_json(const struct hs_item_view *view, FILE *out);

/*
 * Whether a selection (--only) means an item: its rule, the FID or "inode N" of its finding, or a
 * target that its finding is about or that it writes to. NULL means all.
 */
bool hs_plan_selects(const char *only, const struct hs_item_view *view);

int hs_command_plan(struct hs_cli *cli, int argc, char **argv);

#endif
