/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The blocks a transaction is about to write, durable before the first of them is written: an
 * interrupted one is finished from here, so that it takes place whole or not at all.
 *
 * The file, little endian: 512 bytes of header (magic "HSREDO01", block size u32, checksum of the
 * index u32, number of blocks u64, UUID of the file system 16 bytes, ... CRC-32C of the first 508
 * bytes u32); the index, for each block its number u64, the CRC-32C of its image u32, four zero
 * bytes; from the next multiple of the block size on the images. A file that is not whole is one
 * whose transaction did not begin.
 */
#ifndef HS_IO_REDO_H
#define HS_IO_REDO_H

#include "base/strbuf.h"
#include "io/io.h"

#define HS_REDO_HEADER 512u

struct hs_redo_header {
	uint32_t block_size;
	uint32_t index_crc;
	uint64_t blocks;
	uint8_t uuid[16];
};

/* 0 when this is no whole header. */
int hs_redo_header_decode(const uint8_t buf[HS_REDO_HEADER], struct hs_redo_header *out);

/* One file, kept open for transaction after transaction. */
struct hs_redo;

/*
 * Finishes what the file holds: a whole transaction is written to `dev` and flushed; *finished
 * tells. -ESTALE when it is of another file system. A missing file is created.
 */
errint_t hs_redo_open(const char *path, struct hs_io *dev, uint32_t block_size,
		      const uint8_t uuid[16], struct hs_redo **out, int *finished,
		      struct hs_strbuf *why);

/* Makes the images of the stage's blocks durable. */
errint_t hs_redo_write(struct hs_redo *r, struct hs_io *stage, const uint64_t *blocks, size_t n);

/* The transaction has been written and flushed: its images are no longer needed. */
errint_t hs_redo_done(struct hs_redo *r);

/* Deletes the file unless a transaction is under way. NULL is allowed. */
void hs_redo_close(struct hs_redo *r);

#endif
