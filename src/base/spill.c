/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/spill.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* A file without a name, gone with its last descriptor. */
static int open_unnamed(const char *dir)
{
	char path[4096];
	int fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	if (fd >= 0)
		return fd;
	/* file systems that have no O_TMPFILE */
	if (snprintf(path, sizeof(path), "%s/spill-XXXXXX", dir) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	fd = mkostemp(path, O_CLOEXEC);
	if (fd < 0)
		return -errno;
	unlink(path);
	return fd;
}

/* posix_fallocate() and not ftruncate(): a full disk must be an error here, not a signal later. */
static errint_t extend(int fd, size_t from, size_t to)
{
	return -posix_fallocate(fd, (off_t)from, (off_t)(to - from));
}

static errint_t move_to_file(struct hs_spill *s, size_t bytes, const char *dir)
{
	int fd = open_unnamed(dir);
	errint_t err;
	void *p;

	if (fd < 0)
		return fd;
	err = extend(fd, 0, bytes);
	if (err) {
		close(fd);
		return err;
	}
	p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED) {
		close(fd);
		return -ENOMEM;
	}
	if (s->p) {
		memcpy(p, s->p, s->bytes);
		munmap(s->p, s->bytes);
	}
	*s = (struct hs_spill){p, bytes, fd + 1};
	return 0;
}

static errint_t stretch(struct hs_spill *s, size_t bytes)
{
	void *p;

	if (s->file) {
		errint_t err = extend(s->file - 1, s->bytes, bytes);

		if (err)
			return err;
	}
	p = s->p ? mremap(s->p, s->bytes, bytes, MREMAP_MAYMOVE)
		 : mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		return -ENOMEM;
	s->p = p;
	s->bytes = bytes;
	return 0;
}

errint_t hs_spill_grow(struct hs_spill *s, size_t bytes, const struct hs_spill_limit *limit)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	if (bytes <= s->bytes)
		return 0;
	if (bytes > SIZE_MAX / 2)
		return -ENOMEM;
	bytes = (bytes + page - 1) / page * page;
	if (!s->file && limit->dir && bytes > limit->in_memory)
		return move_to_file(s, bytes, limit->dir);
	return stretch(s, bytes);
}

void hs_spill_free(struct hs_spill *s)
{
	if (s->p)
		munmap(s->p, s->bytes);
	if (s->file)
		close(s->file - 1);
	*s = (struct hs_spill){0};
}
