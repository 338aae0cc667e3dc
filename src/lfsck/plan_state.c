/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lfsck/plan_state.h"

#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

struct hs_state_node {
	struct hs_state_node *next;    /* of the same chain */
	struct hs_state_node *earlier; /* put before it */
	uint64_t hash;
	struct hs_state_key key;
	struct hs_state state;
	uint8_t bytes[]; /* name, value */
};

static uint64_t hash_of(const struct hs_state_key *k)
{
	const uint64_t place[3] = {
		(uint64_t)k->field << 8 | k->target.kind,
		k->target.index,
		(uint64_t)k->made << 32 | k->ino,
	};

	return XXH3_64bits_withSeed(k->name, k->len, XXH3_64bits(place, sizeof(place)));
}

static bool same(const struct hs_state_key *a, const struct hs_state_key *b)
{
	return a->field == b->field && hs_tgt_eq(a->target, b->target) && a->ino == b->ino &&
	       a->made == b->made && a->len == b->len &&
	       (!a->len || !memcmp(a->name, b->name, a->len));
}

void hs_states_free(struct hs_states *s)
{
	hs_states_forget(s, 0);
	free(s->table);
	memset(s, 0, sizeof(*s));
}

bool hs_states_get(const struct hs_states *s, const struct hs_state_key *key, struct hs_state *out)
{
	uint64_t hash = hash_of(key);

	if (!s->size)
		return false;
	for (const struct hs_state_node *n = s->table[hash & (s->size - 1)]; n; n = n->next) {
		if (n->hash == hash && same(&n->key, key)) {
			*out = n->state;
			return true;
		}
	}
	return false;
}

/* Newer nodes of a chain stay before older ones. */
static errint_t grow(struct hs_states *s)
{
	size_t size = s->size ? s->size * 2 : 256;
	struct hs_state_node **table = calloc(size, sizeof(*table)), *oldest = NULL;

	if (!table)
		return -ENOMEM;
	/* turn the list of all nodes around, and back while they are put */
	for (struct hs_state_node *n = s->recent, *earlier; n; n = earlier) {
		earlier = n->earlier;
		n->earlier = oldest;
		oldest = n;
	}
	s->recent = NULL;
	while (oldest) {
		struct hs_state_node *n = oldest, **at = &table[n->hash & (size - 1)];

		oldest = n->earlier;
		n->earlier = s->recent;
		s->recent = n;
		n->next = *at;
		*at = n;
	}
	free(s->table);
	s->table = table;
	s->size = size;
	return 0;
}

errint_t hs_states_put(struct hs_states *s, const struct hs_state_key *key,
		       const struct hs_state *state)
{
	struct hs_state_node *n, **at;

	if (s->n >= s->size && grow(s))
		return -ENOMEM;
	n = malloc(sizeof(*n) + key->len + state->len);
	if (!n)
		return -ENOMEM;
	n->hash = hash_of(key);
	n->key = *key;
	n->state = *state;
	n->key.name = n->bytes;
	n->state.value = n->bytes + key->len;
	if (key->len)
		memcpy(n->bytes, key->name, key->len);
	if (state->len)
		memcpy(n->bytes + key->len, state->value, state->len);
	at = &s->table[n->hash & (s->size - 1)];
	n->next = *at;
	*at = n;
	n->earlier = s->recent;
	s->recent = n;
	s->n++;
	return 0;
}

void hs_states_forget(struct hs_states *s, uint32_t first_item)
{
	while (s->recent && s->recent->state.item >= first_item) {
		struct hs_state_node *n = s->recent;

		/* the newest of all is the newest of its chain */
		s->table[n->hash & (s->size - 1)] = n->next;
		s->recent = n->earlier;
		s->n--;
		free(n);
	}
}
