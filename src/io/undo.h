/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A layer that makes writes revocable: what a block held is durable in an undo file before the
 * block is written for the first time. The file is e2fsprogs' (io/undofile.h); e2undo(8) takes the
 * changes back as hs_undo_file_restore() does.
 *
 * Guarantee: whatever instant the process or the machine dies, the file is whole and holds the
 * former contents of every block that was written. Nothing that it relies on is ever overwritten:
 * each group of records gets key blocks of its own, filled up with empty keys, and becomes valid by
 * the write of one sector, the header. The one thing that cannot be in step at each instant is the
 * copy of the superblock, which e2undo compares with the device: it is replaced right before the
 * superblock is written, so that between the two (and if that write is torn) e2undo wants -f;
 * hs_undo_file_fits() does not mind.
 *
 * Reads and channels pass through. One thread writes.
 */
#ifndef HS_IO_UNDO_H
#define HS_IO_UNDO_H

#include "base/strbuf.h"
#include "io/io.h"

/*
 * `path` is created by the first record; if it exists it is continued, after it was verified:
 * -EUCLEAN when it is damaged, -ESTALE when it was made for another file system or another state of
 * this one. block_size is the file system's, 1024 to 65536. The layer owns `below`, also on error.
 */
errint_t hs_undo_open(struct hs_io *below, const char *path, uint32_t block_size,
		      struct hs_io **out, struct hs_strbuf *why);

/*
 * Saves the blocks that [off, off + len) touches and that are not saved yet. Not durable before
 * hs_undo_sync(), which takes two fsyncs however much there is. A write of a block that is not
 * durably saved does both by itself.
 */
errint_t hs_undo_record(struct hs_io *undo, uint64_t off, uint64_t len);
errint_t hs_undo_sync(struct hs_io *undo);

/* Whether the block at this byte has a record. */
int hs_undo_has(struct hs_io *undo, uint64_t off);

#endif
