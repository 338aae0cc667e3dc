/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The undo file of e2fsprogs ("E2UNDO02"): decoding and encoding its header and key blocks, and
 * reading a whole one.
 *
 * The format, as e2undo(8) reads it: block 0 begins with a header of 512 bytes; another block holds
 * a copy of the superblock as it is after the changes, with its magic number inverted; from
 * first_key_block on, key blocks alternate with the data their keys announce. Each key block but
 * the last is full. A key is a block of the file system, a number of bytes and their CRC-32C; the
 * data of each key begin in a block of their own.
 */
#ifndef HS_IO_UNDOFILE_H
#define HS_IO_UNDOFILE_H

#include <stdbool.h>

#include "base/strbuf.h"
#include "io/io.h"

#define HS_UNDO_HEADER	    512u
#define HS_UNDO_KEY	    16u	 /* bytes, and so is what stands before the keys of a block */
#define HS_UNDO_KEY_BLOCKS  512u /* a key has no more undo blocks of data than this */
#define HS_UNDO_FINISHED    1u
#define HS_UNDO_SUPER	    1024u /* bytes of a superblock, and its offset on the device */
#define HS_UNDO_SUPER_MAGIC 56u	  /* offset of the magic number in it */

struct hs_undo_header {
	uint64_t keys;
	uint64_t super_block;	  /* block of the undo file */
	uint64_t first_key_block; /* likewise */
	uint32_t block_size;	  /* of the undo file, bytes */
	uint32_t fs_block_size;	  /* keys count blocks of this size */
	uint32_t super_crc;	  /* of the superblock before its magic was inverted */
	uint32_t state;		  /* HS_UNDO_FINISHED */
	uint32_t compat, incompat, rocompat;
	uint64_t fs_offset; /* bytes; not supported here other than 0 */
};

/* NULL, or what is wrong with it. */
const char *hs_undo_header_decode(const uint8_t buf[HS_UNDO_HEADER], struct hs_undo_header *out);
void hs_undo_header_encode(const struct hs_undo_header *h, uint8_t buf[HS_UNDO_HEADER]);

struct hs_undo_key {
	uint64_t block;	   /* of the file system */
	uint64_t at;	   /* bytes into the undo file; not stored */
	uint32_t crc, len; /* of the data */
};

static inline uint32_t hs_undo_keys_in(uint32_t block_size)
{
	return block_size / HS_UNDO_KEY - 1;
}

/*
 * The first n keys of a key block that lies at byte `at` of the file; n is at most
 * hs_undo_keys_in(). False when magic number or checksum are wrong, or a key is too long. *next is
 * where the next key block begins.
 */
bool hs_undo_keys_decode(const uint8_t *block, const struct hs_undo_header *h, uint64_t at,
			 uint32_t n, struct hs_undo_key *out, uint64_t *next);
void hs_undo_keys_encode(const struct hs_undo_key *keys, uint32_t n, uint8_t *block,
			 uint32_t block_size);

/* All of a file. */
struct hs_undo_file {
	struct hs_undo_header header;
	struct hs_undo_key *keys; /* in the order of the file, empty ones left out */
	size_t n, room;
	uint64_t end;			 /* bytes in use: where the next key block would begin */
	uint8_t super[HS_UNDO_SUPER];	 /* as the device should have it */
	uint8_t original[HS_UNDO_SUPER]; /* as it was before the first change; the same if none */
};

/*
 * Reads header, superblock and keys, and verifies the checksum of all data (`data`), so that a
 * file that loads can be restored in full. -EUCLEAN and one sentence in `why` when it is no undo
 * file or is damaged; other errors: it could not be read. Nothing is allocated on error.
 */
errint_t hs_undo_file_load(struct hs_io *file, bool data, struct hs_undo_file *out,
			   struct hs_strbuf *why);
void hs_undo_file_free(struct hs_undo_file *f);

/*
 * Whether the device with this superblock is what the file was made for, and nobody else has
 * written it since. A change that was interrupted may have left the counts of free blocks and
 * inodes behind; time of the last write and lifetime writes are those of the file's superblock or
 * the original ones. NULL, or what differs.
 */
const char *hs_undo_file_fits(const struct hs_undo_file *f, const uint8_t super[HS_UNDO_SUPER]);

/*
 * Writes everything back, the superblock's block and `late` last (the block that keeps others from
 * mounting the target; 0: none), and flushes. Can be repeated as often as it is interrupted.
 * -ENXIO before the first write when a block lies beyond the device.
 */
errint_t hs_undo_file_restore(const struct hs_undo_file *f, struct hs_io *file, struct hs_io *dev,
			      uint64_t late, struct hs_strbuf *why);

/* Whether it has a record of the block. */
bool hs_undo_file_has(const struct hs_undo_file *f, uint64_t block);

#endif
