/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the fuzz targets share. A target defines LLVMFuzzerTestOneInput(); it must not depend on
 * anything but its input, and reads nothing beyond it.
 */
#ifndef HS_TESTS_FUZZ_H
#define HS_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A property that must hold whatever the input is. */
static inline void fuzz_require(int holds)
{
	if (!holds)
		abort();
}

/*
 * The input without its first byte, which the target may use as a choice, in a buffer of its own of
 * exactly that size. The caller frees it. NULL for an empty input.
 */
static inline uint8_t *fuzz_value(const uint8_t *data, size_t size)
{
	uint8_t *value;

	if (size == 0)
		return NULL;
	value = malloc(size > 1 ? size - 1 : 1);
	if (value)
		memcpy(value, data + 1, size - 1);
	return value;
}

/* Every byte of a range is read, so that a sanitizer sees one that should not be. */
static inline void fuzz_touch(const void *p, size_t len)
{
	const uint8_t *b = p;
	volatile uint8_t sink = 0;

	for (size_t i = 0; i < len; i++)
		sink ^= b[i];
	(void)sink;
}

#endif
