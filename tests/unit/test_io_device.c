/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Devices: what is opened and what is refused, whole reads and writes, both kinds of channel. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/loop.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "io/device.h"

#define SIZE (1u << 20)
#define ODD  (SIZE + 777) /* images need not end on a block */

struct room {
	char dir[64];
	char image[80];
	char path[80]; /* of whatever a test makes */
};

/* No two places a power of two apart look the same. */
static uint8_t pattern(uint64_t off)
{
	return (uint8_t)(((off + (off >> 19)) * 2654435761u) >> 13);
}

static void check_pattern(const uint8_t *buf, size_t len, uint64_t off)
{
	for (size_t i = 0; i < len; i++) {
		if (buf[i] != pattern(off + i))
			fail_msg("wrong byte at %llu", (unsigned long long)(off + i));
	}
}

static int setup(void **state)
{
	struct room *r = calloc(1, sizeof(*r));
	uint8_t *bytes = malloc(ODD);
	FILE *f;

	strcpy(r->dir, "/tmp/hs-io-XXXXXX");
	assert_non_null(mkdtemp(r->dir));
	snprintf(r->image, sizeof(r->image), "%s/image", r->dir);
	snprintf(r->path, sizeof(r->path), "%s/other", r->dir);
	for (size_t i = 0; i < ODD; i++)
		bytes[i] = pattern(i);
	f = fopen(r->image, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, ODD, f), ODD);
	fclose(f);
	free(bytes);
	*state = r;
	return 0;
}

static int teardown(void **state)
{
	struct room *r = *state;

	unlink(r->path);
	rmdir(r->path);
	unlink(r->image);
	rmdir(r->dir);
	free(r);
	return 0;
}

/* The refusal must name the path, give the reason, and be one line. */
static void assert_refused(const char *path, enum hs_device_mode mode, errint_t rc,
			   const char *reason)
{
	struct hs_strbuf why = HS_STRBUF_INIT;
	struct hs_io *io = NULL;

	assert_int_equal(hs_device_open(path, mode, &io, &why), rc);
	assert_null(io);
	assert_non_null(strstr(hs_strbuf_str(&why), path));
	if (!strstr(hs_strbuf_str(&why), reason))
		fail_msg("'%s' does not say '%s'", hs_strbuf_str(&why), reason);
	assert_null(strchr(hs_strbuf_str(&why), '\n'));
	hs_strbuf_free(&why);
}

static struct hs_io *open_ok(const char *path, enum hs_device_mode mode)
{
	struct hs_strbuf why = HS_STRBUF_INIT;
	struct hs_io *io = NULL;
	errint_t rc = hs_device_open(path, mode, &io, &why);

	if (rc)
		fail_msg("%s", hs_strbuf_str(&why));
	hs_strbuf_free(&why);
	return io;
}

