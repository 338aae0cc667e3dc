/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writes a cpio archive of the "newc" form that the kernel unpacks as initramfs
 * (Documentation/driver-api/early-userspace/buffer-format.rst of the kernel's source).
 *
 * Missing parent directories are added. A path that is there already is not added again, so that
 * two programs may bring the same library. The first error sticks; hs_cpio_finish() returns it.
 */
#ifndef HS_APPLIANCE_CPIO_H
#define HS_APPLIANCE_CPIO_H

#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "base/err.h"

struct hs_cpio {
	FILE *out; /* the caller's */
	char **paths;
	size_t n_paths, room;
	uint32_t ino;
	uint64_t pos;
	errint_t err;
};

/* All paths are absolute. */
void hs_cpio_dir(struct hs_cpio *c, const char *path);
void hs_cpio_link(struct hs_cpio *c, const char *path, const char *target);
void hs_cpio_bytes(struct hs_cpio *c, const char *path, const void *bytes, size_t len, mode_t mode);
void hs_cpio_node(struct hs_cpio *c, const char *path, mode_t mode, unsigned major, unsigned minor);

/* Copies a regular file (links are followed), at most 4 GiB - 1 as the format has it. */
void hs_cpio_file(struct hs_cpio *c, const char *path, const char *host);

/* Whether the path was added. */
int hs_cpio_has(const struct hs_cpio *c, const char *path);

/* Writes the trailer and flushes. Frees what *c holds, but not `out`. */
errint_t hs_cpio_finish(struct hs_cpio *c);

#endif
