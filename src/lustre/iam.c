/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Blocks of IAM index files (format notes, section 11). Each decoder bounds its entries by the
 * block, so that the inline accessors of the header need no checks.
 */
#include "lustre/iam.h"

#include "base/bytes.h"

#define ROOT_MAGIC  0xbedabb1edull
#define ROOT_HEADER 16
#define LEAF_MAGIC  0x1976u
#define LEAF_HEADER 4
#define IDLE_MAGIC  0x7903u
#define IDLE_HEADER 8
#define KEY_MAX	    64 /* no index has keys or records as long as this */
#define REC_MAX	    1024

static bool ascending(const struct hs_iam_node *n)
{
	for (uint32_t i = 1; i < n->count; i++) {
		if (memcmp(hs_iam_key(n, i - 1), hs_iam_key(n, i), n->key_size) >= 0)
			return false;
	}
	return true;
}

static bool sizes_ok(const struct hs_iam_root *root)
{
	return root->key_size > 0 && root->key_size <= KEY_MAX && root->rec_size > 0 &&
	       root->rec_size <= REC_MAX && (root->ptr_size == 4 || root->ptr_size == 8);
}

/* The common part of index nodes: limit and count stand in slot 0, which holds no child. */
static void read_slots(const uint8_t *block, size_t slots, uint32_t limit, struct hs_iam_node *node)
{
	uint32_t count = hs_get_le16(block + slots + 2);

	if (hs_get_le16(block + slots) != limit)
		node->flaws |= HS_IAM_LIMIT;
	if (count < 2 || count > limit)
		node->flaws |= HS_IAM_COUNT;
	if (count > limit)
		count = limit;
	node->first = block + slots + node->stride;
	node->count = count > 0 ? count - 1 : 0;
	if (!ascending(node))
		node->flaws |= HS_IAM_ORDER;
}

static struct hs_iam_node index_node(const uint8_t *block, const struct hs_iam_root *root)
{
	return (struct hs_iam_node){
		.first = block,
		.stride = (size_t)root->key_size + root->ptr_size,
		.key_size = root->key_size,
		.rec_size = root->ptr_size,
	};
}

unsigned hs_iam_decode_root(const uint8_t *block, size_t len, uint16_t key_size, uint16_t rec_size,
			    struct hs_iam_root *root, struct hs_iam_node *node)
{
	uint32_t limit;

	*root = (struct hs_iam_root){0};
	*node = (struct hs_iam_node){.first = block};
	if (len < ROOT_HEADER + 8)
		return node->flaws = HS_IAM_SHORT;
	if (hs_get_le64(block) != ROOT_MAGIC)
		return node->flaws = HS_IAM_MAGIC;
	root->key_size = hs_get_le16(block + 8);
	root->rec_size = hs_get_le16(block + 10);
	root->ptr_size = hs_get_le16(block + 12);
	root->levels = block[14];
	root->idle = hs_get_le32(block + 20);
	if (root->key_size != key_size || root->rec_size != rec_size || !sizes_ok(root))
		return node->flaws = HS_IAM_SIZES;

	*node = index_node(block, root);
	if (root->levels > HS_IAM_MAX_LEVELS)
		node->flaws |= HS_IAM_LEVELS;
	/* The kernel's rule: the root has fewer slots than other nodes even where the header fits.
	 */
	limit = (uint32_t)((len - ROOT_HEADER) / node->stride);
	if (limit == len / node->stride)
		limit--;
	if (limit < 2)
		return node->flaws |= HS_IAM_SHORT;
	read_slots(block, ROOT_HEADER, limit, node);
	return node->flaws;
}

unsigned hs_iam_check_root(const uint8_t *block, size_t len)
{
	struct hs_iam_node node;
	struct hs_iam_root root;

	if (len < ROOT_HEADER + 8)
		return HS_IAM_SHORT;
	return hs_iam_decode_root(block, len, hs_get_le16(block + 8), hs_get_le16(block + 10),
				  &root, &node);
}

unsigned hs_iam_decode_index(const uint8_t *block, size_t len, const struct hs_iam_root *root,
			     struct hs_iam_node *node)
{
	uint32_t limit;

	*node = (struct hs_iam_node){.first = block};
	if (!sizes_ok(root))
		return node->flaws = HS_IAM_SIZES;
	*node = index_node(block, root);
	limit = (uint32_t)(len / node->stride);
	if (limit < 2)
		return node->flaws = HS_IAM_SHORT;
	read_slots(block, 0, limit, node);
	return node->flaws;
}

unsigned hs_iam_decode_leaf(const uint8_t *block, size_t len, const struct hs_iam_root *root,
			    struct hs_iam_node *node)
{
	size_t capacity;

	*node = (struct hs_iam_node){.first = block};
	if (!sizes_ok(root))
		return node->flaws = HS_IAM_SIZES;
	if (len < LEAF_HEADER)
		return node->flaws = HS_IAM_SHORT;
	if (hs_get_le16(block) != LEAF_MAGIC)
		return node->flaws = HS_IAM_MAGIC;
	node->first = block + LEAF_HEADER;
	node->key_size = root->key_size;
	node->rec_size = root->rec_size;
	node->stride = (size_t)root->key_size + root->rec_size;
	node->count = hs_get_le16(block + 2);
	capacity = (len - LEAF_HEADER) / node->stride;
	if (node->count > capacity) {
		node->count = (uint32_t)capacity;
		node->flaws |= HS_IAM_COUNT;
	}
	if (!ascending(node))
		node->flaws |= HS_IAM_ORDER;
	return node->flaws;
}

uint64_t hs_iam_child(const struct hs_iam_node *n, uint32_t i)
{
	const uint8_t *p = hs_iam_rec(n, i);

	return n->rec_size == 8 ? hs_get_le64(p) : hs_get_le32(p);
}

bool hs_iam_key_is_zero(const struct hs_iam_node *n, uint32_t i)
{
	const uint8_t *key = hs_iam_key(n, i);

	for (uint16_t k = 0; k < n->key_size; k++) {
		if (key[k])
			return false;
	}
	return true;
}

unsigned hs_iam_decode_idle(const uint8_t *block, size_t len, struct hs_iam_idle *out)
{
	*out = (struct hs_iam_idle){.first = block};
	if (len < IDLE_HEADER)
		return out->flaws = HS_IAM_SHORT;
	if (hs_get_le16(block) != IDLE_MAGIC)
		return out->flaws = HS_IAM_MAGIC;
	out->first = block + IDLE_HEADER;
	out->count = hs_get_le16(block + 2);
	out->next = hs_get_le32(block + 4);
	if (out->count > (len - IDLE_HEADER) / 4) {
		out->count = (uint32_t)((len - IDLE_HEADER) / 4);
		out->flaws = HS_IAM_COUNT;
	}
	return out->flaws;
}
