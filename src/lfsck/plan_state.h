/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fields as the plan leaves them: the value that the last item gives to a field, and which item
 * that is. What was put can be taken back, item by item, from the last one on.
 *
 * One thread; memory goes with the number of edits.
 */
#ifndef HS_LFSCK_PLAN_STATE_H
#define HS_LFSCK_PLAN_STATE_H

#include <stdbool.h>
#include <stddef.h>

#include "lustre/fld.h"

enum hs_plan_field {
	HS_FIELD_XATTR,	 /* name: with prefix; value: its bytes */
	HS_FIELD_ENTRY,	 /* name: of the entry; value: struct hs_leads */
	HS_FIELD_OI,	 /* name: struct hs_state_oi */
	HS_FIELD_OWNER,	 /* struct hs_owner */
	HS_FIELD_MODE,	 /* uint16_t */
	HS_FIELD_FLAGS,	 /* uint32_t */
	HS_FIELD_BYTES,	 /* name: the offset, uint64_t; value: the bytes */
	HS_FIELD_IN_USE, /* no value */
};

struct hs_state_key {
	enum hs_plan_field field;
	struct hs_tgt target;
	uint32_t ino, made; /* 0, 0: of the target */
	const void *name;
	size_t len;
};

struct hs_state {
	bool present; /* false: the item removes it */
	const void *value;
	size_t len;
	uint32_t item;
};

struct hs_state_node;

struct hs_states {
	struct hs_state_node **table; /* chained, a power of two; newest first */
	size_t size, n;
	struct hs_state_node *recent;
};

void hs_states_free(struct hs_states *s);

/* False: no item edits the field. *out lives until the next put or forget. */
bool hs_states_get(const struct hs_states *s, const struct hs_state_key *key, struct hs_state *out);

/* Bytes are copied. -ENOMEM. Items come in the order of their numbers. */
errint_t hs_states_put(struct hs_states *s, const struct hs_state_key *key,
		       const struct hs_state *state);

/* Takes back what items from this number on have put. */
void hs_states_forget(struct hs_states *s, uint32_t first_item);

#endif