static void test_refused(void **state)
{
	struct room *r = *state;
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	int fd;

	for (int m = HS_DEVICE_READ; m <= HS_DEVICE_WRITE; m++) {
		enum hs_device_mode mode = (enum hs_device_mode)m;

		assert_refused(r->path, mode, -ENOENT, "No such file");
		assert_refused(r->dir, mode, -EINVAL, "directory");
		assert_refused("/dev/null", mode, -EINVAL, "character device");

		/* must not wait for a writer */
		assert_int_equal(mkfifo(r->path, 0600), 0);
		assert_refused(r->path, mode, -EINVAL, "pipe");
		unlink(r->path);

		fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
		strcpy(sun.sun_path, r->path);
		assert_int_equal(bind(fd, (struct sockaddr *)&sun, sizeof(sun)), 0);
		assert_refused(r->path, mode, -EINVAL, "socket");
		close(fd);
		unlink(r->path);

		fd = open(r->path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
		close(fd);
		assert_refused(r->path, mode, -EINVAL, "empty");
		unlink(r->path);

		assert_int_equal(symlink(r->dir, r->path), 0);
		assert_refused(r->path, mode, -EINVAL, "directory");
		unlink(r->path);
	}
}

static void test_permission(void **state)
{
	struct room *r = *state;
	int root = geteuid() == 0;

	assert_int_equal(chmod(r->image, 0), 0);
	if (root) {
		assert_int_equal(chmod(r->dir, 0755), 0);
		assert_int_equal(seteuid(65534), 0);
	}
	assert_refused(r->image, HS_DEVICE_READ, -EACCES, "Permission denied");
	if (root)
		assert_int_equal(seteuid(0), 0);

	/* an image of somebody else is read although O_NOATIME is only for its owner */
	if (root) {
		assert_int_equal(chmod(r->image, 0644), 0);
		assert_int_equal(seteuid(65534), 0);
		hs_io_close(open_ok(r->image, HS_DEVICE_READ));
		assert_int_equal(seteuid(0), 0);
	}
}

static void test_escaped(void **state)
{
	struct hs_strbuf why = HS_STRBUF_INIT;
	struct hs_io *io;

	(void)state;
	assert_int_equal(hs_device_open("/no\n\x1b[31m", HS_DEVICE_READ, &io, &why), -ENOENT);
	assert_string_equal(hs_strbuf_str(&why),
			    "Cannot open /no\\x0a\\x1b[31m: No such file or directory");
	hs_strbuf_free(&why);
}

static void test_pread(void **state)
{
	struct room *r = *state;
	struct hs_io *io = open_ok(r->image, HS_DEVICE_READ);
	uint8_t *buf = malloc(ODD);

	assert_int_equal(io->size, ODD);
	assert_false(io->writable);
	assert_string_equal(io->name, r->image);
	assert_int_equal(hs_io_pread(io, buf, ODD, 0), 0);
	check_pattern(buf, ODD, 0);
	assert_int_equal(hs_io_pread(io, buf, 777, SIZE), 0);
	check_pattern(buf, 777, SIZE);
	assert_int_equal(hs_io_pread(io, buf, 778, SIZE), -ENODATA);
	assert_int_equal(hs_io_pread(io, buf, 1, ODD), -ENODATA);
	assert_int_equal(hs_io_pread(io, buf, 1, UINT64_MAX), -ENODATA);
	assert_int_equal(hs_io_pread(io, buf, SIZE_MAX, 1), -ENODATA);
	assert_int_equal(hs_io_pread(io, buf, 0, ODD), 0);
	assert_int_equal(hs_io_pwrite(io, buf, 1, 0), -EROFS);
	assert_int_equal(hs_io_flush(io), 0);
	hs_io_close(io);
	hs_io_close(NULL);
	free(buf);
}

/* Truncated under our feet: not what is left, and not zeros. */
static void test_shrunk(void **state)
{
	struct room *r = *state;
	struct hs_io *io = open_ok(r->image, HS_DEVICE_READ);
	uint8_t buf[4096];

	assert_int_equal(truncate(r->image, 100000), 0);
	assert_int_equal(hs_io_pread(io, buf, 4096, 98304), -ENODATA);
	assert_int_equal(hs_io_pread(io, buf, 4096, 200000), -ENODATA);
	assert_int_equal(hs_io_pread(io, buf, 1696, 98304), 0);
	for (int sync = 0; sync < 2; sync++) {
		struct hs_io_req req = {.buf = buf, .len = 4096, .off = 98304}, *got;
		struct hs_io_chan *ch;

		if (sync)
			hs_device_force_sync(io);
		assert_int_equal(hs_io_chan_open(io, 2, &ch), 0);
		assert_int_equal(hs_io_submit(ch, &req), 0);
		assert_int_equal(hs_io_reap(ch, &got), 0);
		assert_ptr_equal(got, &req);
		assert_int_equal(req.res, -ENODATA);
		hs_io_chan_close(ch);
	}
	hs_io_close(io);
}

/* The size is the one found at opening, also where there is more by now. */
static void test_grown(void **state)
{
	struct room *r = *state;
	struct hs_io *io = open_ok(r->image, HS_DEVICE_READ);
	uint8_t buf[100];

	assert_int_equal(truncate(r->image, ODD + 4096), 0);
	assert_int_equal(hs_io_pread(io, buf, 100, ODD - 99), -ENODATA);
	for (int sync = 0; sync < 2; sync++) {
		struct hs_io_req req = {.buf = buf, .len = 100, .off = ODD - 99};
		struct hs_io_chan *ch;

		if (sync)
			hs_device_force_sync(io);
		assert_int_equal(hs_io_chan_open(io, 2, &ch), 0);
		assert_int_equal(hs_io_submit(ch, &req), 0);
		hs_io_chan_close(ch);
		assert_int_equal(req.res, -ENODATA);
	}
	hs_io_close(io);
}

static void test_write(void **state)
{
	struct room *r = *state;
	struct hs_io *io = open_ok(r->image, HS_DEVICE_WRITE), *reader;
	uint8_t buf[4096];
	struct stat st;

	assert_true(io->writable);
	assert_refused(r->image, HS_DEVICE_WRITE, -EBUSY, "locked");
	/* a check needs no claim */
	reader = open_ok(r->image, HS_DEVICE_READ);
	memset(buf, 0xa5, sizeof(buf));
	assert_int_equal(hs_io_pwrite(io, buf, 100, 5000), 0);
	assert_int_equal(hs_io_flush(io), 0);
	assert_int_equal(hs_io_pread(reader, buf, 102, 4999), 0);
	assert_int_equal(buf[0], pattern(4999));
	assert_int_equal(buf[1], 0xa5);
	assert_int_equal(buf[100], 0xa5);
	assert_int_equal(buf[101], pattern(5100));
	assert_int_equal(hs_io_pwrite(io, buf, 2, ODD - 1), -ENOSPC);
	assert_int_equal(hs_io_pwrite(io, buf, 1, UINT64_MAX), -ENOSPC);
	assert_int_equal(stat(r->image, &st), 0);
	assert_int_equal(st.st_size, ODD);
	hs_io_close(reader);
	hs_io_close(io);
	hs_io_close(open_ok(r->image, HS_DEVICE_WRITE));
}

/* Reading leaves no trace on the file. */
static void test_untouched(void **state)
{
	struct room *r = *state;
	struct timespec old[2] = {{1000, 0}, {2000, 0}};
	struct stat before, after;
	uint8_t buf[512];
	struct hs_io *io;

	assert_int_equal(utimensat(AT_FDCWD, r->image, old, 0), 0);
	assert_int_equal(stat(r->image, &before), 0);
	io = open_ok(r->image, HS_DEVICE_READ);
	assert_int_equal(hs_io_pread(io, buf, 512, 0), 0);
	hs_io_close(io);
	assert_int_equal(stat(r->image, &after), 0);
	assert_int_equal(after.st_atim.tv_sec, before.st_atim.tv_sec);
	assert_int_equal(after.st_mtim.tv_sec, before.st_mtim.tv_sec);
	assert_int_equal(after.st_ctim.tv_nsec, before.st_ctim.tv_nsec);
}

#define DEPTH 32
#define LEN   16384

/* Random reads through a full channel; each request comes back once, with its bytes. */
static void drive(struct hs_io *io, unsigned depth, unsigned total)
{
	struct hs_io_req req[DEPTH] = {0}, *got;
	uint8_t *bufs = malloc((size_t)DEPTH * LEN);
	int busy[DEPTH] = {0};
	struct hs_io_chan *ch;
	unsigned begun = 0, ended = 0;

	assert_int_equal(hs_io_chan_open(io, depth, &ch), 0);
	assert_int_equal(ch->depth, depth);
	assert_int_equal(hs_io_reap(ch, &got), 0);
	assert_null(got);
	while (ended < total) {
		size_t i;

		for (i = 0; i < depth && begun < total; i++) {
			if (busy[i])
				continue;
			req[i].buf = bufs + i * LEN;
			req[i].len = (size_t)random() % (LEN + 1);
			/* one in 16 across the end */
			req[i].off = (uint64_t)random() % (ODD - (random() % 16 ? req[i].len : 0));
			req[i].tag = &req[i];
			req[i].res = 1;
			memset(req[i].buf, 0, req[i].len);
			assert_int_equal(hs_io_submit(ch, &req[i]), 0);
			busy[i] = 1;
			begun++;
		}
		if (begun - ended == depth) {
			struct hs_io_req more = {.buf = bufs, .len = 1};

			assert_int_equal(hs_io_submit(ch, &more), -EBUSY);
		}
		for (unsigned n = 1 + (unsigned)random() % depth; n && ended < begun; n--) {
			assert_int_equal(hs_io_reap(ch, &got), 0);
			assert_non_null(got);
			i = (size_t)(got - req);
			assert_true(busy[i]);
			assert_ptr_equal(got->tag, got);
			busy[i] = 0;
			ended++;
			if (got->off + got->len > ODD) {
				assert_int_equal(got->res, -ENODATA);
				continue;
			}
			assert_int_equal(got->res, 0);
			check_pattern(got->buf, got->len, got->off);
		}
	}
	assert_int_equal(ch->inflight, 0);
	hs_io_chan_close(ch);
	free(bufs);
}

static void test_channels(void **state)
{
	struct room *r = *state;
	struct hs_io *io = open_ok(r->image, HS_DEVICE_READ);
	struct hs_io_chan *ch;

	srandom(3);
	assert_int_equal(hs_io_chan_open(io, 0, &ch), -EINVAL);
	assert_int_equal(hs_io_chan_open(io, 257, &ch), -EINVAL);
	for (int sync = 0; sync < 2; sync++) {
		if (sync)
			hs_device_force_sync(io);
		drive(io, 1, 50);
		drive(io, 7, 500);
		drive(io, DEPTH, 3000);
	}
	hs_io_close(io);
	hs_io_chan_close(NULL);
}

/* Closing waits for what is in flight; the buffers may go right after. */
static void test_close_in_flight(void **state)
{
	struct room *r = *state;
	struct hs_io *io = open_ok(r->image, HS_DEVICE_READ);

	for (int sync = 0; sync < 2; sync++) {
		struct hs_io_req req[20] = {0};
		uint8_t *buf = calloc(20, 4096);
		struct hs_io_chan *ch;

		if (sync)
			hs_device_force_sync(io);
		assert_int_equal(hs_io_chan_open(io, 256, &ch), 0);
		for (size_t i = 0; i < 20; i++) {
			req[i].buf = buf + i * 4096;
			req[i].len = 4096;
			req[i].off = i * 8192;
			req[i].res = 1;
			assert_int_equal(hs_io_submit(ch, &req[i]), 0);
		}
		hs_io_chan_close(ch);
		for (size_t i = 0; i < 20; i++)
			assert_int_equal(req[i].res, 0);
		check_pattern(buf + 19 * 4096, 4096, 19 * 8192);
		free(buf);
	}
	hs_io_close(io);
}

/* Holes read as zeros, and offsets beyond 4 GiB are offsets. */
static void test_sparse(void **state)
{
	struct room *r = *state;
	const uint64_t size = (uint64_t)5 << 40;
	uint8_t buf[4096];
	struct hs_io *io;
	int fd;

	fd = open(r->path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, (off_t)size), 0);
	assert_int_equal(pwrite(fd, "mark", 4, (off_t)(size - 4)), 4);
	close(fd);
	io = open_ok(r->path, HS_DEVICE_READ);
	assert_int_equal(io->size, size);
	for (int sync = 0; sync < 2; sync++) {
		struct hs_io_req req = {.buf = buf, .len = 4096, .off = size - 4096}, *got;
		struct hs_io_chan *ch;

		if (sync)
			hs_device_force_sync(io);
		memset(buf, 0xff, sizeof(buf));
		assert_int_equal(hs_io_chan_open(io, 1, &ch), 0);
		assert_int_equal(hs_io_submit(ch, &req), 0);
		assert_int_equal(hs_io_reap(ch, &got), 0);
		assert_int_equal(req.res, 0);
		assert_int_equal(buf[0], 0);
		assert_memory_equal(buf + 4092, "mark", 4);
		hs_io_chan_close(ch);
	}
	hs_io_close(io);
}

