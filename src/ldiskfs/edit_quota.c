/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What users, groups and projects use, in the hidden quota files of ext4 (feature quota).
 *
 * The format ("vfsv1"; linux/fs/quota/quota_tree.c): blocks of 1 KiB. Block 0 holds a header and,
 * from byte 8 on, the times of grace, flags, the number of blocks, the first free block and the
 * first leaf with room. Block 1 is the root of a tree of four levels, one for each byte of the id.
 * Leaves begin with 16 bytes (next and previous in a list of leaves with room, entries in use) and
 * hold fourteen records of 72 bytes.
 *
 * A file that is damaged is left alone: usage is then stale, which is said once and remembered.
 */
#include <string.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "ldiskfs/edit_priv.h"
#include "ldiskfs/xattr.h"

enum {
	QBLOCK = 1024,
	QROOT = 1,
	QHEAD = 16,
	QRECORD = 72,
	QPERLEAF = (QBLOCK - QHEAD) / QRECORD,
	Q_BLOCKS = 20,
	Q_FREE_BLOCK = 24,
	Q_FREE_ENTRY = 28,
	LEAF_NEXT = 0,
	LEAF_PREV = 4,
	LEAF_ENTRIES = 8,
	R_INODES = 24,
	R_BYTES = 48,

	ROCOMPAT_QUOTA = 0x100,
	ROOT_INO = 2,
};

static const uint32_t magics[3] = {0xd9c01f11, 0xd9c01927, 0xd9c03f14};
static const char *const kinds[3] = {"user", "group", "project"};

struct qfile {
	struct hs_edit *e;
	struct hs_edit_inode inode;
	uint32_t blocks;      /* as the header says */
	uint8_t info[QBLOCK]; /* block 0 */
};

static errint_t load(struct qfile *q, uint32_t block, uint8_t *buf)
{
	size_t got;
	errint_t err;

	if (block >= q->blocks)
		return -EUCLEAN;
	err = hs_file_pread(q->e->fs, &q->inode.in, buf, QBLOCK, (uint64_t)block * QBLOCK, &got);
	return err ? err : got == QBLOCK ? 0 : -EUCLEAN;
}

static errint_t store(struct qfile *q, uint32_t block, const uint8_t *buf)
{
	struct hs_edit_inode again = {0};
	errint_t err = hs_edit_write(q->e, q->inode.ino, buf, QBLOCK, (uint64_t)block * QBLOCK);

	if (err)
		return err;
	/* it may have grown */
	err = hs_edit_get_inode(q->e, q->inode.ino, &again);
	hs_edit_inode_free(&q->inode);
	q->inode = again;
	return err;
}

static errint_t open_file(struct hs_edit *e, struct qfile *q, uint32_t ino, int kind)
{
	size_t got;
	errint_t err;

	q->e = e;
	err = hs_edit_get_inode(e, ino, &q->inode);
	if (!err)
		err = hs_file_pread(e->fs, &q->inode.in, q->info, QBLOCK, 0, &got);
	if (err)
		return err;
	q->blocks = hs_get_le32(q->info + Q_BLOCKS);
	if (got != QBLOCK || hs_get_le32(q->info) != magics[kind] ||
	    hs_get_le32(q->info + 4) != 1 || q->blocks <= QROOT ||
	    q->blocks > q->inode.in.size / QBLOCK)
		return -EUCLEAN;
	return 0;
}

/* A block of the file that is not in use, zeroed. */
static errint_t new_block(struct qfile *q, uint32_t *block)
{
	uint8_t buf[QBLOCK];
	errint_t err;

	*block = hs_get_le32(q->info + Q_FREE_BLOCK);
	if (*block) {
		err = load(q, *block, buf);
		if (err)
			return err;
		hs_put_le32(q->info + Q_FREE_BLOCK, hs_get_le32(buf + LEAF_NEXT));
	} else {
		*block = q->blocks++;
		hs_put_le32(q->info + Q_BLOCKS, q->blocks);
	}
	memset(buf, 0, sizeof(buf));
	err = store(q, *block, buf);
	return err ? err : store(q, 0, q->info);
}

static bool unused(const uint8_t *record)
{
	static const uint8_t zero[QRECORD];

	return !memcmp(record, zero, QRECORD);
}

/* A leaf with room for the id's record. */
static errint_t place_record(struct qfile *q, uint32_t id, uint32_t *leaf)
{
	uint8_t buf[QBLOCK];
	uint32_t entries, i = 0;
	errint_t err;

	*leaf = hs_get_le32(q->info + Q_FREE_ENTRY);
	if (!*leaf) {
		err = new_block(q, leaf);
		if (err)
			return err;
		hs_put_le32(q->info + Q_FREE_ENTRY, *leaf);
	}
	err = load(q, *leaf, buf);
	if (err)
		return err;
	entries = hs_get_le16(buf + LEAF_ENTRIES);
	while (i < QPERLEAF && !unused(buf + QHEAD + i * QRECORD))
		i++;
	if (entries >= QPERLEAF || i == QPERLEAF)
		return -EUCLEAN;
	hs_put_le16(buf + LEAF_ENTRIES, (uint16_t)(entries + 1));
	if (entries + 1 == QPERLEAF) {
		uint32_t next = hs_get_le32(buf + LEAF_NEXT);
		uint8_t other[QBLOCK];

		hs_put_le32(buf + LEAF_NEXT, 0);
		hs_put_le32(buf + LEAF_PREV, 0);
		hs_put_le32(q->info + Q_FREE_ENTRY, next);
		if (next) {
			err = load(q, next, other);
			if (err)
				return err;
			hs_put_le32(other + LEAF_PREV, 0);
			err = store(q, next, other);
			if (err)
				return err;
		}
	}
	hs_put_le32(buf + QHEAD + i * QRECORD, id);
	/* an unused record is all zero: the one of id 0 must not be */
	if (!id)
		hs_put_le64(buf + QHEAD + i * QRECORD + 64, 1);
	err = store(q, *leaf, buf);
	return err ? err : store(q, 0, q->info);
}

