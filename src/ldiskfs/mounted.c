/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libext2fs knows how to look: at the mount table, at swap, and behind loop devices.
 */
#include "ldiskfs/mounted.h"

#include <string.h>

#include <ext2fs/ext2_fs.h>
#include <ext2fs/ext2fs.h>

errint_t hs_mounted_check(const char *path, struct hs_strbuf *why)
{
	char where[256] = "";
	int flags = 0;

	if (ext2fs_check_mount_point(path, &flags, where, sizeof(where) - 1))
		return 0; /* the exclusive open will tell */
	if (!(flags & (EXT2_MF_MOUNTED | EXT2_MF_SWAP)))
		return 0;
	hs_strbuf_puts(why, "Cannot open ");
	hs_strbuf_add_escaped(why, path, strlen(path));
	hs_strbuf_puts(why, flags & EXT2_MF_SWAP ? ": it is used for swapping" : ": it is mounted");
	if (*where && flags & EXT2_MF_MOUNTED) {
		hs_strbuf_puts(why, " on ");
		hs_strbuf_add_escaped(why, where, strlen(where));
	}
	return -EBUSY;
}
