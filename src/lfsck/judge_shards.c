/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Striped directories (catalogue, section 7). After the master (judge_masters.c) each shard against
 * what the master should say: LMV lost (STR-5), index (STR-6, STR-8), count or hash (STR-7), no
 * entry at all (STR-9). A name and a shard LMV that agree win over a third witness. The linkEA of
 * shards is judge_shard_links.c's, names in the wrong shard are judge_hashes.c's.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/array.h"
#include "lfsck/judge_shards.h"

bool hs_judge_shard_settle(struct hs_verdict *v, struct hs_case *c, const struct hs_striped *d,
			   const struct hs_slot *s)
{
	const struct hs_dossier *dossier = hs_ledger_dossier(&v->ledger, s->fid);
	bool any = false;

	for (struct hs_claim *claim = dossier ? dossier->claims : NULL; claim;
	     claim = claim->next) {
		struct hs_fact_fields f;

		if (claim->bytes[0] != HS_FACT_SHARD || !claim->net ||
		    !hs_fact_decode(claim->bytes, claim->len, &f) || !hs_fid_eq(f.fid, d->fid))
			continue;
		hs_delta_settle(&c->delta, claim);
		any = true;
	}
	return any;
}

/* What the LMV of a shard should say; nothing is said while the layout changes. */
static struct hs_lmv right_lmv(const struct hs_striped *d, uint32_t index)
{
	if (d->lmv.hash & HS_LMV_CHANGING)
		return (struct hs_lmv){.kind = HS_LMV_NONE};
	return (struct hs_lmv){
		.kind = HS_LMV_SHARD,
		.count = d->lmv.count,
		.index = index,
		.hash = d->lmv.hash,
	};
}

void hs_judge_shard_close(struct hs_verdict *v, struct hs_case *c, const struct hs_striped *d,
			  const struct hs_slot *s)
{
	struct hs_lmv right = right_lmv(d, s->name_index);

	hs_judge_shard_marks(v, c, s, &right);
	hs_striped_close(v, c);
	hs_judge_shard_names(v, s, &right);
}

/* The LMV of a shard as master and name have it. */
static void plan_lmv(struct hs_verdict *v, struct hs_case *c, const struct hs_striped *d,
		     const struct hs_slot *s)
{
	struct hs_lmv right = right_lmv(d, s->name_index);

	if (right.kind == HS_LMV_NONE) {
		hs_case_no_repair(c, "the layout of the directory is being changed");
		return;
	}
	if (s->lmv.kind == HS_LMV_SHARD)
		right.version = s->lmv.version;
	memcpy(right.pool, d->lmv.pool, sizeof(right.pool));
	hs_mend_lmv(v, c, &s->place, &right);
	hs_expect_xattr(v, c, hs_at(d->place.t, d->place.ino), "trusted.lmv");
}

/* STR-5: the name tells the index, the master the rest. */
static void judge_no_lmv(struct hs_verdict *v, const struct hs_striped *d, const struct hs_slot *s)
{
	struct hs_case c;

	hs_case_open(&c, "STR-5", s->fid, s->place.t);
	hs_judge_shard_settle(v, &c, d, s);
	hs_case_fact(&c, hs_finding_text(&c.f, "inode %u", s->place.ino), "%s",
		     s->lmv.flaws & HS_LMVF_MAGIC ? "its LMV has a bad magic or size"
						  : "it has no LMV");
	hs_case_fact(&c, hs_striped_text(&c, d), "its name there gives it index %u of %u",
		     s->name_index, d->lmv.count);
	hs_verdict_use_all(v, &c, s->fid, HS_M_LMV_MAGIC);
	plan_lmv(v, &c, d, s);
	hs_judge_shard_close(v, &c, d, s);
}

/* STR-7 */
static void judge_geometry(struct hs_verdict *v, const struct hs_striped *d,
			   const struct hs_slot *s, struct hs_geometry g)
{
	struct hs_case c;

	hs_case_open(&c, "STR-7", s->fid, s->place.t);
	hs_judge_shard_settle(v, &c, d, s);
	hs_case_fact(&c, hs_slot_text(&c, s), "%u shards, hash type %u", s->lmv.count,
		     hs_lmv_type(s->lmv.hash));
	hs_case_fact(&c, hs_striped_text(&c, d), "%u shards, hash type %u", g.count, g.hash);
	hs_verdict_use_all(v, &c, s->fid, HS_M_LMV_COUNT);
	hs_verdict_use_all(v, &c, s->fid, HS_M_LMV_HASH);
	hs_verdict_use_all(v, &c, s->fid, HS_M_LMV_INDEX);
	plan_lmv(v, &c, d, s);
	hs_judge_shard_close(v, &c, d, s);
}

