/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One directory block, decoded entry by entry: pure functions of the block's bytes
 * (format notes, section 5).
 */
#ifndef HS_LDISKFS_DIRBLOCK_H
#define HS_LDISKFS_DIRBLOCK_H

#include <stddef.h>

#include "base/bytes.h"
#include "ldiskfs/dir.h"

#define HS_DIRENT_HEADER 8u
#define HS_DIRENT_MIN	 12u /* shortest record */

struct hs_dirblock {
	const uint8_t *buf;
	uint32_t len; /* the whole block, a power of two from 1024 to 65536 */
	uint32_t pos; /* of the next record */
	bool dirdata; /* the file system has the feature */
};

static inline struct hs_dirblock hs_dirblock_begin(const uint8_t *buf, uint32_t len, bool dirdata)
{
	return (struct hs_dirblock){.buf = buf, .len = len, .dirdata = dirdata};
}

/*
 * The next entry in use: 1; 0 at the end of the block; -1 when the record at `pos` is impossible:
 * what follows cannot be found. Sets what an entry says of itself; block, wrong_leaf and duplicate
 * are the caller's.
 */
int hs_dirblock_next(struct hs_dirblock *it, struct hs_dirent *e);

/*
 * Where the entries in use start, in the order and as far as hs_dirblock_next() gives them.
 * `offsets` has room for len / HS_DIRENT_MIN of them; returns how many there are.
 */
uint32_t hs_dirblock_offsets(const uint8_t *buf, uint32_t len, uint16_t *offsets);

/* Length of the record at p; blocks of 64 KiB need an escape. */
static inline uint32_t hs_dirent_rec_len(const uint8_t *p, uint32_t block_size)
{
	uint32_t len = hs_get_le16(p + 4);

	if (block_size < 65536)
		return len;
	if (len == 65535 || len == 0)
		return block_size;
	return (len & 65532u) | (len & 3u) << 16;
}

/* Bytes an entry needs, its data included; 0 when its data do not fit into `room` bytes. */
uint32_t hs_dirent_used(const uint8_t *p, uint32_t room, bool dirdata);

#endif
