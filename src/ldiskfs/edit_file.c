/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Contents of small files: LAST_ID, OI_scrub, lov_objid, quota and index files.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "ldiskfs/edit_priv.h"

enum { I_SIZE = 4, I_SIZE_HI = 108 };

/* The block behind a logical one: allocated and zeroed in buf if there is none. */
static errint_t block_for(struct hs_edit *e, struct hs_edit_inode *x, uint64_t logical,
			  uint64_t *block, uint8_t *buf)
{
	hs_cleanup(hs_map_free) struct hs_map map = {0};
	errint_t err;

	err = logical << e->fs->block_shift < x->in.size
		      ? hs_file_map(e->fs, &x->in, logical + 1, &map)
		      : 0;
	if (err)
		return hs_edit_fail(e, err, "out of memory");
	if (map.flaws)
		return hs_edit_fail(e, -EUCLEAN, "inode %u: its block map is damaged", x->ino);
	*block = hs_map_find(&map, logical);
	if (*block) {
		for (size_t i = 0; i < map.n; i++)
			if (map.v[i].unwritten && logical >= map.v[i].logical &&
			    logical - map.v[i].logical < map.v[i].count)
				return hs_edit_fail(e, -EOPNOTSUPP,
						    "inode %u: block %" PRIu64
						    " is reserved but was never written",
						    x->ino, logical);
		return hs_edit_get_block(e, *block, buf);
	}
	err = hs_edit_map_add(e, x->ino, logical, block);
	if (err)
		return err;
	memset(buf, 0, hs_edit_block_size(e));
	hs_edit_inode_free(x);
	return hs_edit_get_inode(e, x->ino, x);
}

errint_t hs_edit_write(struct hs_edit *e, uint32_t ino, const void *buf, size_t len, uint64_t off)
{
	hs_cleanup(hs_edit_inode_free) struct hs_edit_inode x = {0};
	size_t bs = hs_edit_block_size(e);
	hs_autofree uint8_t *block_buf = malloc(bs);
	const uint8_t *p = buf;
	uint64_t end = off + len;
	errint_t err = hs_edit_get_inode(e, ino, &x);

	if (err)
		return err;
	if (!block_buf)
		return hs_edit_fail(e, -ENOMEM, "out of memory");
	if (!hs_inode_is_reg(&x.in) || x.in.flags & HS_INODE_INLINE || off > x.in.size)
		return hs_edit_fail(e, -EOPNOTSUPP, "inode %u cannot be written at byte %" PRIu64,
				    ino, off);
	while (len) {
		size_t at = off % bs, part = len < bs - at ? len : bs - at;
		uint64_t block;

		err = block_for(e, &x, off / bs, &block, block_buf);
		if (err)
			return err;
		memcpy(block_buf + at, p, part);
		err = hs_edit_put_block(e, block, block_buf);
		if (err)
			return err;
		p += part;
		off += part;
		len -= part;
	}
	if (end <= x.in.size)
		return 0;
	hs_put_le32(x.raw + I_SIZE, (uint32_t)end);
	hs_put_le32(x.raw + I_SIZE_HI, (uint32_t)(end >> 32));
	return hs_edit_put_inode(e, &x);
}
