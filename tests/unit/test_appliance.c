/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The launcher's parts that need no guest: what a program is loaded by, the archive, holding disks.
 */
#include "cm.h"

#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "appliance/cpio.h"
#include "appliance/disk.h"
#include "appliance/program.h"
#include "appliance/scratch.h"

extern const uint8_t hs_appliance_init[], hs_appliance_init_end[];

static void decode_file(const char *path, struct hs_program *p)
{
	uint8_t buf[4096];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = read(fd, buf, sizeof(buf));

	assert_true(n > 0);
	close(fd);
	hs_program_decode(buf, (size_t)n, p);
}

static void real_programs(void **state)
{
	struct hs_program p;

	(void)state;
	decode_file("/proc/self/exe", &p);
	assert_int_equal(p.kind, HS_PROGRAM_DYNAMIC);
	assert_string_equal(p.interpreter, "/lib64/ld-linux-x86-64.so.2");
	decode_file(p.interpreter, &p);
	assert_int_equal(p.kind, HS_PROGRAM_LIBRARY);
	/* what the guest starts first must need nothing */
	hs_program_decode(hs_appliance_init, (size_t)(hs_appliance_init_end - hs_appliance_init),
			  &p);
	assert_int_equal(p.kind, HS_PROGRAM_STATIC);
}

static void scripts(void **state)
{
	static const struct {
		const char *text, *interpreter;
	} cases[] = {
		{"#!/bin/sh\necho", "/bin/sh"},
		{"#! /usr/bin/env python3\n", "/usr/bin/env"},
		{"#!/bin/sh", "/bin/sh"},
		{"#!sh\n", ""},
		{"#!", ""},
		{"#", ""},
		{"", ""},
		{"#!\n/bin/sh", ""},
		{"text", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t len = strlen(cases[i].text);
		uint8_t *copy = exact_copy(cases[i].text, len);
		struct hs_program p;

		hs_program_decode(copy, len, &p);
		assert_string_equal(p.interpreter, cases[i].interpreter);
		assert_int_equal(p.kind,
				 *cases[i].interpreter ? HS_PROGRAM_SCRIPT : HS_PROGRAM_OTHER);
		free(copy);
	}
}

/* Cut anywhere, a program is never more than it was, and nothing beyond the cut is read. */
static void cut_programs(void **state)
{
	struct hs_program p;
	uint8_t buf[4096];
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

	(void)state;
	assert_true(read(fd, buf, sizeof(buf)) == (ssize_t)sizeof(buf));
	close(fd);
	for (size_t len = 0; len < 1024; len++) {
		uint8_t *copy = exact_copy(buf, len);

		hs_program_decode(copy, len, &p);
		assert_true(p.kind == HS_PROGRAM_OTHER || p.kind == HS_PROGRAM_DYNAMIC);
		free(copy);
	}
	/* another machine's program is not ours to load */
	buf[offsetof(Elf64_Ehdr, e_machine)] = EM_AARCH64;
	hs_program_decode(buf, sizeof(buf), &p);
	assert_int_equal(p.kind, HS_PROGRAM_OTHER);
}

static unsigned long hex_field(const char *header, unsigned i)
{
	char text[9] = {0};

	memcpy(text, header + 6 + 8 * i, 8);
	return strtoul(text, NULL, 16);
}

static void archive(void **state)
{
	static const struct {
		const char *name;
		unsigned long mode, size;
	} want[] = {
		{"etc", S_IFDIR | 0755, 0},   {"etc/a", S_IFREG | 0600, 5},
		{"etc/b", S_IFLNK | 0777, 1}, {"dev", S_IFDIR | 0755, 0},
		{"dev/c", S_IFCHR | 0600, 0}, {"TRAILER!!!", 0, 0},
	};
	struct hs_cpio c = {0};
	char *text;
	size_t len, pos = 0;

	(void)state;
	c.out = open_memstream(&text, &len);
	hs_cpio_bytes(&c, "/etc/a", "hello", 5, S_IFREG | 0600);
	hs_cpio_link(&c, "/etc/b", "a");
	hs_cpio_node(&c, "/dev/c", S_IFCHR | 0600, 5, 1);
	hs_cpio_bytes(&c, "/etc/a", "twice", 5, S_IFREG | 0600);
	assert_int_equal(hs_cpio_finish(&c), 0);
	fclose(c.out);

	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		const char *h = text + pos;

		assert_true(pos + 110 < len);
		assert_memory_equal(h, "070701", 6);
		assert_string_equal(h + 110, want[i].name);
		assert_int_equal(hex_field(h, 11), strlen(want[i].name) + 1);
		assert_int_equal(hex_field(h, 1), want[i].mode);
		assert_int_equal(hex_field(h, 6), want[i].size);
		if (!strcmp(want[i].name, "etc/a"))
			assert_memory_equal(h + ((110 + 6 + 3) & ~3), "hello", 5);
		pos += (110 + strlen(want[i].name) + 1 + 3) & ~(size_t)3;
		pos += (want[i].size + 3) & ~(size_t)3;
	}
	assert_int_equal(pos, len);
	free(text);
}

