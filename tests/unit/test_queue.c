/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bounded queue: order, bounds, closing, and that no item is lost or doubled. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "work/queue.h"
#include "work/team.h"

static void nap_ms(long ms)
{
	struct timespec ts = {0, ms * 1000000};

	nanosleep(&ts, NULL);
}

static void test_order(void **state)
{
	struct hs_queue *q;
	int v[10];

	(void)state;
	assert_int_equal(hs_queue_new(0, &q), -EINVAL);
	assert_int_equal(hs_queue_new(SIZE_MAX, &q), -ENOMEM);
	assert_int_equal(hs_queue_new(3, &q), 0);
	assert_int_equal(hs_queue_push(q, NULL), -EINVAL);
	/* out of step with the ring's size, so that every index wraps */
	for (int i = 0; i < 10; i++) {
		assert_int_equal(hs_queue_push(q, &v[i]), 0);
		if (i > 0)
			assert_ptr_equal(hs_queue_pop(q), &v[i - 1]);
	}
	hs_queue_close(q);
	assert_int_equal(hs_queue_push(q, &v[0]), -EPIPE);
	assert_ptr_equal(hs_queue_pop(q), &v[9]);
	assert_null(hs_queue_pop(q));
	assert_null(hs_queue_pop(q));
	hs_queue_free(q);
	hs_queue_free(NULL);
}

#define ITEMS	20000
#define WORKERS 4
#define LIMIT	7

struct flow {
	struct hs_queue *q;
	atomic_int seen[ITEMS];
	atomic_int producers;
	atomic_int outstanding, most;
	int items[ITEMS];
};

/* Half of the team produces, half consumes. */
static errint_t flow_worker(unsigned worker, void *arg)
{
	struct flow *f = arg;
	int *item;

	if (worker < WORKERS / 2) {
		for (int i = (int)worker; i < ITEMS; i += WORKERS / 2) {
			errint_t rc = hs_queue_push(f->q, &f->items[i]);
			int n;

			if (rc)
				return rc;
			n = atomic_fetch_add(&f->outstanding, 1) + 1;
			for (int m = f->most; n > m;) {
				if (atomic_compare_exchange_weak(&f->most, &m, n))
					break;
			}
		}
		if (atomic_fetch_sub(&f->producers, 1) == 1)
			hs_queue_close(f->q);
		return 0;
	}
	while ((item = hs_queue_pop(f->q))) {
		atomic_fetch_sub(&f->outstanding, 1);
		atomic_fetch_add(&f->seen[item - f->items], 1);
	}
	return 0;
}

static void test_flow(void **state)
{
	struct flow *f = calloc(1, sizeof(*f));

	(void)state;
	assert_int_equal(hs_queue_new(LIMIT, &f->q), 0);
	f->producers = WORKERS / 2;
	assert_int_equal(hs_team_run(WORKERS, flow_worker, f), 0);
	for (int i = 0; i < ITEMS; i++)
		assert_int_equal(f->seen[i], 1);
	/* the count is taken outside of the queue's lock: consumers hold up to one each */
	assert_in_range(f->most, 1, LIMIT + WORKERS);
	hs_queue_free(f->q);
	free(f);
}

struct blocked {
	struct hs_queue *q;
	errint_t rc;
	void *got;
	atomic_int done;
};

static void push_blocked(void *arg)
{
	struct blocked *b = arg;

	b->rc = hs_queue_push(b->q, b);
	b->done = 1;
}

static void pop_blocked(void *arg)
{
	struct blocked *b = arg;

	b->got = hs_queue_pop(b->q);
	b->done = 1;
}

static void test_close_wakes(void **state)
{
	struct blocked b = {0};
	struct hs_side *side;
	int x;

	(void)state;
	assert_int_equal(hs_queue_new(1, &b.q), 0);
	assert_int_equal(hs_queue_push(b.q, &x), 0);
	assert_int_equal(hs_side_start(push_blocked, &b, &side), 0);
	nap_ms(20);
	assert_int_equal(b.done, 0);
	hs_queue_close(b.q);
	hs_side_join(side);
	assert_int_equal(b.rc, -EPIPE);
	assert_ptr_equal(hs_queue_pop(b.q), &x);
	hs_queue_free(b.q);

	b = (struct blocked){.got = &x};
	assert_int_equal(hs_queue_new(1, &b.q), 0);
	assert_int_equal(hs_side_start(pop_blocked, &b, &side), 0);
	nap_ms(20);
	assert_int_equal(b.done, 0);
	hs_queue_close(b.q);
	hs_side_join(side);
	assert_null(b.got);
	hs_queue_free(b.q);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_flow),
		cmocka_unit_test(test_close_wakes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
