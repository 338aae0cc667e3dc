/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Undo files: a device is written through the undo layer, cut off at every write and inside it,
 * and taken back by this program and by e2undo. Staged writes, and transactions that are finished
 * from their redo file.
 */
#include "cm.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "io/cut.h"
#include "io/device.h"
#include "io/redo.h"
#include "io/stage.h"
#include "io/undo.h"
#include "io/undofile.h"

#define BS     4096u
#define BLOCKS 700u
#define SIZE   (BLOCKS * BS)

/* Where fsync costs nothing, if there is such a place: what is tested is the order of things. */
static char dir[] = "/dev/shm/hs-undo-XXXXXX";
static char image[64], undo_path[64], redo_path[64];
static uint8_t original[SIZE];

static void write_file(const char *path, const void *buf, size_t len)
{
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, buf, len), len);
	close(fd);
}

static uint8_t *read_file(const char *path, size_t *len)
{
	int fd = open(path, O_RDONLY);
	struct stat st;
	uint8_t *p;

	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &st), 0);
	p = malloc((size_t)st.st_size + 1);
	assert_int_equal(read(fd, p, (size_t)st.st_size), st.st_size);
	close(fd);
	*len = (size_t)st.st_size;
	return p;
}

/* Bytes that differ everywhere, and a superblock as far as e2undo looks at it. */
static void fresh(void)
{
	uint32_t x = 12345;

	for (size_t i = 0; i < SIZE; i += 4) {
		x = x * 1664525u + 1013904223u;
		hs_put_le32(original + i, x);
	}
	hs_put_le16(original + 1024 + 56, 0xef53);
	write_file(image, original, SIZE);
	unlink(undo_path);
	unlink(redo_path);
}

static bool is_original(void)
{
	size_t len;
	uint8_t *now = read_file(image, &len);
	bool same = len == SIZE && !memcmp(now, original, SIZE);

	free(now);
	return same;
}

static struct hs_io *open_image(void)
{
	struct hs_strbuf why = HS_STRBUF_INIT;
	struct hs_io *io;

	if (hs_device_open(image, HS_DEVICE_WRITE, &io, &why))
		fail_msg("%s", hs_strbuf_str(&why));
	hs_strbuf_free(&why);
	return io;
}

static struct hs_io *open_undo(struct hs_io *below)
{
	struct hs_strbuf why = HS_STRBUF_INIT;
	struct hs_io *io;

	if (hs_undo_open(below, undo_path, BS, &io, &why))
		fail_msg("%s", hs_strbuf_str(&why));
	hs_strbuf_free(&why);
	return io;
}

/*
 * Overlapping writes, twice to one place, across blocks, of several blocks, into the superblock,
 * and a group that is recorded together. Stops at the first error.
 */
static errint_t work(struct hs_io *io, unsigned salt)
{
	static uint8_t bytes[81 * BS];
	static const struct {
		uint32_t off, len;
	} writes[] = {
		{20 * BS, BS},	     {20 * BS + 100, 50},     {30 * BS - 700, 1400},
		{100 * BS, 80 * BS}, {1024 + 12, 8},	      {90 * BS, 30 * BS},
		{1024, 1024},	     {(BLOCKS - 1) * BS, BS}, {500 * BS, 3 * BS},
		{500 * BS, 2 * BS},  {1024 + 344, 4},	      {0, 512},
	};
	uint8_t super[1024];
	errint_t err = 0;

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * 31 + salt);
	for (size_t i = 0; i < sizeof(writes) / sizeof(writes[0]) && !err; i++) {
		if (i == 8) {
			err = hs_undo_record(io, 500 * BS, 3 * BS);
			if (!err)
				err = hs_undo_record(io, 600 * BS, BS);
			if (!err)
				err = hs_undo_sync(io);
		}
		if (writes[i].off == 1024 && !err) {
			/* identity stays, counts change */
			err = hs_io_pread(io, super, sizeof(super), 1024);
			hs_put_le32(super + 48, 0x11223344);
			hs_put_le64(super + 376, 4711);
			hs_put_le32(super + 12, 4711 + salt);
			hs_put_le32(super + 1020, 815 + salt);
			if (!err)
				err = hs_io_pwrite(io, super, sizeof(super), 1024);
		} else if (!err) {
			err = hs_io_pwrite(io, bytes + i, writes[i].len, writes[i].off);
		}
	}
	if (!err)
		err = hs_io_pwrite(io, bytes, BS, 600 * BS);
	return err ? err : hs_io_flush(io);
}

