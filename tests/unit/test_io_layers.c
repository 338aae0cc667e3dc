/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fault injection and statistics, stacked on a device, by pread and through channels. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "io/device.h"
#include "io/fault.h"
#include "io/stats.h"
#include "work/team.h"

#define SIZE 65536u

/* A device of `size` bytes 'a', whose file is gone as soon as it is closed. */
static struct hs_io *open_device(enum hs_device_mode mode)
{
	struct hs_strbuf why = HS_STRBUF_INIT;
	char path[] = "/tmp/hs-layers-XXXXXX";
	uint8_t *bytes = malloc(SIZE);
	struct hs_io *io = NULL;
	int fd = mkstemp(path);

	memset(bytes, 'a', SIZE);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, SIZE), SIZE);
	close(fd);
	if (hs_device_open(path, mode, &io, &why))
		fail_msg("%s", hs_strbuf_str(&why));
	unlink(path);
	free(bytes);
	return io;
}

enum way { BY_PREAD, BY_URING, BY_SYNC, WAYS };

static errint_t read_by(enum way way, struct hs_io *io, void *buf, size_t len, uint64_t off)
{
	struct hs_io_req req = {.buf = buf, .len = len, .off = off, .res = 1}, *got;
	struct hs_io_chan *ch;

	if (way == BY_PREAD)
		return hs_io_pread(io, buf, len, off);
	assert_int_equal(hs_io_chan_open(io, 4, &ch), 0);
	assert_int_equal(hs_io_submit(ch, &req), 0);
	assert_int_equal(hs_io_reap(ch, &got), 0);
	assert_ptr_equal(got, &req);
	hs_io_chan_close(ch);
	return req.res;
}

static struct hs_io *open_fault(enum way way)
{
	struct hs_io *dev = open_device(HS_DEVICE_READ), *io;

	if (way == BY_SYNC)
		hs_device_force_sync(dev);
	assert_int_equal(hs_fault_open(dev, &io), 0);
	assert_int_equal(io->size, SIZE);
	assert_ptr_equal(io->name, dev->name);
	return io;
}

static void test_failing(void **state)
{
	uint8_t buf[SIZE];

	(void)state;
	for (int w = 0; w < WAYS; w++) {
		enum way way = (enum way)w;
		struct hs_io *io = open_fault(way);

		assert_int_equal(read_by(way, io, buf, SIZE, 0), 0);
		assert_int_equal(buf[5000], 'a');
		assert_int_equal(hs_fault_add(io, 4096, 512, -EIO), 0);
		assert_int_equal(hs_fault_add(io, 20000, 1, -EILSEQ), 0);
		assert_int_equal(hs_fault_add(io, 0, 100, 5), -EINVAL);
		assert_int_equal(hs_fault_add(io, 0, 100, 0), -EINVAL);
		assert_int_equal(hs_fault_add(io, UINT64_MAX, 2, -EIO), -EINVAL);
		assert_int_equal(hs_fault_add(io, 0, 0, -EIO), 0);

		assert_int_equal(read_by(way, io, buf, 4096, 0), 0);
		assert_int_equal(read_by(way, io, buf, 4097, 0), -EIO);
		assert_int_not_equal(buf[0], 'a');
		assert_int_equal(read_by(way, io, buf, 1, 4607), -EIO);
		assert_int_equal(read_by(way, io, buf, 1, 4608), 0);
		assert_int_equal(read_by(way, io, buf, 0, 4200), 0);
		assert_int_equal(read_by(way, io, buf, 8, 19993), -EILSEQ);
		assert_int_equal(read_by(way, io, buf, 8, 19992), 0);
		assert_int_equal(read_by(way, io, buf, 8, 20001), 0);
		assert_int_equal(read_by(way, io, buf, 8, SIZE - 4), -ENODATA);
		hs_io_close(io);
	}
}

static void test_replaced(void **state)
{
	uint8_t buf[64];

	(void)state;
	for (int w = 0; w < WAYS; w++) {
		enum way way = (enum way)w;
		struct hs_io *io = open_fault(way);
		char mine[] = "bbbb";

		assert_int_equal(hs_fault_replace(io, 100, mine, 4), 0);
		memset(mine, 'x', 4); /* it was copied */
		assert_int_equal(hs_fault_replace(io, 103, "cc", 2), 0);
		assert_int_equal(hs_fault_replace(io, 90, "dd", 2), 0);
		assert_int_equal(hs_fault_replace(io, UINT64_MAX, "dd", 2), -EINVAL);
		assert_int_equal(read_by(way, io, buf, 16, 91), 0);
		assert_memory_equal(buf, "daaaaaaaabbbccaa", 16);
		assert_int_equal(read_by(way, io, buf, 2, 102), 0);
		assert_memory_equal(buf, "bc", 2);
		/* the newest wins, whatever lies before it */
		assert_int_equal(hs_fault_replace(io, 98, "eeee", 4), 0);
		assert_int_equal(read_by(way, io, buf, 9, 97), 0);
		assert_memory_equal(buf, "aeeeebcca", 9);
		/* a failing sector has no bytes */
		assert_int_equal(hs_fault_add(io, 99, 1, -EIO), 0);
		assert_int_equal(read_by(way, io, buf, 9, 97), -EIO);
		hs_io_close(io);
	}
}