static void archive_errors(void **state)
{
	struct hs_cpio c = {.out = fopen("/dev/full", "w")};

	(void)state;
	hs_cpio_dir(&c, "/a");
	assert_int_equal(hs_cpio_finish(&c), -ENOSPC);
	fclose(c.out);
	c = (struct hs_cpio){.out = fopen("/dev/null", "w")};
	hs_cpio_file(&c, "/a", "/nonexistent");
	assert_int_equal(c.err, -ENOENT);
	assert_int_equal(hs_cpio_finish(&c), -ENOENT);
	fclose(c.out);
	c = (struct hs_cpio){.out = fopen("/dev/null", "w")};
	hs_cpio_dir(&c, "relative");
	assert_int_equal(hs_cpio_finish(&c), -EINVAL);
	fclose(c.out);
}

static void make_image(char path[static 32], off_t size)
{
	int fd;

	strcpy(path, "/tmp/holystone-disk-XXXXXX");
	fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, size), 0);
	close(fd);
}

static errint_t hold(const char *path, enum hs_appliance_access access, struct hs_held_disk *d)
{
	struct hs_appliance_disk disk = {path, NULL, access};

	return hs_disk_hold(&disk, NULL, d);
}

static void holds(void **state)
{
	struct hs_held_disk a, b, c;
	char path[32];

	(void)state;
	make_image(path, 1 << 20);
	assert_int_equal(hold(path, HS_DISK_RW, &a), 0);
	assert_int_equal(a.bytes, 1 << 20);
	assert_int_equal(hold(path, HS_DISK_RW, &b), -EBUSY);
	assert_int_equal(hold(path, HS_DISK_COW, &b), -EBUSY);
	hs_disk_release(&a);

	/* readers do not hurt each other, but keep writers away */
	assert_int_equal(hold(path, HS_DISK_COW, &a), 0);
	assert_true(a.store >= 0);
	assert_int_equal(fcntl(a.fd, F_GETFL) & O_ACCMODE, O_RDONLY);
	assert_int_equal(hold(path, HS_DISK_RO, &b), 0);
	assert_int_equal(hold(path, HS_DISK_RW, &c), -EBUSY);
	hs_disk_release(&a);
	hs_disk_release(&b);
	unlink(path);
}

static void refusals(void **state)
{
	struct hs_held_disk d;
	char path[32];
	int fd;

	(void)state;
	assert_int_equal(hold("/nonexistent", HS_DISK_RO, &d), -ENOENT);
	assert_int_equal(hold("/tmp", HS_DISK_RO, &d), -ENOTBLK);
	assert_int_equal(hold("/dev/null", HS_DISK_RO, &d), -ENOTBLK);
	make_image(path, 0);
	assert_int_equal(hold(path, HS_DISK_RO, &d), -ENODATA);
	truncate(path, 4096);
	fd = open(path, O_RDWR | O_CLOEXEC);
	assert_int_equal(hold(path, HS_DISK_RO, &d), -EBUSY);
	close(fd);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_int_equal(hold(path, HS_DISK_RW, &d), 0);
	hs_disk_release(&d);
	close(fd);
	unlink(path);
}

static void memory_places(void **state)
{
	uint64_t memory = (uint64_t)1 << 60;
	char *dir;

	(void)state;
	assert_int_equal(hs_scratch_memory(NULL, &memory, &dir), -ENOSPC);
	memory = 0;
	assert_int_equal(hs_scratch_memory(NULL, &memory, &dir), 0);
	assert_true(memory >= (uint64_t)256 << 20 && memory <= (uint64_t)1024 << 20);
	assert_int_equal(rmdir(dir), 0);
	free(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(real_programs),  cmocka_unit_test(scripts),
		cmocka_unit_test(cut_programs),	  cmocka_unit_test(archive),
		cmocka_unit_test(archive_errors), cmocka_unit_test(holds),
		cmocka_unit_test(refusals),	  cmocka_unit_test(memory_places),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