static errint_t restore(struct hs_io *dev, struct hs_strbuf *why)
{
	struct hs_undo_file f;
	uint8_t super[HS_UNDO_SUPER];
	struct hs_io *file;
	errint_t err = hs_device_open(undo_path, HS_DEVICE_READ, &file, why);

	if (err)
		return err;
	err = hs_undo_file_load(file, true, &f, why);
	if (!err) {
		assert_int_equal(hs_io_pread(dev, super, sizeof(super), 1024), 0);
		if (hs_undo_file_fits(&f, super)) {
			hs_strbuf_puts(why, hs_undo_file_fits(&f, super));
			err = -ESTALE;
		}
		if (!err)
			err = hs_undo_file_restore(&f, file, dev, 0, why);
		hs_undo_file_free(&f);
	}
	hs_io_close(file);
	return err;
}

static void restore_well(void)
{
	struct hs_strbuf why = HS_STRBUF_INIT;
	struct hs_io *dev = open_image();

	if (access(undo_path, F_OK) == 0 && restore(dev, &why))
		fail_msg("%s", hs_strbuf_str(&why));
	hs_io_close(dev);
	hs_strbuf_free(&why);
	assert_true(is_original());
}

static int e2undo(const char *flags)
{
	char command[256];

	snprintf(command, sizeof(command),
		 "PATH=$PATH:/usr/sbin:/sbin e2undo %s %s %s >%s/log 2>&1", flags, undo_path, image,
		 dir);
	return system(command);
}

static void all_is_taken_back(void **state)
{
	struct hs_io *io;

	(void)state;
	fresh();
	io = open_undo(open_image());
	assert_int_equal(access(undo_path, F_OK), -1);
	assert_int_equal(work(io, 1), 0);
	hs_io_close(io);
	assert_false(is_original());
	restore_well();
	restore_well();

	fresh();
	io = open_undo(open_image());
	assert_int_equal(work(io, 1), 0);
	hs_io_close(io);
	assert_int_equal(e2undo(""), 0);
	assert_true(is_original());
}

/* A file is continued: what it has saved is not saved again, in whatever state it is by then. */
static void a_file_is_continued(void **state)
{
	struct hs_io *io;

	(void)state;
	fresh();
	for (unsigned round = 1; round < 4; round++) {
		io = open_undo(open_image());
		assert_int_equal(work(io, round), 0);
		hs_io_close(io);
	}
	assert_int_equal(e2undo(""), 0);
	assert_true(is_original());
	/* and once more after it was taken back */
	io = open_undo(open_image());
	assert_int_equal(work(io, 9), 0);
	hs_io_close(io);
	restore_well();
}

static errint_t work_cut(uint64_t writes, uint32_t sectors, uint64_t *asked)
{
	struct hs_io *cut, *io;
	errint_t err;

	fresh();
	assert_int_equal(hs_cut_open(open_image(), writes, sectors, &cut), 0);
	io = open_undo(cut);
	err = work(io, 1);
	if (asked)
		*asked = hs_cut_writes(cut);
	hs_io_close(io);
	return err;
}

static void every_interruption_is_taken_back(void **state)
{
	static const uint32_t torn[] = {0, 1, 5};
	unsigned forced = 0;
	uint64_t writes;

	(void)state;
	assert_int_equal(work_cut(~0ull, 0, &writes), 0);
	assert_true(writes > 10);
	for (uint64_t k = 0; k < writes; k++) {
		for (size_t t = 0; t < 3; t++) {
			struct hs_io *io;

			assert_int_equal(work_cut(k, torn[t], NULL), -EIO);
			restore_well();

			/* goes on after the interruption, then back */
			assert_int_equal(work_cut(k, torn[t], NULL), -EIO);
			io = open_undo(open_image());
			assert_int_equal(work(io, 2), 0);
			hs_io_close(io);
			restore_well();

			assert_int_equal(work_cut(k, torn[t], NULL), -EIO);
			if (access(undo_path, F_OK))
				continue;
			if (e2undo("")) {
				forced++;
				restore_well();
			}
			assert_true(is_original());
		}
	}
	/* e2undo refuses only where the superblock itself was being written: three such writes. */
	assert_in_range(forced, 1, 9);
}

static void an_interrupted_undo_is_repeated(void **state)
{
	struct hs_strbuf why = HS_STRBUF_INIT;
	struct hs_io *io, *cut;
	uint64_t writes = 1;

	(void)state;
	for (uint64_t k = 0; k < writes; k++) {
		fresh();
		io = open_undo(open_image());
		assert_int_equal(work(io, 1), 0);
		hs_io_close(io);
		assert_int_equal(hs_cut_open(open_image(), k ? k : ~0ull, 3, &cut), 0);
		assert_int_equal(restore(cut, &why), k ? -EIO : 0);
		if (!k)
			writes = hs_cut_writes(cut);
		hs_io_close(cut);
		restore_well();
	}
	assert_true(writes > 5);
	hs_strbuf_free(&why);
}

