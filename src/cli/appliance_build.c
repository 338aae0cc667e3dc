/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * "holystone appliance" and "holystone appliance build". Building a kernel is a script's work:
 * appliance/build.sh, from the installed data directory or the source tree this was built from.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "cli/appliance_run.h"

int hs_appliance_command_build(struct hs_log *log, int argc, char **argv)
{
	static const char *const places[] = {
		HS_DATADIR "/appliance/build.sh",
		HS_SOURCE_DIR "/appliance/build.sh",
	};

	(void)argc;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		if (access(places[i], X_OK))
			continue;
		argv[0] = (char *)places[i];
		execv(places[i], argv);
		hs_log(log, HS_LOG_ERROR, "cannot run %s: %s", places[i], strerror(errno));
		return 125;
	}
	hs_log(log, HS_LOG_ERROR, "appliance/build.sh is neither in %s nor in %s", HS_DATADIR,
	       HS_SOURCE_DIR);
	return 125;
}

int hs_appliance_command(struct hs_log *log, int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(struct hs_log *log, int argc, char **argv);
	} forms[] = {
		{"build", hs_appliance_command_build},
		{"run", hs_appliance_command_run},
		{"shell", hs_appliance_command_shell},
	};

	for (size_t i = 0; argc > 1 && i < sizeof(forms) / sizeof(forms[0]); i++)
		if (!strcmp(argv[1], forms[i].name))
			return forms[i].run(log, argc - 1, argv + 1);
	fprintf(stderr, "usage: holystone appliance build [OPTION...]\n"
			"       holystone appliance run [OPTION...] [--] COMMAND [ARGUMENT...]\n"
			"       holystone appliance shell [OPTION...]\n"
			"'--help' after any of them tells more.\n");
	return argc > 1 && !strcmp(argv[1], "--help") ? 0 : 125;
}
