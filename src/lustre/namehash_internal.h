/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Pieces of the name hashes that the tests check one by one (format notes, section 10).
 */
#ifndef HS_LUSTRE_NAMEHASH_INTERNAL_H
#define HS_LUSTRE_NAMEHASH_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Hash of two numbers, from which CRUSH draws its straws. */
uint32_t hs_crush_hash(uint32_t a, uint32_t b);

uint64_t hs_fnv_1a_64(const uint8_t *name, size_t len);

/*
 * Cuts *name and *len down to what CRUSH hashes: temporary and backup copies go to the stripe of
 * the file they stand for. `second` selects crush2.
 */
void hs_crush_trim(const uint8_t **name, size_t *len, bool second);

#endif
