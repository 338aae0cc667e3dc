/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Undo files as bytes, and reading them.
 */
#include "io/undofile.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/crc32c.h"

#define KEY_MAGIC      0xcadecadeu
#define BLOCK_SIZE_MIN 1024u
#define BLOCK_SIZE_MAX 1048576u
#define HEADER_CRC     508u
#define COMPAT_OFFSET  1u /* fs_offset is in use */

static const char magic[8] = "E2UNDO02";

static uint32_t crc32c(const void *buf, size_t len)
{
	return hs_crc32c_best()(~0u, buf, len);
}

static bool block_size_ok(uint32_t size)
{
	return size >= BLOCK_SIZE_MIN && size <= BLOCK_SIZE_MAX && !(size & (size - 1));
}

const char *hs_undo_header_decode(const uint8_t buf[HS_UNDO_HEADER], struct hs_undo_header *out)
{
	if (memcmp(buf, magic, sizeof(magic)))
		return "it is no undo file";
	if (hs_get_le32(buf + HEADER_CRC) != crc32c(buf, HEADER_CRC))
		return "the checksum of its header is wrong";
	out->keys = hs_get_le64(buf + 8);
	out->super_block = hs_get_le64(buf + 16);
	out->first_key_block = hs_get_le64(buf + 24);
	out->block_size = hs_get_le32(buf + 32);
	out->fs_block_size = hs_get_le32(buf + 36);
	out->super_crc = hs_get_le32(buf + 40);
	out->state = hs_get_le32(buf + 44);
	out->compat = hs_get_le32(buf + 48);
	out->incompat = hs_get_le32(buf + 52);
	out->rocompat = hs_get_le32(buf + 56);
	out->fs_offset = hs_get_le64(buf + 64);
	if (out->incompat || out->rocompat)
		return "it uses features that are not known";
	if ((out->compat & COMPAT_OFFSET) && out->fs_offset)
		return "its file system does not begin at the start of the device";
	if (!block_size_ok(out->block_size) || !block_size_ok(out->fs_block_size))
		return "its block size is impossible";
	return NULL;
}

void hs_undo_header_encode(const struct hs_undo_header *h, uint8_t buf[HS_UNDO_HEADER])
{
	memset(buf, 0, HS_UNDO_HEADER);
	memcpy(buf, magic, sizeof(magic));
	hs_put_le64(buf + 8, h->keys);
	hs_put_le64(buf + 16, h->super_block);
	hs_put_le64(buf + 24, h->first_key_block);
	hs_put_le32(buf + 32, h->block_size);
	hs_put_le32(buf + 36, h->fs_block_size);
	hs_put_le32(buf + 40, h->super_crc);
	hs_put_le32(buf + 44, h->state);
	hs_put_le32(buf + 48, h->compat);
	hs_put_le32(buf + HEADER_CRC, crc32c(buf, HEADER_CRC));
}

/* The checksum covers the whole block, its own four bytes taken as zero. */
static uint32_t key_block_crc(const uint8_t *block, uint32_t size)
{
	static const uint8_t zero[4];
	hs_crc32c_fn *crc = hs_crc32c_best();
	uint32_t c = crc(~0u, block, 4);

	c = crc(c, zero, 4);
	return crc(c, block + 8, size - 8);
}

bool hs_undo_keys_decode(const uint8_t *block, const struct hs_undo_header *h, uint64_t at,
			 uint32_t n, struct hs_undo_key *out, uint64_t *next)
{
	uint32_t bs = h->block_size;

	if (hs_get_le32(block) != KEY_MAGIC || hs_get_le32(block + 4) != key_block_crc(block, bs))
		return false;
	at += bs;
	for (uint32_t i = 0; i < n; i++) {
		const uint8_t *p = block + (size_t)(i + 1) * HS_UNDO_KEY;

		out[i].block = hs_get_le64(p);
		out[i].crc = hs_get_le32(p + 8);
		out[i].len = hs_get_le32(p + 12);
		out[i].at = at;
		if (out[i].len > (uint64_t)HS_UNDO_KEY_BLOCKS * bs ||
		    __builtin_add_overflow(at, ((uint64_t)out[i].len + bs - 1) / bs * bs, &at))
			return false;
	}
	*next = at;
	return true;
}

void hs_undo_keys_encode(const struct hs_undo_key *keys, uint32_t n, uint8_t *block,
			 uint32_t block_size)
{
	memset(block, 0, block_size);
	hs_put_le32(block, KEY_MAGIC);
	for (uint32_t i = 0; i < n; i++) {
		uint8_t *p = block + (size_t)(i + 1) * HS_UNDO_KEY;

		hs_put_le64(p, keys[i].block);
		hs_put_le32(p + 8, keys[i].crc);
		hs_put_le32(p + 12, keys[i].len);
	}
	hs_put_le32(block + 4, key_block_crc(block, block_size));
}

static errint_t bad(struct hs_strbuf *why, const struct hs_io *file, const char *what)
{
	hs_strbuf_add_escaped(why, file->name, strlen(file->name));
	hs_strbuf_printf(why, ": %s", what);
	return -EUCLEAN;
}

