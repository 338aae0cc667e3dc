/* SPDX-License-Identifier: GPL-2.0-or-later */
/* trusted.lmv and the names in and of shards. */
#include "fuzz.h"

#include "base/bytes.h"
#include "lustre/lmv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *v = fuzz_value(data, size);
	struct hs_fid f;
	struct hs_lmv l;
	uint32_t index;

	if (!v)
		return 0;
	size--;
	hs_lmv_parse_shard_name(v, size, &f, &index);
	if (size >= 4 && data[0] % 4)
		hs_put_le32(v, data[0] % 4 == 1 ? HS_LMV_MAGIC_SHARD : HS_LMV_MAGIC_MASTER);
	hs_lmv_decode(v, size, &l);
	fuzz_require(strlen(l.pool) <= 16);
	hs_lmv_name_fits(&l, l.index, v, size < 255 ? size : 255);
	free(v);
	return 0;
}
