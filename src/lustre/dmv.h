/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * trusted.dmv: the default for striped directories made below a directory (format notes 9.5).
 */
#ifndef HS_LUSTRE_DMV_H
#define HS_LUSTRE_DMV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HS_DMV_SIZE    48
#define HS_DMV_ANY_MDT 0xffffffffu

struct hs_dmv {
	uint32_t magic; /* user form, or that of a striped directory in old values */
	int32_t count;	/* negative: that many per MDT */
	uint32_t index; /* MDT, or HS_DMV_ANY_MDT */
	uint32_t hash;
	uint32_t type;
	uint8_t max_inherit;
	uint8_t max_inherit_rr;
	char pool[17];
};

/* False when too short or of another magic: *out is zeroed. */
bool hs_dmv_decode(const uint8_t *buf, size_t len, struct hs_dmv *out);

#endif
