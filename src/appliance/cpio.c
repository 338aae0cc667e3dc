/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The archive writer. Linear look-up of paths is enough: an initramfs has some hundred entries.
 */
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "appliance/cpio.h"
#include "base/array.h"
#include "base/cleanup.h"

static void put(struct hs_cpio *c, const void *bytes, size_t len)
{
	if (c->err)
		return;
	if (len && fwrite(bytes, 1, len, c->out) != len)
		c->err = -EIO;
	c->pos += len;
}

static void align(struct hs_cpio *c)
{
	static const char zeros[4];

	put(c, zeros, (size_t)(-c->pos & 3));
}

static void header(struct hs_cpio *c, const char *name, mode_t mode, uint32_t size, unsigned major,
		   unsigned minor)
{
	char text[111];

	snprintf(text, sizeof(text), "070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X",
		 ++c->ino, (unsigned)mode, 0u, 0u, 1u, 0u, (unsigned)size, 0u, 0u, major, minor,
		 (unsigned)strlen(name) + 1, 0u);
	put(c, text, 110);
	put(c, name, strlen(name) + 1);
	align(c);
}

int hs_cpio_has(const struct hs_cpio *c, const char *path)
{
	for (size_t i = 0; i < c->n_paths; i++)
		if (!strcmp(c->paths[i], path))
			return 1;
	return 0;
}

/* Notes the path, and adds the directories above it. False if it is there already. */
static bool begin(struct hs_cpio *c, const char *path)
{
	hs_autofree char *parent = NULL;
	const char *slash = strrchr(path, '/');

	if (c->err)
		return false;
	if (*path != '/') {
		c->err = -EINVAL;
		return false;
	}
	if (!path[1] || hs_cpio_has(c, path))
		return false;
	if (slash != path) {
		parent = strndup(path, (size_t)(slash - path));
		if (parent)
			hs_cpio_dir(c, parent);
		else
			c->err = -ENOMEM;
	}
	if (!c->err)
		c->err = hs_array_grow(&c->paths, &c->room, c->n_paths + 1);
	if (c->err)
		return false;
	c->paths[c->n_paths] = strdup(path);
	if (!c->paths[c->n_paths]) {
		c->err = -ENOMEM;
		return false;
	}
	c->n_paths++;
	return true;
}

void hs_cpio_dir(struct hs_cpio *c, const char *path)
{
	if (begin(c, path))
		header(c, path + 1, S_IFDIR | 0755, 0, 0, 0);
}

void hs_cpio_bytes(struct hs_cpio *c, const char *path, const void *bytes, size_t len, mode_t mode)
{
	if (len > UINT32_MAX)
		c->err = c->err ? c->err : -EFBIG;
	if (!begin(c, path))
		return;
	header(c, path + 1, mode, (uint32_t)len, 0, 0);
	put(c, bytes, len);
	align(c);
}

void hs_cpio_link(struct hs_cpio *c, const char *path, const char *target)
{
	hs_cpio_bytes(c, path, target, strlen(target), S_IFLNK | 0777);
}

void hs_cpio_node(struct hs_cpio *c, const char *path, mode_t mode, unsigned major, unsigned minor)
{
	if (begin(c, path))
		header(c, path + 1, mode, 0, major, minor);
}

void hs_cpio_file(struct hs_cpio *c, const char *path, const char *host)
{
	hs_autoclose int fd = -1;
	uint64_t left;
	char buf[65536];
	struct stat st;

	if (c->err || hs_cpio_has(c, path))
		return;
	fd = open(host, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &st) < 0) {
		c->err = -errno;
		return;
	}
	if (!S_ISREG(st.st_mode) || st.st_size > UINT32_MAX) {
		c->err = S_ISREG(st.st_mode) ? -EFBIG : -EINVAL;
		return;
	}
	if (!begin(c, path))
		return;
	left = (uint64_t)st.st_size;
	header(c, path + 1, S_IFREG | (st.st_mode & 0777), (uint32_t)left, 0, 0);
	while (left && !c->err) {
		ssize_t n = read(fd, buf, left < sizeof(buf) ? (size_t)left : sizeof(buf));

		if (n <= 0)
			c->err = n < 0 ? -errno : -EIO; /* it shrank meanwhile */
		else
			put(c, buf, (size_t)n);
		left -= n > 0 ? (uint64_t)n : 0;
	}
	align(c);
}

errint_t hs_cpio_finish(struct hs_cpio *c)
{
	if (!c->err)
		header(c, "TRAILER!!!", 0, 0, 0, 0);
	if (!c->err && fflush(c->out))
		c->err = -errno;
	for (size_t i = 0; i < c->n_paths; i++)
		free(c->paths[i]);
	free(c->paths);
	c->paths = NULL;
	c->n_paths = c->room = 0;
	return c->err;
}
