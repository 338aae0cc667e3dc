/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writing and replaying a redo file.
 */
#include "io/redo.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/crc32c.h"
#include "io/device.h"
#include "io/stage.h"

#define HEADER_CRC  508u
#define INDEX_ENTRY 16u
#define BLOCKS_MAX  (1u << 28)

static const char magic[8] = "HSREDO01";

struct hs_redo {
	char *path;
	int fd;
	uint32_t block_size;
	uint8_t uuid[16];
	bool under_way;
};

int hs_redo_header_decode(const uint8_t buf[HS_REDO_HEADER], struct hs_redo_header *out)
{
	if (memcmp(buf, magic, sizeof(magic)) ||
	    hs_get_le32(buf + HEADER_CRC) != hs_crc32c_best()(~0u, buf, HEADER_CRC))
		return 0;
	out->block_size = hs_get_le32(buf + 8);
	out->index_crc = hs_get_le32(buf + 12);
	out->blocks = hs_get_le64(buf + 16);
	memcpy(out->uuid, buf + 24, sizeof(out->uuid));
	return out->block_size >= 1024 && out->block_size <= 65536 &&
	       !(out->block_size & (out->block_size - 1)) && out->blocks &&
	       out->blocks <= BLOCKS_MAX;
}

static uint64_t images_at(uint64_t blocks, uint32_t block_size)
{
	return (HS_REDO_HEADER + blocks * INDEX_ENTRY + block_size - 1) / block_size * block_size;
}

static errint_t put(int fd, const void *buf, size_t len, uint64_t off)
{
	const uint8_t *p = buf;

	while (len) {
		ssize_t n = pwrite(fd, p, len, (off_t)off);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		p += n;
		len -= (size_t)n;
		off += (uint64_t)n;
	}
	return 0;
}

/* The index of a file that is whole up to its images, NULL otherwise. */
static uint8_t *load_index(struct hs_io *file, struct hs_redo_header *h)
{
	uint8_t head[HS_REDO_HEADER];
	hs_autofree uint8_t *index = NULL;
	size_t len;

	if (hs_io_pread(file, head, sizeof(head), 0) || !hs_redo_header_decode(head, h) ||
	    images_at(h->blocks, h->block_size) + h->blocks * h->block_size > file->size)
		return NULL;
	len = (size_t)h->blocks * INDEX_ENTRY;
	index = malloc(len);
	if (!index || hs_io_pread(file, index, len, HS_REDO_HEADER) ||
	    hs_crc32c_best()(~0u, index, len) != h->index_crc)
		return NULL;
	return hs_take(index);
}

/* Goes through all images, writing them if `dev` is not NULL. 1: all are whole. */
static int each_image(struct hs_io *file, const struct hs_redo_header *h, const uint8_t *index,
		      struct hs_io *dev)
{
	uint64_t at = images_at(h->blocks, h->block_size);
	hs_autofree uint8_t *buf = malloc(h->block_size);

	if (!buf)
		return -ENOMEM;
	for (uint64_t i = 0; i < h->blocks; i++, at += h->block_size) {
		const uint8_t *e = index + i * INDEX_ENTRY;
		errint_t err = hs_io_pread(file, buf, h->block_size, at);

		if (err)
			return err == -ENODATA ? 0 : err;
		if (hs_crc32c_best()(~0u, buf, h->block_size) != hs_get_le32(e + 8))
			return 0;
		if (dev && hs_get_le64(e) > dev->size / h->block_size)
			return -ENOSPC;
		err = dev ? hs_io_pwrite(dev, buf, h->block_size, hs_get_le64(e) * h->block_size)
			  : 0;
		if (err)
			return err;
	}
	return 1;
}

