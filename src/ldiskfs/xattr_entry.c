/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Decoding a table of xattr entries: descriptors ascend from the start of the area until four zero
 * bytes, values descend from its end and must not reach into the descriptors.
 */
#include "ldiskfs/xattr_entry.h"

#include <string.h>

#include "base/bytes.h"

#define ENTRY_SIZE 16u

/*
 * Whether there is a NUL among the first `len` bytes of a name; `room` bytes can be read. Most
 * names are shorter than a word, where this is quicker than a call of memchr().
 */
static inline bool has_nul(const uint8_t *name, size_t len, size_t room)
{
	const uint64_t ones = 0x0101010101010101u;
	uint64_t word;

	if (len > 7 || room < 8)
		return memchr(name, 0, len) != NULL;
	word = hs_get_le64(name) | ~0ull << 8 * len;
	return ((word - ones) & ~word & ones << 7) != 0;
}

unsigned hs_xattr_area_decode(const uint8_t *area, size_t len, size_t table, size_t base,
			      bool in_block, struct hs_xattr *v, unsigned *n)
{
	unsigned flaws = 0, first = *n, count = first;
	size_t pos = table, lowest = len;

	for (;;) {
		const uint8_t *e = area + pos;
		struct hs_xattr *x = &v[count];
		size_t offset, next;

		if (pos + 4 > len) {
			/* Entries that fill the area to its very end have no terminator. */
			if (pos != len)
				flaws |= HS_XATTR_AREA_TABLE;
			break;
		}
		if (hs_get_le32(e) == 0) {
			pos += 4;
			break;
		}
		if (pos + ENTRY_SIZE > len) {
			flaws |= HS_XATTR_AREA_TABLE;
			break;
		}
		next = pos + ((ENTRY_SIZE + e[0] + 3u) & ~3u);
		if (next > len || has_nul(e + ENTRY_SIZE, e[0], len - pos - ENTRY_SIZE)) {
			flaws |= HS_XATTR_AREA_TABLE;
			break;
		}
		if (count == HS_XATTR_MAX) {
			flaws |= HS_XATTR_AREA_MANY;
			break;
		}
		x->name_len = e[0];
		x->index = e[1];
		x->name = (const char *)e + ENTRY_SIZE;
		x->ea_ino = hs_get_le32(e + 4);
		x->value_len = hs_get_le32(e + 8);
		x->in_block = in_block;
		x->value = NULL;
		offset = base + hs_get_le16(e + 2);
		if (x->ea_ino) {
			if (!x->value_len || x->value_len > HS_XATTR_VALUE_MAX) {
				x->value_len = 0;
				x->ea_ino = 0;
				flaws |= HS_XATTR_AREA_VALUE;
			}
		} else if (!x->value_len) {
			x->value = area + table;
		} else if (x->value_len <= len && offset <= len - x->value_len) {
			x->value = area + offset;
			if (offset < lowest)
				lowest = offset;
		} else {
			x->value_len = 0;
			flaws |= HS_XATTR_AREA_VALUE;
		}
		count++;
		pos = next;
	}
	if (lowest < pos) {
		for (unsigned i = first; i < count; i++) {
			if (!v[i].value_len || v[i].ea_ino || v[i].value >= area + pos)
				continue;
			v[i].value = NULL;
			v[i].value_len = 0;
			flaws |= HS_XATTR_AREA_VALUE;
		}
	}
	*n = count;
	return flaws;
}
