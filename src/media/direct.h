/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading a device through its I/O interface, with a buffer for each worker. Open the device with
 * HS_DEVICE_DIRECT: what the page cache holds says nothing about the medium.
 */
#ifndef HS_MEDIA_DIRECT_H
#define HS_MEDIA_DIRECT_H

#include "io/io.h"
#include "media/scan.h"

/*
 * For `workers` workers and requests of at most `limit` bytes. `io` is the caller's and outlives
 * the reader.
 */
errint_t hs_media_direct_new(struct hs_io *io, unsigned workers, uint64_t limit,
			     struct hs_media_reader **out);
void hs_media_direct_free(struct hs_media_reader *reader); /* NULL is allowed */

#endif
