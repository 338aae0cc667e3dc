/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Directory hashes, by libext2fs.
 */
#include "ldiskfs/dirhash.h"

#include <ext2fs/ext2_fs.h>
#include <ext2fs/ext2fs.h>

#include "base/bytes.h"

#define HASH_END 0xfffffffeu /* means the end of a directory to readers, so no name may have it */

uint64_t hs_dirhash(uint8_t version, const uint8_t seed[16], const uint8_t *name, size_t len)
{
	__u32 words[4];
	ext2_dirhash_t major = 0, minor = 0;

	for (size_t i = 0; i < 4; i++)
		words[i] = hs_get_le32(seed + 4 * i);
	if (ext2fs_dirhash(version, (const char *)name, (int)len, words, &major, &minor))
		return 0;
	major &= ~1u;
	if (major == HASH_END)
		major -= 2;
	return (uint64_t)major << 32 | minor;
}
