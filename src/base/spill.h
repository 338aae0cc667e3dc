/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A growing block of memory that moves into an unnamed file when it becomes too large to be kept:
 * the kernel then writes it out when memory is short.
 */
#ifndef HS_BASE_SPILL_H
#define HS_BASE_SPILL_H

#include <stddef.h>

#include "base/err.h"

struct hs_spill {
	void *p;      /* page aligned; moves when it grows; NULL while empty */
	size_t bytes; /* usable */
	int file;     /* descriptor + 1; 0: in memory */
};

/* Where and when a block spills. */
struct hs_spill_limit {
	size_t in_memory; /* bytes that may stay; more go to a file */
	const char *dir;  /* of the file; NULL: never */
};

/*
 * Makes at least `bytes` usable; what is new is zero, what was there stays. -ENOMEM, or as the
 * system says when the file cannot be made (a full disk); the block is then as it was. Zero the
 * struct first. One thread.
 */
errint_t hs_spill_grow(struct hs_spill *s, size_t bytes, const struct hs_spill_limit *limit);
void hs_spill_free(struct hs_spill *s);

#endif
