/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Objects that are gone while others still speak of them: dangling names (NS-7, NS-8, STR-9) and
 * lost parents (NS-23, NS-43, NS-44). Whatever mentions the object is folded under it: its
 * children, the OST objects of its stripes.
 */
#include "lfsck/verdict.h"
#include "lustre/lmv.h"

#define TYPE_DIR 2

/* Up to n copies of what is left over on the minus side of a tag. */
static void settle_copies(struct hs_case *c, const struct hs_dossier *d, enum hs_fact_tag tag,
			  int64_t n)
{
	const struct hs_claim *claim;

	hs_for_each_claim(claim, d, tag, -1)
	{
		struct hs_fact_buf f;
		int64_t k = -claim->net < n ? -claim->net : n;

		f.len = claim->len;
		memcpy(f.b, claim->bytes, claim->len);
		hs_delta_add(&c->delta, &f, k);
		n -= k;
	}
}

/*
 * Settles what mentions a lost object. A name that went with its directory takes count, place and
 * `..` of the child along; an OST object's owner goes with its file.
 */
static unsigned settle_mentions(struct hs_verdict *v, struct hs_case *c, struct hs_fid fid)
{
	size_t first, end, next;
	unsigned n = 0;

	hs_verdict_refs(v, fid, &first, &end);
	for (; first < end; first = next) {
		const struct hs_dossier *d = v->refs[first].dossier;
		int64_t names = 0;
		bool stripe = false;

		for (next = first; next < end && v->refs[next].dossier == d; next++) {
			const struct hs_claim *claim = v->refs[next].claim;

			if (claim->net >= 0)
				continue;
			names -= claim->bytes[0] == HS_FACT_NAME ? claim->net : 0;
			stripe |= claim->bytes[0] == HS_FACT_LAY;
			hs_delta_settle(&c->delta, claim);
			n++;
		}
		settle_copies(c, d, HS_FACT_TYPE, names);
		settle_copies(c, d, HS_FACT_INO, names);
		settle_copies(c, d, HS_FACT_DOT, names);
		if (stripe) {
			settle_copies(c, d, HS_FACT_COMP, 1);
			settle_copies(c, d, HS_FACT_OWN, 1);
			settle_copies(c, d, HS_FACT_PROJ, 1);
			settle_copies(c, d, HS_FACT_ENC, 1);
		}
	}
	return n;
}

static bool is_shard(const struct hs_dossier *d)
{
	return hs_claim_next(d, HS_FACT_SHARD, 1, NULL) != NULL;
}

/* The mark of an entry that also lies in the wrong shard. */
static const struct hs_mark *hash_mark(const struct hs_verdict *v,
				       const struct hs_fact_fields *name)
{
	size_t i, end;

	hs_verdict_marks(v, name->fid, &i, &end);
	for (; i < end; i++) {
		const struct hs_mark *m = &v->marks->v[i];

		if (m->code == HS_M_NAME_HASH && !v->mark_used[i] &&
		    m->name_len == name->name_len && !memcmp(m->name, name->name, name->name_len))
			return m;
	}
	return NULL;
}

/* A name whose object is nowhere. */
static void judge_dangling(struct hs_verdict *v, struct hs_dossier *d)
{
	static const enum hs_fact_tag tags[] = {HS_FACT_NAME, HS_FACT_TYPE, HS_FACT_INO,
						HS_FACT_DOT,  HS_FACT_ADOT, HS_FACT_SHARD,
						HS_FACT_OI,   HS_FACT_RPD};
	const struct hs_claim *claim, *first = hs_claim_next(d, HS_FACT_NAME, 1, NULL);
	const struct hs_mark *misplaced;
	struct hs_fact_fields name;
	struct hs_place place;
	enum hs_lookup found;
	const char *why;
	struct hs_case c;
	unsigned mentions;

	if (!first || !hs_fact_decode(first->bytes, first->len, &name))
		return;
	found = hs_verdict_object(v, d->fid, &place);
	if (found == HS_LOOKUP_FOUND || hs_claim_next(d, HS_FACT_OI, -1, NULL))
		return;
	misplaced = hash_mark(v, &name);
	hs_case_open(&c, is_shard(d) ? "STR-9" : misplaced ? "NS-8" : "NS-7", d->fid, place.t);
	if (misplaced)
		hs_verdict_use(v, &c, misplaced);
	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
		hs_for_each_claim(claim, d, tags[i], 1) hs_delta_settle(&c.delta, claim);
	}
	hs_for_each_claim(claim, d, HS_FACT_NAME, 1)
	{
		hs_fact_decode(claim->bytes, claim->len, &name);
		hs_case_fact(&c,
			     claim->n_places ? hs_case_place(&c, v, &claim->places[0].prov)
					     : "entry",
			     "\"%s\" in %s names it", hs_case_name(&c, name.name, name.name_len),
			     hs_case_fid(&c, name.fid));
	}
	hs_case_fact(&c, "object index",
		     found == HS_LOOKUP_UNOWNED ? "no target owns its sequence"
						: "no inode carries this FID");
	mentions = settle_mentions(v, &c, d->fid);
	if (mentions)
		hs_case_fact(&c, "children and OST objects", "%u still mention it", mentions);
	why = found == HS_LOOKUP_UNREAD ? "the index or the inode could not be read" : NULL;
	if (!why)
		why = hs_in_recovery(v, d->fid);
	if (!why)
		why = hs_absent_object(v, d->fid);
	if (why)
		hs_case_undecided(&c, "%s", why);
	hs_case_close(v, &c, HS_M_ENTRY_INSANE, -1);
}

