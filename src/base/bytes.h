/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Integers of a stated byte order at any address of a buffer. The callers check the bounds.
 */
#ifndef HS_BASE_BYTES_H
#define HS_BASE_BYTES_H

#include <endian.h>
#include <stdint.h>
#include <string.h>

#define HS_DEFINE_BYTES(order, bits)                                                               \
	static inline uint##bits##_t hs_get_##order##bits(const void *p)                           \
	{                                                                                          \
		uint##bits##_t v;                                                                  \
		memcpy(&v, p, sizeof(v));                                                          \
		return order##bits##toh(v);                                                        \
	}                                                                                          \
	static inline void hs_put_##order##bits(void *p, uint##bits##_t x)                         \
	{                                                                                          \
		uint##bits##_t v = hto##order##bits(x);                                            \
		memcpy(p, &v, sizeof(v));                                                          \
	}

HS_DEFINE_BYTES(le, 16)
HS_DEFINE_BYTES(le, 32)
HS_DEFINE_BYTES(le, 64)
HS_DEFINE_BYTES(be, 16)
HS_DEFINE_BYTES(be, 32)
HS_DEFINE_BYTES(be, 64)

#undef HS_DEFINE_BYTES

#endif
