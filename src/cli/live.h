/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A thread that shows the progress of the work beside it, on a terminal only.
 */
#ifndef HS_CLI_LIVE_H
#define HS_CLI_LIVE_H

#include <stdbool.h>

#include "cli/terminal.h"
#include "report/progress.h"

struct hs_live;

/*
 * Calls read() about twice a second from a thread of its own; read() fills *p, or returns false
 * when there is nothing to show. Off a terminal *out is NULL and no thread is started.
 */
errint_t hs_live_start(struct hs_terminal *term, bool (*read)(struct hs_progress *p, void *arg),
		       void *arg, struct hs_live **out);

/* Ends the thread and takes the line away. NULL is allowed. */
void hs_live_stop(struct hs_live *live);

#endif
