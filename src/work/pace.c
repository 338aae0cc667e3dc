/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "work/pace.h"

#include <time.h>

#include "base/clock.h"

/* How long a stop may go unseen. */
#define NAP_NS UINT64_C(50000000)

#define SECOND_NS UINT64_C(1000000000)

errint_t hs_pace_init(struct hs_pace *p, uint64_t rate, uint64_t now)
{
	p->rate = rate;
	p->free_at = now;
	return -pthread_mutex_init(&p->lock, NULL);
}

void hs_pace_destroy(struct hs_pace *p)
{
	pthread_mutex_destroy(&p->lock);
}

/* n * SECOND_NS / rate without overflow for any n that anybody waits for. */
static uint64_t cost(uint64_t n, uint64_t rate)
{
	return n / rate * SECOND_NS + (uint64_t)((double)(n % rate) * 1e9 / (double)rate);
}

uint64_t hs_pace_book(struct hs_pace *p, uint64_t n, uint64_t now)
{
	uint64_t wait;

	if (!p->rate)
		return 0;
	pthread_mutex_lock(&p->lock);
	if (p->free_at + HS_PACE_BURST_NS < now)
		p->free_at = now - HS_PACE_BURST_NS;
	wait = p->free_at > now ? p->free_at - now : 0;
	p->free_at += cost(n, p->rate);
	pthread_mutex_unlock(&p->lock);
	return wait;
}

errint_t hs_pace_take(struct hs_pace *p, uint64_t n, const struct hs_stop *stop)
{
	uint64_t wait = hs_pace_book(p, n, hs_now_ns());

	while (wait) {
		uint64_t nap = wait < NAP_NS ? wait : NAP_NS;
		struct timespec t = {.tv_nsec = (long)nap};

		if (stop && atomic_load_explicit(&stop->requested, memory_order_relaxed))
			return -ECANCELED;
		nanosleep(&t, NULL);
		wait -= nap;
	}
	return 0;
}
