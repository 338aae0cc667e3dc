/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Large xattr values in inodes of their own (format notes 3.3).
 */
#ifndef HS_LDISKFS_EA_INODE_H
#define HS_LDISKFS_EA_INODE_H

#include "ldiskfs/inode.h"

/*
 * Reads the value of `len` bytes that inode `ino` holds for `owner`. -EUCLEAN when that inode is
 * not one, or holds something else; -ENOMEM; other errors: it could not be read.
 */
errint_t hs_ea_inode_read(const struct hs_fs *fs, const struct hs_inode *owner, uint32_t ino,
			  uint8_t *buf, uint32_t len);

#endif