/* The leaf of an id; its way is made if there is none. */
static errint_t find_leaf(struct qfile *q, uint32_t id, uint32_t *leaf)
{
	uint32_t node = QROOT;

	for (int shift = 24; shift >= 0; shift -= 8) {
		uint8_t buf[QBLOCK];
		uint32_t at = (id >> shift & 0xff) * 4, child;
		errint_t err = load(q, node, buf);

		if (err)
			return err;
		child = hs_get_le32(buf + at);
		if (!child) {
			err = shift ? new_block(q, &child) : place_record(q, id, &child);
			if (err)
				return err;
			hs_put_le32(buf + at, child);
			err = store(q, node, buf);
			if (err)
				return err;
		}
		node = child;
	}
	*leaf = node;
	return 0;
}

static void add(uint8_t *field, int64_t n, bool *stale)
{
	int64_t sum;

	if (__builtin_add_overflow((int64_t)hs_get_le64(field), n, &sum) || sum < 0) {
		sum = 0;
		*stale = true;
	}
	hs_put_le64(field, (uint64_t)sum);
}

static errint_t charge(struct hs_edit *e, uint32_t file, int kind, uint32_t id, int64_t bytes,
		       int64_t inodes)
{
	struct qfile q = {0};
	uint8_t buf[QBLOCK];
	bool stale = false;
	uint32_t leaf, i;
	errint_t err = open_file(e, &q, file, kind);

	if (!err)
		err = find_leaf(&q, id, &leaf);
	if (!err)
		err = load(&q, leaf, buf);
	if (err)
		goto out;
	for (i = 0; i < QPERLEAF; i++) {
		uint8_t *r = buf + QHEAD + i * QRECORD;

		if (hs_get_le32(r) == id && !unused(r))
			break;
	}
	if (i == QPERLEAF) {
		err = -EUCLEAN;
		goto out;
	}
	add(buf + QHEAD + i * QRECORD + R_INODES, inodes, &stale);
	add(buf + QHEAD + i * QRECORD + R_BYTES, bytes, &stale);
	err = store(&q, leaf, buf);
	if (!err && stale)
		err = -EUCLEAN;
out:
	hs_edit_inode_free(&q.inode);
	return err;
}

/* Whether what an inode takes is anybody's; the same rule as e2fsck's. */
static bool is_counted(const struct hs_edit *e, uint32_t ino, uint32_t flags)
{
	return e->fs->geo.rocompat & ROCOMPAT_QUOTA && ino != e->e2->super->s_prj_quota_inum &&
	       (ino == ROOT_INO || ino >= e->fs->geo.first_ino) && !(flags & HS_INODE_EA_INODE);
}

/* One kind; a damaged file makes usage stale and is no error. */
static errint_t charge_kind(struct hs_edit *e, int kind, uint32_t id, int64_t bytes, int64_t inodes)
{
	const struct ext2_super_block *sb = e->e2->super;
	const uint32_t files[3] = {sb->s_usr_quota_inum, sb->s_grp_quota_inum,
				   sb->s_prj_quota_inum};
	errint_t err;

	if (!files[kind] || (!bytes && !inodes))
		return 0;
	err = charge(e, files[kind], kind, id, bytes, inodes);
	if (err != -EUCLEAN)
		return err;
	if (!e->quota_stale)
		hs_log(e->log, HS_LOG_WARN,
		       "%s: the %s quota file is damaged: usage must be counted anew (tune2fs -O "
		       "^quota, then -O quota)",
		       e->device->name, kinds[kind]);
	e->quota_stale = true;
	return 0;
}

errint_t hs_edit_charge_move(struct hs_edit *e, uint32_t ino, uint32_t flags,
			     const struct hs_edit_usage *was, const struct hs_edit_usage *is)
{
	const uint32_t from[3] = {was->uid, was->gid, was->projid};
	const uint32_t to[3] = {is->uid, is->gid, is->projid};
	errint_t err = 0;

	if (!is_counted(e, ino, flags))
		return 0;
	for (int kind = 0; kind < 3 && !err; kind++) {
		if (from[kind] == to[kind]) {
			err = charge_kind(e, kind, to[kind], is->bytes - was->bytes,
					  is->inodes - was->inodes);
			continue;
		}
		err = charge_kind(e, kind, from[kind], -was->bytes, -was->inodes);
		if (!err)
			err = charge_kind(e, kind, to[kind], is->bytes, is->inodes);
	}
	return err;
}

errint_t hs_edit_charge(struct hs_edit *e, uint32_t ino, uint32_t flags,
			const struct hs_edit_usage *u)
{
	struct hs_edit_usage none = *u;

	none.bytes = none.inodes = 0;
	return hs_edit_charge_move(e, ino, flags, &none, u);
}

errint_t hs_edit_inodes_of(struct hs_edit *e, const struct hs_inode *in, int64_t *n)
{
	struct hs_xattr_set set;
	errint_t err = hs_xattr_set_init(&set, e->fs);

	if (!err)
		err = hs_xattr_load(e->fs, in, false, &set);
	if (err)
		return hs_edit_fail(e, err, "out of memory");
	*n = 1;
	for (unsigned i = 0; i < set.n; i++)
		*n += set.v[i].ea_ino != 0;
	hs_xattr_set_free(&set);
	return 0;
}
