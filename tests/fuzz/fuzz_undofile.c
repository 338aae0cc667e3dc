/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Undo files: whatever they hold, what loads lies inside the file, and a restore inside the device.
 */
#include "fuzz.h"

#include "base/bytes.h"
#include "base/crc32c.h"
#include "io/channel.h"
#include "io/redo.h"
#include "io/undofile.h"

struct mem {
	struct hs_io io;
	uint8_t *bytes;
};

static errint_t mem_pread(struct hs_io *io, void *buf, size_t len, uint64_t off)
{
	if (!hs_io_inside(io->size, len, off))
		return -ENODATA;
	memcpy(buf, ((struct mem *)io)->bytes + off, len);
	return 0;
}

static errint_t mem_pwrite(struct hs_io *io, const void *buf, size_t len, uint64_t off)
{
	fuzz_require(hs_io_inside(io->size, len, off));
	fuzz_touch(buf, len);
	return 0;
}

static errint_t mem_flush(struct hs_io *io)
{
	(void)io;
	return 0;
}

static const struct hs_io_ops ops = {
	.name = "memory",
	.pread = mem_pread,
	.pwrite = mem_pwrite,
	.flush = mem_flush,
};

/* Checksums are never right by chance. */
static void mend(uint8_t *b, size_t len)
{
	hs_crc32c_fn *crc = hs_crc32c_best();
	uint64_t first, super;

	memcpy(b, "E2UNDO02", 8);
	hs_put_le32(b + 32, 1024);
	hs_put_le32(b + 36, 1024u << (b[36] & 3));
	memset(b + 48, 0, 12);
	hs_put_le64(b + 8, hs_get_le64(b + 8) & 0x7f);
	hs_put_le64(b + 16, b[16] & 3);
	hs_put_le64(b + 24, b[24] & 3);
	super = hs_get_le64(b + 16) * 1024;
	first = hs_get_le64(b + 24) * 1024;
	if (super + 1024 <= len) {
		uint8_t copy[1024];

		memcpy(copy, b + super, sizeof(copy));
		copy[56] ^= 0xff;
		copy[57] ^= 0xff;
		hs_put_le32(b + 40, crc(~0u, copy, sizeof(copy)));
	}
	if (first && first + 1024 <= len) {
		hs_put_le32(b + first, 0xcadecade);
		hs_put_le32(b + first + 4, 0);
		for (unsigned i = 1; i < 64; i++)
			hs_put_le32(b + first + i * 16 + 12,
				    hs_get_le32(b + first + i * 16 + 12) & 0x7ff);
		hs_put_le32(b + first + 4, crc(~0u, b + first, 1024));
	}
	hs_put_le32(b + 508, crc(~0u, b, 508));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hs_strbuf why = HS_STRBUF_INIT;
	uint8_t *b = fuzz_value(data, size);
	struct mem file = {.io = {.ops = &ops, .name = "undo"}};
	struct mem dev = {.io = {.ops = &ops, .name = "device", .size = 1 << 20, .writable = 1}};
	struct hs_undo_file f;

	if (!b)
		return 0;
	size--;
	if (size >= 512 && (data[0] & 1))
		mend(b, size);
	if (size >= HS_REDO_HEADER) {
		struct hs_redo_header h;

		if (hs_redo_header_decode(b, &h))
			fuzz_require(h.blocks && h.block_size >= 1024);
	}
	file.bytes = b;
	file.io.size = size;
	if (!hs_undo_file_load(&file.io, data[0] & 2, &f, &why)) {
		for (size_t i = 0; i < f.n; i++)
			fuzz_require(f.keys[i].at + f.keys[i].len <= size);
		fuzz_require(f.end <= size || !f.n);
		hs_undo_file_fits(&f, f.super);
		hs_undo_file_restore(&f, &file.io, &dev.io, data[0] >> 4, &why);
		hs_undo_file_free(&f);
	}
	hs_strbuf_free(&why);
	free(b);
	return 0;
}
