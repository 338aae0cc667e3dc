/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A bandwidth limit that several threads share: a token bucket. It starts with what one
 * HS_PACE_BURST_NS earns and never holds more, so that a pause is not made up for by a burst.
 */
#ifndef HS_WORK_PACE_H
#define HS_WORK_PACE_H

#include <pthread.h>
#include <stdint.h>

#include "base/err.h"
#include "work/pipeline.h"

#define HS_PACE_BURST_NS UINT64_C(100000000)

struct hs_pace {
	pthread_mutex_t lock;
	uint64_t rate;	  /* units a second; 0: no limit */
	uint64_t free_at; /* monotonic, ns: when everything taken so far is paid for */
};

/* `now`: hs_now_ns(). */
errint_t hs_pace_init(struct hs_pace *p, uint64_t rate, uint64_t now);
void hs_pace_destroy(struct hs_pace *p);

/* Takes n units and says how many ns the taker must wait before it uses them. Any thread. */
uint64_t hs_pace_book(struct hs_pace *p, uint64_t n, uint64_t now);

/* Takes n units and waits; -ECANCELED as soon as *stop (may be NULL) is requested. Any thread. */
errint_t hs_pace_take(struct hs_pace *p, uint64_t n, const struct hs_stop *stop);

#endif
