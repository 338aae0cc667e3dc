/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CRC-32C as ext4's metadata checksums use it: no inversion before or after, so that a checksum
 * can be continued over the next piece of data.
 */
#ifndef HS_BASE_CRC32C_H
#define HS_BASE_CRC32C_H

#include <stddef.h>
#include <stdint.h>

typedef uint32_t hs_crc32c_fn(uint32_t crc, const void *buf, size_t len);

/* The fastest way this processor offers; choose once, then call. */
hs_crc32c_fn *hs_crc32c_best(void);

/* The plain way, for comparison and for processors without the instruction. */
uint32_t hs_crc32c_plain(uint32_t crc, const void *buf, size_t len);

#endif
