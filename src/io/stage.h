/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A layer that keeps what is written in memory, as images of whole blocks, until it is told to pass
 * them on: readers above see the changes, the device does not. Changes since a mark can be dropped
 * again. One thread.
 */
#ifndef HS_IO_STAGE_H
#define HS_IO_STAGE_H

#include "io/io.h"

/* Blocks of 1024 to 65536 bytes, a power of two. The layer owns `below`, also on error. */
errint_t hs_stage_open(struct hs_io *below, uint32_t block_size, struct hs_io **out);

/*
 * A mark: hs_stage_cancel() puts everything back to what it was at the last hs_stage_mark(). It
 * cannot fail.
 */
void hs_stage_mark(struct hs_io *stage);
void hs_stage_cancel(struct hs_io *stage);

/*
 * Blocks that differ from the device, ascending; the array is the caller's to free. `since_mark`:
 * only those that were changed since then.
 */
errint_t hs_stage_list(struct hs_io *stage, int since_mark, uint64_t **blocks, size_t *n);

/* How many there may be, and the bytes they take. */
size_t hs_stage_count(const struct hs_io *stage);

/* The image of a block, NULL if the block is as below. Valid until the next write. */
const uint8_t *hs_stage_image(struct hs_io *stage, uint64_t block);

/* Forgets all images, without writing them. */
void hs_stage_drop(struct hs_io *stage);

#endif
