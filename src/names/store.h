/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The names of one domain in little memory: their bytes end to end, a record of 16 bytes each, and
 * two open-addressing tables of hashes with record numbers, one by the hash of the folded form and
 * one by the hash of the skeleton. A walk touches the record of a name only if its whole hash fits,
 * which matters when millions of records lie outside the caches. Knows nothing of Unicode. One
 * thread.
 */
#ifndef HS_NAMES_STORE_H
#define HS_NAMES_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum store_key {
	STORE_FOLD,
	STORE_SKEL,
	STORE_KEYS,
};

struct names_stored {
	uint64_t cookie;
	uint32_t at; /* first byte in the store's bytes */
	uint16_t len;
	uint8_t ascii;
	uint8_t invisible; /* has characters that do not show */
};

struct names_store_table {
	uint64_t *slots; /* hash << 32 | record number + 1, or 0 */
	size_t size;	 /* a power of two, or 0 */
	size_t used;
};

struct names_store {
	size_t limit; /* bytes */
	uint8_t *bytes;
	size_t bytes_room, bytes_used;
	struct names_stored *names;
	size_t names_room, count;
	struct names_store_table tables[STORE_KEYS];
};

void names_store_init(struct names_store *s, size_t limit);
void names_store_free(struct names_store *s);

/* Forgets the names and gives back what an unusually large domain took. */
void names_store_reset(struct names_store *s);

/*
 * The names with this hash, one a call: *at starts at 0; returns NULL after the last. The record
 * stays where it is until the next names_store_add().
 */
struct names_stored *names_store_next(struct names_store *s, enum store_key key, uint32_t hash,
				      size_t *at);

/*
 * Keeps a name and enters it by the keys in the bit mask `keys`, each with its hash. name->at is
 * set here. False when the limit or the machine's memory is reached: the names are as before.
 */
bool names_store_add(struct names_store *s, struct names_stored *name, const uint8_t *bytes,
		     const uint32_t hash[STORE_KEYS], unsigned int keys);

static inline const uint8_t *names_store_bytes(const struct names_store *s,
					       const struct names_stored *n)
{
	return s->bytes + n->at;
}

size_t names_store_memory(const struct names_store *s);

#endif
