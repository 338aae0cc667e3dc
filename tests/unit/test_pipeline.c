/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The pipeline's promise: at every checkpoint and after every stop, all items before a source's
 * position have been handled, once, and none behind it has been begun.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/bytes.h"
#include "work/pipeline.h"
#include "work/team.h"

#define MAX_SOURCES 5
#define MAX_WORKERS 8
#define HELD	    4 /* items a worker takes before it handles the oldest */

struct numbers {
	struct hs_source src;
	uint64_t at;
	uint64_t fail_at; /* next() fails here; UINT64_MAX: never */
	atomic_int *handled;
	atomic_int busy; /* next() must not be entered twice */
};

struct number {
	uint64_t value;
};

static int numbers_next(struct hs_source *src, void *item)
{
	struct numbers *s = (struct numbers *)src;
	int rc = 1;

	if (atomic_exchange(&s->busy, 1))
		return -EDEADLK;
	if (s->at == s->fail_at)
		rc = -EIO;
	else if (s->at == src->total)
		rc = 0;
	else
		((struct number *)item)->value = s->at++;
	atomic_store(&s->busy, 0);
	return rc;
}

static void numbers_tell(const struct hs_source *src, struct hs_position *pos)
{
	const struct numbers *s = (const struct numbers *)src;

	memset(pos, 0, sizeof(*pos));
	pos->done = s->at;
	hs_put_le64(pos->cookie, s->at ^ 0x55);
}

static errint_t numbers_seek(struct hs_source *src, const struct hs_position *pos)
{
	struct numbers *s = (struct numbers *)src;
	uint64_t at = hs_get_le64(pos->cookie) ^ 0x55;

	if (at > src->total)
		return -EINVAL;
	s->at = at;
	return 0;
}

static const struct hs_source_ops numbers_ops = {
	.next = numbers_next,
	.tell = numbers_tell,
	.seek = numbers_seek,
};

struct rig {
	struct numbers sources[MAX_SOURCES];
	struct hs_source *list[MAX_SOURCES];
	size_t n_sources;
	struct hs_stop stop;
	atomic_uint_fast64_t handled; /* by this run */
	uint64_t stop_after;	      /* items; UINT64_MAX: never */
	uint64_t fail_after;	      /* a worker fails; UINT64_MAX: never */
	atomic_int inside;
	unsigned held;		       /* items a worker keeps, up to HELD */
	int checkpoints;	       /* calls */
	int finals;		       /* of these, final ones */
	int broken;		       /* a promise was */
	errint_t refuse;	       /* what checkpoint() answers */
	pthread_t thread[MAX_WORKERS]; /* of each worker, which must not change */
	int thread_known[MAX_WORKERS];
};

static void rig_init(struct rig *r, size_t n_sources, const uint64_t *totals)
{
	memset(r, 0, sizeof(*r));
	r->n_sources = n_sources;
	r->stop_after = UINT64_MAX;
	r->fail_after = UINT64_MAX;
	r->held = HELD;
	for (size_t i = 0; i < n_sources; i++) {
		struct numbers *s = &r->sources[i];

		s->src.ops = &numbers_ops;
		s->src.name = "numbers";
		s->src.item_size = sizeof(struct number);
		s->src.total = totals[i];
		s->fail_at = UINT64_MAX;
		s->handled = calloc(totals[i] ? totals[i] : 1, sizeof(atomic_int));
		r->list[i] = &s->src;
	}
}

static void rig_free(struct rig *r)
{
	for (size_t i = 0; i < r->n_sources; i++)
		free(r->sources[i].handled);
}

/* Every item before the positions exactly once, none behind them. */
static int positions_exact(const struct rig *r)
{
	for (size_t i = 0; i < r->n_sources; i++) {
		const struct numbers *s = &r->sources[i];
		struct hs_position pos;

		s->src.ops->tell(&s->src, &pos);
		for (uint64_t k = 0; k < s->src.total; k++) {
			if (s->handled[k] != (k < pos.done))
				return 0;
		}
	}
	return 1;
}

struct taken {
	struct numbers *src;
	uint64_t value;
};

static errint_t handle(struct rig *r, const struct taken *t)
{
	uint64_t n;

	atomic_fetch_add(&t->src->handled[t->value], 1);
	n = atomic_fetch_add(&r->handled, 1) + 1;
	if (n == r->stop_after)
		atomic_store(&r->stop.requested, 1);
	return n == r->fail_after ? -ENOMEM : 0;
}

