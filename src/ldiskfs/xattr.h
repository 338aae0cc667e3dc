/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Extended attributes: in the inode, in the xattr block, in EA inodes (format notes 3.3).
 */
#ifndef HS_LDISKFS_XATTR_H
#define HS_LDISKFS_XATTR_H

#include <string.h>

#include "ldiskfs/inode.h"

enum hs_xattr_index {
	HS_XATTR_USER = 1,
	HS_XATTR_ACL_ACCESS = 2,
	HS_XATTR_ACL_DEFAULT = 3,
	HS_XATTR_TRUSTED = 4,
	HS_XATTR_SECURITY = 6,
	HS_XATTR_SYSTEM = 7,
	HS_XATTR_ENCRYPTION = 9,
};

struct hs_xattr {
	const char *name;     /* without prefix, not NUL-terminated */
	const uint8_t *value; /* NULL when the value could not be read (see flaws) */
	uint32_t value_len;
	uint32_t ea_ino; /* EA inode that holds the value, 0 if none */
	uint8_t index;
	uint8_t name_len;
	bool in_block; /* in the xattr block, not in the inode */
};

enum hs_xattr_flaw {
	HS_XATTRF_INODE = 1, /* the in-inode area is damaged: what follows the damage is missing */
	HS_XATTRF_BLOCK = 2, /* the block's header, checksum or entries are damaged */
	HS_XATTRF_READ = 4,  /* the block or an EA inode could not be read */
	HS_XATTRF_VALUE = 8, /* a value leads out of its area, or an EA inode is not one */
	HS_XATTRF_MANY = 16, /* more attributes than fit: the rest was not looked at */
};

#define HS_XATTR_MAX 128

/* A set belongs to one thread and is reused from inode to inode. */
struct hs_xattr_set {
	struct hs_xattr *v; /* HS_XATTR_MAX places */
	unsigned n;
	unsigned flaws;
	uint8_t *block;	 /* room for one block */
	uint8_t *values; /* grown for EA inode values */
	size_t values_room;
};

errint_t hs_xattr_set_init(struct hs_xattr_set *set, const struct hs_fs *fs);
void hs_xattr_set_free(struct hs_xattr_set *set);

/*
 * All attributes of an inode. Values point into inode->raw or into the set and live until the next
 * call. Values in EA inodes are read only for trusted.* names (`all` false) or for every name.
 * Error returns: -ENOMEM only. Only an inode with an xattr block or an EA inode costs a read.
 */
errint_t hs_xattr_load(const struct hs_fs *fs, const struct hs_inode *inode, bool all,
		       struct hs_xattr_set *set);

/* trusted.<name>, or NULL. Inline, so that the length of the name is known where it is asked for.
 */
static inline const struct hs_xattr *hs_xattr_trusted(const struct hs_xattr_set *set,
						      const char *name)
{
	size_t len = strlen(name);

	for (unsigned i = 0; i < set->n; i++) {
		const struct hs_xattr *x = &set->v[i];

		if (x->index == HS_XATTR_TRUSTED && x->name_len == len &&
		    !memcmp(x->name, name, len))
			return x;
	}
	return NULL;
}

#endif