static errint_t finish(struct hs_redo *r, struct hs_io *dev, int *finished, struct hs_strbuf *why)
{
	struct hs_io *file;
	struct hs_redo_header h;
	hs_autofree uint8_t *index = NULL;
	int ret;

	*finished = 0;
	if (lseek(r->fd, 0, SEEK_END) == 0)
		return 0;
	ret = hs_device_open(r->path, HS_DEVICE_READ, &file, why);
	if (ret)
		return ret;
	index = load_index(file, &h);
	ret = index ? each_image(file, &h, index, NULL) : 0;
	if (ret == 1 && (h.block_size != r->block_size || memcmp(h.uuid, r->uuid, 16))) {
		hs_strbuf_printf(why, "%s does not belong to %s: it is of another file system",
				 r->path, dev->name);
		hs_io_close(file);
		return -ESTALE;
	}
	if (ret == 1) {
		ret = each_image(file, &h, index, dev);
		if (ret == 1)
			ret = hs_io_flush(dev);
		*finished = !ret;
	}
	hs_io_close(file);
	if (ret)
		hs_strbuf_printf(why, "%s: cannot finish the changes that %s holds: %s", dev->name,
				 r->path, strerror(-ret));
	return ret;
}

errint_t hs_redo_open(const char *path, struct hs_io *dev, uint32_t block_size,
		      const uint8_t uuid[16], struct hs_redo **out, int *finished,
		      struct hs_strbuf *why)
{
	struct hs_redo *r = calloc(1, sizeof(*r));
	errint_t err;

	if (!r)
		return -ENOMEM;
	r->path = strdup(path);
	r->block_size = block_size;
	memcpy(r->uuid, uuid, sizeof(r->uuid));
	r->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (!r->path || r->fd < 0) {
		err = r->path ? -errno : -ENOMEM;
		hs_strbuf_printf(why, "Cannot open %s: %s", path, strerror(-err));
	} else {
		r->under_way = true; /* whatever it holds stays if it cannot be finished */
		err = finish(r, dev, finished, why);
		if (!err)
			err = hs_redo_done(r);
	}
	if (err) {
		hs_redo_close(r);
		return err;
	}
	*out = r;
	return 0;
}

errint_t hs_redo_write(struct hs_redo *r, struct hs_io *stage, const uint64_t *blocks, size_t n)
{
	uint8_t head[HS_REDO_HEADER] = {0};
	hs_crc32c_fn *crc = hs_crc32c_best();
	hs_autofree uint8_t *index = calloc(n + 1, INDEX_ENTRY);
	uint64_t at = images_at(n, r->block_size);
	errint_t err;

	if (!index)
		return -ENOMEM;
	if (n > BLOCKS_MAX)
		return -EFBIG;
	for (size_t i = 0; i < n; i++, at += r->block_size) {
		const uint8_t *img = hs_stage_image(stage, blocks[i]);

		hs_put_le64(index + i * INDEX_ENTRY, blocks[i]);
		hs_put_le32(index + i * INDEX_ENTRY + 8, crc(~0u, img, r->block_size));
		err = put(r->fd, img, r->block_size, at);
		if (err)
			return err;
	}
	memcpy(head, magic, sizeof(magic));
	hs_put_le32(head + 8, r->block_size);
	hs_put_le32(head + 12, crc(~0u, index, n * INDEX_ENTRY));
	hs_put_le64(head + 16, n);
	memcpy(head + 24, r->uuid, sizeof(r->uuid));
	hs_put_le32(head + HEADER_CRC, crc(~0u, head, HEADER_CRC));
	err = put(r->fd, index, n * INDEX_ENTRY, HS_REDO_HEADER);
	if (!err)
		err = put(r->fd, head, sizeof(head), 0);
	/* Each part has a checksum: the order in which they reach the disk is no matter. */
	if (!err && fsync(r->fd))
		err = -errno;
	r->under_way = !err;
	return err;
}

errint_t hs_redo_done(struct hs_redo *r)
{
	/* Not durable: to finish once more what is finished changes nothing. */
	if (ftruncate(r->fd, 0))
		return -errno;
	r->under_way = false;
	return 0;
}

void hs_redo_close(struct hs_redo *r)
{
	if (!r)
		return;
	if (r->fd >= 0) {
		if (!r->under_way)
			unlink(r->path);
		close(r->fd);
	}
	free(r->path);
	free(r);
}
