/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Well-formed UTF-8 (Unicode Standard, table 3-7).
 */
#ifndef HS_BASE_UTF8_H
#define HS_BASE_UTF8_H

#include <stddef.h>
#include <stdint.h>

/* Bytes of the well-formed character at p (1..4), or 0 if there is none in len bytes. */
size_t hs_utf8_len(const uint8_t *p, size_t len);

#endif
