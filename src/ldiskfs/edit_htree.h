/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The hash index of a directory that is being changed. For edit_dir.c.
 */
#ifndef HS_LDISKFS_EDIT_HTREE_H
#define HS_LDISKFS_EDIT_HTREE_H

#include "ldiskfs/edit_priv.h"

#define HS_HTREE_LEAVES 64u

/* The leaves in which a name may be: one, and those that continue its hash. */
struct hs_htree_leaves {
	uint32_t logical[HS_HTREE_LEAVES];
	unsigned n;
};

errint_t hs_edit_htree_leaves(struct hs_edit *e, const struct hs_edit_dir *d, const void *name,
			      uint32_t len, struct hs_htree_leaves *out);

/* Block 0, of which only `.` or `..` were changed, in their place. */
errint_t hs_edit_htree_put_root(struct hs_edit *e, const struct hs_edit_dir *d, uint8_t *buf);

#endif
