/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Teams: every worker runs once, the first error by number wins, signals stay with the caller. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>

#include "work/team.h"

#define N 8

struct roll {
	atomic_int called[N];
	pthread_t caller;
	atomic_int zero_is_caller;
	atomic_int blocked; /* threads beside the caller that have SIGTERM blocked */
	errint_t rc[N];
};

static int sigterm_blocked(void)
{
	sigset_t set;

	pthread_sigmask(SIG_SETMASK, NULL, &set);
	return sigismember(&set, SIGTERM) && sigismember(&set, SIGINT) &&
	       !sigismember(&set, SIGSEGV);
}

static errint_t answer(unsigned worker, void *arg)
{
	struct roll *r = arg;

	atomic_fetch_add(&r->called[worker], 1);
	if (worker == 0)
		r->zero_is_caller = pthread_equal(pthread_self(), r->caller) && !sigterm_blocked();
	else
		atomic_fetch_add(&r->blocked, sigterm_blocked());
	return r->rc[worker];
}

static void test_team(void **state)
{
	struct roll r = {.caller = pthread_self()};

	(void)state;
	assert_int_equal(hs_team_run(N, answer, &r), 0);
	for (int i = 0; i < N; i++)
		assert_int_equal(r.called[i], 1);
	assert_true(r.zero_is_caller);
	assert_int_equal(r.blocked, N - 1);
	assert_false(sigterm_blocked());
}

static void test_errors(void **state)
{
	struct roll r = {.caller = pthread_self(), .rc = {[3] = -EIO, [5] = -ENOMEM}};

	(void)state;
	assert_int_equal(hs_team_run(N, answer, &r), -EIO);
	r.rc[0] = -EPERM;
	assert_int_equal(hs_team_run(N, answer, &r), -EPERM);
	r.rc[0] = 0;
	assert_int_equal(hs_team_run(1, answer, &r), 0);
}

static void test_default_size(void **state)
{
	cpu_set_t all, one;
	unsigned n = hs_team_default_size();

	(void)state;
	assert_int_equal(sched_getaffinity(0, sizeof(all), &all), 0);
	assert_int_equal(n, CPU_COUNT(&all));
	CPU_ZERO(&one);
	for (int i = 0; i < CPU_SETSIZE; i++) {
		if (CPU_ISSET(i, &all)) {
			CPU_SET(i, &one);
			break;
		}
	}
	assert_int_equal(sched_setaffinity(0, sizeof(one), &one), 0);
	assert_int_equal(hs_team_default_size(), 1);
	assert_int_equal(sched_setaffinity(0, sizeof(all), &all), 0);
}

static void side(void *arg)
{
	int *v = arg;

	*v = sigterm_blocked() ? 42 : -1;
}

static void test_side(void **state)
{
	struct hs_side *s;
	int v = 0;

	(void)state;
	assert_int_equal(hs_side_start(side, &v, &s), 0);
	hs_side_join(s);
	assert_int_equal(v, 42);
	hs_side_join(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_team),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_default_size),
		cmocka_unit_test(test_side),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
