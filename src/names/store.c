/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Storage of a domain's names. Everything grows by doubling within the limit; the tables are at
 * most three quarters full, so that a walk over one hash is short.
 */
#include "names/store.h"

#include <stdlib.h>
#include <string.h>

#define SLOTS_FIRST 64
#define ITEMS_FIRST 64
/* What is kept for the next domain: bytes of names and records, slots of a table. */
#define KEEP_BYTES ((size_t)1 << 20)
#define KEEP_SLOTS 256

void names_store_init(struct names_store *s, size_t limit)
{
	memset(s, 0, sizeof(*s));
	s->limit = limit < UINT32_MAX ? limit : UINT32_MAX;
}

void names_store_free(struct names_store *s)
{
	free(s->bytes);
	free(s->names);
	for (size_t k = 0; k < STORE_KEYS; k++)
		free(s->tables[k].slots);
	names_store_init(s, s->limit);
}

void names_store_reset(struct names_store *s)
{
	for (size_t k = 0; k < STORE_KEYS; k++) {
		struct names_store_table *t = &s->tables[k];

		if (t->size > KEEP_SLOTS) {
			free(t->slots);
			t->slots = NULL;
			t->size = 0;
		} else if (t->used != 0) {
			memset(t->slots, 0, t->size * sizeof(*t->slots));
		}
		t->used = 0;
	}
	if (names_store_memory(s) > KEEP_BYTES) {
		names_store_free(s);
		return;
	}
	s->bytes_used = 0;
	s->count = 0;
}

size_t names_store_memory(const struct names_store *s)
{
	size_t n = s->bytes_room + s->names_room * sizeof(*s->names);

	for (size_t k = 0; k < STORE_KEYS; k++)
		n += s->tables[k].size * sizeof(*s->tables[k].slots);
	return n;
}

struct names_stored *names_store_next(struct names_store *s, enum store_key key, uint32_t hash,
				      size_t *at)
{
	const struct names_store_table *t = &s->tables[key];
	size_t mask = t->size - 1;

	if (t->size == 0)
		return NULL;
	/* *at is the number of slots passed; a free slot always exists */
	for (;;) {
		uint64_t slot = t->slots[(hash + *at) & mask];

		if (slot == 0)
			return NULL;
		(*at)++;
		if (slot >> 32 == hash)
			return &s->names[(uint32_t)slot - 1];
	}
}

static void enter(struct names_store_table *t, uint64_t slot)
{
	size_t mask = t->size - 1, i = (slot >> 32) & mask;

	while (t->slots[i] != 0)
		i = (i + 1) & mask;
	t->slots[i] = slot;
	t->used++;
}

/* Makes an array of `room` elements hold `want`, or returns false. */
static bool grow(struct names_store *s, void **items, size_t *room, size_t want, size_t size)
{
	size_t n = *room ? *room : ITEMS_FIRST;
	void *p;

	while (n < want)
		n *= 2;
	if (n == *room)
		return true;
	if (names_store_memory(s) + (n - *room) * size > s->limit)
		return false;
	p = realloc(*items, n * size);
	if (!p)
		return false;
	*items = p;
	*room = n;
	return true;
}

/* Makes room for one more slot, or returns false. */
static bool table_grow(struct names_store *s, struct names_store_table *t)
{
	struct names_store_table bigger = {.size = t->size ? t->size * 2 : SLOTS_FIRST};

	if ((t->used + 1) * 4 <= t->size * 3)
		return true;
	if (names_store_memory(s) + bigger.size * sizeof(*bigger.slots) > s->limit)
		return false;
	bigger.slots = calloc(bigger.size, sizeof(*bigger.slots));
	if (!bigger.slots)
		return false;
	for (size_t i = 0; i < t->size; i++) {
		if (t->slots[i] != 0)
			enter(&bigger, t->slots[i]);
	}
	free(t->slots);
	*t = bigger;
	return true;
}

bool names_store_add(struct names_store *s, struct names_stored *name, const uint8_t *bytes,
		     const uint32_t hash[STORE_KEYS], unsigned int keys)
{
	void *b = s->bytes, *n = s->names;
	bool fits;

	fits = grow(s, &b, &s->bytes_room, s->bytes_used + name->len, 1) &&
	       grow(s, &n, &s->names_room, s->count + 1, sizeof(*s->names));
	s->bytes = b;
	s->names = n;
	for (size_t k = 0; fits && k < STORE_KEYS; k++) {
		if (keys & (1u << k))
			fits = table_grow(s, &s->tables[k]);
	}
	if (!fits)
		return false;
	name->at = (uint32_t)s->bytes_used;
	memcpy(s->bytes + s->bytes_used, bytes, name->len);
	s->bytes_used += name->len;
	s->names[s->count++] = *name;
	for (size_t k = 0; k < STORE_KEYS; k++) {
		if (keys & (1u << k))
			enter(&s->tables[k], (uint64_t)hash[k] << 32 | (uint32_t)s->count);
	}
	return true;
}
