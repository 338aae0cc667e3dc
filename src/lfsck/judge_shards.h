/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the judges of striped directories share.
 */
#ifndef HS_LFSCK_JUDGE_SHARDS_H
#define HS_LFSCK_JUDGE_SHARDS_H

#include "lfsck/striped.h"

/* What count and hash type should be. */
struct hs_geometry {
	uint32_t count;
	uint32_t hash; /* low 16 bits */
};

/* STR-4; true when the master has no usable LMV but its shards have: nothing else is judged. */
bool hs_judge_master_lost(struct hs_verdict *v, const struct hs_striped *d);
void hs_judge_master_mdt(struct hs_verdict *v, const struct hs_striped *d);
/* STR-2 and STR-3: the master against its shards. Tells what the shards should say. */
struct hs_geometry hs_judge_master(struct hs_verdict *v, const struct hs_striped *d);

/* Names of a shard that hash to `index`, its right one: their marks belong to the case. */
void hs_judge_shard_names(struct hs_verdict *v, struct hs_case *c, const struct hs_slot *s,
			  uint32_t index);

/* Names in the wrong shard (NS-15), once the shards are judged. */
void hs_judge_hashes(struct hs_verdict *v);

#endif
