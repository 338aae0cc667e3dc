/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The master of a striped directory: LMV lost (STR-4), MDT index (STR-1), count (STR-2), hash type
 * (STR-3). Count and hash are the master's to say, unless two shards or more contradict it and
 * none supports it.
 */
#include "lfsck/judge_shards.h"

static void add_shard(struct hs_case *c, const struct hs_slot *s, struct hs_fid master,
		      uint32_t index, struct hs_geometry g, int64_t k)
{
	struct hs_fact_buf f;

	hs_fact_shard(&f, s->fid, master, index, g.count, g.hash);
	hs_delta_add(&c->delta, &f, k);
}

/* As the shards whose name and LMV agree have it. */
static void plan_lost(struct hs_verdict *v, struct hs_case *c, const struct hs_striped *d)
{
	struct hs_lmv lmv = {.kind = HS_LMV_MASTER, .index = d->place.t->id.index};
	uint32_t high = 0;

	for (size_t i = 0; i < d->n_slots; i++) {
		const struct hs_slot *s = &d->slots[i];

		if (!hs_slot_index_agrees(s) || s->lmv.flaws)
			continue;
		if (s->lmv.hash & HS_LMV_CHANGING) {
			hs_case_no_repair(c, "the layout of the directory is being changed");
			return;
		}
		if (!lmv.hash) {
			lmv.hash = s->lmv.hash;
			memcpy(lmv.pool, s->lmv.pool, sizeof(lmv.pool));
		}
		lmv.count = s->lmv.count > lmv.count ? s->lmv.count : lmv.count;
		high = s->name_index > high ? s->name_index : high;
		hs_expect_xattr(v, c, hs_at(s->place.t, s->place.ino), "trusted.lmv");
	}
	if (d->plain) {
		hs_case_no_repair(c,
				  "%llu names in it are no shards and would be out of reach; "
				  "move them out first",
				  (unsigned long long)d->plain);
		return;
	}
	lmv.count = lmv.count > high ? lmv.count : high + 1;
	lmv.hash |= HS_LMV_LOST_LMV;
	if (lmv.count > HS_LMV_MAX_COUNT || !hs_lmv_type(lmv.hash))
		hs_case_no_repair(c, "the shards do not say count and hash type");
	else
		hs_mend_lmv(v, c, &d->place, &lmv);
}

/* STR-4. All shards say the same master; their claims are its symptoms. */
bool hs_judge_master_lost(struct hs_verdict *v, const struct hs_striped *d)
{
	size_t first, end, n = 0;
	struct hs_case c;

	if (d->lmv.kind == HS_LMV_SHARD || d->lmv.kind == HS_LMV_FOREIGN ||
	    (d->lmv.kind == HS_LMV_MASTER && !(d->lmv.flaws & HS_LMVF_MAGIC)))
		return false;
	for (size_t i = 0; i < d->n_slots; i++)
		n += hs_slot_index_agrees(&d->slots[i]);
	if (!n)
		return false;
	hs_case_open(&c, "STR-4", d->fid, d->place.t);
	hs_case_fact(&c, hs_striped_text(&c, d), "%s",
		     d->lmv.flaws & HS_LMVF_MAGIC ? "its LMV has a bad magic or size"
						  : "has no LMV");
	hs_verdict_refs(v, d->fid, &first, &end);
	for (size_t i = first; i < end; i++) {
		const struct hs_claim *claim = v->refs[i].claim;

		if (claim->bytes[0] == HS_FACT_SHARD && claim->net < 0)
			hs_delta_settle(&c.delta, claim);
	}
	for (size_t i = 0; i < d->n_slots; i++) {
		const struct hs_slot *s = &d->slots[i];

		if (hs_slot_has_lmv(s))
			hs_case_fact(&c, hs_slot_text(&c, s), "index %u of %u, hash type %u",
				     s->lmv.index, s->lmv.count, hs_lmv_type(s->lmv.hash));
	}
	if (d->plain)
		hs_case_repair(&c,
			       "Regenerates it from the shards, after the %llu names that are "
			       "no shards have been moved out.",
			       (unsigned long long)d->plain);
	plan_lost(v, &c, d);
	hs_verdict_use_all(v, &c, d->fid, HS_M_LMV_MAGIC);
	hs_striped_close(v, &c);
	return true;
}

/*
 * What all shards with a trusted index agree on; false when they do not, or are none. *n tells how
 * many they are.
 */
static bool consensus(const struct hs_striped *d, struct hs_geometry *out, size_t *n)
{
	*n = 0;
	for (size_t i = 0; i < d->n_slots; i++) {
		const struct hs_slot *s = &d->slots[i];
		struct hs_geometry g = {s->lmv.count, hs_lmv_type(s->lmv.hash)};

		if (!hs_slot_index_agrees(s) || s->lmv.flaws)
			continue;
		if (!*n)
			*out = g;
		else if (out->count != g.count || out->hash != g.hash)
			return false;
		++*n;
	}
	return *n > 0;
}

