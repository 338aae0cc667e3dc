/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IAM index files, "lfix" flavour: oi.16.N, fld, quota (format notes, section 11). Decodes single
 * blocks; walking a file is the caller's.
 */
#ifndef HS_LUSTRE_IAM_H
#define HS_LUSTRE_IAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HS_IAM_MAX_LEVELS 5 /* more than 2^32 blocks of any size can need */

struct hs_iam_root {
	uint16_t key_size;
	uint16_t rec_size;
	uint16_t ptr_size;
	uint8_t levels; /* index levels below the root */
	uint32_t idle;	/* first block of the idle list, 0 = none */
};

enum hs_iam_flaw {
	HS_IAM_MAGIC = 1,
	HS_IAM_SIZES = 2,  /* key, record or pointer size not the expected ones */
	HS_IAM_LIMIT = 4,  /* limit is not what the block size gives */
	HS_IAM_COUNT = 8,  /* count above the limit or zero: only the entries that fit are used */
	HS_IAM_ORDER = 16, /* keys not ascending */
	HS_IAM_LEVELS = 32,
	HS_IAM_SHORT = 64, /* block too small to be one */
};

/* One decoded index node or leaf; keys and records point into the block. */
struct hs_iam_node {
	const uint8_t *first; /* slot 1 of an index node, record 0 of a leaf */
	size_t stride;
	uint32_t count; /* usable slots or records, already bounded by the block */
	uint16_t key_size;
	uint16_t rec_size; /* pointer size for index nodes */
	unsigned flaws;
};

/*
 * In all three, `len` is the file system's block size, the flaws are returned and stored in the
 * node, and a node that cannot be read has a count of 0.
 */

/* Block 0. key_size and rec_size are what the caller expects. */
unsigned hs_iam_decode_root(const uint8_t *block, size_t len, uint16_t key_size, uint16_t rec_size,
			    struct hs_iam_root *root, struct hs_iam_node *node);

/* The same for an index whose key and record sizes are not known: they are those it says. */
unsigned hs_iam_check_root(const uint8_t *block, size_t len);

/* An index node below the root. */
unsigned hs_iam_decode_index(const uint8_t *block, size_t len, const struct hs_iam_root *root,
			     struct hs_iam_node *node);

unsigned hs_iam_decode_leaf(const uint8_t *block, size_t len, const struct hs_iam_root *root,
			    struct hs_iam_node *node);

static inline const uint8_t *hs_iam_key(const struct hs_iam_node *n, uint32_t i)
{
	return n->first + i * n->stride;
}

static inline const uint8_t *hs_iam_rec(const struct hs_iam_node *n, uint32_t i)
{
	return n->first + i * n->stride + n->key_size;
}

/* Child block of slot i of an index node. */
uint64_t hs_iam_child(const struct hs_iam_node *n, uint32_t i);

/* The zero entry that every fresh index starts with. */
bool hs_iam_key_is_zero(const struct hs_iam_node *n, uint32_t i);

/* A block of the idle list: numbers of free blocks, and the next block of the list. */
struct hs_iam_idle {
	const uint8_t *first; /* u32 LE block numbers, inside the block */
	uint32_t count;	      /* already bounded by the block */
	uint32_t next;	      /* 0 = last one */
	unsigned flaws;
};

unsigned hs_iam_decode_idle(const uint8_t *block, size_t len, struct hs_iam_idle *out);

#endif