static errint_t rig_work(unsigned worker, struct hs_feed *feed, void *arg)
{
	struct rig *r = arg;
	struct taken held[HELD];
	struct hs_source *src;
	struct number item;
	unsigned n = 0;
	errint_t rc = 0;

	if (!r->thread_known[worker]) {
		r->thread_known[worker] = 1;
		r->thread[worker] = pthread_self();
	} else if (!pthread_equal(r->thread[worker], pthread_self())) {
		rc = -EXDEV;
	}
	atomic_fetch_add(&r->inside, 1);
	while (!rc && hs_feed_next(feed, &item, &src)) {
		held[n++] = (struct taken){(struct numbers *)src, item.value};
		if (n >= r->held) {
			rc = handle(r, &held[0]);
			memmove(&held[0], &held[1], --n * sizeof(held[0]));
		}
	}
	for (unsigned i = 0; i < n; i++) {
		errint_t again = handle(r, &held[i]);

		if (!rc)
			rc = again;
	}
	atomic_fetch_sub(&r->inside, 1);
	return rc;
}

static errint_t rig_checkpoint(void *arg, int final)
{
	struct rig *r = arg;

	r->checkpoints++;
	r->finals += final;
	if (r->inside || !positions_exact(r))
		r->broken = 1;
	return r->refuse;
}

static errint_t rig_run(struct rig *r, unsigned workers, uint64_t checkpoint_ns)
{
	struct hs_pipeline p = {
		.sources = r->list,
		.n_sources = r->n_sources,
		.workers = workers,
		.checkpoint_ns = checkpoint_ns,
		.stop = &r->stop,
		.work = rig_work,
		.checkpoint = rig_checkpoint,
		.arg = r,
	};

	r->checkpoints = 0;
	r->finals = 0;
	r->handled = 0;
	memset(r->thread_known, 0, sizeof(r->thread_known));
	return hs_pipeline_run(&p);
}

static void test_all(void **state)
{
	static const uint64_t totals[] = {1000, 0, 1, 3000};
	struct rig r;

	(void)state;
	for (unsigned workers = 0; workers <= MAX_WORKERS; workers++) {
		rig_init(&r, 4, totals);
		assert_int_equal(rig_run(&r, workers, 0), 0);
		assert_int_equal(r.handled, 4001);
		assert_true(positions_exact(&r));
		assert_int_equal(r.checkpoints, 1);
		assert_int_equal(r.finals, 1);
		assert_false(r.broken);
		rig_free(&r);
	}
	rig_init(&r, 0, totals);
	assert_int_equal(rig_run(&r, 2, 0), 0);
	assert_int_equal(r.finals, 1);
	rig_free(&r);
}

/* The shortest interval: rounds of few items, but never of none. */
static void test_checkpoints(void **state)
{
	static const uint64_t totals[] = {200, 700};
	struct rig r;

	(void)state;
	rig_init(&r, 2, totals);
	assert_int_equal(rig_run(&r, 4, 1), 0);
	assert_int_equal(r.handled, 900);
	assert_in_range(r.checkpoints, 2, 901);
	assert_int_equal(r.finals, 1);
	assert_false(r.broken);
	assert_true(positions_exact(&r));
	rig_free(&r);
}

static errint_t in_turn_work(unsigned worker, struct hs_feed *feed, void *arg)
{
	struct hs_source *src;
	struct number item;
	size_t *order = arg;

	(void)worker;
	while (hs_feed_next(feed, &item, &src))
		order[1 + order[0]++] = (size_t)((struct numbers *)src)->fail_at & 0xff;
	return 0;
}

static void test_in_turn(void **state)
{
	static const uint64_t totals[] = {1, 3, 2};
	static const size_t expected[] = {0, 1, 2, 1, 2, 1};
	size_t order[8] = {0};
	struct rig r;
	struct hs_pipeline p = {.workers = 1, .n_sources = 3, .work = in_turn_work, .arg = order};

	(void)state;
	rig_init(&r, 3, totals);
	for (size_t i = 0; i < 3; i++)
		r.sources[i].fail_at = 0xffff00 + i; /* out of reach: serves as a label */
	p.sources = r.list;
	assert_int_equal(hs_pipeline_run(&p), 0);
	assert_int_equal(order[0], 6);
	assert_memory_equal(order + 1, expected, sizeof(expected));
	rig_free(&r);
}

