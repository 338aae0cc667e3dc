/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Blocks of a directory on their way to the stage, and single entries as bytes (format notes,
 * section 5). What lies behind a name belongs to it: only what is left behind that is room.
 */
#include "ldiskfs/dirblock.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ldiskfs/edit_priv.h"
#include "ldiskfs/htree.h"

enum {
	I_SIZE = 4,
	I_SIZE_HI = 108,
	LUFID = 0x10,
	LUFID_LEN = 17, /* the byte that says so included */
	TAIL = 12,
	TAIL_TYPE = 0xde,
	INCOMPAT_LARGEDIR = 0x4000,
};

errint_t hs_edit_dir_open(struct hs_edit *e, uint32_t ino, struct hs_edit_dir *d)
{
	uint32_t bs = e->fs->geo.block_size;
	errint_t err = hs_edit_get_inode(e, ino, &d->inode);

	if (err)
		return err;
	if (!hs_inode_is_dir(&d->inode.in))
		return hs_edit_fail(e, -ENOTDIR, "inode %u is no directory", ino);
	if (d->inode.in.flags & (HS_INODE_INLINE | HS_INODE_CASEFOLD | HS_INODE_ENCRYPT))
		return hs_edit_fail(e, -EOPNOTSUPP,
				    "inode %u: inline, casefolded and encrypted directories are "
				    "not changed",
				    ino);
	err = hs_file_map(e->fs, &d->inode.in, 0, &d->map);
	if (err)
		return hs_edit_fail(e, err, "out of memory");
	if (d->map.flaws || d->inode.in.size % bs)
		return hs_edit_fail(e, -EUCLEAN, "inode %u: its block map is damaged", ino);
	d->blocks = d->inode.in.size / bs;
	d->seed = hs_inode_csum_seed(e->fs, ino, d->inode.in.generation);
	d->csum = e->fs->geo.has_metadata_csum;
	d->leaf_len = d->csum ? bs - TAIL : bs;
	return 0;
}

void hs_edit_dir_close(struct hs_edit_dir *d)
{
	hs_edit_inode_free(&d->inode);
	hs_map_free(&d->map);
}

static errint_t physical(struct hs_edit *e, const struct hs_edit_dir *d, uint64_t logical,
			 uint64_t *block)
{
	*block = logical < d->blocks ? hs_map_find(&d->map, logical) : 0;
	return *block ? 0
		      : hs_edit_fail(e, -EUCLEAN, "directory %u has no block %" PRIu64,
				     d->inode.ino, logical);
}

bool hs_edit_node_csum_ok(const struct hs_edit *e, const struct hs_edit_dir *d, const uint8_t *buf,
			  const struct hs_dx_node *node)
{
	static const uint8_t zero[4];
	const uint8_t *tail = hs_dx_tail(node);
	uint32_t crc;

	if (!d->csum)
		return true;
	crc = e->fs->crc32c(d->seed, buf, hs_dx_csum_len(buf, node));
	crc = e->fs->crc32c(crc, tail, 4);
	return e->fs->crc32c(crc, zero, 4) == hs_get_le32(tail + 4);
}

/*
 * Of a leaf; of block 0 where it is the root of an index. A node looks like one free record that
 * spans the block: there is nothing in it for those who look for names.
 */
static bool csum_ok(const struct hs_edit *e, const struct hs_edit_dir *d, uint64_t logical,
		    const uint8_t *buf)
{
	uint32_t bs = e->fs->geo.block_size;
	struct hs_dx_root root;

	if (!d->csum || hs_dirent_rec_len(buf, bs) == bs)
		return true;
	if (logical == 0 && d->inode.in.flags & HS_INODE_INDEX)
		return hs_dx_root_decode(buf, bs, e->fs->has_dirdata, true, &root) &&
		       hs_edit_node_csum_ok(e, d, buf, &root.node);
	return !hs_get_le32(buf + bs - TAIL) && buf[bs - TAIL + 7] == TAIL_TYPE &&
	       e->fs->crc32c(d->seed, buf, bs - TAIL) == hs_get_le32(buf + bs - 4);
}

errint_t hs_edit_dir_get(struct hs_edit *e, const struct hs_edit_dir *d, uint64_t logical,
			 uint8_t *buf)
{
	uint32_t bs = e->fs->geo.block_size;
	struct hs_dirblock it = hs_dirblock_begin(buf, bs, e->fs->has_dirdata);
	struct hs_dirent entry;
	uint64_t block;
	int ret;
	errint_t err = physical(e, d, logical, &block);

	if (!err)
		err = hs_edit_get_block(e, block, buf);
	if (err)
		return err;
	if (!csum_ok(e, d, logical, buf))
		return hs_edit_fail(e, -EUCLEAN,
				    "directory %u: the checksum of block %" PRIu64 " is wrong",
				    d->inode.ino, logical);
	while ((ret = hs_dirblock_next(&it, &entry)) > 0)
		;
	if (ret < 0)
		return hs_edit_fail(e, -EUCLEAN, "directory %u: block %" PRIu64 " is damaged",
				    d->inode.ino, logical);
	return 0;
}

errint_t hs_edit_dir_put_leaf(struct hs_edit *e, const struct hs_edit_dir *d, uint64_t logical,
			      uint8_t *buf)
{
	uint32_t bs = e->fs->geo.block_size;
	uint64_t block;
	errint_t err = physical(e, d, logical, &block);

	if (err)
		return err;
	if (d->csum)
		hs_put_le32(buf + bs - 4, e->fs->crc32c(d->seed, buf, bs - TAIL));
	return hs_edit_put_block(e, block, buf);
}