static void damaged_and_foreign_files_are_refused(void **state)
{
	struct hs_strbuf why = HS_STRBUF_INIT;
	struct hs_io *io, *dev;
	uint8_t *file, *before;
	size_t len, before_len;

	(void)state;
	fresh();
	io = open_undo(open_image());
	assert_int_equal(work(io, 1), 0);
	hs_io_close(io);
	file = read_file(undo_path, &len);
	before = read_file(image, &before_len);
	dev = open_image();
	for (size_t at = 0; at < len; at += at < 512 ? 1 : 997) {
		errint_t err;

		/* the superblock copy that is not in use, and padding, are nobody's */
		file[at] ^= 0x10;
		write_file(undo_path, file, len);
		file[at] ^= 0x10;
		hs_strbuf_reset(&why);
		err = restore(dev, &why);
		if (!err) {
			assert_in_range(at, 512, 3 * BS - 1);
			assert_true(is_original());
			assert_int_equal(hs_io_pwrite(dev, before, before_len, 0), 0);
			continue;
		}
		assert_int_equal(err, -EUCLEAN);
		assert_true(why.len > 0);
	}
	for (size_t cut = 0; cut < len; cut += 777) {
		write_file(undo_path, file, cut ? cut : 1);
		hs_strbuf_reset(&why);
		assert_int_equal(restore(dev, &why), -EUCLEAN);
	}
	write_file(undo_path, file, len);
	/* another UUID, a later mount, a later write, some other change */
	for (unsigned i = 0; i < 4; i++) {
		static const uint32_t at[] = {104, 44, 48, 200};
		uint8_t was = before[1024 + at[i]], is = was ^ 1;

		hs_strbuf_reset(&why);
		assert_int_equal(hs_io_pwrite(dev, &is, 1, 1024 + at[i]), 0);
		assert_int_equal(restore(dev, &why), -ESTALE);
		hs_io_close(dev);
		assert_int_equal(hs_undo_open(open_image(), undo_path, BS, &io, &why), -ESTALE);
		dev = open_image();
		assert_int_equal(hs_io_pwrite(dev, &was, 1, 1024 + at[i]), 0);
	}
	hs_io_close(dev);
	free(file);
	free(before);
	hs_strbuf_free(&why);
	restore_well();
}

static void staged_writes_stay_in_memory(void **state)
{
	static uint8_t x[3 * BS], buf[3 * BS];
	struct hs_io *io;
	uint64_t *blocks;
	size_t n;

	(void)state;
	fresh();
	memset(x, 0x77, sizeof(x));
	assert_int_equal(hs_stage_open(open_image(), BS, &io), 0);
	assert_int_equal(hs_io_pwrite(io, x, 100, 7 * BS + 5), 0);
	hs_stage_mark(io);
	assert_int_equal(hs_io_pwrite(io, x, 3 * BS, 7 * BS), 0);
	assert_int_equal(hs_io_pwrite(io, original + 50 * BS, BS, 50 * BS), 0);
	assert_int_equal(hs_stage_list(io, 1, &blocks, &n), 0);
	assert_int_equal(n, 3);
	assert_int_equal(blocks[0], 7);
	free(blocks);
	assert_int_equal(hs_io_pread(io, buf, 3 * BS, 7 * BS), 0);
	assert_memory_equal(buf, x, sizeof(buf));
	hs_stage_cancel(io);
	assert_int_equal(hs_io_pread(io, buf, 3 * BS, 7 * BS), 0);
	assert_memory_equal(buf + 5, x, 100);
	assert_memory_equal(buf + 105, original + 7 * BS + 105, sizeof(buf) - 105);
	assert_int_equal(hs_stage_list(io, 0, &blocks, &n), 0);
	assert_int_equal(n, 1);
	free(blocks);
	/* changed again after the mark was cancelled, and cancelled again */
	hs_stage_mark(io);
	assert_int_equal(hs_io_pwrite(io, x, BS, 8 * BS), 0);
	assert_int_equal(hs_io_pwrite(io, x, BS, 7 * BS), 0);
	hs_stage_cancel(io);
	assert_int_equal(hs_io_pwrite(io, x, BS, 8 * BS), 0);
	assert_int_equal(hs_stage_count(io), 2);
	hs_io_close(io);
	assert_true(is_original());
}