#define LARGE (((size_t)64 << 20) + 12345) /* more than one transfer */

/* A request the device does in parts. */
static void test_large(void **state)
{
	int fd = memfd_create("large", MFD_CLOEXEC);
	uint8_t *buf = malloc(LARGE);
	char path[32];
	struct hs_io *io;

	(void)state;
	for (size_t i = 0; i < LARGE; i++)
		buf[i] = pattern(i);
	assert_int_equal(write(fd, buf, LARGE), LARGE);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	io = open_ok(path, HS_DEVICE_READ);
	for (int sync = 0; sync < 2; sync++) {
		struct hs_io_req req = {.buf = buf, .len = LARGE, .res = 1}, *got;
		struct hs_io_chan *ch;

		if (sync)
			hs_device_force_sync(io);
		memset(buf, 0, LARGE);
		assert_int_equal(hs_io_chan_open(io, 1, &ch), 0);
		assert_int_equal(hs_io_submit(ch, &req), 0);
		assert_int_equal(hs_io_reap(ch, &got), 0);
		assert_ptr_equal(got, &req);
		assert_int_equal(req.res, 0);
		check_pattern(buf, LARGE, 0);
		hs_io_chan_close(ch);
	}
	hs_io_close(io);
	close(fd);
	free(buf);
}

