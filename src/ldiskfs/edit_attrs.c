/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sets of attributes, and areas as bytes (ext4 on-disk format: struct ext4_xattr_entry).
 */
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "ldiskfs/edit_xattr.h"

enum {
	ENTRY = 16,
	E_HASH = 12, /* in an entry */
	H_REFCOUNT = 4,
	H_BLOCKS = 8,
	H_HASH = 12,
	H_CSUM = 16,
};

static errint_t damaged(struct hs_edit *e, const struct hs_edit_inode *x, unsigned flaws)
{
	return hs_edit_fail(e, flaws & HS_XATTRF_READ ? -EIO : -EUCLEAN,
			    "inode %u: its extended attributes are %s", x->ino,
			    flaws & HS_XATTRF_READ ? "unreadable" : "damaged");
}

errint_t hs_edit_attrs_load(struct hs_edit *e, const struct hs_edit_inode *x, bool broken,
			    struct hs_edit_attrs *out)
{
	struct hs_inode in = x->in;
	uint32_t size = e->fs->geo.inode_size;
	errint_t err = hs_xattr_set_init(&out->set, e->fs);

	out->v = calloc(HS_XATTR_MAX, sizeof(*out->v));
	out->body = malloc(size);
	if (!out->v || !out->body || err)
		return hs_edit_fail(e, -ENOMEM, "out of memory");
	memcpy(out->body, x->raw, size);
	in.raw = out->body;
	if (hs_xattr_load(e->fs, &in, false, &out->set))
		return hs_edit_fail(e, -ENOMEM, "out of memory");
	if (out->set.flaws & (HS_XATTRF_READ | HS_XATTRF_MANY) || (out->set.flaws && !broken))
		return damaged(e, x, out->set.flaws);
	for (unsigned i = 0; i < out->set.n; i++) {
		const struct hs_xattr *a = &out->set.v[i];

		if (!a->value && !a->ea_ino)
			continue;
		out->v[out->n++] = (struct hs_edit_attr){
			.place = a->in_block ? HS_IN_BLOCK : HS_IN_INODE,
			.index = a->index,
			.name_len = a->name_len,
			.name = a->name,
			.value = a->ea_ino ? NULL : a->value,
			.len = a->value_len,
			.ea_ino = a->ea_ino,
			.hash = hs_get_le32(a->name - ENTRY + E_HASH),
		};
		/* the length of a value that could not be loaded was forgotten */
		if (a->ea_ino)
			out->v[out->n - 1].len = hs_get_le32(a->name - ENTRY + 8);
	}
	if (in.file_acl && hs_get_le32(out->set.block) == HS_XATTR_MAGIC)
		out->shared = hs_get_le32(out->set.block + H_REFCOUNT) > 1;
	return 0;
}

void hs_edit_attrs_free(struct hs_edit_attrs *a)
{
	hs_xattr_set_free(&a->set);
	free(a->v);
	free(a->body);
	memset(a, 0, sizeof(*a));
}

int hs_edit_attr_order(const struct hs_edit_attr *a, const struct hs_edit_attr *b)
{
	if (a->index != b->index)
		return a->index < b->index ? -1 : 1;
	if (a->name_len != b->name_len)
		return a->name_len < b->name_len ? -1 : 1;
	return memcmp(a->name, b->name, a->name_len);
}

static uint32_t name_hash(const struct hs_edit_attr *a)
{
	uint32_t h = 0;

	for (unsigned i = 0; i < a->name_len; i++)
		h = h << 5 ^ h >> 27 ^ (uint8_t)a->name[i];
	return h;
}

uint32_t hs_edit_attr_hash(const struct hs_edit_attr *a, uint32_t value)
{
	uint32_t h = name_hash(a);

	return h << 16 ^ h >> 16 ^ value;
}

/* Over the name and the words of the value, the last one filled up with zeroes. */
static uint32_t value_hash(const struct hs_edit_attr *a)
{
	uint32_t h = name_hash(a);

	for (size_t i = 0; i < a->len; i += 4) {
		uint8_t word[4] = {0};

		memcpy(word, a->value + i, a->len - i < 4 ? a->len - i : 4);
		h = h << 16 ^ h >> 16 ^ hs_get_le32(word);
	}
	return h;
}

void hs_edit_attrs_encode(const struct hs_edit_attrs *set, enum hs_edit_place place, uint8_t *area,
			  size_t len, size_t base)
{
	size_t top = len;
	uint8_t *p = area;

	for (unsigned i = 0; i < set->n; i++) {
		const struct hs_edit_attr *a = &set->v[i];

		if (a->place != place)
			continue;
		p[0] = a->name_len;
		p[1] = a->index;
		hs_put_le32(p + 4, a->ea_ino);
		hs_put_le32(p + 8, (uint32_t)a->len);
		/* entries in inodes have no hash, unless the value has an inode of its own */
		hs_put_le32(p + E_HASH, a->ea_ino	       ? a->hash
					: place == HS_IN_BLOCK ? value_hash(a)
							       : 0);
		if (!a->ea_ino && a->len) {
			top -= (a->len + 3) & ~(size_t)3;
			hs_put_le16(p + 2, (uint16_t)(base + top));
			memcpy(area + top, a->value, a->len);
		}
		memcpy(p + ENTRY, a->name, a->name_len);
		p += (ENTRY + a->name_len + 3u) & ~3u;
	}
}

void hs_edit_attrs_encode_block(const struct hs_edit *e, const struct hs_edit_attrs *set,
				uint64_t block, uint8_t *buf)
{
	const struct hs_fs *fs = e->fs;
	uint32_t bs = fs->geo.block_size, h = 0;
	uint8_t le[8];

	memset(buf, 0, bs);
	hs_put_le32(buf, HS_XATTR_MAGIC);
	hs_put_le32(buf + H_REFCOUNT, 1);
	hs_put_le32(buf + H_BLOCKS, 1);
	hs_edit_attrs_encode(set, HS_IN_BLOCK, buf + HS_XATTR_BLOCK_HEADER,
			     bs - HS_XATTR_BLOCK_HEADER, HS_XATTR_BLOCK_HEADER);
	/* An entry without a hash makes the block one that is never shared. */
	for (const uint8_t *p = buf + HS_XATTR_BLOCK_HEADER; hs_get_le32(p);
	     p += (ENTRY + p[0] + 3u) & ~3u) {
		if (!hs_get_le32(p + E_HASH)) {
			h = 0;
			break;
		}
		h = h << 16 ^ h >> 16 ^ hs_get_le32(p + E_HASH);
	}
	hs_put_le32(buf + H_HASH, h);
	if (!fs->geo.has_metadata_csum)
		return;
	hs_put_le64(le, block);
	hs_put_le32(buf + H_CSUM, fs->crc32c(fs->crc32c(fs->csum_seed, le, 8), buf, bs));
}
