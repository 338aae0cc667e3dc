/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * User Mode Linux keeps the guest's memory in a file that it also maps executable. /dev/shm is the
 * right place, but in containers it is often 64 MiB and elsewhere sometimes noexec: a guest that
 * outgrows it dies of SIGBUS at an arbitrary moment. So the place is tried before it is used.
 */
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "appliance/scratch.h"
#include "base/cleanup.h"

#define MIB		((uint64_t)1 << 20)
#define MEMORY_DEFAULT	(1024 * MIB)
#define MEMORY_LEAST	(256 * MIB)
#define MAX_CANDIDATES	5
#define SCRATCH_PATTERN "holystone-appliance-XXXXXX"

static uint64_t free_bytes(const char *dir)
{
	struct statvfs v;

	if (statvfs(dir, &v) < 0)
		return 0;
	return (uint64_t)v.f_bavail * v.f_frsize;
}

static int unlinked_file(const char *dir)
{
	char path[PATH_MAX];
	int fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL))
		return fd;
	if (snprintf(path, sizeof(path), "%s/" SCRATCH_PATTERN, dir) >= (int)sizeof(path))
		return -1;
	fd = mkostemp(path, O_CLOEXEC);
	if (fd >= 0)
		unlink(path);
	return fd;
}

static bool maps_executable(const char *dir)
{
	hs_autoclose int fd = unlinked_file(dir);
	void *p;

	if (fd < 0 || ftruncate(fd, 4096) < 0)
		return false;
	p = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED)
		return false;
	munmap(p, 4096);
	return true;
}

errint_t hs_scratch_file(uint64_t bytes, int *fd)
{
	const char *dirs[] = {getenv("TMPDIR"), "/var/tmp", "/tmp"};

	errno = ENOSPC;
	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
		if (!dirs[i] || !*dirs[i] || free_bytes(dirs[i]) <= bytes)
			continue;
		*fd = unlinked_file(dirs[i]);
		if (*fd >= 0)
			return 0;
	}
	return -errno;
}

static errint_t make_dir(const char *parent, char **path)
{
	char *dir;

	if (asprintf(&dir, "%s/" SCRATCH_PATTERN, parent) < 0)
		return -ENOMEM;
	if (!mkdtemp(dir)) {
		errint_t err = -errno;

		free(dir);
		return err;
	}
	*path = dir;
	return 0;
}

errint_t hs_scratch_memory(struct hs_log *log, uint64_t *memory, char **path)
{
	const char *dirs[MAX_CANDIDATES] = {"/dev/shm", getenv("TMPDIR"), getenv("XDG_RUNTIME_DIR"),
					    "/tmp", "/var/tmp"};
	uint64_t want = *memory ? *memory : MEMORY_DEFAULT;
	const char *best = NULL;
	uint64_t most = 0;

	/* First the place that has room for all of it, else the roomiest. */
	for (size_t i = 0; i < MAX_CANDIDATES && most < want; i++) {
		uint64_t room = dirs[i] && *dirs[i] ? free_bytes(dirs[i]) : 0;

		if (room <= most || !maps_executable(dirs[i]))
			continue;
		best = dirs[i];
		most = room;
	}
	if (best && most < want) {
		if (*memory || most < MEMORY_LEAST)
			best = NULL;
		else
			want = most & ~(MIB - 1);
	}
	if (!best) {
		hs_log(log, HS_LOG_ERROR,
		       "no place for %llu MiB of guest memory: /dev/shm, $TMPDIR, /tmp and "
		       "/var/tmp "
		       "are too small or mounted noexec; set TMPDIR to one that is neither",
		       (unsigned long long)((*memory ? *memory : MEMORY_LEAST) / MIB));
		return -ENOSPC;
	}
	if (strcmp(best, "/dev/shm"))
		hs_log(log, HS_LOG_INFO,
		       "/dev/shm is too small or noexec: the guest's %llu MiB of memory are in %s",
		       (unsigned long long)(want / MIB), best);
	*memory = want;
	return make_dir(best, path);
}
