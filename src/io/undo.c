/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writing an undo file. See undo.h for the order in which its parts become durable.
 */
#include "io/undo.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/crc32c.h"
#include "base/u64map.h"
#include "io/device.h"
#include "io/undofile.h"

#define SUPER_BLOCK_A 1u
#define SUPER_BLOCK_B 2u
#define FIRST_KEYS    3u
#define RUN_BLOCKS    64u /* at most so many blocks of the file system behind one key */

struct undo {
	struct hs_io io;
	struct hs_io *below;
	char *path;
	int fd; /* -1: nothing has been recorded yet */
	uint32_t block_size;
	struct hs_undo_header header; /* as it is on disk */
	uint8_t super[HS_UNDO_SUPER]; /* the device's, as the file has it */
	struct hs_u64map saved;	      /* blocks that have a record, durable or not */

	/* What is not durable yet. */
	struct hs_undo_key *keys; /* of the current key block */
	uint32_t n_keys;
	uint64_t key_block; /* where it will be written, bytes */
	uint64_t end;	    /* where the next data go, bytes */
	uint64_t new_keys;  /* in key blocks written since the last header, empty ones included */
	bool pending;
	errint_t broken; /* a write of the file failed: nothing may be written below any more */
	uint8_t *run;	 /* RUN_BLOCKS blocks */
};

static errint_t put(struct undo *u, const void *buf, size_t len, uint64_t off)
{
	const uint8_t *p = buf;

	while (len) {
		ssize_t n = pwrite(u->fd, p, len, (off_t)off);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return u->broken = n < 0 ? -errno : -EIO;
		p += n;
		len -= (size_t)n;
		off += (uint64_t)n;
	}
	return 0;
}

static errint_t durable(struct undo *u)
{
	return fdatasync(u->fd) ? (u->broken = -errno) : 0;
}

/* One sector: it is there or it is not. */
static errint_t put_header(struct undo *u)
{
	uint8_t buf[HS_UNDO_HEADER];
	errint_t err;

	hs_undo_header_encode(&u->header, buf);
	err = put(u, buf, sizeof(buf), 0);
	return err ? err : durable(u);
}

/* The copy goes where the header does not look until it names it. */
static errint_t put_super(struct undo *u, const uint8_t super[HS_UNDO_SUPER])
{
	uint8_t copy[HS_UNDO_SUPER];
	uint64_t block = u->header.super_block == SUPER_BLOCK_A ? SUPER_BLOCK_B : SUPER_BLOCK_A;
	errint_t err;

	memcpy(copy, super, sizeof(copy));
	copy[HS_UNDO_SUPER_MAGIC] ^= 0xff;
	copy[HS_UNDO_SUPER_MAGIC + 1] ^= 0xff;
	err = put(u, copy, sizeof(copy), block * u->block_size);
	if (!err)
		err = durable(u);
	if (err)
		return err;
	memcpy(u->super, super, sizeof(u->super));
	u->header.super_block = block;
	u->header.super_crc = hs_crc32c_best()(~0u, super, sizeof(u->super));
	return put_header(u);
}

