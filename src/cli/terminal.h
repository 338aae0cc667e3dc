/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Standard error: messages, and under them one line of progress when it is a terminal. Any thread
 * may log and show progress. A message never breaks the progress line, and nothing that was read
 * from a disk reaches the terminal as a control character.
 */
#ifndef HS_CLI_TERMINAL_H
#define HS_CLI_TERMINAL_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/log.h"
#include "base/strbuf.h"

struct hs_terminal {
	struct hs_log log; /* first member: the sink; max is HS_LOG_INFO until options change it */
	pthread_mutex_t mutex;
	int fd;
	bool tty;
	struct hs_strbuf line; /* the progress line that stands there now */
};

void hs_terminal_init(struct hs_terminal *t, int fd);
/* Takes the progress line away. */
void hs_terminal_end(struct hs_terminal *t);

/* Shows the line instead of the one before; "" takes it away. Nothing happens off a terminal. */
void hs_terminal_progress(struct hs_terminal *t, const char *line);

/* Columns a progress line may take, 0 when not known. */
size_t hs_terminal_columns(const struct hs_terminal *t);

#endif