static errint_t unreadable(struct hs_strbuf *why, const struct hs_io *file, errint_t err)
{
	if (err == -ENODATA)
		return bad(why, file, "it is cut short");
	hs_strbuf_add_escaped(why, file->name, strlen(file->name));
	hs_strbuf_printf(why, ": cannot read it: %s", strerror(-err));
	return err;
}

static errint_t load_super(struct hs_io *file, struct hs_undo_file *f, struct hs_strbuf *why)
{
	uint64_t at;
	errint_t err;

	if (__builtin_mul_overflow(f->header.super_block, f->header.block_size, &at))
		return bad(why, file, "it is cut short");
	err = hs_io_pread(file, f->super, sizeof(f->super), at);
	if (err)
		return unreadable(why, file, err);
	f->super[HS_UNDO_SUPER_MAGIC] ^= 0xff;
	f->super[HS_UNDO_SUPER_MAGIC + 1] ^= 0xff;
	if (crc32c(f->super, sizeof(f->super)) != f->header.super_crc)
		return bad(why, file, "the checksum of its superblock is wrong");
	memcpy(f->original, f->super, sizeof(f->original));
	return 0;
}

/* What is saved of the superblock; a block of the file system may hold half of it. */
static errint_t load_original(struct hs_io *file, struct hs_undo_file *f, struct hs_strbuf *why)
{
	errint_t err = 0;

	for (size_t i = 0; i < f->n && !err; i++) {
		const struct hs_undo_key *k = &f->keys[i];
		uint64_t begin, end, from, to;

		if (k->block >= 2 * HS_UNDO_SUPER / BLOCK_SIZE_MIN)
			continue;
		begin = k->block * f->header.fs_block_size;
		end = begin + k->len;
		from = begin > HS_UNDO_SUPER ? begin : HS_UNDO_SUPER;
		to = end < 2 * HS_UNDO_SUPER ? end : 2 * HS_UNDO_SUPER;
		if (from < to)
			err = hs_io_pread(file, f->original + (from - HS_UNDO_SUPER), to - from,
					  k->at + (from - begin));
	}
	return err ? unreadable(why, file, err) : 0;
}

static errint_t check_data(struct hs_io *file, const struct hs_undo_key *k, uint8_t *buf,
			   struct hs_strbuf *why)
{
	errint_t err = hs_io_pread(file, buf, k->len, k->at);

	if (err)
		return unreadable(why, file, err);
	if (crc32c(buf, k->len) != k->crc)
		return bad(why, file, "the checksum of a saved block is wrong");
	return 0;
}

static errint_t load_keys(struct hs_io *file, bool data, struct hs_undo_file *f,
			  struct hs_strbuf *why)
{
	uint32_t bs = f->header.block_size, per_block = hs_undo_keys_in(bs);
	hs_autofree uint8_t *block = malloc(bs);
	hs_autofree uint8_t *buf = malloc((size_t)HS_UNDO_KEY_BLOCKS * bs);
	hs_autofree struct hs_undo_key *keys = calloc(per_block, sizeof(*keys));
	uint64_t left = f->header.keys;

	if (!block || !buf || !keys)
		return -ENOMEM;
	if (__builtin_mul_overflow(f->header.first_key_block, bs, &f->end))
		return bad(why, file, "it is cut short");
	while (left) {
		uint32_t n = left < per_block ? (uint32_t)left : per_block;
		errint_t err = hs_io_pread(file, block, bs, f->end);

		if (err)
			return unreadable(why, file, err);
		if (!hs_undo_keys_decode(block, &f->header, f->end, n, keys, &f->end))
			return bad(why, file, "a block of its index is damaged");
		if (f->end > file->size)
			return bad(why, file, "it is cut short");
		err = hs_array_grow(&f->keys, &f->room, f->n + n);
		for (uint32_t i = 0; i < n && !err; i++) {
			if (!keys[i].len)
				continue;
			f->keys[f->n++] = keys[i];
			if (data)
				err = check_data(file, &keys[i], buf, why);
		}
		if (err)
			return err;
		left -= n;
	}
	return 0;
}

errint_t hs_undo_file_load(struct hs_io *file, bool data, struct hs_undo_file *out,
			   struct hs_strbuf *why)
{
	uint8_t head[HS_UNDO_HEADER];
	const char *wrong;
	errint_t err;

	memset(out, 0, sizeof(*out));
	err = hs_io_pread(file, head, sizeof(head), 0);
	if (err)
		return unreadable(why, file, err);
	wrong = hs_undo_header_decode(head, &out->header);
	if (wrong)
		return bad(why, file, wrong);
	err = load_super(file, out, why);
	if (!err)
		err = load_keys(file, data, out, why);
	if (!err)
		err = load_original(file, out, why);
	if (err)
		hs_undo_file_free(out);
	return err;
}

void hs_undo_file_free(struct hs_undo_file *f)
{
	free(f->keys);
	memset(f, 0, sizeof(*f));
}
