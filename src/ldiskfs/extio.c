/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An io_manager for libext2fs whose reads and writes go through an hs_io, so that every layer
 * (statistics, faults, undo) sees what the library does.
 */
#include "ldiskfs/extio.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXTIO_PREFIX "hs_io:"

static errcode_t extio_set_blksize(io_channel ch, int blksize)
{
	EXT2_CHECK_MAGIC(ch, EXT2_ET_MAGIC_IO_CHANNEL);
	if (blksize <= 0)
		return EXT2_ET_INVALID_ARGUMENT;
	ch->block_size = blksize;
	return 0;
}

/* The library passes a count of blocks, or a negative number of bytes. */
static size_t extio_bytes(io_channel ch, int count)
{
	return count < 0 ? (size_t) - (int64_t)count : (size_t)count * (size_t)ch->block_size;
}

static errcode_t extio_read64(io_channel ch, unsigned long long block, int count, void *data)
{
	struct hs_io *io;

	EXT2_CHECK_MAGIC(ch, EXT2_ET_MAGIC_IO_CHANNEL);
	io = ch->private_data;
	if (block > UINT64_MAX / (unsigned)ch->block_size)
		return EXT2_ET_SHORT_READ;
	return -(errcode_t)hs_io_pread(io, data, extio_bytes(ch, count),
				       block * (unsigned)ch->block_size);
}

static errcode_t extio_read(io_channel ch, unsigned long block, int count, void *data)
{
	return extio_read64(ch, block, count, data);
}

static errcode_t extio_write64(io_channel ch, unsigned long long block, int count, const void *data)
{
	struct hs_io *io;

	EXT2_CHECK_MAGIC(ch, EXT2_ET_MAGIC_IO_CHANNEL);
	io = ch->private_data;
	if (block > UINT64_MAX / (unsigned)ch->block_size)
		return EXT2_ET_SHORT_WRITE;
	return -(errcode_t)hs_io_pwrite(io, data, extio_bytes(ch, count),
					block * (unsigned)ch->block_size);
}

static errcode_t extio_write(io_channel ch, unsigned long block, int count, const void *data)
{
	return extio_write64(ch, block, count, data);
}

static errcode_t extio_flush(io_channel ch)
{
	struct hs_io *io;

	EXT2_CHECK_MAGIC(ch, EXT2_ET_MAGIC_IO_CHANNEL);
	io = ch->private_data;
	return io->writable ? -(errcode_t)hs_io_flush(io) : 0;
}

static errcode_t extio_close(io_channel ch)
{
	EXT2_CHECK_MAGIC(ch, EXT2_ET_MAGIC_IO_CHANNEL);
	if (--ch->refcount > 0)
		return 0;
	free(ch->name);
	free(ch);
	return 0;
}

static errcode_t extio_open(const char *name, int flags, io_channel *out);

static struct struct_io_manager extio_manager = {
	.magic = EXT2_ET_MAGIC_IO_MANAGER,
	.name = "hs_io",
	.open = extio_open,
	.close = extio_close,
	.set_blksize = extio_set_blksize,
	.read_blk = extio_read,
	.write_blk = extio_write,
	.flush = extio_flush,
	.read_blk64 = extio_read64,
	.write_blk64 = extio_write64,
};

static errcode_t extio_open(const char *name, int flags, io_channel *out)
{
	uintptr_t address = 0;
	io_channel ch;

	(void)flags;
	if (sscanf(name, EXTIO_PREFIX "%" SCNxPTR, &address) != 1 || !address)
		return EXT2_ET_BAD_DEVICE_NAME;
	ch = calloc(1, sizeof(*ch));
	if (!ch)
		return EXT2_ET_NO_MEMORY;
	ch->magic = EXT2_ET_MAGIC_IO_CHANNEL;
	ch->manager = &extio_manager;
	ch->name = strdup(name);
	if (!ch->name) {
		free(ch);
		return EXT2_ET_NO_MEMORY;
	}
	ch->block_size = 1024;
	ch->refcount = 1;
	ch->private_data = (void *)address; // NOLINT: see hs_extio_open()
	*out = ch;
	return 0;
}

errcode_t hs_extio_open(struct hs_io *io, int flags, ext2_filsys *out)
{
	char name[64];

	snprintf(name, sizeof(name), EXTIO_PREFIX "%" PRIxPTR, (uintptr_t)io);
	return ext2fs_open2(name, NULL, flags, 0, 0, &extio_manager, out);
}
