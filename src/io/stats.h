/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A layer that counts.
 */
#ifndef HS_IO_STATS_H
#define HS_IO_STATS_H

#include "io/io.h"

struct hs_io_stats {
	uint64_t reads;	     /* requests */
	uint64_t read_bytes; /* bytes asked for */
	uint64_t failed;     /* requests that ended in an error */
	uint64_t writes;
	uint64_t write_bytes;
};

/* The layer owns `below`. */
errint_t hs_stats_open(struct hs_io *below, struct hs_io **out);

/* A consistent copy is not needed for progress lines: each field is exact, the set is not. */
void hs_stats_get(struct hs_io *stats, struct hs_io_stats *out);

#endif
