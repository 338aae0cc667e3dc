/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "media/bad.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"

errint_t hs_media_bad_init(struct hs_media_bad *bad)
{
	memset(bad, 0, sizeof(*bad));
	return -pthread_mutex_init(&bad->lock, NULL);
}

void hs_media_bad_free(struct hs_media_bad *bad)
{
	free(bad->ranges);
	pthread_mutex_destroy(&bad->lock);
}

/* Index of the first range that ends at or behind `at`. */
static size_t first_reaching(const struct hs_media_bad *bad, uint64_t at)
{
	size_t lo = 0, hi = bad->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (bad->ranges[mid].start + bad->ranges[mid].len < at)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static errint_t add(struct hs_media_bad *bad, uint64_t start, uint64_t end)
{
	size_t first = first_reaching(bad, start), behind = first;
	errint_t rc;

	while (behind < bad->n && bad->ranges[behind].start <= end) {
		const struct hs_media_range *r = &bad->ranges[behind++];

		if (r->start < start)
			start = r->start;
		if (r->start + r->len > end)
			end = r->start + r->len;
	}
	if (behind == first) {
		rc = hs_array_grow(&bad->ranges, &bad->room, bad->n + 1);
		if (rc)
			return rc;
	}
	memmove(&bad->ranges[first + 1], &bad->ranges[behind],
		(bad->n - behind) * sizeof(*bad->ranges));
	bad->n = bad->n - (behind - first) + 1;
	bad->ranges[first] = (struct hs_media_range){start, end - start};
	return 0;
}

errint_t hs_media_bad_add(struct hs_media_bad *bad, uint64_t start, uint64_t len)
{
	uint64_t end;
	errint_t rc;

	if (len == 0 || __builtin_add_overflow(start, len, &end))
		return -EINVAL;
	pthread_mutex_lock(&bad->lock);
	rc = add(bad, start, end);
	pthread_mutex_unlock(&bad->lock);
	return rc;
}

size_t hs_media_bad_take(struct hs_media_bad *bad, struct hs_media_range **out)
{
	size_t n;

	pthread_mutex_lock(&bad->lock);
	n = bad->n;
	*out = n ? bad->ranges : NULL;
	if (n) {
		bad->ranges = NULL;
		bad->n = bad->room = 0;
	}
	pthread_mutex_unlock(&bad->lock);
	return n;
}
