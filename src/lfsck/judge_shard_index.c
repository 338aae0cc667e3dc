/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Shards whose name and LMV give two indexes (STR-6), or that claim the index of another shard
 * (STR-8). The third witness, the linkEA or the shard that has the index, tells which is wrong.
 */
#include "lfsck/judge_shards.h"

/* Another entry with the same index whose shard agrees. */
static const struct hs_slot *rival(const struct hs_striped *d, const struct hs_slot *s)
{
	for (size_t i = 0; i < d->n_slots; i++) {
		const struct hs_slot *o = &d->slots[i];

		if (o != s && o->name_index == s->name_index && hs_slot_index_agrees(o))
			return o;
	}
	return NULL;
}

/* Marks of the master about a name index that is wrong. */
static void use_name_marks(struct hs_verdict *v, struct hs_case *c, const struct hs_striped *d,
			   uint32_t index)
{
	size_t i, end;

	hs_verdict_marks(v, d->fid, &i, &end);
	for (; i < end; i++) {
		const struct hs_mark *m = &v->marks->v[i];

		if (!v->mark_used[i] && ((m->code == HS_M_SHARD_TWICE && m->a == index) ||
					 (m->code == HS_M_SHARD_RANGE && m->a == index) ||
					 (m->code == HS_M_SHARD_MISSING && m->a + 1 == m->b)))
			hs_verdict_use(v, c, m);
	}
}

/* The claim of an entry (side > 0) or a link that gives the shard this index. */
static const struct hs_claim *name_claim(const struct hs_verdict *v, const struct hs_striped *d,
					 const struct hs_slot *s, int side, uint32_t index)
{
	const struct hs_claim *claim;

	hs_for_each_claim(claim, hs_ledger_dossier(&v->ledger, s->fid), HS_FACT_NAME, side)
	{
		struct hs_fact_fields f;
		struct hs_fid fid;
		uint32_t said;

		if (hs_fact_decode(claim->bytes, claim->len, &f) && hs_fid_eq(f.fid, d->fid) &&
		    hs_lmv_parse_shard_name(f.name, f.name_len, &fid, &said) &&
		    hs_fid_eq(fid, s->fid) && said == index)
			return claim;
	}
	return NULL;
}

/* The entry gets the index of the LMV. If the linkEA has that name the two agree again. */
static void rename_entry(struct hs_verdict *v, struct hs_case *c, const struct hs_striped *d,
			 const struct hs_slot *s)
{
	const struct hs_claim *entry = name_claim(v, d, s, 1, s->name_index);
	const struct hs_claim *link = name_claim(v, d, s, -1, s->lmv.index);

	if (!entry || !link)
		return;
	hs_delta_settle(&c->delta, entry);
	hs_delta_settle(&c->delta, link);
}

/* STR-6, STR-8: name and shard LMV give two indexes. */
void hs_judge_shard_index(struct hs_verdict *v, const struct hs_striped *d, const struct hs_slot *s)
{
	const struct hs_slot *other = rival(d, s);
	/* the name is wrong if its index is taken, or if LMV and linkEA agree on a free one */
	bool name_wrong = (other || (s->linked && s->link_index == s->lmv.index)) &&
			  s->lmv.index < d->lmv.count && hs_striped_slot_is_free(d, s->lmv.index);
	struct hs_lmv right;
	struct hs_case c;

	hs_case_open(&c, other ? "STR-8" : "STR-6", s->fid, s->place.t);
	hs_judge_shard_settle(v, &c, d, s);
	hs_case_fact(&c, hs_slot_text(&c, s), "index %u", s->lmv.index);
	hs_case_fact(&c, hs_striped_text(&c, d), "its name there gives it index %u", s->name_index);
	if (s->linked)
		hs_case_fact(&c, "its linkEA", "index %u", s->link_index);
	if (other)
		hs_case_fact(&c, hs_slot_text(&c, other), "has index %u by name and LMV",
			     other->name_index);
	if (name_wrong) {
		hs_case_message(&c, "A shard is named with index %u, its LMV has %u.",
				s->name_index, s->lmv.index);
		hs_case_repair(&c, "Renames its entry to index %u.", s->lmv.index);
		rename_entry(v, &c, d, s);
		hs_mend_shard_name(v, &c, d, s, s->lmv.index);
		use_name_marks(v, &c, d, s->name_index);
		hs_striped_close(v, &c);
	} else if (other) {
		hs_case_undecided(&c, "index %u is taken, and its own index %u as well",
				  s->name_index, s->lmv.index);
		use_name_marks(v, &c, d, s->name_index);
		hs_striped_close(v, &c);
	} else {
		hs_case_repair(&c, "Writes index %u into the LMV of the shard.", s->name_index);
		hs_verdict_use_all(v, &c, s->fid, HS_M_LMV_INDEX);
		right = s->lmv;
		right.index = s->name_index;
		hs_mend_lmv(v, &c, &s->place, &right);
		hs_judge_shard_close(v, &c, d, s);
	}
}
