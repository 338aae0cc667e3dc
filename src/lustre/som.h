/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * trusted.som: a file's size as the MDT knows it (format notes 9.7).
 */
#ifndef HS_LUSTRE_SOM_H
#define HS_LUSTRE_SOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HS_SOM_SIZE 24

enum hs_som_valid {
	HS_SOM_STRICT = 1,
	HS_SOM_STALE = 2,
	HS_SOM_LAZY = 4,
};

struct hs_som {
	uint16_t valid;
	uint64_t size;	 /* bytes */
	uint64_t blocks; /* of 512 bytes */
};

/* False when the value is too short: *out is zeroed. */
bool hs_som_decode(const uint8_t *buf, size_t len, struct hs_som *out);

#endif
