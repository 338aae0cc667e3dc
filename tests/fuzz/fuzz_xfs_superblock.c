/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The superblock of an image that somebody hands to the appliance. */
#include "fuzz.h"

#include <string.h>

#include "xfs/superblock.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t magic[] = {'X', 'F', 'S', 'B'};
	struct hs_strbuf options = HS_STRBUF_INIT;
	struct hs_xfs_sb sb;
	bool is = size >= HS_XFS_SB_SIZE && !memcmp(data, magic, sizeof(magic));

	fuzz_require(hs_xfs_sb_decode(data, size, &sb) == is);
	hs_xfs_sb_quota_options(&sb, &options);
	fuzz_require(options.len < 64);
	fuzz_require(is || options.len == 0);
	hs_strbuf_free(&options);
	return 0;
}