/* Puts the image behind a free loop device, which goes when its last user does. -1: cannot. */
static int attach(const struct room *r, char *path, size_t room)
{
	struct loop_config conf = {.info.lo_flags = LO_FLAGS_AUTOCLEAR};
	int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC), fd = -1, image, n;

	if (control < 0)
		return -1;
	image = open(r->image, O_RDWR | O_CLOEXEC);
	n = ioctl(control, LOOP_CTL_GET_FREE);
	if (image >= 0 && n >= 0) {
		snprintf(path, room, "/dev/loop%d", n);
		fd = open(path, O_RDWR | O_CLOEXEC);
		conf.fd = (uint32_t)image;
		if (fd >= 0 && ioctl(fd, LOOP_CONFIGURE, &conf)) {
			close(fd);
			fd = -1;
		}
	}
	close(image);
	close(control);
	return fd;
}

static void test_block_device(void **state)
{
	struct room *r = *state;
	struct hs_io *io, *reader;
	char path[32];
	uint8_t buf[512];
	int fd = attach(r, path, sizeof(path));

	if (fd < 0) {
		print_message("no loop device can be made here: block devices are not tested\n");
		skip();
	}
	io = open_ok(path, HS_DEVICE_WRITE);
	assert_int_equal(io->size, ODD / 512 * 512);
	assert_refused(path, HS_DEVICE_WRITE, -EBUSY, "in use");
	reader = open_ok(path, HS_DEVICE_READ);
	memset(buf, 0x11, sizeof(buf));
	assert_int_equal(hs_io_pwrite(io, buf, 512, 1024), 0);
	assert_int_equal(hs_io_flush(io), 0);
	assert_int_equal(hs_io_pwrite(io, buf, 512, io->size - 511), -ENOSPC);
	assert_int_equal(hs_io_pread(reader, buf, 512, 1023), 0);
	assert_int_equal(buf[0], pattern(1023));
	assert_int_equal(buf[1], 0x11);
	for (int sync = 0; sync < 2; sync++) {
		struct hs_io_req req[2] = {
			{.buf = buf, .len = 256, .off = reader->size - 256},
			{.buf = buf + 256, .len = 256, .off = reader->size - 255}};
		struct hs_io_chan *ch;

		if (sync)
			hs_device_force_sync(reader);
		assert_int_equal(hs_io_chan_open(reader, 2, &ch), 0);
		for (size_t i = 0; i < 2; i++)
			assert_int_equal(hs_io_submit(ch, &req[i]), 0);
		hs_io_chan_close(ch);
		assert_int_equal(req[0].res, 0);
		assert_int_equal(req[1].res, -ENODATA);
		check_pattern(buf, 256, reader->size - 256);
	}
	hs_io_close(reader);
	hs_io_close(io);
	close(fd);
}