/* Many overlapping ranges against the plain definition. */
static void test_against_model(void **state)
{
	struct hs_io *io = open_fault(BY_PREAD);
	static uint8_t model[4096], bad[4096], buf[4096];

	(void)state;
	srandom(11);
	memset(model, 'a', sizeof(model));
	for (int i = 0; i < 300; i++) {
		size_t off = (size_t)random() % 4096, len = 1 + (size_t)random() % 64;
		uint8_t bytes[64];

		if (len > 4096 - off)
			len = 4096 - off;
		if (i % 10 == 0) {
			len = len / 8 + 1;
			if (len > 4096 - off)
				len = 4096 - off;
			assert_int_equal(hs_fault_add(io, off, len, -EIO), 0);
			memset(bad + off, 1, len);
		} else {
			memset(bytes, (int)random() & 0xff, sizeof(bytes));
			assert_int_equal(hs_fault_replace(io, off, bytes, len), 0);
			memcpy(model + off, bytes, len);
		}
		for (int k = 0; k < 50; k++) {
			errint_t expected;

			off = (size_t)random() % 4096;
			len = (size_t)random() % 100;
			if (len > 4096 - off)
				len = 4096 - off;
			expected = memchr(bad + off, 1, len) ? -EIO : 0;
			assert_int_equal(hs_io_pread(io, buf, len, off), expected);
			if (!expected && len)
				assert_memory_equal(buf, model + off, len);
		}
	}
	hs_io_close(io);
}

static void test_writes_pass(void **state)
{
	struct hs_io *dev = open_device(HS_DEVICE_WRITE), *fault, *io;
	struct hs_io_stats n;
	char buf[4];

	(void)state;
	assert_int_equal(hs_fault_open(dev, &fault), 0);
	assert_int_equal(hs_stats_open(fault, &io), 0);
	assert_true(io->writable);
	assert_int_equal(hs_io_pwrite(io, "zz", 2, 10), 0);
	assert_int_equal(hs_io_pwrite(io, "zz", 2, SIZE), -ENOSPC);
	assert_int_equal(hs_io_flush(io), 0);
	assert_int_equal(hs_io_pread(dev, buf, 4, 9), 0);
	assert_memory_equal(buf, "azza", 4);
	hs_stats_get(io, &n);
	assert_int_equal(n.writes, 2);
	assert_int_equal(n.write_bytes, 4);
	assert_int_equal(n.failed, 1);
	assert_int_equal(n.reads, 0);
	hs_io_close(io);

	assert_int_equal(hs_stats_open(open_device(HS_DEVICE_READ), &io), 0);
	assert_int_equal(hs_io_pwrite(io, "zz", 2, 10), -EROFS);
	hs_io_close(io);
}

#define TEAM  4
#define READS 1000

static errint_t read_a_lot(unsigned worker, void *arg)
{
	struct hs_io *io = arg;
	struct hs_io_req req = {0}, *got;
	struct hs_io_chan *ch;
	uint8_t buf[100];
	errint_t rc;

	rc = hs_io_chan_open(io, 8, &ch);
	if (rc)
		return rc;
	for (unsigned i = 0; !rc && i < READS; i++) {
		if ((i + worker) % 2) {
			(void)hs_io_pread(io, buf, 100, (uint64_t)i * 10);
			continue;
		}
		req = (struct hs_io_req){.buf = buf, .len = 100, .off = (uint64_t)i * 10};
		rc = hs_io_submit(ch, &req);
		if (!rc)
			rc = hs_io_reap(ch, &got);
		if (!rc && got != &req)
			rc = -EBADMSG;
	}
	hs_io_chan_close(ch);
	return rc;
}

static void test_stats(void **state)
{
	struct hs_io_stats n;
	struct hs_io *fault = open_fault(BY_PREAD), *io;

	(void)state;
	/* seen by the reads at 0, 10, ... 90: ten a worker */
	assert_int_equal(hs_fault_add(fault, 95, 1, -EIO), 0);
	assert_int_equal(hs_stats_open(fault, &io), 0);
	assert_int_equal(hs_team_run(TEAM, read_a_lot, io), 0);
	hs_stats_get(io, &n);
	assert_int_equal(n.reads, TEAM * READS);
	assert_int_equal(n.read_bytes, TEAM * READS * 100);
	assert_int_equal(n.failed, TEAM * 10);
	assert_int_equal(n.writes, 0);
	hs_io_close(io);
}

/* A full channel refuses at the top, and is not counted there. */
static void test_stacked_depth(void **state)
{
	struct hs_io_req req[3] = {0}, *got;
	struct hs_io *io;
	struct hs_io_stats n;
	struct hs_io_chan *ch;
	uint8_t buf[30];

	(void)state;
	assert_int_equal(hs_stats_open(open_fault(BY_URING), &io), 0);
	assert_int_equal(hs_io_chan_open(io, 2, &ch), 0);
	for (size_t i = 0; i < 3; i++) {
		req[i] = (struct hs_io_req){.buf = buf + i * 10, .len = 10, .off = i};
		assert_int_equal(hs_io_submit(ch, &req[i]), i < 2 ? 0 : -EBUSY);
	}
	assert_int_equal(hs_io_reap(ch, &got), 0);
	assert_int_equal(hs_io_submit(ch, &req[2]), 0);
	hs_io_chan_close(ch);
	assert_int_equal(req[2].res, 0);
	hs_stats_get(io, &n);
	assert_int_equal(n.reads, 3);
	hs_io_close(io);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_failing),	      cmocka_unit_test(test_replaced),
		cmocka_unit_test(test_against_model), cmocka_unit_test(test_writes_pass),
		cmocka_unit_test(test_stats),	      cmocka_unit_test(test_stacked_depth),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