static errint_t sync_directory(const char *path)
{
	hs_autofree char *dir = strdup(path);
	hs_autoclose int fd = -1;
	char *slash;

	if (!dir)
		return -ENOMEM;
	slash = strrchr(dir, '/');
	if (slash == dir)
		slash++;
	if (slash)
		*slash = '\0';
	fd = open(slash ? dir : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 || fsync(fd) ? -errno : 0;
}

static errint_t create(struct undo *u)
{
	errint_t err;

	u->fd = open(u->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (u->fd < 0)
		return u->broken = -errno;
	u->header = (struct hs_undo_header){
		.super_block = SUPER_BLOCK_B,
		.first_key_block = FIRST_KEYS,
		.block_size = u->block_size,
		.fs_block_size = u->block_size,
		/* At each instant the file is complete: without this e2undo changes the superblock.
		 */
		.state = HS_UNDO_FINISHED,
	};
	u->end = (uint64_t)FIRST_KEYS * u->block_size;
	if (ftruncate(u->fd, (off_t)u->end))
		return u->broken = -errno;
	err = hs_io_pread(u->below, u->super, sizeof(u->super), HS_UNDO_SUPER);
	if (!err)
		err = put_super(u, u->super);
	if (!err)
		err = sync_directory(u->path);
	if (err)
		u->broken = err;
	return err;
}

/* Ends the current key block; unused places get keys without data. */
static errint_t close_key_block(struct undo *u)
{
	uint32_t all = hs_undo_keys_in(u->block_size);
	hs_autofree uint8_t *block = malloc(u->block_size);
	errint_t err;

	if (!block)
		return u->broken = -ENOMEM;
	while (u->n_keys < all)
		u->keys[u->n_keys++] = (struct hs_undo_key){.crc = ~0u};
	hs_undo_keys_encode(u->keys, all, block, u->block_size);
	err = put(u, block, u->block_size, u->key_block);
	u->new_keys += all;
	u->n_keys = 0;
	return err;
}

static errint_t add_key(struct undo *u, uint64_t first, uint32_t blocks)
{
	uint32_t len = blocks * u->block_size;
	errint_t err = 0;

	if (u->n_keys == hs_undo_keys_in(u->block_size))
		err = close_key_block(u);
	if (!err && !u->n_keys) {
		u->key_block = u->end;
		u->end += u->block_size;
	}
	if (!err)
		err = put(u, u->run, len, u->end);
	if (err)
		return err;
	u->keys[u->n_keys++] = (struct hs_undo_key){
		.block = first,
		.crc = hs_crc32c_best()(~0u, u->run, len),
		.len = len,
	};
	u->end += len;
	u->pending = true;
	for (uint32_t i = 0; i < blocks && !err; i++)
		err = hs_u64map_put(&u->saved, first + i, 0);
	if (err)
		u->broken = err;
	return err;
}

errint_t hs_undo_record(struct hs_io *undo, uint64_t off, uint64_t len)
{
	struct undo *u = (struct undo *)undo;
	uint64_t block, last;
	errint_t err = u->broken;

	if (err || !len)
		return err;
	if (off > u->io.size || len > u->io.size - off)
		return -ENOSPC;
	block = off / u->block_size;
	last = (off + len - 1) / u->block_size;
	if ((last + 1) * u->block_size > u->io.size)
		return -ENOSPC; /* nothing of a file system lies in a part of a block */
	if (u->fd < 0)
		err = create(u);
	while (!err && block <= last) {
		uint32_t n = 0;

		while (n < RUN_BLOCKS && block + n <= last && !hs_u64map_get(&u->saved, block + n))
			n++;
		if (!n) {
			block++;
			continue;
		}
		err = hs_io_pread(u->below, u->run, (size_t)n * u->block_size,
				  block * u->block_size);
		if (!err)
			err = add_key(u, block, n);
		block += n;
	}
	return err;
}

errint_t hs_undo_sync(struct hs_io *undo)
{
	struct undo *u = (struct undo *)undo;
	errint_t err = u->broken;

	if (err || !u->pending)
		return err;
	if (u->n_keys)
		err = close_key_block(u);
	if (!err)
		err = durable(u);
	if (err)
		return err;
	u->header.keys += u->new_keys;
	u->new_keys = 0;
	u->pending = false;
	return put_header(u);
}

int hs_undo_has(struct hs_io *undo, uint64_t off)
{
	struct undo *u = (struct undo *)undo;

	return hs_u64map_get(&u->saved, off / u->block_size) != NULL;
}

/* The superblock as a write will leave it. */
static errint_t follow_super(struct undo *u, const uint8_t *buf, size_t len, uint64_t off)
{
	uint64_t from = off > HS_UNDO_SUPER ? off : HS_UNDO_SUPER;
	uint64_t to = off + len < 2 * HS_UNDO_SUPER ? off + len : 2 * HS_UNDO_SUPER;
	uint8_t super[HS_UNDO_SUPER];

	if (from >= to)
		return 0;
	memcpy(super, u->super, sizeof(super));
	memcpy(super + (from - HS_UNDO_SUPER), buf + (from - off), to - from);
	return memcmp(super, u->super, sizeof(super)) ? put_super(u, super) : 0;
}

static errint_t undo_pwrite(struct hs_io *io, const void *buf, size_t len, uint64_t off)
{
	struct undo *u = (struct undo *)io;
	errint_t err;

	if (!len)
		return 0;
	err = hs_undo_record(io, off, len);
	if (!err)
		err = hs_undo_sync(io);
	if (!err)
		err = follow_super(u, buf, len, off);
	return err ? err : hs_io_pwrite(u->below, buf, len, off);
}

static errint_t undo_pread(struct hs_io *io, void *buf, size_t len, uint64_t off)
{
	return hs_io_pread(((struct undo *)io)->below, buf, len, off);
}

static errint_t undo_flush(struct hs_io *io)
{
	return hs_io_flush(((struct undo *)io)->below);
}

static errint_t undo_chan_open(struct hs_io *io, unsigned depth, struct hs_io_chan **out)
{
	return hs_io_chan_open(((struct undo *)io)->below, depth, out);
}

static void undo_close(struct hs_io *io)
{
	struct undo *u = (struct undo *)io;

	hs_io_close(u->below);
	if (u->fd >= 0)
		close(u->fd);
	hs_u64map_free(&u->saved);
	free(u->keys);
	free(u->run);
	free(u->path);
	free(u);
}

static const struct hs_io_ops undo_ops = {
	.name = "undo",
	.pread = undo_pread,
	.pwrite = undo_pwrite,
	.flush = undo_flush,
	.chan_open = undo_chan_open,
	.close = undo_close,
};

/* Takes over what an existing file has saved. */
static errint_t take_over(struct undo *u, const struct hs_undo_file *f, struct hs_strbuf *why)
{
	uint8_t super[HS_UNDO_SUPER];
	const char *differs;
	errint_t err = hs_io_pread(u->below, super, sizeof(super), HS_UNDO_SUPER);

	if (err) {
		hs_strbuf_printf(why, "%s: cannot read the superblock: %s", u->below->name,
				 strerror(-err));
		return err;
	}
	differs = hs_undo_file_fits(f, super);
	if (!differs &&
	    (f->header.block_size != u->block_size || f->header.fs_block_size != u->block_size))
		differs = "it has another block size";
	if (differs) {
		hs_strbuf_printf(why, "%s does not belong to %s: %s", u->path, u->below->name,
				 differs);
		return -ESTALE;
	}
	for (size_t i = 0; i < f->n && !err; i++)
		for (uint32_t k = 0; k < f->keys[i].len / u->block_size && !err; k++)
			err = hs_u64map_put(&u->saved, f->keys[i].block + k, 0);
	u->header = f->header;
	u->end = f->end;
	memcpy(u->super, f->super, sizeof(u->super));
	/* Records follow full key blocks only. */
	if (!err && f->header.keys % hs_undo_keys_in(u->block_size))
		err = -EUCLEAN;
	if (err == -EUCLEAN)
		hs_strbuf_printf(why, "%s: written by another program: it cannot be continued",
				 u->path);
	if (!err && memcmp(super, u->super, sizeof(super)))
		err = put_super(u, super);
	return err;
}

static errint_t continue_file(struct undo *u, struct hs_strbuf *why)
{
	struct hs_undo_file f;
	struct hs_io *file;
	struct stat st;
	errint_t err;

	if (stat(u->path, &st) && errno == ENOENT)
		return 0;
	/* Created and cut off before its header: nothing has been written to the device. */
	if (!stat(u->path, &st) && (uint64_t)st.st_size <= (uint64_t)FIRST_KEYS * u->block_size) {
		static const uint8_t none[8];
		uint8_t head[8] = {0};
		hs_autoclose int fd = open(u->path, O_RDONLY | O_CLOEXEC);

		if (fd >= 0 && pread(fd, head, sizeof(head), 0) >= 0 && !memcmp(head, none, 8))
			return unlink(u->path) ? -errno : 0;
	}
	err = hs_device_open(u->path, HS_DEVICE_READ, &file, why);
	if (err)
		return err;
	err = hs_undo_file_load(file, true, &f, why);
	hs_io_close(file);
	if (err)
		return err;
	u->fd = open(u->path, O_RDWR | O_CLOEXEC);
	if (u->fd < 0) {
		err = -errno;
		hs_strbuf_printf(why, "Cannot open %s for writing: %s", u->path, strerror(-err));
	}
	if (!err)
		err = take_over(u, &f, why);
	hs_undo_file_free(&f);
	return err;
}

errint_t hs_undo_open(struct hs_io *below, const char *path, uint32_t block_size,
		      struct hs_io **out, struct hs_strbuf *why)
{
	struct undo *u = calloc(1, sizeof(*u));
	errint_t err = 0;

	if (!u) {
		hs_io_close(below);
		return -ENOMEM;
	}
	u->io = *below;
	u->io.ops = &undo_ops;
	u->below = below;
	u->fd = -1;
	u->block_size = block_size;
	u->path = strdup(path);
	u->keys = calloc(hs_undo_keys_in(block_size), sizeof(*u->keys));
	u->run = malloc((size_t)RUN_BLOCKS * block_size);
	if (!u->path || !u->keys || !u->run)
		err = -ENOMEM;
	if (!err)
		err = continue_file(u, why);
	if (err) {
		if (err == -ENOMEM)
			hs_strbuf_puts(why, "out of memory");
		undo_close(&u->io);
		return err;
	}
	*out = &u->io;
	return 0;
}