/* In a process of its own, where io_uring_setup() is answered with EPERM, as containers do. */
static void test_without_uring(void **state)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_io_uring_setup, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog filter = {sizeof(code) / sizeof(code[0]), code};
	struct room *r = *state;
	int status = -1;
	pid_t child = fork();

	if (child == 0) {
		struct hs_strbuf why = HS_STRBUF_INIT;
		uint8_t buf[100];
		struct hs_io_req req = {.buf = buf, .len = 100, .off = 4000}, *got;
		struct hs_io_chan *ch = NULL;
		struct hs_io *io = NULL;
		int ok;

		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
		    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) ||
		    syscall(__NR_io_uring_setup, 1, NULL) != -1 || errno != EPERM)
			_exit(77);
		ok = !hs_device_open(r->image, HS_DEVICE_READ, &io, &why) &&
		     !hs_io_chan_open(io, 4, &ch) && !hs_io_submit(ch, &req) &&
		     !hs_io_reap(ch, &got) && got == &req && req.res == 0 &&
		     buf[99] == pattern(4099);
		hs_io_chan_close(ch);
		hs_io_close(io);
		_exit(!ok);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77) {
		print_message("system calls cannot be filtered here: the way without io_uring is "
			      "not tested\n");
		skip();
	}
	assert_int_equal(WEXITSTATUS(status), 0);
}

#define EACH(t) cmocka_unit_test_setup_teardown(t, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		EACH(test_refused),
		EACH(test_permission),
		cmocka_unit_test(test_escaped),
		EACH(test_pread),
		EACH(test_shrunk),
		EACH(test_grown),
		EACH(test_write),
		EACH(test_untouched),
		EACH(test_channels),
		EACH(test_close_in_flight),
		EACH(test_sparse),
		cmocka_unit_test(test_large),
		EACH(test_block_device),
		EACH(test_without_uring),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
