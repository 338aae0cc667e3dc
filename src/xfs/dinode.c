/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Offsets are those of struct xfs_dinode in the kernel's fs/xfs/libxfs/xfs_format.h, big endian.
 * An inode number is the AG, the block in it and the place in that block, each in as many bits as
 * it takes (XFS_AGINO_TO_AGBNO and its like, same file).
 */
#include "xfs/dinode.h"

#include <errno.h>
#include <stdlib.h>

#include "base/bytes.h"
#include "xfs/device.h"

#define MAGIC	0x494e /* "IN" */
#define OFF_GEN 92
#define OFF_INO 152

#define ALIGNMENT 4096 /* of memory, for direct reads */

bool hs_xfs_dinode_generation(const uint8_t *buf, size_t len, uint64_t ino, uint32_t *out)
{
	*out = 0;
	if (len < HS_XFS_DINODE_SIZE)
		return false;
	if (hs_get_be16(buf) != MAGIC && hs_get_be64(buf + OFF_INO) != ino)
		return false;
	*out = hs_get_be32(buf + OFF_GEN);
	return true;
}

errint_t hs_xfs_disk_generation(const struct hs_xfs_scan *scan, uint64_t ino, uint32_t *out)
{
	const struct hs_xfs_geom *g = &scan->fs.geom;
	struct hs_strbuf why = HS_STRBUF_INIT;
	uint64_t agno = hs_xfs_ino_agno(&scan->fs, ino);
	uint64_t agino = hs_xfs_ino_agino(&scan->fs, ino);
	uint64_t per_block, off;
	struct hs_io *io = NULL;
	uint8_t *block;
	errint_t rc;

	*out = 0;
	if (g->inodesize < HS_XFS_DINODE_SIZE || g->inodesize > g->blocksize)
		return -EINVAL;
	per_block = g->blocksize / g->inodesize;
	if (agno >= g->agcount || agino / per_block >= g->agblocks)
		return -EINVAL;
	off = (agno * g->agblocks + agino / per_block) * g->blocksize;
	block = aligned_alloc(ALIGNMENT, (g->blocksize + ALIGNMENT - 1) & ~(ALIGNMENT - 1U));
	if (!block)
		return -ENOMEM;
	rc = hs_xfs_device_open(scan, HS_XFS_DATA, &io, &why);
	if (!rc)
		rc = hs_io_pread(io, block, g->blocksize, off);
	if (!rc && !hs_xfs_dinode_generation(block + agino % per_block * g->inodesize, g->inodesize,
					     ino, out))
		rc = -ENOENT;
	if (io)
		hs_io_close(io);
	hs_strbuf_free(&why);
	free(block);
	return rc;
}
