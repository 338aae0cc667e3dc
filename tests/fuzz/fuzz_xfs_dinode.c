/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An inode record of a mounted XFS that the kernel cannot load. */
#include "fuzz.h"

#include "xfs/dinode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint32_t gen;

	if (!hs_xfs_dinode_generation(data, size, 128, &gen))
		fuzz_require(gen == 0);
	else
		fuzz_require(size >= HS_XFS_DINODE_SIZE);
	return 0;
}
