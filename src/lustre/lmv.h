/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * trusted.lmv: striped directories, master and shard (format notes 9.4).
 */
#ifndef HS_LUSTRE_LMV_H
#define HS_LUSTRE_LMV_H

#include "lustre/fid.h"
#include "lustre/namehash.h"

#define HS_LMV_SIZE	     56
#define HS_LMV_MAGIC_MASTER  0x0cd20cd0u
#define HS_LMV_MAGIC_USER    0x0cd30cd0u
#define HS_LMV_MAGIC_SHARD   0x0cd40cd0u
#define HS_LMV_MAGIC_FOREIGN 0x0cd50cd0u
#define HS_LMV_MAX_COUNT     2000

#define HS_LMV_HASH_MASK   0x0000ffffu
#define HS_LMV_OVERSTRIPED 0x01000000u
#define HS_LMV_FIXED	   0x02000000u
#define HS_LMV_MERGE	   0x04000000u
#define HS_LMV_SPLIT	   0x08000000u
#define HS_LMV_LOST_LMV	   0x10000000u
#define HS_LMV_BAD_TYPE	   0x20000000u
#define HS_LMV_MIGRATION   0x80000000u
#define HS_LMV_CHANGING	   (HS_LMV_MERGE | HS_LMV_SPLIT | HS_LMV_MIGRATION)

enum hs_lmv_kind { HS_LMV_NONE, HS_LMV_MASTER, HS_LMV_SHARD, HS_LMV_FOREIGN };

enum hs_lmv_flaw {
	HS_LMVF_MAGIC = 1, /* unknown magic or value too short */
	HS_LMVF_COUNT = 2, /* stripe count zero or above the maximum */
	HS_LMVF_HASH = 4,  /* hash type unknown, and not exactly BAD_TYPE with type 0 */
	HS_LMVF_INDEX = 8, /* shard index not below the count */
};

struct hs_lmv {
	enum hs_lmv_kind kind;
	uint32_t count;
	uint32_t index; /* master: MDT index; shard: stripe index */
	uint32_t hash;	/* type and flags */
	uint32_t version;
	uint32_t migrate_offset;
	uint32_t migrate_hash;
	char pool[17];
	unsigned flaws;
};

void hs_lmv_decode(const uint8_t *buf, size_t len, struct hs_lmv *out);

/* Writes the value of a master or a shard. */
void hs_lmv_encode(const struct hs_lmv *lmv, uint8_t buf[static HS_LMV_SIZE]);

/*
 * Whether a name may live in stripe `index`; while the directory is changing a name is legal by the
 * old and by the new layout (section 10). True when the hash cannot be judged (BAD_TYPE).
 */
bool hs_lmv_name_fits(const struct hs_lmv *l, uint32_t index, const uint8_t *name, size_t len);

/* Parses a shard name "[FID]:index" (decimal index without leading zeros). */
bool hs_lmv_parse_shard_name(const uint8_t *name, size_t len, struct hs_fid *fid, uint32_t *index);

#endif
