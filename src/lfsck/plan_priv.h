/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of the plan share; not for judges.
 */
#ifndef HS_LFSCK_PLAN_PRIV_H
#define HS_LFSCK_PLAN_PRIV_H

#include "lfsck/plan.h"
#include "lfsck/verdict.h"

/* Changes of link counts, kept to the end. */
enum hs_nlink_kind {
	HS_NLINK_FIXED,	 /* the count is wrong by this */
	HS_NLINK_FOLLOW, /* follows a change of entries */
	HS_NLINK_REST,	 /* takes what is left */
};

struct hs_nlink_change {
	uint16_t target;
	uint8_t kind;
	uint32_t ino, made;
	uint32_t item, ord;
	int64_t change;
};

struct hs_state_key hs_plan_key(enum hs_plan_field field, struct hs_at at, const void *name,
				size_t len);
bool hs_plan_state(struct hs_verdict *v, struct hs_at at, enum hs_plan_field field,
		   const void *name, size_t len, struct hs_state *out);
/* Puts the field, as the item at hand leaves it. */
void hs_plan_put(struct hs_verdict *v, struct hs_case *c, struct hs_at at, enum hs_plan_field field,
		 const void *name, size_t len, bool present, const void *value, size_t value_len);

/* Appends a step to the facts or the edits of the item at hand; NULL: out of memory (v->err). */
struct hs_step *hs_plan_fact(struct hs_verdict *v, struct hs_case *c, enum hs_step_kind kind,
			     struct hs_at at, const void *name, size_t len);
struct hs_step *hs_plan_edit(struct hs_verdict *v, struct hs_case *c, enum hs_step_kind kind,
			     struct hs_at at, const void *name, size_t len);

/* A key of OI records: FID and file. */
#define HS_PLAN_OI_KEY 20
void hs_plan_oi_key(uint8_t key[HS_PLAN_OI_KEY], struct hs_fid fid, uint32_t file);

/* Loads an inode of the disk: 1, 0 or -errno as hs_load(). The last one stays loaded. */
int hs_plan_load(struct hs_verdict *v, struct hs_at at);

#endif