/*
 * While a layout changes, the two layouts share one row of shards: a shard says index and geometry
 * of the old, of the new, or of the whole (format notes, section 10).
 */
static bool fits_changing(const struct hs_lmv *m, const struct hs_slot *s)
{
	const struct {
		uint32_t base, count, hash;
	} ways[] = {
		{0, m->count, m->hash},
		{0, m->migrate_offset, m->hash},
		{0, m->migrate_offset, m->migrate_hash},
		{0, m->count, m->migrate_hash},
		{m->migrate_offset, m->count - m->migrate_offset, m->migrate_hash},
	};

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		if (s->lmv.count == ways[i].count &&
		    hs_lmv_type(s->lmv.hash) == hs_lmv_type(ways[i].hash) &&
		    s->lmv.index + (uint64_t)ways[i].base == s->name_index)
			return true;
	}
	return false;
}

/* Left over for a known reason: nothing is wrong. */
static void accept(struct hs_verdict *v, const struct hs_striped *d, const struct hs_slot *s)
{
	struct hs_case c = {0};

	if (hs_judge_shard_settle(v, &c, d, s) && !v->err)
		v->err = hs_ledger_apply(&v->ledger, &c.delta);
	hs_case_drop(&c);
}

static void judge_shard(struct hs_verdict *v, const struct hs_striped *d, const struct hs_slot *s,
			struct hs_geometry g)
{
	if (s->found != HS_LOOKUP_FOUND || d->lmv.kind != HS_LMV_MASTER)
		return;
	if (s->lmv.kind == HS_LMV_NONE || s->lmv.flaws & HS_LMVF_MAGIC)
		judge_no_lmv(v, d, s);
	else if (s->lmv.kind != HS_LMV_SHARD)
		return;
	else if (d->lmv.hash & HS_LMV_CHANGING && fits_changing(&d->lmv, s))
		accept(v, d, s);
	else if (s->lmv.index != s->name_index)
		hs_judge_shard_index(v, d, s);
	else if (hs_lmv_type(d->lmv.hash) == 0 && d->lmv.hash & HS_LMV_BAD_TYPE &&
		 s->lmv.count == g.count)
		accept(v, d, s);
	else if (s->lmv.count != g.count || hs_lmv_type(s->lmv.hash) != g.hash)
		judge_geometry(v, d, s, g);
	else
		hs_judge_shard_link(v, d, s);
}

/* An empty shard with this index, on the MDT of the master. */
static void plan_shard(struct hs_verdict *v, struct hs_case *c, const struct hs_striped *d,
		       uint32_t index)
{
	struct hs_at master = hs_at(d->place.t, d->place.ino), at;
	struct hs_lmv lmv = right_lmv(d, index);
	uint8_t buf[HS_LMV_SIZE];
	struct hs_links links = {0};
	struct hs_fid fid;
	char name[64], text[HS_FID_TEXT];
	int len;

	hs_item_begin(v, c, 1);
	if (!hs_plan_new_fid(v, c, master.t, &fid))
		return;
	memcpy(lmv.pool, d->lmv.pool, sizeof(lmv.pool));
	at = hs_mend_object(v, c, master.t, fid, 0040700, (struct hs_owner){0, 0, 0});
	hs_lmv_encode(&lmv, buf);
	hs_mend_xattr(v, c, at, "trusted.lmv", buf, sizeof(buf));
	hs_mend_lma_flags(v, c, at, HS_LMAI_STRIPED, 0);
	len = snprintf(name, sizeof(name), "%s:%u", hs_fid_text(fid, text), index);
	hs_mend_parent(v, c, at, d->fid);
	hs_links_add(v, &links, d->fid, name, (size_t)len);
	hs_mend_links(v, c, at, fid, HS_TYPE_DIR, &links);
	hs_mend_name(v, c, master, name, (size_t)len, fid, at, HS_TYPE_DIR);
	hs_links_free(&links);
}

