/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The inside of an edit handle, for the edits. Everything they change lies in the stage: there is
 * no other state of the file system that a cancelled repair would have to put back, but for what
 * the reader knows of block groups (hs_edit_group_changed()).
 */
#ifndef HS_LDISKFS_EDIT_PRIV_H
#define HS_LDISKFS_EDIT_PRIV_H

#include <ext2fs/ext2_fs.h>
#include <ext2fs/ext2fs.h>

#include "io/redo.h"
#include "ldiskfs/edit.h"
#include "ldiskfs/file.h"
#include "ldiskfs/fs_priv.h"
#include "ldiskfs/htree.h"
#include "ldiskfs/mmp.h"

struct hs_edit {
	struct hs_io *device; /* bottom; owned by the stack above it */
	struct hs_io *undo;   /* layer below the stage; the device itself in a plan */
	struct hs_io *stage;
	struct hs_fs *fs; /* owns the stage and what is below */
	ext2_filsys e2;	  /* on the stage: maps of inodes. Never flushed. */
	struct hs_mmp *mmp;
	struct hs_redo *redo;
	struct hs_log *log;
	struct hs_strbuf why;
	uint32_t now;
	bool plan;
	bool finished_earlier;
	bool quota_stale;
	errint_t broken;  /* a commit failed */
	uint32_t *groups; /* that the current repair changed */
	size_t n_groups, groups_room;
	uint8_t *super; /* room for 1024 bytes */
};

/* hs_edit_fail() for an error of libext2fs. */
errint_t hs_edit_fail_ext2(struct hs_edit *e, errcode_t code, const char *what, uint32_t ino);

/* Blocks (edit_block.c). */
errint_t hs_edit_get_block(struct hs_edit *e, uint64_t block, uint8_t *buf);
errint_t hs_edit_put_block(struct hs_edit *e, uint64_t block, const uint8_t *buf);

/* An inode on its way from and to its table; raw is as large as an inode. */
struct hs_edit_inode {
	uint32_t ino;
	struct hs_inode in; /* as it was read; not kept in step with raw */
	uint8_t *raw;
};

/*
 * Reads an inode that is in use; free it in any case. -EUCLEAN when it is free or its checksum is
 * wrong.
 */
errint_t hs_edit_get_inode(struct hs_edit *e, uint32_t ino, struct hs_edit_inode *x);
void hs_edit_inode_free(struct hs_edit_inode *x);
/* Whether the field at `off` of `len` bytes exists in this inode. */
bool hs_edit_inode_has(const struct hs_edit *e, const struct hs_edit_inode *x, uint32_t off,
		       uint32_t len);
/* Sets the checksum, stores it, and lets usage follow owner and blocks. */
errint_t hs_edit_put_inode(struct hs_edit *e, struct hs_edit_inode *x);
/* Only the checksum and the store. */
errint_t hs_edit_store_inode(struct hs_edit *e, uint32_t ino, uint8_t *raw);
/* i_blocks in 512-byte units, in whatever form the inode has it. */
void hs_edit_add_iblocks(const struct hs_edit *e, struct hs_edit_inode *x, int64_t sectors);

/* Block groups and the superblock (edit_group.c). */
struct hs_edit_group {
	uint32_t group;
	uint64_t off; /* of the descriptor on the device */
	uint32_t size;
	uint8_t raw[1024];
};
enum hs_group_flag {
	HS_GROUP_INODE_UNINIT = 1,
	HS_GROUP_BLOCK_UNINIT = 2,
	HS_GROUP_ITABLE_ZEROED = 4
};

errint_t hs_edit_get_group(struct hs_edit *e, uint32_t group, struct hs_edit_group *g);
/* Sets the checksum and stores it; the reader learns of it. */
errint_t hs_edit_put_group(struct hs_edit *e, struct hs_edit_group *g);
errint_t hs_edit_group_changed(struct hs_edit *e, uint32_t group);
uint64_t hs_group_block_bitmap(const struct hs_edit_group *g);
uint64_t hs_group_inode_bitmap(const struct hs_edit_group *g);
uint32_t hs_group_free_blocks(const struct hs_edit_group *g);
uint32_t hs_group_free_inodes(const struct hs_edit_group *g);
uint32_t hs_group_unused(const struct hs_edit_group *g);
uint16_t hs_group_flags(const struct hs_edit_group *g);
void hs_group_add_free_blocks(struct hs_edit_group *g, int n);
void hs_group_add_free_inodes(struct hs_edit_group *g, int n);
void hs_group_add_dirs(struct hs_edit_group *g, int n);
void hs_group_set_unused(struct hs_edit_group *g, uint32_t n);
void hs_group_set_flags(struct hs_edit_group *g, uint16_t flags);
void hs_group_set_bitmap_csum(const struct hs_edit *e, struct hs_edit_group *g, bool inodes,
			      const uint8_t *bitmap);
bool hs_group_block_bitmap_ok(const struct hs_edit *e, const struct hs_edit_group *g,
			      const uint8_t *bitmap);
