/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/array.h"

#include <stdlib.h>

errint_t hs_array_reserve(void **items, size_t *room, size_t want, size_t size)
{
	size_t n = *room ? *room : 16;
	size_t bytes;
	void *p;

	if (want <= *room)
		return 0;
	while (n < want) {
		if (__builtin_mul_overflow(n, 2, &n))
			return -ENOMEM;
	}
	if (__builtin_mul_overflow(n, size, &bytes))
		return -ENOMEM;
	p = realloc(*items, bytes);
	if (!p)
		return -ENOMEM;
	*items = p;
	*room = n;
	return 0;
}
