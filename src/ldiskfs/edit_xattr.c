/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Changing extended attributes. Places are tried in the kernel's order: the inode, the attribute
 * block, and where the file system has EA inodes, the entry in one of the two with the value in an
 * inode of its own. All other attributes stay where they are, bit for bit but for the place of
 * their values.
 */
#include "ldiskfs/xattr.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "ldiskfs/edit_xattr.h"

enum { I_ACL = 104, I_ACL_HI = 118, INCOMPAT_EA_INODE = 0x400 };

/* Bytes an entry and its value take in an area. */
static size_t size_of(const struct hs_edit_attr *a)
{
	return ((16u + a->name_len + 3u) & ~3u) + (a->ea_ino ? 0 : (a->len + 3u) & ~(size_t)3);
}

static size_t area_size(const struct hs_edit_attrs *set, enum hs_edit_place place)
{
	size_t sum = 4; /* what ends the entries */

	for (unsigned i = 0; i < set->n; i++)
		if (set->v[i].place == place)
			sum += size_of(&set->v[i]);
	return sum;
}

static bool fits(const struct hs_edit *e, const struct hs_edit_attrs *set,
		 const struct hs_edit_inode *x, enum hs_edit_place place)
{
	size_t room;

	if (place == HS_IN_BLOCK)
		room = e->fs->geo.block_size - HS_XATTR_BLOCK_HEADER;
	else if (!x->in.extra_isize ||
		 x->in.extra_isize + 4u + HS_EXT4_GOOD_OLD_INODE >= e->fs->geo.inode_size)
		return false;
	else
		room = e->fs->geo.inode_size - HS_EXT4_GOOD_OLD_INODE - x->in.extra_isize - 4;
	return area_size(set, place) <= room;
}

/* Where the new attribute goes; it is the last one of the set. */
static errint_t choose_place(struct hs_edit *e, struct hs_edit_attrs *set,
			     const struct hs_edit_inode *x, bool *external)
{
	static const enum hs_edit_place places[] = {HS_IN_INODE, HS_IN_BLOCK};
	struct hs_edit_attr *a = &set->v[set->n - 1];
	bool has_ea_inodes = e->fs->geo.incompat & INCOMPAT_EA_INODE;
	/* the kernel's threshold, above which it does not try to store a value beside its entry */
	bool large = a->len + 56 > e->fs->geo.block_size;

	for (int ext = large && has_ea_inodes; ext <= (has_ea_inodes && a->len); ext++) {
		a->ea_ino = ext ? UINT32_MAX : 0; /* for size_of(); it gets its number later */
		for (unsigned i = 0; i < 2; i++) {
			a->place = places[i];
			if (!fits(e, set, x, a->place))
				continue;
			*external = ext;
			return 0;
		}
	}
	return hs_edit_fail(e, -ENOSPC, "inode %u: no room for an attribute of %zu bytes", x->ino,
			    a->len);
}

static void put_acl(struct hs_edit_inode *x, uint64_t block)
{
	hs_put_le32(x->raw + I_ACL, (uint32_t)block);
	hs_put_le16(x->raw + I_ACL_HI, (uint16_t)(block >> 32));
}

static int64_t sectors_of(const struct hs_edit *e, size_t len)
{
	uint32_t bs = e->fs->geo.block_size;

	return (int64_t)((len + bs - 1) / bs * (bs / 512));
}

static errint_t store_block(struct hs_edit *e, struct hs_edit_inode *x, struct hs_edit_attrs *set)
{
	uint32_t bs = e->fs->geo.block_size;
	hs_autofree uint8_t *buf = calloc(1, bs);
	uint64_t block = x->in.file_acl;
	bool empty = area_size(set, HS_IN_BLOCK) == 4;
	errint_t err;

	if (!buf)
		return hs_edit_fail(e, -ENOMEM, "out of memory");
	if (block && (empty || set->shared)) {
		err = hs_edit_attr_block_put(e, block, empty ? NULL : set);
		if (err)
			return err;
		hs_edit_add_iblocks(e, x, -(int64_t)(bs / 512));
		block = 0;
		put_acl(x, 0);
	}
	if (empty)
		return 0;
	if (!block) {
		err = hs_edit_alloc_block(e, hs_edit_goal(e, x->ino), &block);
		if (err)
			return err;
		hs_edit_add_iblocks(e, x, bs / 512);
		put_acl(x, block);
	}
	hs_edit_attrs_encode_block(e, set, block, buf);
	return hs_edit_put_block(e, block, buf);
}

static void store_body(struct hs_edit *e, struct hs_edit_inode *x, const struct hs_edit_attrs *set)
{
	uint32_t start = HS_EXT4_GOOD_OLD_INODE + x->in.extra_isize;

	if (!x->in.extra_isize || start + 4 > e->fs->geo.inode_size)
		return;
	memset(x->raw + start, 0, e->fs->geo.inode_size - start);
	if (area_size(set, HS_IN_INODE) == 4)
		return;
	hs_put_le32(x->raw + start, HS_XATTR_MAGIC);
	hs_edit_attrs_encode(set, HS_IN_INODE, x->raw + start + 4,
			     e->fs->geo.inode_size - start - 4, 0);
}

/* Both areas as the set has them; `inodes` more EA inodes than before. */
static errint_t store(struct hs_edit *e, struct hs_edit_inode *x, struct hs_edit_attrs *set,
		      bool block_changed, int inodes)
{
	errint_t err = 0;

	if (block_changed)
		err = store_block(e, x, set);
	if (err)
		return err;
	store_body(e, x, set);
	if (inodes) {
		struct hs_edit_usage u = {x->in.uid, x->in.gid, x->in.projid, 0, inodes};

		err = hs_edit_charge(e, x->ino, x->in.flags, &u);
	}
	return err ? err : hs_edit_put_inode(e, x);
}

