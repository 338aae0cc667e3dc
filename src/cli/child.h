/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Running another program and waiting for it, from any thread.
 */
#ifndef HS_CLI_CHILD_H
#define HS_CLI_CHILD_H

#include "base/err.h"
#include "work/pipeline.h"

struct hs_child {
	const char *file;	 /* looked up in PATH unless it has a slash */
	const char *const *argv; /* ends with NULL */
	struct hs_stop *stop;	 /* may be NULL; once set, the program gets one SIGTERM */
	/*
	 * Takes each whole line of its standard output, with the newline (the last may lack it);
	 * NULL: its output is ours. Called in the thread that waits.
	 */
	void (*line)(void *arg, const char *text, size_t len);
	void *arg;
};

/*
 * Starts it, waits until it has ended, and gives its exit status, or 128 + N if signal N ended it.
 * It gets SIGTERM if this program dies. -errno if it could not be started or waited for.
 */
errint_t hs_child_run(const struct hs_child *c, int *status);

#endif
