/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A layer that fails or alters chosen reads: how a bad sector or a damaged block is planted.
 */
#ifndef HS_IO_FAULT_H
#define HS_IO_FAULT_H

#include "io/io.h"

/* The layer owns `below`. */
errint_t hs_fault_open(struct hs_io *below, struct hs_io **out);

/*
 * Every read that touches [off, off + len) fails with `err` (negative errno), from now on. Ranges
 * may be added before channels are opened, not while reads are in flight. Where several overlap the
 * one that begins last decides. The buffer of a failed read is overwritten. -EINVAL for an err that
 * is none and for a range beyond 64 bits.
 */
errint_t hs_fault_add(struct hs_io *fault, uint64_t off, uint64_t len, errint_t err);

/*
 * Reads see these bytes instead of what lies at off, whatever is written there. Copied. Where
 * several overlap the newest wins.
 */
errint_t hs_fault_replace(struct hs_io *fault, uint64_t off, const void *bytes, size_t len);

#endif
