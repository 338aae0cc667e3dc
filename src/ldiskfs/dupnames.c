/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two hash sets of names with open addressing: one for a block, one for a directory.
 */
#include "ldiskfs/dupnames.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "ldiskfs/dirblock.h"

#define FIRST_ROOM 1024u
#define KEEP_BYTES (1u << 20) /* a set that grew larger gives its memory back */

errint_t hs_leafnames_init(struct hs_leafnames *s, uint32_t block_size)
{
	uint32_t room = 64;

	/* Twice as many slots as the shortest records leave room for. */
	while (room < 2 * (block_size / HS_DIRENT_MIN))
		room *= 2;
	s->slots = calloc(room, sizeof(*s->slots));
	s->mask = room - 1;
	s->turn = 1;
	return s->slots ? 0 : -ENOMEM;
}

void hs_leafnames_free(struct hs_leafnames *s)
{
	free(s->slots);
	s->slots = NULL;
}

void hs_leafnames_clear(struct hs_leafnames *s)
{
	if (++s->turn == 0) {
		memset(s->slots, 0, ((size_t)s->mask + 1) * sizeof(*s->slots));
		s->turn = 1;
	}
}

bool hs_leafnames_add(struct hs_leafnames *s, uint64_t hash, const uint8_t *block, uint32_t offset)
{
	const uint8_t *e = block + offset;
	uint32_t i = (uint32_t)hash & s->mask;

	for (; s->slots[i].turn == s->turn; i = (i + 1) & s->mask) {
		const uint8_t *o = block + s->slots[i].offset;

		if (s->slots[i].hash == hash && e[6] == o[6] &&
		    !memcmp(e + HS_DIRENT_HEADER, o + HS_DIRENT_HEADER, e[6]))
			return true;
	}
	s->slots[i].hash = hash;
	s->slots[i].turn = s->turn;
	s->slots[i].offset = offset;
	return false;
}

void hs_dirnames_free(struct hs_dirnames *s)
{
	free(s->slots);
	free(s->text);
	memset(s, 0, sizeof(*s));
}

void hs_dirnames_clear(struct hs_dirnames *s)
{
	if (s->room * sizeof(*s->slots) + s->text_room > KEEP_BYTES) {
		hs_dirnames_free(s);
	} else if (s->n) {
		memset(s->slots, 0, s->room * sizeof(*s->slots));
		s->n = 0;
		s->text_len = 0;
	}
}

static errint_t grow(struct hs_dirnames *s)
{
	size_t room = s->room ? s->room * 2 : FIRST_ROOM;
	struct hs_dirname *slots = calloc(room, sizeof(*slots));

	if (!slots)
		return -ENOMEM;
	for (size_t i = 0; i < s->room; i++) {
		size_t j = s->slots[i].hash & (room - 1);

		if (!s->slots[i].at)
			continue;
		while (slots[j].at)
			j = (j + 1) & (room - 1);
		slots[j] = s->slots[i];
	}
	free(s->slots);
	s->slots = slots;
	s->room = room;
	return 0;
}

/* The slot of a name, or the empty one where it belongs. */
static struct hs_dirname *find(const struct hs_dirnames *s, uint64_t hash, const uint8_t *name,
			       uint8_t len)
{
	size_t i = hash & (s->room - 1);

	for (; s->slots[i].at; i = (i + 1) & (s->room - 1)) {
		const uint8_t *text = s->text + s->slots[i].at - 1;

		if (s->slots[i].hash == hash && text[0] == len && !memcmp(text + 1, name, len))
			break;
	}
	return &s->slots[i];
}

int hs_dirnames_add(struct hs_dirnames *s, uint64_t hash, const uint8_t *name, uint8_t len)
{
	struct hs_dirname *slot = s->room ? find(s, hash, name, len) : NULL;
	bool full = s->n * 2 >= s->room;
	size_t room = full ? s->room * 2 : s->room;
	errint_t err;

	if (slot && slot->at)
		return 1;
	if (room * sizeof(*s->slots) + s->text_len + len + 1 > HS_DIRNAMES_LIMIT)
		return -ENOSPC;
	if (full) {
		err = grow(s);
		if (err)
			return err;
		slot = find(s, hash, name, len);
	}
	err = hs_array_grow(&s->text, &s->text_room, s->text_len + len + 1);
	if (err)
		return err;
	slot->hash = hash;
	slot->at = (uint32_t)s->text_len + 1;
	s->text[s->text_len] = len;
	memcpy(s->text + s->text_len + 1, name, len);
	s->text_len += (size_t)len + 1;
	s->n++;
	return 0;
}
