/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Taking changes back: whether a device is the one an undo file was made for, and writing the saved
 * blocks. The superblock goes last, so that a restoration that was cut off is still recognized.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/crc32c.h"
#include "io/undofile.h"

/* Offsets in the superblock (ext4 on-disk format). */
enum {
	SB_FREE_BLOCKS = 12,
	SB_FREE_INODES = 16,
	SB_MTIME = 44,
	SB_WTIME = 48,
	SB_UUID = 104,
	SB_FREE_BLOCKS_HI = 344,
	SB_KBYTES_WRITTEN = 376,
	SB_CHECKSUM = 1020,
};

/* Whether the last one who wrote is the same. */
static bool same_writer(const uint8_t *a, const uint8_t *b)
{
	return hs_get_le32(a + SB_WTIME) == hs_get_le32(b + SB_WTIME) &&
	       hs_get_le64(a + SB_KBYTES_WRITTEN) == hs_get_le64(b + SB_KBYTES_WRITTEN);
}

static void blank_counts(uint8_t *super)
{
	hs_put_le32(super + SB_WTIME, 0);
	hs_put_le64(super + SB_KBYTES_WRITTEN, 0);
	hs_put_le32(super + SB_FREE_BLOCKS, 0);
	hs_put_le32(super + SB_FREE_INODES, 0);
	hs_put_le32(super + SB_FREE_BLOCKS_HI, 0);
	hs_put_le32(super + SB_CHECKSUM, 0);
}

const char *hs_undo_file_fits(const struct hs_undo_file *f, const uint8_t super[HS_UNDO_SUPER])
{
	uint8_t mine[HS_UNDO_SUPER], theirs[HS_UNDO_SUPER];

	memcpy(mine, f->super, sizeof(mine));
	memcpy(theirs, super, sizeof(theirs));
	if (memcmp(mine + SB_UUID, theirs + SB_UUID, 16))
		return "it is of another file system (the UUIDs differ)";
	if (hs_get_le32(mine + SB_MTIME) != hs_get_le32(theirs + SB_MTIME))
		return "the file system has been mounted since";
	if (!same_writer(mine, theirs) && !same_writer(f->original, theirs))
		return "the file system has been written since";
	blank_counts(mine);
	blank_counts(theirs);
	if (memcmp(mine, theirs, sizeof(mine)))
		return "the superblock has been changed since";
	return NULL;
}

static int by_block(const void *a, const void *b)
{
	uint64_t x = (*(const struct hs_undo_key *const *)a)->block;
	uint64_t y = (*(const struct hs_undo_key *const *)b)->block;

	return x < y ? -1 : x > y;
}

static bool holds(const struct hs_undo_file *f, const struct hs_undo_key *k, uint64_t block)
{
	return k->block <= block &&
	       block - k->block < (k->len + f->header.fs_block_size - 1) / f->header.fs_block_size;
}

bool hs_undo_file_has(const struct hs_undo_file *f, uint64_t block)
{
	for (size_t i = 0; i < f->n; i++)
		if (holds(f, &f->keys[i], block))
			return true;
	return false;
}

/* What is written when all the rest is durable. */
static bool comes_late(const struct hs_undo_file *f, const struct hs_undo_key *k, uint64_t late)
{
	return k->block * f->header.fs_block_size < 2 * HS_UNDO_SUPER ||
	       (late && holds(f, k, late));
}

static errint_t write_back(const struct hs_undo_file *f, const struct hs_undo_key *k,
			   struct hs_io *file, struct hs_io *dev, uint8_t *buf,
			   struct hs_strbuf *why)
{
	errint_t err = hs_io_pread(file, buf, k->len, k->at);

	if (!err && hs_crc32c_best()(~0u, buf, k->len) != k->crc)
		err = -EUCLEAN;
	if (err) {
		hs_strbuf_printf(why, "%s: cannot read the undo record of block %" PRIu64 ": %s",
				 file->name, k->block,
				 err == -EUCLEAN ? "its checksum is wrong" : strerror(-err));
		return err;
	}
	err = hs_io_pwrite(dev, buf, k->len, k->block * f->header.fs_block_size);
	if (err)
		hs_strbuf_printf(why, "%s: cannot write block %" PRIu64 ": %s", dev->name, k->block,
				 strerror(-err));
	return err;
}

errint_t hs_undo_file_restore(const struct hs_undo_file *f, struct hs_io *file, struct hs_io *dev,
			      uint64_t late, struct hs_strbuf *why)
{
	uint64_t blocks = dev->size / f->header.fs_block_size;
	hs_autofree const struct hs_undo_key **order = calloc(f->n + 1, sizeof(*order));
	hs_autofree uint8_t *buf = malloc((size_t)HS_UNDO_KEY_BLOCKS * f->header.block_size);
	errint_t err = 0;

	if (!order || !buf)
		return -ENOMEM;
	for (size_t i = 0; i < f->n; i++) {
		const struct hs_undo_key *k = &f->keys[i];

		order[i] = k;
		if (k->block < blocks && k->len <= dev->size - k->block * f->header.fs_block_size)
			continue;
		hs_strbuf_printf(why, "%s: it has a record of block %" PRIu64 ", beyond %s",
				 file->name, k->block, dev->name);
		return -ENXIO;
	}
	qsort(order, f->n, sizeof(*order), by_block);
	for (size_t i = 0; i < f->n && !err; i++)
		if (!comes_late(f, order[i], late))
			err = write_back(f, order[i], file, dev, buf, why);
	if (!err)
		err = hs_io_flush(dev);
	for (size_t i = 0; i < f->n && !err; i++)
		if (comes_late(f, order[i], late))
			err = write_back(f, order[i], file, dev, buf, why);
	if (!err)
		err = hs_io_flush(dev);
	if (err && !why->len)
		hs_strbuf_printf(why, "%s: cannot write: %s", dev->name, strerror(-err));
	return err;
}
