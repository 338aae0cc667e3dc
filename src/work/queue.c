/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The bounded queue: a ring of pointers under one mutex. Its items are coarse, so a lock per item
 * costs nothing that could be measured against the work behind it.
 */
#include "work/queue.h"

#include <pthread.h>
#include <stdlib.h>

struct hs_queue {
	pthread_mutex_t lock;
	pthread_cond_t not_full;
	pthread_cond_t not_empty;
	size_t limit;
	size_t head; /* of the oldest item */
	size_t count;
	int closed;
	void *items[];
};

errint_t hs_queue_new(size_t limit, struct hs_queue **out)
{
	struct hs_queue *q;
	size_t bytes;

	if (limit == 0)
		return -EINVAL;
	if (__builtin_mul_overflow(limit, sizeof(q->items[0]), &bytes) ||
	    __builtin_add_overflow(bytes, sizeof(*q), &bytes))
		return -ENOMEM;
	q = calloc(1, bytes);
	if (!q)
		return -ENOMEM;
	q->limit = limit;
	pthread_mutex_init(&q->lock, NULL);
	pthread_cond_init(&q->not_full, NULL);
	pthread_cond_init(&q->not_empty, NULL);
	*out = q;
	return 0;
}

void hs_queue_free(struct hs_queue *q)
{
	if (!q)
		return;
	pthread_cond_destroy(&q->not_empty);
	pthread_cond_destroy(&q->not_full);
	pthread_mutex_destroy(&q->lock);
	free(q);
}

errint_t hs_queue_push(struct hs_queue *q, void *item)
{
	errint_t rc = 0;

	if (!item)
		return -EINVAL; /* a popped NULL means the end */
	pthread_mutex_lock(&q->lock);
	while (q->count == q->limit && !q->closed)
		pthread_cond_wait(&q->not_full, &q->lock);
	if (q->closed) {
		rc = -EPIPE;
	} else {
		size_t room = q->limit - q->head;

		q->items[q->count < room ? q->head + q->count : q->count - room] = item;
		q->count++;
		pthread_cond_signal(&q->not_empty);
	}
	pthread_mutex_unlock(&q->lock);
	return rc;
}

void *hs_queue_pop(struct hs_queue *q)
{
	void *item = NULL;

	pthread_mutex_lock(&q->lock);
	while (q->count == 0 && !q->closed)
		pthread_cond_wait(&q->not_empty, &q->lock);
	if (q->count) {
		item = q->items[q->head];
		q->head = q->head + 1 == q->limit ? 0 : q->head + 1;
		q->count--;
		pthread_cond_signal(&q->not_full);
	}
	pthread_mutex_unlock(&q->lock);
	return item;
}

void hs_queue_close(struct hs_queue *q)
{
	pthread_mutex_lock(&q->lock);
	q->closed = 1;
	pthread_cond_broadcast(&q->not_full);
	pthread_cond_broadcast(&q->not_empty);
	pthread_mutex_unlock(&q->lock);
}
