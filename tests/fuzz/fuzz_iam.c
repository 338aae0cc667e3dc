/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IAM blocks: what a node promises lies inside the block. */
#include "fuzz.h"

#include "base/bytes.h"
#include "lustre/iam.h"

static void use(const struct hs_iam_node *n, const uint8_t *block, size_t size)
{
	fuzz_require(n->first >= block && n->count * n->stride <= size);
	for (uint32_t i = 0; i < n->count; i++) {
		fuzz_touch(hs_iam_key(n, i), n->key_size);
		fuzz_touch(hs_iam_rec(n, i), n->rec_size);
		hs_iam_key_is_zero(n, i);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hs_iam_root root, oi = {.key_size = 16, .rec_size = 8, .ptr_size = 4};
	uint8_t *v = fuzz_value(data, size);
	struct hs_iam_node n;
	struct hs_iam_idle idle;

	if (!v)
		return 0;
	size--;
	if (size >= 24 && data[0] % 4 == 0) {
		hs_put_le64(v, 0xbedabb1edull);
		hs_put_le16(v + 8, 16);
		hs_put_le16(v + 10, 8);
		hs_put_le16(v + 12, data[0] % 8 ? 4 : 8);
	} else if (size >= 2 && data[0] % 4 < 3) {
		hs_put_le16(v, data[0] % 4 == 1 ? 0x1976 : 0x7903);
	}
	hs_iam_decode_root(v, size, 16, 8, &root, &n);
	use(&n, v, size);
	for (uint32_t i = 0; i < n.count; i++)
		hs_iam_child(&n, i);
	hs_iam_decode_index(v, size, &root, &n);
	use(&n, v, size);
	hs_iam_decode_index(v, size, &oi, &n);
	use(&n, v, size);
	hs_iam_decode_leaf(v, size, &oi, &n);
	use(&n, v, size);
	hs_iam_decode_idle(v, size, &idle);
	fuzz_touch(idle.first, idle.count * 4u);
	free(v);
	return 0;
}
