/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which shard of a striped directory holds a name (format notes, section 10).
 */
#ifndef HS_LUSTRE_NAMEHASH_H
#define HS_LUSTRE_NAMEHASH_H

#include <stddef.h>
#include <stdint.h>

enum hs_hash_type {
	HS_HASH_UNKNOWN = 0,
	HS_HASH_ALL_CHARS = 1,
	HS_HASH_FNV_1A_64 = 2,
	HS_HASH_CRUSH = 3,
	HS_HASH_CRUSH2 = 4,
};

#define HS_HASH_MAX_COUNT 2000 /* stripes of one directory; bounds the work for one name */

/*
 * Stripe index 0..count-1 of a name. UINT32_MAX for an unknown type, and for a count that is 0 or
 * above HS_HASH_MAX_COUNT.
 */
uint32_t hs_name_stripe(uint32_t type, uint32_t count, const uint8_t *name, size_t len);

#endif
