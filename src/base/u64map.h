/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A map from 64-bit numbers (blocks, inodes) to 64-bit numbers. Nothing is ever taken out of it.
 */
#ifndef HS_BASE_U64MAP_H
#define HS_BASE_U64MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct hs_u64map {
	struct hs_u64slot {
		uint64_t key;
		uint64_t value;
		bool used;
	} * slots;
	size_t room; /* a power of two, or 0 */
	size_t used;
};

/* All zero is an empty map. */
void hs_u64map_free(struct hs_u64map *m);

/* The place of a key's value, NULL if the key is not there. Valid until the next put. */
uint64_t *hs_u64map_get(const struct hs_u64map *m, uint64_t key);

/* Adds the key or replaces its value. -ENOMEM. */
errint_t hs_u64map_put(struct hs_u64map *m, uint64_t key, uint64_t value);

#endif
