/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A striped directory as its judge needs it: the master's LMV, each entry, and what the shard
 * behind the entry says of itself. Read through the index, never by a scan.
 */
#ifndef HS_LFSCK_STRIPED_H
#define HS_LFSCK_STRIPED_H

#include "lfsck/verdict.h"
#include "lustre/lmv.h"

/* One entry of the master. */
struct hs_slot {
	uint32_t name_index;
	struct hs_fid name_fid;
	struct hs_fid fid;     /* of the entry */
	enum hs_lookup found;  /* the shard */
	struct hs_place place; /* if found */
	struct hs_lmv lmv;     /* of the shard; kind HS_LMV_NONE: it has none */
	bool linked;	       /* exactly one linkEA entry, in the master, with a shard name */
	uint32_t link_index;   /* of that name */
};

struct hs_striped {
	struct hs_fid fid;
	enum hs_lookup found; /* the master */
	struct hs_place place;
	struct hs_lmv lmv;
	struct hs_slot *slots; /* in the order of name index and FID */
	size_t n_slots, room;
	uint64_t plain; /* entries that are no shard names */
	bool partial;	/* the directory could not be read in full */
};

/* -ENOMEM only. To be freed also then. */
errint_t hs_striped_read(struct hs_verdict *v, struct hs_fid master, struct hs_striped *out);
void hs_striped_free(struct hs_striped *s);

/* Whether the shard has an LMV whose index, count and hash mean something. */
static inline bool hs_slot_has_lmv(const struct hs_slot *s)
{
	return s->found == HS_LOOKUP_FOUND && s->lmv.kind == HS_LMV_SHARD;
}

/* Name and LMV of the shard give one index. */
static inline bool hs_slot_index_agrees(const struct hs_slot *s)
{
	return hs_slot_has_lmv(s) && s->lmv.index == s->name_index;
}

/* No entry has this index. */
bool hs_striped_slot_is_free(const struct hs_striped *d, uint32_t index);

static inline uint32_t hs_lmv_type(uint32_t hash)
{
	return hash & HS_LMV_HASH_MASK;
}

/* Names of the witnesses, in the case's memory. */
const char *hs_slot_text(struct hs_case *c, const struct hs_slot *s);
const char *hs_striped_text(struct hs_case *c, const struct hs_striped *d);

/* Closes a case about a shard or a master; undecided when recovery has to do with it. */
void hs_striped_close(struct hs_verdict *v, struct hs_case *c);

#endif
