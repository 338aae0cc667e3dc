/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The time between the guest's start and its end: streams, signals, the clock.
 */
#ifndef HS_APPLIANCE_SESSION_H
#define HS_APPLIANCE_SESSION_H

#include "appliance/appliance.h"
#include "appliance/launch.h"

/*
 * Relays until the guest is gone and waits for its process. Signals are handled as
 * hs_appliance_run() says.
 */
errint_t hs_session_run(const struct hs_appliance *a, struct hs_guest *g,
			struct hs_appliance_result *result);

#endif