static struct hs_edit_attr *find(struct hs_edit_attrs *set, uint8_t index, const char *name,
				 size_t len)
{
	for (unsigned i = 0; i < set->n; i++) {
		struct hs_edit_attr *a = &set->v[i];

		if (a->index == index && a->name_len == len && !memcmp(a->name, name, len))
			return a;
	}
	return NULL;
}

/* Entries of the block are sorted; the new one is the last of the set. */
static void sort_in(struct hs_edit_attrs *set)
{
	struct hs_edit_attr a = set->v[set->n - 1];
	unsigned i = set->n - 1;

	if (a.place != HS_IN_BLOCK)
		return;
	while (i &&
	       (set->v[i - 1].place != HS_IN_BLOCK || hs_edit_attr_order(&set->v[i - 1], &a) > 0)) {
		set->v[i] = set->v[i - 1];
		i--;
	}
	set->v[i] = a;
}

static errint_t set_attr(struct hs_edit *e, struct hs_edit_inode *x, struct hs_edit_attrs *set,
			 uint8_t index, const char *name, const void *value, size_t len)
{
	struct hs_edit_attr *old = find(set, index, name, strlen(name));
	bool block_changed = old && old->place == HS_IN_BLOCK, external = false;
	int inodes = 0;
	errint_t err = 0;

	if (!old && !value)
		return hs_edit_fail(e, -ENOENT, "inode %u has no attribute '%s'", x->ino, name);
	if (old && old->ea_ino) {
		inodes--;
		hs_edit_add_iblocks(e, x, -sectors_of(e, old->len));
		/* one that is shared with the other users of a block is let go with the block */
		if (!block_changed || !set->shared)
			err = hs_edit_ea_inode_put(e, old->ea_ino);
	}
	if (err)
		return err;
	if (old) {
		memmove(old, old + 1, (size_t)(&set->v[set->n] - (old + 1)) * sizeof(*old));
		set->n--;
	}
	if (!value)
		return store(e, x, set, block_changed, inodes);
	if (set->n == HS_XATTR_MAX)
		return hs_edit_fail(e, -ENOSPC, "inode %u has too many attributes", x->ino);
	set->v[set->n++] = (struct hs_edit_attr){
		.index = index,
		.name = name,
		.name_len = (uint8_t)strlen(name),
		.value = value,
		.len = len,
	};
	err = choose_place(e, set, x, &external);
	if (err)
		return err;
	if (external) {
		struct hs_edit_attr *a = &set->v[set->n - 1];

		err = hs_edit_ea_inode_create(e, &x->in, value, len, &a->ea_ino);
		if (err)
			return err;
		a->hash = hs_edit_attr_hash(a, e->fs->crc32c(e->fs->csum_seed, value, len));
		inodes++;
		hs_edit_add_iblocks(e, x, sectors_of(e, len));
	}
	block_changed |= set->v[set->n - 1].place == HS_IN_BLOCK;
	sort_in(set);
	return store(e, x, set, block_changed, inodes);
}

errint_t hs_edit_set_xattr(struct hs_edit *e, uint32_t ino, uint8_t index, const char *name,
			   const void *value, size_t len)
{
	hs_cleanup(hs_edit_inode_free) struct hs_edit_inode x = {0};
	hs_cleanup(hs_edit_attrs_free) struct hs_edit_attrs set = {0};
	errint_t err = hs_edit_get_inode(e, ino, &x);

	if (!err && (!*name || strlen(name) > 255 || len > HS_XATTR_VALUE_MAX))
		err = hs_edit_fail(e, -EINVAL, "inode %u: impossible attribute '%s'", ino, name);
	if (!err)
		err = hs_edit_attrs_load(e, &x, false, &set);
	return err ? err : set_attr(e, &x, &set, index, name, value, len);
}

errint_t hs_edit_set_trusted(struct hs_edit *e, uint32_t ino, const char *name, const void *value,
			     size_t len)
{
	return hs_edit_set_xattr(e, ino, HS_XATTR_TRUSTED, name, value, len);
}

errint_t hs_edit_mend_xattrs(struct hs_edit *e, uint32_t ino)
{
	hs_cleanup(hs_edit_inode_free) struct hs_edit_inode x = {0};
	hs_cleanup(hs_edit_attrs_free) struct hs_edit_attrs set = {0};
	errint_t err = hs_edit_get_inode(e, ino, &x);

	if (!err)
		err = hs_edit_attrs_load(e, &x, true, &set);
	return err ? err : store(e, &x, &set, x.in.file_acl != 0, 0);
}

errint_t hs_edit_drop_xattrs(struct hs_edit *e, struct hs_edit_inode *x)
{
	hs_cleanup(hs_edit_attrs_free) struct hs_edit_attrs set = {0};
	errint_t err = hs_edit_attrs_load(e, x, true, &set);

	for (unsigned i = 0; i < set.n && !err; i++)
		if (set.v[i].ea_ino && (set.v[i].place == HS_IN_INODE || !set.shared))
			err = hs_edit_ea_inode_put(e, set.v[i].ea_ino);
	if (!err && x->in.file_acl)
		err = hs_edit_attr_block_put(e, x->in.file_acl, NULL);
	put_acl(x, 0);
	return err;
}
