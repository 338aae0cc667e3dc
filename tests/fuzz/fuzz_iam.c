/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IAM blocks: what a node promises lies inside the block. */
#include "fuzz.h"

#include "base/bytes.h"
#include "lustre/iam_write.h"

static void use(const struct hs_iam_node *n, const uint8_t *block, size_t size)
{
	fuzz_require(n->first >= block && n->count * n->stride <= size);
	for (uint32_t i = 0; i < n->count; i++) {
		fuzz_touch(hs_iam_key(n, i), n->key_size);
		fuzz_touch(hs_iam_rec(n, i), n->rec_size);
		hs_iam_key_is_zero(n, i);
	}
}

/* Changes stay inside a block that was found to be sound, and leave it so. */
static void change(uint8_t *v, size_t size, enum hs_iam_kind kind, struct hs_iam_root *root)
{
	uint8_t key[HS_IAM_KEY_MAX] = {1, 2, 3}, record[1024] = {4}, *other;
	struct hs_iam_block b, upper, again;
	uint32_t at;

	if (!hs_iam_block_open(v, size, kind, root, &b))
		return;
	fuzz_require(b.count <= b.room);
	if (b.count)
		hs_iam_block_child(&b, hs_iam_block_choose(&b, key));
	if (!hs_iam_block_search(&b, key, &at) && b.count < b.room) {
		hs_iam_block_insert(&b, at, key, record);
		fuzz_require(hs_iam_block_open(v, size, kind, root, &again));
		hs_iam_block_remove(&b, at);
	}
	other = malloc(size);
	if (other && b.count > 3) {
		hs_iam_block_init(other, size, kind == HS_IAM_ROOT ? HS_IAM_INDEX : kind, root,
				  &upper);
		if (kind == HS_IAM_ROOT && b.count <= upper.room &&
		    root->levels < HS_IAM_MAX_LEVELS)
			hs_iam_root_push_down(&b, root, &upper, 7);
		else if (kind != HS_IAM_ROOT)
			hs_iam_block_split(&b, &upper);
	}
	free(other);
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
	if (data[0] & 0x40) {
		uint32_t taken, next;

		hs_iam_idle_take(v, size, &taken, &next);
	} else if (data[0] % 4 == 0) {
		change(v, size, HS_IAM_ROOT, &root);
	} else {
		change(v, size, data[0] & 0x20 ? HS_IAM_INDEX : HS_IAM_LEAF, &oi);
	}
	free(v);
	return 0;
}
