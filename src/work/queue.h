/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A bounded queue of pointers between threads. A full queue blocks its producers, an empty one its
 * consumers.
 */
#ifndef HS_WORK_QUEUE_H
#define HS_WORK_QUEUE_H

#include <stddef.h>

#include "base/err.h"

struct hs_queue;

errint_t hs_queue_new(size_t limit, struct hs_queue **out);

/* Must be empty, closed or abandoned by all threads. NULL is allowed. */
void hs_queue_free(struct hs_queue *q);

/* Blocks while full. -EPIPE once the queue is closed: the item stays the caller's. */
errint_t hs_queue_push(struct hs_queue *q, void *item);

/* Blocks while empty. NULL once the queue is closed and empty. */
void *hs_queue_pop(struct hs_queue *q);

/* No more pushes; consumers drain what is left. */
void hs_queue_close(struct hs_queue *q);

#endif
