/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Name hashes of striped directories (format notes, section 10). Pure functions of the raw name;
 * the work for one name is bounded by its length and HS_HASH_MAX_COUNT.
 */
#include "lustre/namehash.h"
#include "lustre/namehash_internal.h"

#include <strings.h>

#define CRUSH_GROUPS 4096 /* placement groups, a power of two */

uint64_t hs_fnv_1a_64(const uint8_t *name, size_t len)
{
	uint64_t h = 0xcbf29ce484222325ull;

	for (size_t i = 0; i < len; i++)
		h = (h ^ name[i]) * 0x100000001b3ull;
	return h;
}

static uint32_t sum_of_bytes(const uint8_t *name, size_t len)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < len; i++)
		sum += name[i];
	return sum;
}

/* Jenkins' mix of three words. */
static inline void mix(uint32_t *p, uint32_t *q, uint32_t *r)
{
	*p = (*p - *q - *r) ^ (*r >> 13);
	*q = (*q - *r - *p) ^ (*p << 8);
	*r = (*r - *p - *q) ^ (*q >> 13);
	*p = (*p - *q - *r) ^ (*r >> 12);
	*q = (*q - *r - *p) ^ (*p << 16);
	*r = (*r - *p - *q) ^ (*q >> 5);
	*p = (*p - *q - *r) ^ (*r >> 3);
	*q = (*q - *r - *p) ^ (*p << 10);
	*r = (*r - *p - *q) ^ (*q >> 15);
}

uint32_t hs_crush_hash(uint32_t a, uint32_t b)
{
	uint32_t h = 1315423911u ^ a ^ b;
	uint32_t x = 231232, y = 1232;

	mix(&a, &b, &h);
	mix(&x, &a, &h);
	mix(&b, &y, &h);
	return h;
}

/*
 * Whether the last `suffix` bytes look random, as mktemp() makes them. The two variants differ in
 * how they treat a suffix of digits: the first one has the test the wrong way round.
 */
static bool is_temp_name(const uint8_t *name, size_t len, bool dot, size_t suffix, bool second)
{
	size_t lower = 0, upper = 0, digit = 0;
	const uint8_t *s;

	if (len < suffix + 2 + (dot ? 1 : 0) || (dot && name[0] != '.'))
		return false;
	s = name + len - suffix;
	if (s[-1] != '.')
		return false;
	for (size_t i = 0; i < suffix; i++) {
		if (s[i] >= 'a' && s[i] <= 'z')
			lower++;
		else if (s[i] >= 'A' && s[i] <= 'Z')
			upper++;
		else if (s[i] >= '0' && s[i] <= '9')
			digit++;
		else if (second)
			return false;
	}
	if (lower == suffix || upper == suffix)
		return false;
	if (digit >= suffix - 1)
		return (s[0] >= '0' && s[0] <= '9') != second;
	return true;
}

static size_t backup_suffix(const uint8_t *name, size_t len)
{
	const char *end = (const char *)name + len;

	if (len > 1 && end[-1] == '~' && end[-2] != '.')
		return 1;
	if (len > 4 && (!strncasecmp(end - 4, ".bak", 4) || !strncasecmp(end - 4, ".sav", 4)))
		return 4;
	return 0;
}

void hs_crush_trim(const uint8_t **name, size_t *len, bool second)
{
	if (is_temp_name(*name, *len, true, 6, second)) { /* rsync: .target.XXXXXX */
		*name += 1;
		*len -= 8;
	} else if (is_temp_name(*name, *len, false, 8, second)) { /* target.XXXXXXXX */
		*len -= 9;
	} else {
		*len -= backup_suffix(*name, *len);
	}
}

static uint32_t crush_stripe(uint32_t count, const uint8_t *name, size_t len, bool second)
{
	uint32_t best = 0, longest = 0, group;

	hs_crush_trim(&name, &len, second);
	group = (uint32_t)(hs_fnv_1a_64(name, len) % CRUSH_GROUPS);
	for (uint32_t i = 0; i < count; i++) {
		uint32_t straw = hs_crush_hash(group, i);

		if (straw > longest) {
			longest = straw;
			best = i;
		}
	}
	return best;
}

uint32_t hs_name_stripe(uint32_t type, uint32_t count, const uint8_t *name, size_t len)
{
	if (count == 0 || count > HS_HASH_MAX_COUNT)
		return UINT32_MAX;
	switch (type) {
	case HS_HASH_ALL_CHARS:
		return sum_of_bytes(name, len) % count;
	case HS_HASH_FNV_1A_64:
		return (uint32_t)(hs_fnv_1a_64(name, len) % count);
	case HS_HASH_CRUSH:
	case HS_HASH_CRUSH2:
		return crush_stripe(count, name, len, type == HS_HASH_CRUSH2);
	default:
		return UINT32_MAX;
	}
}
