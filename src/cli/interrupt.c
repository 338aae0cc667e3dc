/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/interrupt.h"

#include <signal.h>
#include <string.h>

/* A signal handler has no argument: the one place where state must be the process's. */
static struct hs_stop stop;

static void ask(int sig)
{
	atomic_store(&stop.requested, 1);
	signal(sig, SIG_DFL);
}

struct hs_stop *hs_interrupt_stop(void)
{
	struct sigaction sa;

	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = ask;
	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	return &stop;
}
