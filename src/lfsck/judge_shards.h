/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the judges of striped directories share.
 */
#ifndef HS_LFSCK_JUDGE_SHARDS_H
#define HS_LFSCK_JUDGE_SHARDS_H

#include "lfsck/striped.h"

/* Names of a shard that hash to `index`, its right one: their marks belong to the case. */
void hs_judge_shard_names(struct hs_verdict *v, struct hs_case *c, const struct hs_slot *s,
			  uint32_t index);

/* Names in the wrong shard (NS-15), once the shards are judged. */
void hs_judge_hashes(struct hs_verdict *v);

#endif
