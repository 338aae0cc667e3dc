/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Image files as memory that may be damaged and restored: writes stay private, reads are noted.
 */
#ifndef HS_TESTS_MEMIO_H
#define HS_TESTS_MEMIO_H

#include <stdbool.h>

#include "io/io.h"

#define MEM_BLOCK 4096u

struct memdev {
	char name[32];
	uint8_t *base;
	uint64_t size;	  /* of the file */
	uint64_t seen;	  /* size that readers see: smaller is a truncated image */
	uint8_t *touched; /* bitmap of blocks that were read, while noting */
	bool noting;
};

bool memdev_open(struct memdev *d, const char *path);
void memdev_close(struct memdev *d);

/* An io on it; any number of them. The device must outlive it. */
errint_t memio_open(struct memdev *d, struct hs_io **out);

static inline bool memdev_touched(const struct memdev *d, uint64_t block)
{
	return d->touched[block / 8] >> (block % 8) & 1;
}

#endif
