/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sets of names, for finding one that was met before. Names are hashed by the caller and compared
 * exactly. One thread.
 */
#ifndef HS_LDISKFS_DUPNAMES_H
#define HS_LDISKFS_DUPNAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* The names of one block: refers to the block's bytes and is emptied in no time. */
struct hs_leafnames {
	struct hs_leafname {
		uint64_t hash;
		uint32_t turn;	 /* the slot is in use if this is the set's */
		uint32_t offset; /* of the record in the block */
	} * slots;
	uint32_t mask;
	uint32_t turn;
};

errint_t hs_leafnames_init(struct hs_leafnames *s, uint32_t block_size);
void hs_leafnames_free(struct hs_leafnames *s);
void hs_leafnames_clear(struct hs_leafnames *s);

/* Adds the entry at `offset` of `block`; true if the block has had one with that name. */
bool hs_leafnames_add(struct hs_leafnames *s, uint64_t hash, const uint8_t *block, uint32_t offset);

/* The names of a whole directory: keeps copies, up to a limit. */
#define HS_DIRNAMES_LIMIT (64u << 20) /* bytes */

struct hs_dirnames {
	struct hs_dirname {
		uint64_t hash;
		uint32_t at; /* in text, plus 1; 0: empty */
	} * slots;
	size_t room; /* slots, a power of two or 0 */
	size_t n;
	uint8_t *text; /* a length byte and the name, one after the other */
	size_t text_len, text_room;
};

void hs_dirnames_free(struct hs_dirnames *s);
void hs_dirnames_clear(struct hs_dirnames *s);

/* 1 the name was there, 0 it is new and kept, -ENOSPC new but the limit is reached, -ENOMEM. */
int hs_dirnames_add(struct hs_dirnames *s, uint64_t hash, const uint8_t *name, uint8_t len);

#endif
