/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The pipeline. A run is a row of rounds: workers pull items until something closes the round (the
 * end of all sources, a checkpoint that is due, a stop, an error), finish what they hold and come
 * back. The last one back settles the round while the others wait, and a new round begins or the
 * run is over. The threads live as long as the run, so a worker may keep what belongs to its thread
 * (an I/O channel) from one round to the next.
 *
 * Nothing here needs to know how many threads could be started: a round is settled when nobody is
 * inside work(), and a thread that comes late waits like the others.
 */
#include "work/pipeline.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"
#include "work/team.h"

struct hs_feed {
	const struct hs_pipeline *p;

	pthread_mutex_t lock; /* of everything below, and of the sources */
	pthread_cond_t settled;
	struct hs_source **live; /* sources that have not ended */
	size_t n_live;
	size_t turn; /* index of the next source to ask */

	unsigned inside;	 /* workers in work() */
	uint64_t handed_out;	 /* items of this round */
	uint64_t checkpoint_due; /* monotonic, ns */
	int closing;		 /* this round hands out nothing more */
	int ended;		 /* all sources are exhausted */
	int stopped;
	int over; /* the run is */
	errint_t err;
};

static void fail(struct hs_feed *feed, errint_t err)
{
	if (!feed->err)
		feed->err = err;
	feed->closing = 1;
}

/* Decides whether the round may hand out another item. */
static int round_open(struct hs_feed *feed)
{
	const struct hs_pipeline *p = feed->p;

	if (feed->closing)
		return 0;
	if (feed->n_live == 0) {
		feed->ended = 1;
		feed->closing = 1;
	} else if (p->stop && atomic_load_explicit(&p->stop->requested, memory_order_relaxed)) {
		feed->stopped = 1;
		feed->closing = 1;
	} else if (p->checkpoint_ns && feed->handed_out && hs_now_ns() >= feed->checkpoint_due) {
		/* never before the first item: a round that hands out nothing makes no progress */
		feed->closing = 1;
	}
	return !feed->closing;
}

int hs_feed_next(struct hs_feed *feed, void *item, struct hs_source **src)
{
	int got = 0;

	pthread_mutex_lock(&feed->lock);
	while (!got && round_open(feed)) {
		struct hs_source *s = feed->live[feed->turn];
		int rc = s->ops->next(s, item);

		if (rc < 0) {
			fail(feed, rc);
		} else if (rc == 0) {
			feed->n_live--;
			for (size_t i = feed->turn; i < feed->n_live; i++)
				feed->live[i] = feed->live[i + 1];
		} else {
			*src = s;
			feed->handed_out++;
			feed->turn++;
			got = 1;
		}
		if (feed->turn >= feed->n_live)
			feed->turn = 0;
	}
	pthread_mutex_unlock(&feed->lock);
	return got;
}

static void begin_round(struct hs_feed *feed)
{
	feed->closing = 0;
	feed->handed_out = 0;
	feed->checkpoint_due = hs_now_ns() + feed->p->checkpoint_ns;
}

/*
 * Called with the lock held by the last worker of a round. The lock is released around the
 * callback; `closing` keeps everybody else waiting.
 */
static void settle(struct hs_feed *feed)
{
	const struct hs_pipeline *p = feed->p;

	if (!feed->err && p->checkpoint) {
		errint_t rc;

		pthread_mutex_unlock(&feed->lock);
		rc = p->checkpoint(p->arg, feed->ended);
		pthread_mutex_lock(&feed->lock);
		if (rc)
			fail(feed, rc);
	}
	if (feed->err || feed->ended || feed->stopped)
		feed->over = 1;
	else
		begin_round(feed);
	pthread_cond_broadcast(&feed->settled);
}

static errint_t worker_main(unsigned worker, void *arg)
{
	struct hs_feed *feed = arg;
	const struct hs_pipeline *p = feed->p;

	pthread_mutex_lock(&feed->lock);
	while (!feed->over) {
		errint_t rc;

		if (feed->closing) {
			pthread_cond_wait(&feed->settled, &feed->lock);
			continue;
		}
		feed->inside++;
		pthread_mutex_unlock(&feed->lock);
		rc = p->work(worker, feed, p->arg);
		pthread_mutex_lock(&feed->lock);
		feed->inside--;
		if (rc)
			fail(feed, rc);
		if (feed->closing && feed->inside == 0)
			settle(feed);
	}
	pthread_mutex_unlock(&feed->lock);
	return 0;
}

errint_t hs_pipeline_run(const struct hs_pipeline *p)
{
	struct hs_feed feed = {.p = p, .n_live = p->n_sources};

	feed.live = calloc(p->n_sources ? p->n_sources : 1, sizeof(struct hs_source *));
	if (!feed.live)
		return -ENOMEM;
	for (size_t i = 0; i < p->n_sources; i++)
		feed.live[i] = p->sources[i];
	pthread_mutex_init(&feed.lock, NULL);
	pthread_cond_init(&feed.settled, NULL);
	begin_round(&feed);

	hs_team_run(p->workers ? p->workers : 1, worker_main, &feed);

	pthread_cond_destroy(&feed.settled);
	pthread_mutex_destroy(&feed.lock);
	free(feed.live);
	if (feed.err)
		return feed.err;
	return feed.stopped ? -ECANCELED : 0;
}
