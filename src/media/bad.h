/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The parts of a device that could not be read: sorted ranges that neither touch nor overlap, so
 * that a dead region costs one entry however large it is.
 *
 * Threads: any, one lock.
 */
#ifndef HS_MEDIA_BAD_H
#define HS_MEDIA_BAD_H

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct hs_media_range {
	uint64_t start, len; /* bytes */
};

struct hs_media_bad {
	pthread_mutex_t lock;
	struct hs_media_range *ranges;
	size_t n, room;
};

errint_t hs_media_bad_init(struct hs_media_bad *bad);
void hs_media_bad_free(struct hs_media_bad *bad);

/* -EINVAL for an empty range and one beyond 64 bits, -ENOMEM. */
errint_t hs_media_bad_add(struct hs_media_bad *bad, uint64_t start, uint64_t len);

/*
 * Hands over all ranges and forgets them: the caller frees *out. *out is NULL when there are none.
 */
size_t hs_media_bad_take(struct hs_media_bad *bad, struct hs_media_range **out);

#endif
