/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The real images that integration tests read: archives below $HS_SHARED/images, unpacked one at a
 * time into a scratch directory.
 */
#ifndef HS_TESTS_IMAGES_H
#define HS_TESTS_IMAGES_H

#include <stdbool.h>
#include <stddef.h>

#define TEST_SKIP    77
#define IMAGES_MAX   16
#define IMAGES_PATHS 4096

struct images {
	char dir[IMAGES_PATHS]; /* scratch directory of its own */
	char *paths[IMAGES_MAX];
	size_t n;
};

/* $HS_SHARED, or `fallback`. */
const char *images_shared(const char *fallback);

/*
 * Unpacks SHARED/images/NAME.tar.zst below $TMPDIR or /tmp; paths are those of *.img, sorted by
 * name. False, with a message on stderr, when there is no such archive or tar(1) fails.
 */
bool images_unpack(const char *shared, const char *name, struct images *out);

/* The same with what a program makes: `argv` is run with "-o", directory appended. */
bool images_make(char *const *argv, struct images *out);
void images_remove(struct images *im);

#endif
