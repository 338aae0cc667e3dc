/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The parts of changing attributes: sets of them, areas as bytes (edit_attrs.c), EA inodes and
 * shared blocks (edit_ea_inode.c). For edit_xattr.c.
 */
#ifndef HS_LDISKFS_EDIT_XATTR_H
#define HS_LDISKFS_EDIT_XATTR_H

#include "ldiskfs/edit_priv.h"
#include "ldiskfs/xattr_entry.h"

enum hs_edit_place { HS_IN_INODE, HS_IN_BLOCK };

struct hs_edit_attr {
	enum hs_edit_place place;
	uint8_t index, name_len;
	const char *name;
	const uint8_t *value; /* NULL where the value is in an EA inode */
	size_t len;
	uint32_t ea_ino; /* 0: none */
	uint32_t hash;	 /* as stored; kept for values in EA inodes */
};

struct hs_edit_attrs {
	struct hs_edit_attr *v; /* HS_XATTR_MAX places */
	unsigned n;
	bool shared;   /* other inodes use the same block */
	uint8_t *body; /* copy of the inode that names and values point into */
	struct hs_xattr_set set;
};

/* All attributes; `broken`: those that can be read. */
errint_t hs_edit_attrs_load(struct hs_edit *e, const struct hs_edit_inode *x, bool broken,
			    struct hs_edit_attrs *out);
void hs_edit_attrs_free(struct hs_edit_attrs *a);

/* Order of entries in a block. */
int hs_edit_attr_order(const struct hs_edit_attr *a, const struct hs_edit_attr *b);
/* Hash of an entry whose value has the hash `value` (of an EA inode). */
uint32_t hs_edit_attr_hash(const struct hs_edit_attr *a, uint32_t value);

/* Entries from the start of the zeroed area, values from its end; offsets count from area - base.
 */
void hs_edit_attrs_encode(const struct hs_edit_attrs *set, enum hs_edit_place place, uint8_t *area,
			  size_t len, size_t base);
/* A whole attribute block with one user. */
void hs_edit_attrs_encode_block(const struct hs_edit *e, const struct hs_edit_attrs *set,
				uint64_t block, uint8_t *buf);

/*
 * One user less of an attribute block, which is freed with the last; `copied`: its entries go on
 * in a copy, so that their EA inodes get one user more (NULL: they do not).
 */
errint_t hs_edit_attr_block_put(struct hs_edit *e, uint64_t block,
				const struct hs_edit_attrs *copied);

/* An inode that holds a value for `owner`, with one user; not charged. */
errint_t hs_edit_ea_inode_create(struct hs_edit *e, const struct hs_inode *owner, const void *value,
				 size_t len, uint32_t *ino);
/* One user less; freed with the last. */
errint_t hs_edit_ea_inode_put(struct hs_edit *e, uint32_t ino);

#endif