/* Stops at random places, seeks fresh sources to the positions, and goes on until all is done. */
static void test_stop_and_resume(void **state)
{
	(void)state;
	srandom(7);
	for (int round = 0; round < 150; round++) {
		size_t n = 1 + (size_t)random() % MAX_SOURCES;
		unsigned workers = 1 + (unsigned)random() % MAX_WORKERS;
		uint64_t interval = random() % 3 ? 0 : (uint64_t)random() % 50000;
		uint64_t totals[MAX_SOURCES], sum = 0, handled = 0;
		struct rig r;
		errint_t rc;

		for (size_t i = 0; i < n; i++) {
			totals[i] = (uint64_t)random() % 400;
			sum += totals[i];
		}
		rig_init(&r, n, totals);
		r.held = 1 + (unsigned)random() % HELD;
		do {
			r.stop.requested = 0;
			r.stop_after = 1 + (uint64_t)random() % 300;
			rc = rig_run(&r, workers, interval);
			handled += r.handled;
			assert_true(rc == 0 || rc == -ECANCELED);
			assert_int_equal(r.finals, rc == 0);
			assert_true(r.checkpoints >= 1);
			assert_false(r.broken);
			assert_true(positions_exact(&r));
			for (size_t i = 0; i < n; i++) {
				struct hs_position pos;

				r.list[i]->ops->tell(r.list[i], &pos);
				r.sources[i].at = UINT64_MAX;
				assert_int_equal(r.list[i]->ops->seek(r.list[i], &pos), 0);
			}
		} while (rc == -ECANCELED);
		assert_int_equal(handled, sum);
		rig_free(&r);
	}
}

static void request_stop(void *arg)
{
	struct timespec ts = {0, 3000000};

	nanosleep(&ts, NULL);
	atomic_store(&((struct rig *)arg)->stop.requested, 1);
}

static void test_stop_from_outside(void **state)
{
	static const uint64_t totals[] = {5000000, 1};
	struct hs_side *side;
	struct hs_position pos;
	struct rig r;

	(void)state;
	rig_init(&r, 2, totals);
	assert_int_equal(hs_side_start(request_stop, &r, &side), 0);
	assert_int_equal(rig_run(&r, 3, 0), -ECANCELED);
	hs_side_join(side);
	assert_int_equal(r.checkpoints, 1);
	assert_int_equal(r.finals, 0);
	assert_false(r.broken);
	numbers_tell(r.list[0], &pos);
	assert_in_range(pos.done, 0, totals[0] - 1);
	rig_free(&r);

	/* a stop that was there before the start: nothing is begun, positions are still saved */
	rig_init(&r, 1, totals + 1);
	r.stop.requested = 1;
	assert_int_equal(rig_run(&r, 3, 0), -ECANCELED);
	assert_int_equal(r.handled, 0);
	assert_int_equal(r.checkpoints, 1);
	assert_int_equal(r.finals, 0);
	rig_free(&r);
}

static void test_source_error(void **state)
{
	static const uint64_t totals[] = {500, 500};
	struct rig r;

	(void)state;
	rig_init(&r, 2, totals);
	r.sources[1].fail_at = 123;
	assert_int_equal(rig_run(&r, 4, 0), -EIO);
	assert_int_equal(r.checkpoints, 0);
	assert_int_equal(r.sources[1].at, 123);
	assert_true(positions_exact(&r));
	rig_free(&r);
}

static void test_worker_error(void **state)
{
	static const uint64_t totals[] = {500, 5000};
	struct rig r;

	(void)state;
	for (unsigned workers = 1; workers <= MAX_WORKERS; workers++) {
		rig_init(&r, 2, totals);
		r.fail_after = 77;
		assert_int_equal(rig_run(&r, workers, 0), -ENOMEM);
		assert_int_equal(r.checkpoints, 0);
		/* the others, and here the failing one too, finished what they held */
		assert_true(positions_exact(&r));
		rig_free(&r);
	}
}

static void test_checkpoint_error(void **state)
{
	static const uint64_t totals[] = {5000};
	struct rig r;

	(void)state;
	rig_init(&r, 1, totals);
	r.refuse = -ENOSPC;
	assert_int_equal(rig_run(&r, 4, 1), -ENOSPC);
	assert_int_equal(r.checkpoints, 1);
	assert_int_equal(r.finals, 0);
	assert_true(r.sources[0].at < totals[0]);
	assert_true(positions_exact(&r));
	rig_free(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all),
		cmocka_unit_test(test_checkpoints),
		cmocka_unit_test(test_in_turn),
		cmocka_unit_test(test_stop_and_resume),
		cmocka_unit_test(test_stop_from_outside),
		cmocka_unit_test(test_source_error),
		cmocka_unit_test(test_worker_error),
		cmocka_unit_test(test_checkpoint_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