errint_t hs_edit_count_free(struct hs_edit *e, int64_t blocks, int64_t inodes);

/* Allocation (edit_alloc.c); nobody's usage is touched. */
errint_t hs_edit_alloc_block(struct hs_edit *e, uint64_t goal, uint64_t *block);
errint_t hs_edit_free_block(struct hs_edit *e, uint64_t block);
errint_t hs_edit_alloc_inode(struct hs_edit *e, uint32_t near, bool dir, uint32_t *ino);
errint_t hs_edit_free_number(struct hs_edit *e, uint32_t ino, bool dir);

/* The first block of the group an inode lies in. */
uint64_t hs_edit_goal(const struct hs_edit *e, uint32_t ino);

/* Maps (edit_map.c). */
errint_t hs_edit_map_init(struct hs_edit *e);
/* Allocates the block behind a logical one of an inode; usage follows. */
errint_t hs_edit_map_add(struct hs_edit *e, uint32_t ino, uint64_t logical, uint64_t *block);
/* Frees all blocks of an inode but those of attributes; the inode itself is not changed. */
errint_t hs_edit_map_free(struct hs_edit *e, uint32_t ino);

/* Quota (edit_quota.c). */
struct hs_edit_usage {
	uint32_t uid, gid, projid;
	int64_t bytes, inodes;
};
/* Adds to what the owners use. Counts only what the kernel counts. */
errint_t hs_edit_charge(struct hs_edit *e, uint32_t ino, uint32_t flags,
			const struct hs_edit_usage *u);
/* From what they used to what they use: owners that stay the same are looked up once, or not at
 * all.
 */
errint_t hs_edit_charge_move(struct hs_edit *e, uint32_t ino, uint32_t flags,
			     const struct hs_edit_usage *was, const struct hs_edit_usage *is);
/* Inodes that the owner of an inode is charged for: itself and its EA inodes. */
errint_t hs_edit_inodes_of(struct hs_edit *e, const struct hs_inode *in, int64_t *n);

/* Attributes (edit_xattr.c): lets go of the attribute block and the EA inodes of an inode. */
errint_t hs_edit_drop_xattrs(struct hs_edit *e, struct hs_edit_inode *x);

/* Directory blocks (edit_dirblock.c). */
struct hs_edit_dir {
	struct hs_edit_inode inode;
	struct hs_map map;
	uint64_t blocks;
	uint32_t seed;	   /* of checksums */
	uint32_t leaf_len; /* bytes of a leaf without its tail */
	bool csum;
};

errint_t hs_edit_dir_open(struct hs_edit *e, uint32_t ino, struct hs_edit_dir *d);
void hs_edit_dir_close(struct hs_edit_dir *d);
/* A leaf: -EUCLEAN when its checksum or its records are wrong. */
errint_t hs_edit_dir_get(struct hs_edit *e, const struct hs_edit_dir *d, uint64_t logical,
			 uint8_t *buf);
errint_t hs_edit_dir_put_leaf(struct hs_edit *e, const struct hs_edit_dir *d, uint64_t logical,
			      uint8_t *buf);
/* An index block, whose entries begin at `entries` and are `limit` many. */
errint_t hs_edit_dir_put_node(struct hs_edit *e, const struct hs_edit_dir *d, uint64_t logical,
			      uint8_t *buf, uint32_t entries);
bool hs_edit_node_csum_ok(const struct hs_edit *e, const struct hs_edit_dir *d, const uint8_t *buf,
			  const struct hs_dx_node *node);
/* Appends a block to the directory; its content is the caller's. */
errint_t hs_edit_dir_grow(struct hs_edit *e, struct hs_edit_dir *d, uint64_t *logical);

/* One entry as bytes. */
struct hs_edit_name {
	const void *name;
	uint32_t len;
	const struct hs_edit_dirent *d;
};
uint32_t hs_edit_entry_size(const struct hs_edit_name *n);
void hs_edit_entry_encode(const struct hs_edit_name *n, uint8_t *p, uint32_t rec_len,
			  uint32_t block_size);
void hs_edit_rec_len_put(uint8_t *p, uint32_t rec_len, uint32_t block_size);
/* Puts it where the leaf has room: false if it has not. */
bool hs_edit_leaf_insert(const struct hs_edit *e, uint8_t *leaf, uint32_t leaf_len,
			 const struct hs_edit_name *n);
/* An empty leaf: one free record, and the tail if there are checksums. */
void hs_edit_leaf_init(const struct hs_edit *e, uint8_t *leaf, uint32_t leaf_len);

/* edit_htree.c */
errint_t hs_edit_htree_insert(struct hs_edit *e, struct hs_edit_dir *d,
			      const struct hs_edit_name *n);
/* Makes an index of a directory of one block, which has no room for the new name. */
errint_t hs_edit_htree_make(struct hs_edit *e, struct hs_edit_dir *d);

static inline size_t hs_edit_block_size(const struct hs_edit *e)
{
	return e->fs->geo.block_size;
}

#endif
