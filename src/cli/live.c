/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/live.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "work/team.h"

#define PERIOD_NS 500000000ull

struct hs_live {
	struct hs_terminal *term;
	bool (*read)(struct hs_progress *p, void *arg);
	void *arg;
	struct hs_meter meter;
	struct hs_side *thread;
	pthread_mutex_t mutex;
	pthread_cond_t wake;
	bool ended;
};

static void show(struct hs_live *live)
{
	hs_cleanup(hs_strbuf_free) struct hs_strbuf line = HS_STRBUF_INIT;
	struct hs_progress p = {0};

	if (live->read(&p, live->arg)) {
		hs_meter_update(&live->meter, &p, hs_now_ns());
		hs_progress_line(&line, &p, &live->meter, hs_terminal_columns(live->term));
	}
	hs_terminal_progress(live->term, hs_strbuf_str(&line));
}

/* Sleeps a period; true when it is time to end. */
static bool pause_or_end(struct hs_live *live)
{
	struct timespec until;
	bool ended;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += PERIOD_NS;
	until.tv_sec += until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	pthread_mutex_lock(&live->mutex);
	while (!live->ended && pthread_cond_timedwait(&live->wake, &live->mutex, &until) == 0)
		;
	ended = live->ended;
	pthread_mutex_unlock(&live->mutex);
	return ended;
}

static void run(void *arg)
{
	struct hs_live *live = arg;

	while (!pause_or_end(live))
		show(live);
}

static void release(struct hs_live *live)
{
	pthread_cond_destroy(&live->wake);
	pthread_mutex_destroy(&live->mutex);
	free(live);
}

errint_t hs_live_start(struct hs_terminal *term, bool (*read)(struct hs_progress *p, void *arg),
		       void *arg, struct hs_live **out)
{
	pthread_condattr_t attr;
	struct hs_live *live;
	errint_t err;

	*out = NULL;
	if (!term->tty)
		return 0;
	live = calloc(1, sizeof(*live));
	if (!live)
		return -ENOMEM;
	live->term = term;
	live->read = read;
	live->arg = arg;
	pthread_mutex_init(&live->mutex, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&live->wake, &attr);
	pthread_condattr_destroy(&attr);
	err = hs_side_start(run, live, &live->thread);
	if (err)
		release(live);
	else
		*out = live;
	return err;
}

void hs_live_stop(struct hs_live *live)
{
	if (!live)
		return;
	pthread_mutex_lock(&live->mutex);
	live->ended = true;
	pthread_cond_signal(&live->wake);
	pthread_mutex_unlock(&live->mutex);
	hs_side_join(live->thread);
	hs_terminal_progress(live->term, "");
	release(live);
}
