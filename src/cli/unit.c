/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/unit.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/child.h"

#define ASK_AGAIN_S 1
#define ASK_TIMES   30 /* without an answer: systemd re-executes itself in less */

/* What systemctl shows of a unit, as far as it matters here. */
struct shown {
	char load[32];	 /* "loaded", "masked", "not-found", ... */
	char active[32]; /* "inactive", "activating", "failed", ... */
};

bool hs_unit_manager_runs(void)
{
	/* what sd_booted(3) looks at */
	return access("/run/systemd/system", F_OK) == 0;
}

static void take(char to[32], const char *key, const char *text, size_t len)
{
	size_t skip = strlen(key);

	if (len <= skip || memcmp(text, key, skip))
		return;
	len -= skip;
	text += skip;
	while (len && text[len - 1] == '\n')
		len--;
	if (len >= 32)
		len = 31;
	memcpy(to, text, len);
	to[len] = '\0';
}

static void take_line(void *arg, const char *text, size_t len)
{
	struct shown *s = arg;

	take(s->load, "LoadState=", text, len);
	take(s->active, "ActiveState=", text, len);
}

static bool show(const char *unit, struct shown *s)
{
	const char *const argv[] = {"systemctl", "show", "--property=LoadState,ActiveState",
				    "--",	 unit,	 NULL};
	struct hs_child c = {.file = argv[0], .argv = argv, .line = take_line, .arg = s};
	int status;

	*s = (struct shown){0};
	return hs_child_run(&c, &status) == 0 && status == 0 && s->load[0] && s->active[0];
}

static bool has_ended(const struct shown *s)
{
	return !strcmp(s->active, "inactive") || !strcmp(s->active, "failed");
}

/*
 * The call that starts a unit waits for it, unless systemd loses the connection meanwhile: hence
 * its state decides.
 */
static bool wait_end(const char *unit, struct shown *s)
{
	unsigned silent = 0;

	for (;;) {
		if (show(unit, s)) {
			silent = 0;
			if (has_ended(s))
				return true;
		} else if (++silent == ASK_TIMES) {
			return false;
		}
		sleep(ASK_AGAIN_S);
	}
}

static errint_t tell(const char *verb, const char *unit, struct hs_stop *stop, int *status)
{
	const char *const argv[] = {"systemctl", verb, "--", unit, NULL};
	struct hs_child c = {.file = argv[0], .argv = argv, .stop = stop};

	return hs_child_run(&c, status);
}

enum hs_unit_result hs_unit_run(const char *unit, struct hs_stop *stop)
{
	struct shown s;
	int status = 0;

	if (!show(unit, &s))
		return HS_UNIT_MISSING;
	if (!strcmp(s.load, "masked"))
		return HS_UNIT_MASKED;
	if (strcmp(s.load, "loaded"))
		return HS_UNIT_MISSING;
	if (tell("start", unit, stop, &status))
		return HS_UNIT_MISSING;
	if (stop && atomic_load(&stop->requested)) {
		int ignored;

		tell("stop", unit, NULL, &ignored);
	}
	if (!wait_end(unit, &s) || !strcmp(s.active, "failed"))
		return HS_UNIT_FAILED;
	return status == 0 ? HS_UNIT_DONE : HS_UNIT_REFUSED;
}
