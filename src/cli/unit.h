/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Starting a unit of systemd and waiting for its end, with systemctl: that talks to systemd itself,
 * needs neither privileges beyond root's user number nor a message bus.
 */
#ifndef HS_CLI_UNIT_H
#define HS_CLI_UNIT_H

#include <stdbool.h>

#include "work/pipeline.h"

enum hs_unit_result {
	HS_UNIT_DONE,	 /* it has run and succeeded */
	HS_UNIT_FAILED,	 /* it has run and failed */
	HS_UNIT_REFUSED, /* systemd did not start it: an assertion of the unit does not hold, ... */
	HS_UNIT_MASKED,	 /* the administrator has disabled it */
	HS_UNIT_MISSING, /* there is no such unit, or no systemd to ask */
};

/* Whether this system was booted with systemd. */
bool hs_unit_manager_runs(void);

/*
 * Starts the unit, whose service must be of type oneshot, and waits for its end. If it is running
 * already, waits for that. A stop stops the unit.
 */
enum hs_unit_result hs_unit_run(const char *unit, struct hs_stop *stop);

#endif