/* A shard that should be there: its object may have lost the name only (judge_names.c). */
static void judge_missing(struct hs_verdict *v, const struct hs_striped *d)
{
	const struct hs_mark *m = hs_verdict_mark(v, d->fid, HS_M_SHARD_MISSING);
	const char *why = hs_absent_entries(v, d->fid);
	size_t first, end;
	struct hs_case c;

	if (!m || d->lmv.hash & HS_LMV_CHANGING)
		return;
	hs_verdict_refs(v, d->fid, &first, &end);
	for (size_t i = first; i < end; i++) {
		const struct hs_claim *claim = v->refs[i].claim;

		if (claim->bytes[0] == HS_FACT_SHARD && claim->net < 0) {
			hs_verdict_use(v, NULL, m);
			return;
		}
	}
	hs_case_open(&c, "STR-9", d->fid, d->place.t);
	hs_case_message(&c, "The striped directory has no entry for a shard.");
	hs_case_fact(&c, hs_striped_text(&c, d), "its LMV says %llu shards",
		     (unsigned long long)m->b);
	hs_case_fact(&c, hs_case_place(&c, v, &m->prov), "entries for %llu of them",
		     (unsigned long long)m->a);
	for (uint32_t i = 0; i < d->lmv.count && i < HS_LMV_MAX_COUNT; i++) {
		if (!hs_striped_slot_is_free(d, i))
			continue;
		hs_case_fact(&c, "entries", "none has index %u", i);
		plan_shard(v, &c, d, i);
	}
	hs_verdict_use(v, NULL, m);
	if (why)
		hs_case_undecided(&c, "%s", why);
	hs_striped_close(v, &c);
}

static bool is_concerned(const struct hs_striped *d)
{
	return d->found == HS_LOOKUP_FOUND && !d->partial;
}

static void judge_one(struct hs_verdict *v, struct hs_fid master)
{
	struct hs_striped d;
	struct hs_geometry g;

	if (hs_striped_read(v, master, &d))
		v->err = -ENOMEM;
	if (!v->err && is_concerned(&d) && !hs_judge_master_lost(v, &d) &&
	    d.lmv.kind == HS_LMV_MASTER) {
		hs_judge_master_mdt(v, &d);
		g = (struct hs_geometry){d.lmv.count, hs_lmv_type(d.lmv.hash)};
		if (!(d.lmv.hash & (HS_LMV_CHANGING | HS_LMV_BAD_TYPE)))
			g = hs_judge_master(v, &d);
		d.lmv.count = g.count;
		d.lmv.hash = (d.lmv.hash & ~HS_LMV_HASH_MASK) | g.hash;
		for (size_t i = 0; !v->err && i < d.n_slots; i++)
			judge_shard(v, &d, &d.slots[i], g);
		if (!v->err)
			judge_missing(v, &d);
	}
	hs_striped_free(&d);
}

static int cmp_fid(const void *a, const void *b)
{
	return hs_fid_cmp(*(const struct hs_fid *)a, *(const struct hs_fid *)b);
}

static bool is_master_mark(uint16_t code)
{
	switch (code) {
	case HS_M_LMV_MAGIC:
	case HS_M_LMV_COUNT:
	case HS_M_LMV_HASH:
	case HS_M_LMV_MDT:
	case HS_M_SHARD_RANGE:
	case HS_M_SHARD_TWICE:
	case HS_M_SHARD_MISSING:
		return true;
	default:
		return false;
	}
}

/* A left-over fact of a shard under its master: SHARD, or a name or link that names a shard. */
static bool is_shard_claim(const struct hs_ref *r)
{
	struct hs_fact_fields f;
	struct hs_fid fid;
	uint32_t index;

	if (!r->claim->net || !hs_fact_decode(r->claim->bytes, r->claim->len, &f))
		return false;
	return f.tag == HS_FACT_SHARD ||
	       (f.tag == HS_FACT_NAME &&
		hs_lmv_parse_shard_name(f.name, f.name_len, &fid, &index) && hs_fid_eq(fid, f.key));
}

/* Masters that a mark or a left-over fact of a shard speaks of. */
void hs_judge_shards(struct hs_verdict *v)
{
	struct hs_fid *masters = NULL;
	size_t n = 0, room = 0;

	for (size_t i = 0; !v->err && i < v->n_refs + v->marks->n; i++) {
		const struct hs_mark *m = &v->marks->v[i < v->n_refs ? 0 : i - v->n_refs];

		if (i < v->n_refs ? !is_shard_claim(&v->refs[i])
				  : v->mark_used[i - v->n_refs] || !is_master_mark(m->code))
			continue;
		v->err = hs_array_grow(&masters, &room, n + 1);
		if (!v->err)
			masters[n++] = i < v->n_refs ? v->refs[i].fid : m->fid;
	}
	if (n)
		qsort(masters, n, sizeof(*masters), cmp_fid);
	for (size_t i = 0; !v->err && i < n; i++) {
		if (!i || !hs_fid_eq(masters[i], masters[i - 1]))
			judge_one(v, masters[i]);
	}
	free(masters);
	if (!v->err)
		hs_judge_hashes(v);
}
