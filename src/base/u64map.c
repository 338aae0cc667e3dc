/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Open addressing with linear probing, at most three quarters full.
 */
#include "base/u64map.h"

#include <stdlib.h>
#include <string.h>

#define ROOM_MIN 64u

void hs_u64map_free(struct hs_u64map *m)
{
	free(m->slots);
	memset(m, 0, sizeof(*m));
}

/* Multiplication by the golden ratio spreads neighbours; its upper bits are the good ones. */
static size_t first_slot(const struct hs_u64map *m, uint64_t key)
{
	return (size_t)(key * 0x9e3779b97f4a7c15ull >> 20) & (m->room - 1);
}

static struct hs_u64slot *find(const struct hs_u64map *m, uint64_t key)
{
	size_t i = first_slot(m, key);

	while (m->slots[i].used && m->slots[i].key != key)
		i = (i + 1) & (m->room - 1);
	return &m->slots[i];
}

uint64_t *hs_u64map_get(const struct hs_u64map *m, uint64_t key)
{
	struct hs_u64slot *s;

	if (!m->used)
		return NULL;
	s = find(m, key);
	return s->used ? &s->value : NULL;
}

static errint_t grow(struct hs_u64map *m)
{
	struct hs_u64map bigger = {.room = m->room ? m->room * 2 : ROOM_MIN, .used = m->used};

	bigger.slots = calloc(bigger.room, sizeof(*bigger.slots));
	if (!bigger.slots)
		return -ENOMEM;
	for (size_t i = 0; i < m->room; i++)
		if (m->slots[i].used)
			*find(&bigger, m->slots[i].key) = m->slots[i];
	free(m->slots);
	*m = bigger;
	return 0;
}

errint_t hs_u64map_put(struct hs_u64map *m, uint64_t key, uint64_t value)
{
	struct hs_u64slot *s;

	if (m->used >= m->room / 4 * 3) {
		errint_t err = grow(m);

		if (err)
			return err;
	}
	s = find(m, key);
	m->used += !s->used;
	*s = (struct hs_u64slot){.key = key, .value = value, .used = true};
	return 0;
}