/* A shard of this master whose linkEA gives it no shard name: no slot of a new master is its. */
static bool is_nameless_shard(const struct hs_dossier *d, struct hs_fid master,
			      const struct hs_claim *link)
{
	const struct hs_claim *claim;
	struct hs_fact_fields f;
	struct hs_fid fid;
	uint32_t index;

	if (!hs_fact_decode(link->bytes, link->len, &f) ||
	    hs_lmv_parse_shard_name(f.name, f.name_len, &fid, &index))
		return false;
	hs_for_each_claim(claim, d, HS_FACT_SHARD, -1)
	{
		if (hs_fact_decode(claim->bytes, claim->len, &f) && hs_fid_eq(f.fid, master))
			return true;
	}
	return false;
}

/* A parent that linkEAs name, but no object and no entry. */
static void judge_parent(struct hs_verdict *v, struct hs_fid parent, size_t first, size_t end)
{
	const struct hs_dossier *child = NULL;
	struct hs_place place;
	struct hs_case c;
	const char *why;
	bool dir = false, nameless = true;

	if (hs_verdict_object(v, parent, &place) != HS_LOOKUP_NONE)
		return;
	for (size_t i = first; i < end; i++) {
		const struct hs_claim *claim = v->refs[i].claim;

		if (claim->bytes[0] != HS_FACT_NAME || claim->net >= 0)
			continue;
		/* a child that other names lead to has only a wrong linkEA entry */
		if (hs_claim_next(v->refs[i].dossier, HS_FACT_NAME, 1, NULL) ||
		    !hs_claim_next(v->refs[i].dossier, HS_FACT_TYPE, -1, NULL))
			continue;
		child = v->refs[i].dossier;
		dir |= hs_claim_next(child, HS_FACT_DOT, -1, NULL) != NULL;
		nameless &= is_nameless_shard(child, parent, claim);
	}
	if (!child)
		return;
	if (nameless)
		hs_case_open(&c, "NS-44", child->fid, place.t);
	else
		hs_case_open(&c, dir ? "NS-43" : "NS-23", parent, place.t);
	for (size_t i = first; i < end; i++) {
		const struct hs_ref *r = &v->refs[i];

		if (r->claim->bytes[0] != HS_FACT_NAME || r->claim->net >= 0)
			continue;
		if (i > first && r->dossier == v->refs[i - 1].dossier)
			continue; /* another name of the same child */
		hs_finding_add_other(&c.f, "%s", hs_case_fid(&c, r->dossier->fid));
		hs_verdict_use_all(v, &c, r->dossier->fid, HS_M_UNREACHABLE);
	}
	hs_case_fact(&c, "linkEA of its children", "%zu object%s name it as parent", c.f.n_others,
		     c.f.n_others == 1 ? "" : "s");
	hs_case_fact(&c, "object index", "no inode carries this FID");
	settle_mentions(v, &c, parent);
	why = hs_in_recovery(v, parent);
	if (!why)
		why = hs_absent_object(v, parent);
	if (why)
		hs_case_undecided(&c, "%s", why);
	hs_case_close(v, &c, -1);
}

void hs_judge_objects(struct hs_verdict *v)
{
	for (size_t i = 0; !v->err && i < v->ledger.n_dossiers; i++) {
		if (!v->ledger.order[i]->done)
			judge_dangling(v, v->ledger.order[i]);
	}
	for (size_t i = 0, end; !v->err && i < v->n_refs; i = end) {
		for (end = i + 1; end < v->n_refs && hs_fid_eq(v->refs[end].fid, v->refs[i].fid);)
			end++;
		judge_parent(v, v->refs[i].fid, i, end);
	}
}
