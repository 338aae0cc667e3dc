/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the judges of striped directories share.
 */
#ifndef HS_LFSCK_JUDGE_SHARDS_H
#define HS_LFSCK_JUDGE_SHARDS_H

#include "lfsck/plan_parts.h"
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

/* Settles what is left over of a shard under this master. */
bool hs_judge_shard_settle(struct hs_verdict *v, struct hs_case *c, const struct hs_striped *d,
			   const struct hs_slot *s);
/* Closes the case of a shard whose LMV is wrong: its names are judged by the right one. */
void hs_judge_shard_close(struct hs_verdict *v, struct hs_case *c, const struct hs_striped *d,
			  const struct hs_slot *s);

/* Writes the LMV of a master or a shard, with its flag in the LMA. */
void hs_mend_lmv(struct hs_verdict *v, struct hs_case *c, const struct hs_place *at,
		 const struct hs_lmv *lmv);
/* The entry "[FID]:index" of the master gets this index, and the linkEA follows. */
void hs_mend_shard_name(struct hs_verdict *v, struct hs_case *c, const struct hs_striped *d,
			const struct hs_slot *s, uint32_t index);
/*
 * Moves a name of the striped directory out of `from` (a shard or the master) into the shard that
 * it hashes to; linkEA and `..` follow.
 */
void hs_mend_to_shard(struct hs_verdict *v, struct hs_case *c, struct hs_fid master,
		      struct hs_at from, struct hs_fid from_fid, const uint8_t *name, size_t len);

/* STR-6, STR-8: name and shard LMV give two indexes. */
void hs_judge_shard_index(struct hs_verdict *v, const struct hs_striped *d,
			  const struct hs_slot *s);

/* STR-12, of a shard whose name and LMV agree. */
void hs_judge_shard_link(struct hs_verdict *v, const struct hs_striped *d, const struct hs_slot *s);

/*
 * The LMV of a shard should read `right`. Marks of names that fit it belong to the case; once the
 * case is closed, all names of the shard are judged anew (STR-13).
 */
void hs_judge_shard_marks(struct hs_verdict *v, struct hs_case *c, const struct hs_slot *s,
			  const struct hs_lmv *right);
void hs_judge_shard_names(struct hs_verdict *v, const struct hs_slot *s,
			  const struct hs_lmv *right);

/* Names in the wrong shard (NS-15), once the shards are judged. */
void hs_judge_hashes(struct hs_verdict *v);

#endif