errint_t hs_edit_dir_put_node(struct hs_edit *e, const struct hs_edit_dir *d, uint64_t logical,
			      uint8_t *buf, uint32_t entries)
{
	static const uint8_t zero[4];
	struct hs_dx_node n = {
		.entries = buf + entries,
		.limit = hs_get_le16(buf + entries),
		.count = hs_get_le16(buf + entries + 2),
	};
	uint64_t block;
	errint_t err = physical(e, d, logical, &block);

	if (err)
		return err;
	if (d->csum) {
		uint8_t *tail = buf + (hs_dx_tail(&n) - buf);
		uint32_t crc = e->fs->crc32c(d->seed, buf, hs_dx_csum_len(buf, &n));

		crc = e->fs->crc32c(crc, tail, 4);
		hs_put_le32(tail + 4, e->fs->crc32c(crc, zero, 4));
	}
	return hs_edit_put_block(e, block, buf);
}

errint_t hs_edit_dir_grow(struct hs_edit *e, struct hs_edit_dir *d, uint64_t *logical)
{
	uint32_t ino = d->inode.ino, bs = e->fs->geo.block_size;
	uint64_t block, size = (d->blocks + 1) * bs;
	errint_t err;

	if (size > UINT32_MAX && !(e->fs->geo.incompat & INCOMPAT_LARGEDIR))
		return hs_edit_fail(e, -ENOSPC, "directory %u cannot grow beyond 4 GiB", ino);
	*logical = d->blocks;
	err = hs_edit_map_add(e, ino, *logical, &block);
	if (err)
		return err;
	hs_edit_dir_close(d);
	memset(d, 0, sizeof(*d));
	err = hs_edit_get_inode(e, ino, &d->inode);
	if (err)
		return err;
	hs_put_le32(d->inode.raw + I_SIZE, (uint32_t)size);
	if (e->fs->geo.incompat & INCOMPAT_LARGEDIR)
		hs_put_le32(d->inode.raw + I_SIZE_HI, (uint32_t)(size >> 32));
	err = hs_edit_put_inode(e, &d->inode);
	hs_edit_inode_free(&d->inode);
	return err ? err : hs_edit_dir_open(e, ino, d);
}

uint32_t hs_edit_entry_size(const struct hs_edit_name *n)
{
	uint32_t size = HS_DIRENT_HEADER + n->len + (n->d->fid ? 1 + LUFID_LEN : 0);

	return (size + 3) & ~3u;
}

/* 64 KiB does not fit into the field: see hs_dirent_rec_len(). */
void hs_edit_rec_len_put(uint8_t *p, uint32_t rec_len, uint32_t block_size)
{
	if (block_size < 65536)
		hs_put_le16(p + 4, (uint16_t)rec_len);
	else if (rec_len == block_size)
		hs_put_le16(p + 4, block_size == 65536 ? 65535 : 0);
	else
		hs_put_le16(p + 4, (uint16_t)((rec_len & 65532) | (rec_len >> 16 & 3)));
}

void hs_edit_entry_encode(const struct hs_edit_name *n, uint8_t *p, uint32_t rec_len,
			  uint32_t block_size)
{
	memset(p, 0, hs_edit_entry_size(n));
	hs_put_le32(p, n->d->ino);
	hs_edit_rec_len_put(p, rec_len, block_size);
	p[6] = (uint8_t)n->len;
	p[7] = n->d->type;
	memcpy(p + HS_DIRENT_HEADER, n->name, n->len);
	if (!n->d->fid)
		return;
	p[7] |= LUFID;
	p += HS_DIRENT_HEADER + n->len + 1;
	p[0] = LUFID_LEN;
	memcpy(p + 1, n->d->fid, 16);
}

bool hs_edit_leaf_insert(const struct hs_edit *e, uint8_t *leaf, uint32_t leaf_len,
			 const struct hs_edit_name *n)
{
	uint32_t bs = e->fs->geo.block_size, need = hs_edit_entry_size(n), rec_len;

	for (uint32_t pos = 0; pos < leaf_len; pos += rec_len) {
		uint8_t *p = leaf + pos;
		uint32_t used = 0;

		rec_len = hs_dirent_rec_len(p, bs);
		if (rec_len > leaf_len - pos)
			return false;
		if (hs_get_le32(p)) {
			used = hs_dirent_used(p, rec_len, e->fs->has_dirdata);
			if (!used) /* what is behind the name makes no sense: it may be anything */
				continue;
		}
		if (used > rec_len || rec_len - used < need)
			continue;
		if (used)
			hs_edit_rec_len_put(p, used, bs);
		hs_edit_entry_encode(n, p + used, rec_len - used, bs);
		return true;
	}
	return false;
}

void hs_edit_leaf_init(const struct hs_edit *e, uint8_t *leaf, uint32_t leaf_len)
{
	uint32_t bs = e->fs->geo.block_size;

	memset(leaf, 0, bs);
	hs_edit_rec_len_put(leaf, leaf_len, bs);
	if (leaf_len == bs)
		return;
	hs_put_le16(leaf + leaf_len + 4, TAIL);
	leaf[leaf_len + 7] = TAIL_TYPE;
}