static uint32_t highest_index(const struct hs_striped *d)
{
	uint32_t high = 0;

	for (size_t i = 0; i < d->n_slots; i++) {
		if (hs_slot_index_agrees(&d->slots[i]) && d->slots[i].name_index > high)
			high = d->slots[i].name_index;
	}
	return high;
}

void hs_judge_master_mdt(struct hs_verdict *v, const struct hs_striped *d)
{
	const struct hs_mark *m = hs_verdict_mark(v, d->fid, HS_M_LMV_MDT);
	struct hs_lmv lmv;
	struct hs_case c;

	if (!m)
		return;
	hs_case_open(&c, "STR-1", d->fid, d->place.t);
	hs_case_fact(&c, hs_striped_text(&c, d), "its LMV names MDT%04x", d->lmv.index);
	hs_case_fact(&c, hs_case_place(&c, v, &m->prov), "this is MDT%04x", d->place.t->id.index);
	lmv = d->lmv;
	lmv.index = d->place.t->id.index;
	lmv.version++;
	hs_mend_lmv(v, &c, &d->place, &lmv);
	hs_verdict_use(v, NULL, m);
	hs_striped_close(v, &c);
}

/* What an earlier item made of the LMV stays. */
static void plan_geometry(struct hs_verdict *v, struct hs_case *c, const struct hs_striped *d,
			  struct hs_geometry should)
{
	struct hs_strbuf value = HS_STRBUF_INIT;
	struct hs_lmv lmv = d->lmv;

	if (hs_plan_xattr(v, hs_at(d->place.t, d->place.ino), "trusted.lmv", &value) == 1)
		hs_lmv_decode((const uint8_t *)hs_strbuf_str(&value), value.len, &lmv);
	hs_strbuf_free(&value);
	if (!should.hash || !should.count || should.count > HS_LMV_MAX_COUNT) {
		hs_case_no_repair(c, "the shards do not say count and hash type");
		return;
	}
	lmv.count = should.count;
	lmv.hash = (lmv.hash & ~HS_LMV_HASH_MASK) | should.hash;
	lmv.version++;
	hs_mend_lmv(v, c, &d->place, &lmv);
	for (size_t i = 0; i < d->n_slots; i++) {
		if (hs_slot_has_lmv(&d->slots[i]))
			hs_expect_xattr(v, c, hs_at(d->slots[i].place.t, d->slots[i].place.ino),
					"trusted.lmv");
	}
}

/* STR-2 and STR-3: the master against its shards. Tells what the shards should say. */
struct hs_geometry hs_judge_master(struct hs_verdict *v, const struct hs_striped *d)
{
	struct hs_geometry is = {d->lmv.count, hs_lmv_type(d->lmv.hash)}, should = is, theirs = {0};
	bool bad_count = d->lmv.flaws & HS_LMVF_COUNT, bad_hash = d->lmv.flaws & HS_LMVF_HASH;
	uint32_t high = highest_index(d);
	struct hs_case c;
	size_t n;

	if (consensus(d, &theirs, &n)) {
		if (bad_count || high >= is.count || (n > 1 && theirs.count > high))
			should.count = theirs.count > high ? theirs.count : high + 1;
		if (bad_hash || n > 1)
			should.hash = theirs.hash;
	} else if (bad_count || high >= is.count) {
		should.count = high + 1;
	}
	if (should.count == is.count && should.hash == is.hash && !bad_count && !bad_hash)
		return is;
	hs_case_open(&c, should.count != is.count || bad_count ? "STR-2" : "STR-3", d->fid,
		     d->place.t);
	hs_case_message(&c, "The master LMV says %u shards and hash type %u, the shards %u and %u.",
			is.count, is.hash, should.count, should.hash);
	hs_case_fact(&c, hs_striped_text(&c, d), "%u shards, hash type %u", is.count, is.hash);
	for (size_t i = 0; i < d->n_slots; i++) {
		const struct hs_slot *s = &d->slots[i];

		/* the name's fact exists whatever the shard says */
		add_shard(&c, s, d->fid, s->name_index, is, -1);
		add_shard(&c, s, d->fid, s->name_index, should, 1);
		if (hs_slot_has_lmv(s))
			hs_case_fact(&c, hs_slot_text(&c, s), "%u shards, hash type %u",
				     s->lmv.count, hs_lmv_type(s->lmv.hash));
	}
	if (should.count == is.count)
		hs_case_repair(&c, "Takes the type of the shards.");
	else
		hs_case_repair(&c, "Sets the count to %u.", should.count);
	plan_geometry(v, &c, d, should);
	hs_verdict_use_all(v, &c, d->fid, HS_M_LMV_COUNT);
	hs_verdict_use_all(v, &c, d->fid, HS_M_LMV_HASH);
	if (should.count > is.count)
		hs_verdict_use_all(v, &c, d->fid, HS_M_SHARD_RANGE);
	else
		hs_verdict_use_all(v, &c, d->fid, HS_M_SHARD_MISSING);
	hs_striped_close(v, &c);
	return should;
}
