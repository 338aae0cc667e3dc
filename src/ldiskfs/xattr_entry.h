/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A table of xattr entries, decoded: the same form in the inode and in the xattr block. A pure
 * function of the area's bytes.
 */
#ifndef HS_LDISKFS_XATTR_ENTRY_H
#define HS_LDISKFS_XATTR_ENTRY_H

#include <stddef.h>

#include "ldiskfs/xattr.h"

#define HS_XATTR_MAGIC	      0xea020000u
#define HS_XATTR_BLOCK_HEADER 32u
#define HS_XATTR_VALUE_MAX    (1u << 20) /* bytes: the largest value ldiskfs writes */

enum hs_xattr_area_flaw {
	HS_XATTR_AREA_TABLE = 1, /* the entries are damaged: what follows is missing */
	HS_XATTR_AREA_VALUE = 2, /* a value leads out of the area: its attribute has no value */
	HS_XATTR_AREA_MANY = 4,
};

/*
 * Decodes the entries at area[table..len); value offsets count from area[base]. Appends to v[*n],
 * at most HS_XATTR_MAX in all. Attributes whose value lies in an EA inode have ea_ino set and no
 * value yet. Returns flaws.
 */
unsigned hs_xattr_area_decode(const uint8_t *area, size_t len, size_t table, size_t base,
			      bool in_block, struct hs_xattr *v, unsigned *n);

#endif
