/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * trusted.fid on OST objects: which stripe of which file an object is (format notes 9.6).
 */
#ifndef HS_LUSTRE_PARENT_H
#define HS_LUSTRE_PARENT_H

#include "lustre/fid.h"

struct hs_parent {
	struct hs_fid file;    /* ver 0 */
	uint32_t stripe_index; /* the version slot */
	bool has_layout;       /* 44 bytes and more: the fields below down to comp_id are known */
	uint32_t stripe_size;
	uint32_t stripe_count;
	uint64_t comp_start;
	uint64_t comp_end;
	uint32_t comp_id;
	bool has_version; /* 52 bytes */
	uint32_t layout_version;
	uint32_t range;
	bool odd_size; /* not 16, 32, 44 or 52 bytes */
};

/* False when shorter than 16 bytes: *out is zeroed but for odd_size. */
bool hs_parent_decode(const uint8_t *buf, size_t len, struct hs_parent *out);

/* Writes the value, of 16, 44 or 52 bytes as has_layout and has_version say. Returns the length. */
#define HS_PARENT_SIZE 52
size_t hs_parent_encode(const struct hs_parent *p, uint8_t buf[static HS_PARENT_SIZE]);

#endif
