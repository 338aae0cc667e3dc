/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Edits of striped directories (format notes 9.4 and section 10).
 */
#include <inttypes.h>
#include <stdio.h>

#include "lfsck/judge_shards.h"

void hs_mend_lmv(struct hs_verdict *v, struct hs_case *c, const struct hs_place *at,
		 const struct hs_lmv *lmv)
{
	uint8_t buf[HS_LMV_SIZE];

	hs_lmv_encode(lmv, buf);
	hs_mend_xattr(v, c, hs_at(at->t, at->ino), "trusted.lmv", buf, sizeof(buf));
	hs_mend_lma_flags(v, c, hs_at(at->t, at->ino), HS_LMAI_STRIPED, 0);
}

static size_t shard_name(struct hs_fid fid, uint32_t index, char *buf, size_t room)
{
	char text[HS_FID_TEXT];

	return (size_t)snprintf(buf, room, "%s:%" PRIu32, hs_fid_text(fid, text), index);
}

void hs_mend_shard_name(struct hs_verdict *v, struct hs_case *c, const struct hs_striped *d,
			const struct hs_slot *s, uint32_t index)
{
	struct hs_at master = hs_at(d->place.t, d->place.ino), shard;
	struct hs_links links = {0};
	struct hs_leads leads, taken;
	char from[64], to[64];
	size_t from_len = shard_name(s->name_fid, s->name_index, from, sizeof(from));
	size_t to_len = shard_name(s->fid, index, to, sizeof(to));

	if (hs_plan_entry(v, master, from, from_len, &leads) != 1 ||
	    hs_plan_entry(v, master, to, to_len, &taken) != 0) {
		hs_case_no_repair(c, "the entry of the shard cannot be renamed");
		return;
	}
	hs_mend_entry(v, c, master, from, from_len, NULL);
	hs_mend_entry(v, c, master, to, to_len, &leads);
	if (!hs_plan_find(v, s->fid, &shard))
		return;
	hs_links_add(v, &links, d->fid, to, to_len);
	hs_mend_links(v, c, shard, s->fid, HS_TYPE_DIR, &links);
	hs_mend_parent(v, c, shard, d->fid);
	hs_links_free(&links);
}

/* The shard that has an index. */
static const struct hs_slot *slot_of(const struct hs_striped *d, uint32_t index)
{
	for (size_t i = 0; i < d->n_slots; i++) {
		if (d->slots[i].name_index == index && d->slots[i].found == HS_LOOKUP_FOUND)
			return &d->slots[i];
	}
	return NULL;
}

static void move_name(struct hs_verdict *v, struct hs_case *c, const struct hs_slot *to,
		      struct hs_at from, struct hs_fid from_fid, const uint8_t *name, size_t len)
{
	struct hs_at dir = hs_at(to->place.t, to->place.ino), child;
	struct hs_leads leads, taken;
	struct hs_links links = {0};

	if (hs_plan_entry(v, from, name, len, &leads) != 1 || !leads.has_fid) {
		hs_case_no_repair(c, "the entry cannot be found again, or has no FID");
		return;
	}
	if (hs_plan_entry(v, dir, name, len, &taken) != 0) {
		hs_case_no_repair(c, "the shard that the name hashes to has such a name already");
		return;
	}
	if (!hs_plan_find(v, leads.fid, &child)) {
		hs_case_no_repair(c, "the object that the name leads to cannot be found");
		return;
	}
	hs_mend_unname(v, c, from, name, len);
	hs_mend_name(v, c, dir, name, len, leads.fid, child, leads.type);
	hs_links_load(v, child, &links);
	hs_links_drop(&links, from_fid, name, len);
	if (!hs_links_have(&links, to->fid, name, len))
		hs_links_add(v, &links, to->fid, name, len);
	hs_mend_links(v, c, child, leads.fid, leads.type, &links);
	if (leads.type == HS_TYPE_DIR)
		hs_mend_parent(v, c, child, to->fid);
	hs_links_free(&links);
}

void hs_mend_to_shard(struct hs_verdict *v, struct hs_case *c, struct hs_fid master,
		      struct hs_at from, struct hs_fid from_fid, const uint8_t *name, size_t len)
{
	const struct hs_slot *to;
	struct hs_striped d;

	if (hs_striped_read(v, master, &d)) {
		v->err = -ENOMEM;
	} else if (d.found != HS_LOOKUP_FOUND || d.lmv.kind != HS_LMV_MASTER || d.lmv.flaws ||
		   d.lmv.hash & (HS_LMV_CHANGING | HS_LMV_BAD_TYPE)) {
		hs_case_no_repair(c, "the layout of the striped directory is in doubt");
	} else {
		to = slot_of(&d,
			     hs_name_stripe(d.lmv.hash & HS_LMV_HASH_MASK, d.lmv.count, name, len));
		if (to)
			move_name(v, c, to, from, from_fid, name, len);
		else
			hs_case_no_repair(c, "the shard that the name hashes to is not there");
	}
	hs_striped_free(&d);
}
