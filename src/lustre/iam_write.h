/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Changing single blocks of IAM index files (format notes, section 11). Pure functions of the
 * block's bytes; walking a file is the caller's.
 */
#ifndef HS_LUSTRE_IAM_WRITE_H
#define HS_LUSTRE_IAM_WRITE_H

#include "lustre/iam.h"

#define HS_IAM_KEY_MAX 64u /* longer than any key */

enum hs_iam_kind { HS_IAM_ROOT, HS_IAM_INDEX, HS_IAM_LEAF };

/* A sound block that may be changed. Places count from 0: slot 1 of an index block, record 0. */
struct hs_iam_block {
	uint8_t *buf;
	size_t len;
	enum hs_iam_kind kind;
	uint16_t key_size;
	uint16_t rec_size; /* of a pointer in an index block */
	uint32_t count;
	uint32_t room; /* at most so many */
};

/* False when the block has any flaw. For a root, *root is filled in; for others it is used. */
bool hs_iam_block_open(uint8_t *buf, size_t len, enum hs_iam_kind kind, struct hs_iam_root *root,
		       struct hs_iam_block *out);

/* An empty leaf or index block. */
void hs_iam_block_init(uint8_t *buf, size_t len, enum hs_iam_kind kind,
		       const struct hs_iam_root *root, struct hs_iam_block *out);

uint8_t *hs_iam_block_at(const struct hs_iam_block *b, uint32_t i);

/* Where the key is, or where it would be inserted: true if it is there. */
bool hs_iam_block_search(const struct hs_iam_block *b, const uint8_t *key, uint32_t *at);

/* The place of an index block to follow for a key, and its child. */
uint32_t hs_iam_block_choose(const struct hs_iam_block *b, const uint8_t *key);
uint64_t hs_iam_block_child(const struct hs_iam_block *b, uint32_t i);

/* count < room. `record` has rec_size bytes; hs_iam_pointer() makes one of a child. */
void hs_iam_block_insert(struct hs_iam_block *b, uint32_t at, const uint8_t *key,
			 const uint8_t *record);
void hs_iam_block_remove(struct hs_iam_block *b, uint32_t at);
void hs_iam_pointer(const struct hs_iam_root *root, uint64_t block, uint8_t record[8]);

/* Moves the upper half to an empty block of the same kind (a leaf or an index block, full). */
void hs_iam_block_split(struct hs_iam_block *b, struct hs_iam_block *upper);

/* All of the root goes to an empty index block that is `block` of the file; the root points there.
 */
void hs_iam_root_push_down(struct hs_iam_block *root_block, struct hs_iam_root *root,
			   struct hs_iam_block *node, uint64_t block);

void hs_iam_root_set_idle(struct hs_iam_block *root_block, struct hs_iam_root *root, uint32_t idle);

/*
 * Takes a free block from a block of the idle list: *taken, or 0 when it lists none but the one
 * behind it, *next. False when it is no such block.
 */
bool hs_iam_idle_take(uint8_t *buf, size_t len, uint32_t *taken, uint32_t *next);

#endif