/* A transaction takes place whole or not at all, wherever it is cut off. */
static void transactions_are_finished(void **state)
{
	static const uint8_t uuid[16] = {1, 2, 3};
	struct hs_strbuf why = HS_STRBUF_INIT;
	uint64_t *blocks, writes = 1;
	struct hs_redo *r;
	int finished;
	size_t n;

	(void)state;
	for (uint64_t k = 0; k <= writes; k++) {
		struct hs_io *cut, *stage, *dev;
		uint8_t x[2 * BS], buf[2 * BS];
		errint_t err = 0;

		fresh();
		memset(x, 0x55, sizeof(x));
		assert_int_equal(hs_cut_open(open_image(), k, 3, &cut), 0);
		assert_int_equal(hs_stage_open(cut, BS, &stage), 0);
		assert_int_equal(hs_io_pwrite(stage, x, 2 * BS, 9 * BS), 0);
		assert_int_equal(hs_io_pwrite(stage, x, 30, 77 * BS + 1), 0);
		assert_int_equal(hs_stage_list(stage, 0, &blocks, &n), 0);
		writes = n;
		assert_int_equal(hs_redo_open(redo_path, cut, BS, uuid, &r, &finished, &why), 0);
		assert_false(finished);
		assert_int_equal(hs_redo_write(r, stage, blocks, n), 0);
		for (size_t i = 0; i < n && !err; i++)
			err = hs_io_pwrite(cut, hs_stage_image(stage, blocks[i]), BS,
					   blocks[i] * BS);
		assert_int_equal(err, k < n ? -EIO : 0);
		if (!err)
			assert_int_equal(hs_redo_done(r), 0);
		free(blocks);
		hs_redo_close(r);
		hs_io_close(stage);
		assert_int_equal(access(redo_path, F_OK), err ? 0 : -1);

		dev = open_image();
		if (err) {
			static const uint8_t other[16] = {9};

			assert_int_equal(
				hs_redo_open(redo_path, dev, BS, other, &r, &finished, &why),
				-ESTALE);
		}
		assert_int_equal(hs_redo_open(redo_path, dev, BS, uuid, &r, &finished, &why), 0);
		assert_int_equal(finished, err ? 1 : 0);
		hs_redo_close(r);
		assert_int_equal(hs_io_pread(dev, buf, 2 * BS, 9 * BS), 0);
		assert_memory_equal(buf, x, sizeof(buf));
		assert_int_equal(hs_io_pread(dev, buf, 30, 77 * BS + 1), 0);
		assert_memory_equal(buf, x, 30);
		hs_io_close(dev);
	}
	/* one that was cut off while its redo file was written did not begin */
	{
		struct hs_io *stage, *dev;
		uint8_t x[BS], *file;
		size_t len;

		fresh();
		memset(x, 0x55, sizeof(x));
		assert_int_equal(hs_stage_open(open_image(), BS, &stage), 0);
		assert_int_equal(hs_io_pwrite(stage, x, BS, 9 * BS), 0);
		assert_int_equal(hs_stage_list(stage, 0, &blocks, &n), 0);
		assert_int_equal(hs_redo_open(redo_path, stage, BS, uuid, &r, &finished, &why), 0);
		assert_int_equal(hs_redo_write(r, stage, blocks, n), 0);
		free(blocks);
		hs_redo_close(r);
		hs_io_close(stage);
		file = read_file(redo_path, &len);
		for (size_t at = 0; at < len; at += at < 600 ? 7 : 511) {
			if (at >= HS_REDO_HEADER + 16 && at < BS)
				continue; /* padding */
			file[at] ^= 1;
			write_file(redo_path, file, len);
			file[at] ^= 1;
			dev = open_image();
			assert_int_equal(
				hs_redo_open(redo_path, dev, BS, uuid, &r, &finished, &why), 0);
			assert_false(finished);
			hs_redo_close(r);
			hs_io_close(dev);
			assert_true(is_original());
		}
		free(file);
	}
	hs_strbuf_free(&why);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_is_taken_back),
		cmocka_unit_test(a_file_is_continued),
		cmocka_unit_test(every_interruption_is_taken_back),
		cmocka_unit_test(an_interrupted_undo_is_repeated),
		cmocka_unit_test(damaged_and_foreign_files_are_refused),
		cmocka_unit_test(staged_writes_stay_in_memory),
		cmocka_unit_test(transactions_are_finished),
	};
	char command[64];
	int failed;

	if (system("PATH=$PATH:/usr/sbin:/sbin command -v e2undo >/dev/null")) {
		fprintf(stderr, "skipped: e2undo is missing\n");
		return 77;
	}
	if (!mkdtemp(dir) && !mkdtemp(strcpy(dir, "/tmp/hs-undo-XXXXXX")))
		return 1;
	snprintf(image, sizeof(image), "%s/img", dir);
	snprintf(undo_path, sizeof(undo_path), "%s/undo", dir);
	snprintf(redo_path, sizeof(redo_path), "%s/redo", dir);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command) || failed;
}
