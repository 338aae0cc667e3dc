/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A layer that stops the world in the middle of writing, as a loss of power does: the first writes
 * go through, then one is torn, and nothing that comes later is written any more.
 */
#ifndef HS_IO_CUT_H
#define HS_IO_CUT_H

#include "io/io.h"

#define HS_CUT_SECTOR 512u

/*
 * `writes` go through whole; of the next one only its first `sectors` sectors (all but at least the
 * last byte) are written; it and all later ones and flushes fail with -EIO. The layer owns `below`.
 */
errint_t hs_cut_open(struct hs_io *below, uint64_t writes, uint32_t sectors, struct hs_io **out);

/* Writes that were asked for, and bytes of the longest. */
uint64_t hs_cut_writes(const struct hs_io *cut);
size_t hs_cut_longest(const struct hs_io *cut);

#endif
