/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the guest's kernel is. appliance/build.sh leaves a link named "current" in the cache it
 * built into; this looks where it may have been run: by this user, else by root for everybody.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "appliance/appliance.h"
#include "base/cleanup.h"

#define MACHINE_CACHE "/var/cache/holystone"
#define INSIDE	      "/appliance/current/linux"

static bool take(char **path, const char *fmt, const char *dir)
{
	char *s;

	if (asprintf(&s, fmt, dir) < 0)
		return false;
	if (!access(s, X_OK)) {
		*path = s;
		return true;
	}
	free(s);
	return false;
}

errint_t hs_appliance_find_kernel(struct hs_log *log, char **path)
{
	const char *given = getenv("HOLYSTONE_APPLIANCE_KERNEL");
	const char *xdg = getenv("XDG_CACHE_HOME");
	const char *home = getenv("HOME");

	*path = NULL;
	if (given && *given) {
		if (take(path, "%s", given))
			return 0;
		hs_log(log, HS_LOG_ERROR,
		       "HOLYSTONE_APPLIANCE_KERNEL names %s, which is no program that can be run",
		       given);
		return -ENOENT;
	}
	if (xdg && *xdg && take(path, "%s/holystone" INSIDE, xdg))
		return 0;
	if (geteuid() && home && *home && take(path, "%s/.cache/holystone" INSIDE, home))
		return 0;
	if (take(path, "%s" INSIDE, MACHINE_CACHE))
		return 0;
	hs_log(log, HS_LOG_ERROR,
	       "the appliance has no kernel yet: run 'holystone appliance build' (a few minutes, "
	       "3 GB of disk space meanwhile), or name a User Mode Linux kernel with --kernel");
	return -ENOENT;
}
