/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/command.h"

#include <stdbool.h>
#include <string.h>

#include "base/cleanup.h"

static void list(FILE *out, const struct hs_command *table, const char *name)
{
	fprintf(out, "Usage: %s COMMAND [OPTION...] [ARGUMENT...]\n\nCommands:\n", name);
	for (const struct hs_command *c = table; c->name; c++)
		fprintf(out, "  %-16s %s\n", c->name, c->brief);
	fprintf(out, "\n%s COMMAND --help tells more about a command.\n", name);
}

static bool asks_for_help(const char *word)
{
	return !strcmp(word, "--help") || !strcmp(word, "-h") || !strcmp(word, "-?") ||
	       !strcmp(word, "help");
}

static int call(struct hs_cli *cli, const struct hs_command *c, int argc, char **argv)
{
	hs_cleanup(hs_strbuf_free) struct hs_strbuf name = HS_STRBUF_INIT;

	hs_strbuf_printf(&name, "%s %s", argv[0], c->name);
	if (hs_strbuf_error(&name))
		return HS_EXIT_OPERATIONAL;
	argv[1] = name.s;
	return c->run(cli, argc - 1, argv + 1);
}

int hs_command_dispatch(struct hs_cli *cli, const struct hs_command *table, int argc, char **argv)
{
	if (argc < 2) {
		hs_log(cli->log, HS_LOG_ERROR, "no command given; see '%s --help'", argv[0]);
		return HS_EXIT_USAGE;
	}
	if (asks_for_help(argv[1])) {
		list(cli->out, table, argv[0]);
		return HS_EXIT_CLEAN;
	}
	for (const struct hs_command *c = table; c->name; c++) {
		if (!strcmp(c->name, argv[1]))
			return call(cli, c, argc, argv);
	}
	hs_log(cli->log, HS_LOG_ERROR, "unknown %s '%s'; see '%s --help'",
	       argv[1][0] == '-' ? "option" : "command", argv[1], argv[0]);
	return HS_EXIT_USAGE;
}

int hs_exit_of_tally(const struct hs_run_tally *tally)
{
	int bits = HS_EXIT_CLEAN;

	for (enum hs_severity s = HS_SEV_ERROR; s <= HS_SEV_WARNING; s++) {
		const uint64_t *n = tally->findings[s];

		if (n[HS_STATE_REPAIRED])
			bits |= HS_EXIT_CORRECTED;
		if (n[HS_STATE_FOUND] || n[HS_STATE_SKIPPED] || n[HS_STATE_FAILED])
			bits |= HS_EXIT_UNCORRECTED;
	}
	return bits;
}
