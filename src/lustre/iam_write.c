/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Blocks of IAM index files, changed in place.
 */
#include "lustre/iam_write.h"

#include "base/bytes.h"

enum {
	ROOT_SLOTS = 16, /* where slot 0 of the root stands: limit, count, idle list */
	ROOT_LEVELS = 14,
	ROOT_IDLE = 20,
	LEAF_MAGIC = 0x1976,
	LEAF_RECORDS = 4,
	LEAF_COUNT = 2,
	IDLE_BLOCKS = 8,
};

static size_t stride(const struct hs_iam_block *b)
{
	return (size_t)b->key_size + b->rec_size;
}

static size_t slots(const struct hs_iam_block *b)
{
	return b->kind == HS_IAM_ROOT ? ROOT_SLOTS : 0;
}

static void set_count(struct hs_iam_block *b, uint32_t count)
{
	b->count = count;
	if (b->kind == HS_IAM_LEAF)
		hs_put_le16(b->buf + LEAF_COUNT, (uint16_t)count);
	else
		hs_put_le16(b->buf + slots(b) + 2, (uint16_t)(count + 1)); /* slot 0 counts */
}

bool hs_iam_block_open(uint8_t *buf, size_t len, enum hs_iam_kind kind, struct hs_iam_root *root,
		       struct hs_iam_block *out)
{
	struct hs_iam_node node;
	unsigned flaws;

	switch (kind) {
	case HS_IAM_ROOT:
		flaws = len < 24 ? HS_IAM_SHORT
				 : hs_iam_decode_root(buf, len, hs_get_le16(buf + 8),
						      hs_get_le16(buf + 10), root, &node);
		break;
	case HS_IAM_INDEX:
		flaws = hs_iam_decode_index(buf, len, root, &node);
		break;
	default:
		flaws = hs_iam_decode_leaf(buf, len, root, &node);
	}
	if (flaws)
		return false;
	*out = (struct hs_iam_block){
		.buf = buf,
		.len = len,
		.kind = kind,
		.key_size = node.key_size,
		.rec_size = node.rec_size,
		.count = node.count,
	};
	if (kind == HS_IAM_LEAF)
		out->room = (uint32_t)((len - LEAF_RECORDS) / stride(out));
	else
		out->room = hs_get_le16(buf + slots(out)) - 1u;
	return true;
}

void hs_iam_block_init(uint8_t *buf, size_t len, enum hs_iam_kind kind,
		       const struct hs_iam_root *root, struct hs_iam_block *out)
{
	*out = (struct hs_iam_block){
		.buf = buf,
		.len = len,
		.kind = kind,
		.key_size = root->key_size,
		.rec_size = kind == HS_IAM_LEAF ? root->rec_size : root->ptr_size,
	};
	memset(buf, 0, len);
	if (kind == HS_IAM_LEAF) {
		hs_put_le16(buf, LEAF_MAGIC);
		out->room = (uint32_t)((len - LEAF_RECORDS) / stride(out));
	} else {
		out->room = (uint32_t)(len / stride(out)) - 1;
		hs_put_le16(buf, (uint16_t)(out->room + 1));
	}
	set_count(out, 0);
}

uint8_t *hs_iam_block_at(const struct hs_iam_block *b, uint32_t i)
{
	size_t first = b->kind == HS_IAM_LEAF ? LEAF_RECORDS : slots(b) + stride(b);

	return b->buf + first + i * stride(b);
}

bool hs_iam_block_search(const struct hs_iam_block *b, const uint8_t *key, uint32_t *at)
{
	uint32_t low = 0, high = b->count;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;
		int order = memcmp(hs_iam_block_at(b, mid), key, b->key_size);

		if (order == 0) {
			*at = mid;
			return true;
		}
		if (order < 0)
			low = mid + 1;
		else
			high = mid;
	}
	*at = low;
	return false;
}

uint32_t hs_iam_block_choose(const struct hs_iam_block *b, const uint8_t *key)
{
	uint32_t at;

	if (hs_iam_block_search(b, key, &at))
		return at;
	return at ? at - 1 : 0;
}

uint64_t hs_iam_block_child(const struct hs_iam_block *b, uint32_t i)
{
	const uint8_t *p = hs_iam_block_at(b, i) + b->key_size;

	return b->rec_size == 8 ? hs_get_le64(p) : hs_get_le32(p);
}

void hs_iam_pointer(const struct hs_iam_root *root, uint64_t block, uint8_t record[8])
{
	if (root->ptr_size == 8)
		hs_put_le64(record, block);
	else
		hs_put_le32(record, (uint32_t)block);
}

void hs_iam_block_insert(struct hs_iam_block *b, uint32_t at, const uint8_t *key,
			 const uint8_t *record)
{
	uint8_t *p = hs_iam_block_at(b, at);

	memmove(p + stride(b), p, (b->count - at) * stride(b));
	memcpy(p, key, b->key_size);
	memcpy(p + b->key_size, record, b->rec_size);
	set_count(b, b->count + 1);
}

void hs_iam_block_remove(struct hs_iam_block *b, uint32_t at)
{
	uint8_t *p = hs_iam_block_at(b, at);

	memmove(p, p + stride(b), (b->count - at - 1) * stride(b));
	memset(hs_iam_block_at(b, b->count - 1), 0, stride(b));
	set_count(b, b->count - 1);
}

void hs_iam_block_split(struct hs_iam_block *b, struct hs_iam_block *upper)
{
	uint32_t half = b->count / 2, moved = b->count - half;

	memcpy(hs_iam_block_at(upper, 0), hs_iam_block_at(b, half), moved * stride(b));
	memset(hs_iam_block_at(b, half), 0, moved * stride(b));
	set_count(upper, moved);
	set_count(b, half);
}

void hs_iam_root_push_down(struct hs_iam_block *root_block, struct hs_iam_root *root,
			   struct hs_iam_block *node, uint64_t block)
{
	static const uint8_t least[HS_IAM_KEY_MAX];
	uint8_t pointer[8];

	memcpy(hs_iam_block_at(node, 0), hs_iam_block_at(root_block, 0),
	       root_block->count * stride(node));
	set_count(node, root_block->count);
	memset(hs_iam_block_at(root_block, 0), 0, root_block->count * stride(node));
	set_count(root_block, 0);
	hs_iam_pointer(root, block, pointer);
	hs_iam_block_insert(root_block, 0, least, pointer);
	root_block->buf[ROOT_LEVELS] = ++root->levels;
}

void hs_iam_root_set_idle(struct hs_iam_block *root_block, struct hs_iam_root *root, uint32_t idle)
{
	root->idle = idle;
	hs_put_le32(root_block->buf + ROOT_IDLE, idle);
}

bool hs_iam_idle_take(uint8_t *buf, size_t len, uint32_t *taken, uint32_t *next)
{
	struct hs_iam_idle idle;

	if (hs_iam_decode_idle(buf, len, &idle))
		return false;
	*next = idle.next;
	*taken = 0;
	if (!idle.count)
		return true;
	*taken = hs_get_le32(idle.first + (size_t)(idle.count - 1) * 4);
	hs_put_le32(buf + IDLE_BLOCKS + (size_t)(idle.count - 1) * 4, 0);
	hs_put_le16(buf + 2, (uint16_t)(idle.count - 1));
	return *taken != 0;
}
