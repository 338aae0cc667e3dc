/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Threads. A new thread inherits the signal mask of its creator, so the mask is narrowed around the
 * creation and the creator's own is put back: only threads that existed before see the signals.
 */
#include "work/team.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#define MAX_CPUS (1u << 16)

struct member {
	pthread_t thread;
	hs_team_fn *fn;
	void *arg;
	unsigned worker;
	errint_t rc;
};

struct hs_side {
	pthread_t thread;
	void (*fn)(void *arg);
	void *arg;
};

/* Leaves out what a fault of the thread itself raises: blocking those only hides their report. */
static void block_signals(sigset_t *old)
{
	static const int own[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS};
	sigset_t all;

	sigfillset(&all);
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		sigdelset(&all, own[i]);
	pthread_sigmask(SIG_SETMASK, &all, old);
}

static errint_t start_thread(pthread_t *thread, void *(*fn)(void *), void *arg)
{
	sigset_t old;
	int rc;

	block_signals(&old);
	rc = pthread_create(thread, NULL, fn, arg);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return -rc;
}

static void *member_main(void *p)
{
	struct member *m = p;

	m->rc = m->fn(m->worker, m->arg);
	return NULL;
}

errint_t hs_team_run(unsigned n, hs_team_fn *fn, void *arg)
{
	struct member *members = n > 1 ? calloc(n - 1, sizeof(*members)) : NULL;
	unsigned started = 0;
	errint_t rc;

	while (members && started < n - 1) {
		struct member *m = &members[started];

		*m = (struct member){.fn = fn, .arg = arg, .worker = started + 1};
		if (start_thread(&m->thread, member_main, m))
			break;
		started++;
	}
	rc = fn(0, arg);
	for (unsigned i = 0; i < started; i++) {
		pthread_join(members[i].thread, NULL);
		if (!rc)
			rc = members[i].rc;
	}
	free(members);
	return rc;
}

unsigned hs_team_default_size(void)
{
	long online;

	/* the kernel refuses a set smaller than its own with EINVAL */
	for (unsigned cpus = 1024; cpus <= MAX_CPUS; cpus *= 2) {
		cpu_set_t *set = CPU_ALLOC(cpus);
		size_t size = CPU_ALLOC_SIZE(cpus);
		int count = 0;

		if (!set)
			break;
		if (sched_getaffinity(0, size, set) == 0)
			count = CPU_COUNT_S(size, set);
		CPU_FREE(set);
		if (count > 0)
			return (unsigned)count;
	}
	online = sysconf(_SC_NPROCESSORS_ONLN);
	return online > 0 ? (unsigned)online : 1;
}

static void *side_main(void *p)
{
	struct hs_side *side = p;

	side->fn(side->arg);
	return NULL;
}

errint_t hs_side_start(void (*fn)(void *arg), void *arg, struct hs_side **out)
{
	struct hs_side *side = malloc(sizeof(*side));
	errint_t rc;

	if (!side)
		return -ENOMEM;
	side->fn = fn;
	side->arg = arg;
	rc = start_thread(&side->thread, side_main, side);
	if (rc) {
		free(side);
		return rc;
	}
	*out = side;
	return 0;
}

void hs_side_join(struct hs_side *side)
{
	if (!side)
		return;
	pthread_join(side->thread, NULL);
	free(side);
}
