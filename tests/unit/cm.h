/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What every cmocka test includes, and buffers without a byte to spare: a read beyond the end of
 * one is caught by the address sanitizer or valgrind.
 */
#ifndef HS_TESTS_CM_H
#define HS_TESTS_CM_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A copy that is exactly len bytes long; the caller frees it. */
static inline uint8_t *exact_copy(const void *p, size_t len)
{
	uint8_t *copy = malloc(len ? len : 1);

	assert_non_null(copy);
	memcpy(copy, p, len);
	return copy;
}

#endif
