/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * "holystone appliance build". Building a kernel is a script's work: appliance/build.sh, from the
 * installed data directory or from the source tree this program was built from.
 */
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "cli/appliance.h"

int hs_command_appliance_build(struct hs_cli *cli, int argc, char **argv)
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
		hs_log(cli->log, HS_LOG_ERROR, "cannot run %s: %s", places[i], strerror(errno));
		return HS_EXIT_APPLIANCE;
	}
	hs_log(cli->log, HS_LOG_ERROR, "no appliance/build.sh in %s or %s", HS_DATADIR,
	       HS_SOURCE_DIR);
	return HS_EXIT_APPLIANCE;
}
