/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Growing an array by doubling, with overflow checks.
 */
#ifndef HS_BASE_ARRAY_H
#define HS_BASE_ARRAY_H

#include <stddef.h>

#include "base/err.h"

/*
 * Makes *items (elements of `size` bytes, room for *room of them) hold at least `want` elements.
 * Returns -ENOMEM and leaves everything as it was when memory is short or the size overflows.
 */
errint_t hs_array_reserve(void **items, size_t *room, size_t want, size_t size);

/* The same for a typed pointer: hs_array_grow(&a->items, &a->room, a->count + 1). */
#define hs_array_grow(items, room, want)                                                           \
	hs_array_reserve((void **)(items), (room), (want), sizeof(**(items)))

#endif
