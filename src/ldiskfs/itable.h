/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The inode tables as a source of work: chunks in disk order, without uninitialised groups and
 * unused tails, and the reader that turns a chunk into inodes.
 */
#ifndef HS_LDISKFS_ITABLE_H
#define HS_LDISKFS_ITABLE_H

#include "ldiskfs/inode.h"
#include "work/pipeline.h"

/* At most this many bytes of inode table in one chunk. */
#define HS_ITABLE_CHUNK (256u * 1024)

struct hs_itable_chunk {
	uint64_t off; /* bytes on the device */
	uint32_t len; /* bytes, a multiple of the inode size */
	uint32_t first_ino;
	uint32_t count;
	uint32_t group;
};

/*
 * A source (work/pipeline.h) of struct hs_itable_chunk; units are inodes, the position is the next
 * inode. Its name is "itable". The fs must outlive it.
 */
errint_t hs_itable_source_new(const struct hs_fs *fs, struct hs_source **out);
void hs_itable_source_free(struct hs_source *src);

/*
 * One worker's reader: keeps several chunks in flight.
 *
 * Protocol: while there is room, submit; then take the oldest chunk; walk its inodes; release it.
 */
struct hs_itable_reader;

struct hs_itable_walk {
	struct hs_itable_chunk chunk;
	const struct hs_fs *fs;
	void *tag;
	errint_t err;	     /* not a single block of the chunk could be read */
	errint_t bitmap_err; /* the inode bitmap could not be read or its checksum is wrong: inodes
				are then judged by nlink and dtime alone */
	const uint8_t *data;
	const uint8_t *bitmap; /* of this group, NULL if bitmap_err */
	const uint64_t *bad;   /* a bit for each unreadable block of the chunk; NULL: none */
	uint32_t first_bit;    /* of the chunk's first inode in the bitmap */
	uint32_t next;	       /* index of the next inode */
};

/* depth: chunks in flight, 1..16. A reader may serve several file systems. One thread. */
errint_t hs_itable_reader_new(unsigned depth, struct hs_itable_reader **out);
void hs_itable_reader_free(struct hs_itable_reader *r); /* waits for what is in flight */
bool hs_itable_reader_full(const struct hs_itable_reader *r);
errint_t hs_itable_submit(struct hs_itable_reader *r, const struct hs_fs *fs,
			  const struct hs_itable_chunk *chunk, void *tag);

/*
 * The oldest chunk, complete: 1, or 0 when none is in flight. When the read of a whole chunk failed
 * it has been tried again block by block; hs_itable_walk_next() reports unreadable inodes.
 */
int hs_itable_take(struct hs_itable_reader *r, struct hs_itable_walk *walk);
void hs_itable_release(struct hs_itable_reader *r, struct hs_itable_walk *walk);

/*
 * Next inode in use: 1; 0 at the end; -EIO: inode out->ino is in use (or may be) but its block
 * could not be read (out->raw is NULL); the walk goes on at the next call.
 */
int hs_itable_walk_next(struct hs_itable_walk *walk, struct hs_inode *out);

#endif
