/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Objects that are gone while others still speak of them: dangling names (NS-7, NS-8, STR-9) and
 * lost parents (NS-23, NS-43, NS-44). Whatever mentions the object is folded under it: its
 * children, the OST objects of its stripes.
 */
#include <stdlib.h>

#include "lfsck/layouts.h"
#include "lfsck/plan_parts.h"

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

/* All names of the object that are left over. */
static void load_names(struct hs_verdict *v, const struct hs_dossier *d, struct hs_links *l)
{
	const struct hs_claim *claim;
	struct hs_fact_fields f;

	hs_for_each_claim(claim, d, HS_FACT_NAME, 1)
	{
		if (hs_fact_decode(claim->bytes, claim->len, &f))
			hs_links_add(v, l, f.fid, f.name, f.name_len);
	}
}

/* The type that the names give the object; 0 if they do not agree. */
static uint8_t named_type(const struct hs_dossier *d)
{
	const struct hs_claim *claim = hs_claim_next(d, HS_FACT_TYPE, 1, NULL);
	struct hs_fact_fields f;

	if (!claim || hs_claim_next(d, HS_FACT_TYPE, 1, claim) ||
	    !hs_fact_decode(claim->bytes, claim->len, &f))
		return 0;
	return f.type;
}

/* Names that lead to nothing for good. */
static void plan_removal(struct hs_verdict *v, struct hs_case *c, const struct hs_links *l)
{
	struct hs_at dir;

	for (size_t i = 0; i < l->n; i++) {
		if (hs_plan_find(v, l->v[i].parent, &dir))
			hs_mend_unname(v, c, dir, l->v[i].name, l->v[i].len);
		else
			hs_case_no_repair(c, "a directory that names it cannot be found");
	}
}

/* The entries lead to the object that is made, or to an agent for it. */
static void plan_entries(struct hs_verdict *v, struct hs_case *c, const struct hs_links *l,
			 struct hs_at object, uint8_t type)
{
	for (size_t i = 0; i < l->n; i++) {
		struct hs_leads now, to;
		struct hs_fid agent;
		struct hs_at dir;

		if (!hs_plan_find(v, l->v[i].parent, &dir) ||
		    hs_plan_entry(v, dir, l->v[i].name, l->v[i].len, &now) != 1) {
			hs_case_no_repair(c, "a directory that names it cannot be found");
			return;
		}
		if (dir.t != object.t && now.ino &&
		    hs_plan_is_agent(v, hs_at(dir.t, now.ino), &agent) &&
		    hs_fid_eq(agent, c->fid)) {
			hs_expect_entry(v, c, dir, l->v[i].name, l->v[i].len);
			continue;
		}
		if (hs_mend_lead(v, c, dir, c->fid, object, type, &to))
			hs_mend_entry(v, c, dir, l->v[i].name, l->v[i].len, &to);
	}
}

/* A shard of a striped directory gets its LMV from the master and its name. */
static void plan_shard_lmv(struct hs_verdict *v, struct hs_case *c, const struct hs_links *l,
			   struct hs_at shard)
{
	struct hs_strbuf value = HS_STRBUF_INIT;
	uint8_t buf[HS_LMV_SIZE];
	struct hs_fid fid;
	struct hs_lmv lmv;
	struct hs_at master;
	uint32_t index;

	if (l->n != 1 || !hs_lmv_parse_shard_name(l->v[0].name, l->v[0].len, &fid, &index) ||
	    !hs_plan_find(v, l->v[0].parent, &master) ||
	    hs_plan_xattr(v, master, "trusted.lmv", &value) != 1) {
		hs_case_no_repair(c, "the master does not say what shard it is");
	} else {
		hs_lmv_decode((const uint8_t *)hs_strbuf_str(&value), value.len, &lmv);
		hs_expect_xattr(v, c, master, "trusted.lmv");
		if (lmv.kind != HS_LMV_MASTER || lmv.flaws || lmv.hash & HS_LMV_CHANGING) {
			hs_case_no_repair(c, "the layout of the striped directory is in doubt");
		} else {
			lmv.kind = HS_LMV_SHARD;
			lmv.index = index;
			hs_lmv_encode(&lmv, buf);
			hs_mend_xattr(v, c, shard, "trusted.lmv", buf, sizeof(buf));
			hs_mend_lma_flags(v, c, shard, HS_LMAI_STRIPED, 0);
		}
	}
	hs_strbuf_free(&value);
}

/* The objects of a lost file make its layout anew, and say whose it was. */
static void plan_objects(struct hs_verdict *v, struct hs_case *c, struct hs_at file)
{
	struct hs_lov_piece *pieces = NULL;
	size_t n = hs_layouts_pieces(v, c->fid, &pieces), len;
	const char *why = NULL;
	uint8_t *lov;

	if (n) {
		lov = hs_lov_rebuild(c->fid, pieces, n, &len, &why);
		if (lov) {
			hs_mend_xattr(v, c, file, "trusted.lov", lov, len);
			hs_mend_owner(v, c, file, pieces[0].owner);
			hs_layouts_expect_pieces(v, c, pieces, n);
		}
		free(lov);
	}
	free(pieces);
}

/* What lay in a lost directory gets its name in the new one; each is an item of its own. */
static void plan_children(struct hs_verdict *v, struct hs_case *c, struct hs_at dir,
			  struct hs_fid dir_fid)
{
	size_t first, end;

	hs_verdict_refs(v, dir_fid, &first, &end);
	for (; !v->err && first < end; first++) {
		const struct hs_ref *r = &v->refs[first];
		struct hs_fact_fields f;
		struct hs_leads now;
		struct hs_links l = {0};
		struct hs_at child;
		uint8_t type;

		if (r->claim->bytes[0] != HS_FACT_NAME || r->claim->net >= 0 ||
		    !hs_fact_decode(r->claim->bytes, r->claim->len, &f) ||
		    !hs_plan_find(v, r->dossier->fid, &child))
			continue;
		type = hs_plan_type(v, child);
		hs_item_begin(v, c, HS_PLAN_PHASE_ORPHANS);
		hs_plan_need_made(v, c, dir);
		if (!hs_claim_next(r->dossier, HS_FACT_TYPE, -1, NULL)) {
			/* its count says that this name is gone */
			hs_links_load(v, child, &l);
			hs_links_drop(&l, f.fid, f.name, f.name_len);
			hs_mend_links(v, c, child, r->dossier->fid, type, &l);
			hs_links_free(&l);
		} else if (hs_plan_entry(v, dir, f.name, f.name_len, &now) == 0) {
			hs_expect_xattr(v, c, child, "trusted.link");
			hs_mend_name(v, c, dir, f.name, f.name_len, r->dossier->fid, child, type);
			if (type == HS_TYPE_DIR)
				hs_mend_parent(v, c, child, dir_fid);
		} else {
			hs_mend_lost(v, c, child, r->dossier->fid, type == HS_TYPE_DIR ? 'D' : 'O',
				     type == HS_TYPE_DIR ? hs_plan_infix(v, c, child) : "");
		}
	}
}

/* The object is made anew under its FID, empty but for what others remember of it. */
static void plan_creation(struct hs_verdict *v, struct hs_case *c, const struct hs_dossier *d,
			  struct hs_target *t)
{
	struct hs_links l = {0};
	uint8_t type = named_type(d);
	bool dir = type == HS_TYPE_DIR;
	struct hs_at at;

	load_names(v, d, &l);
	if (!strcmp(c->f.rule, "NS-8")) {
		plan_removal(v, c, &l);
	} else if (!hs_fid_is_sane(d->fid)) {
		c->f.gate = NULL;
		hs_case_repair(c, "Removes the name: no object can have that FID.");
		plan_removal(v, c, &l);
	} else if (!t) {
		hs_case_no_repair(c, "no target owns that sequence");
	} else if (type != HS_TYPE_REG && !dir) {
		hs_case_no_repair(c, "what it was cannot be made from its name: "
				     "remove the name, or restore it");
	} else if (dir && l.n != 1) {
		hs_case_no_repair(c, "several names lead to the directory");
	} else {
		at = hs_mend_object(v, c, t, d->fid, dir ? 0040700 : 0100600,
				    (struct hs_owner){0, 0, 0});
		plan_entries(v, c, &l, at, type);
		hs_mend_nlink(v, c, at, (int64_t)l.n - 1);
		if (dir)
			hs_mend_parent(v, c, at, l.v[0].parent);
		hs_mend_links(v, c, at, d->fid, type, &l);
		if (is_shard(d))
			plan_shard_lmv(v, c, &l, at);
		if (dir)
			plan_children(v, c, at, d->fid);
		else
			plan_objects(v, c, at);
	}
	hs_links_free(&l);
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
	plan_creation(v, &c, d, place.t);
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

/* Children that are shards make their parent a master. */
static void plan_master_lmv(struct hs_verdict *v, struct hs_case *c, struct hs_at dir,
			    struct hs_fid fid)
{
	struct hs_lmv master = {.kind = HS_LMV_MASTER, .index = dir.t->id.index};
	uint8_t buf[HS_LMV_SIZE];
	size_t first, end;
	uint32_t high = 0;

	hs_verdict_refs(v, fid, &first, &end);
	for (; first < end; first++) {
		const struct hs_claim *claim = v->refs[first].claim;
		struct hs_fact_fields f;

		if (claim->bytes[0] != HS_FACT_SHARD || claim->net >= 0 ||
		    !hs_fact_decode(claim->bytes, claim->len, &f))
			continue;
		if (f.count > master.count)
			master.count = f.count;
		if (f.index > high)
			high = f.index;
		if (!master.hash)
			master.hash = f.hash;
	}
	if (!master.count)
		return;
	if (master.count <= high)
		master.count = high + 1;
	if (master.count > HS_LMV_MAX_COUNT || !master.hash) {
		hs_case_no_repair(c, "the shards do not say what striped directory it was");
		return;
	}
	master.hash |= HS_LMV_LOST_LMV;
	hs_lmv_encode(&master, buf);
	hs_mend_xattr(v, c, dir, "trusted.lmv", buf, sizeof(buf));
	hs_mend_lma_flags(v, c, dir, HS_LMAI_STRIPED, 0);
}

/* The directory is made anew in lost+found, and what it held gets its names. */
static void plan_parent(struct hs_verdict *v, struct hs_case *c, struct hs_target *t,
			struct hs_fid parent)
{
	struct hs_fid unused;
	struct hs_at dir;

	if (!t || !hs_target_is_mdt(t) || !hs_fid_is_sane(parent)) {
		hs_case_no_repair(c, "no MDT can have a directory of that FID");
		return;
	}
	if (!hs_plan_lost_found(v, c, t, &dir, &unused))
		return;
	hs_item_begin(v, c, HS_PLAN_PHASE_ORPHANS);
	dir = hs_mend_object(v, c, t, parent, 0040700, (struct hs_owner){0, 0, 0});
	hs_mend_lost_here(v, c, dir, parent, 'P', "");
	plan_master_lmv(v, c, dir, parent);
	plan_children(v, c, dir, parent);
}

/* NS-44: shards that no master can have. */
static void plan_nameless(struct hs_verdict *v, struct hs_case *c, size_t first, size_t end)
{
	for (size_t i = first; i < end; i++) {
		const struct hs_ref *r = &v->refs[i];
		struct hs_at shard;

		if (r->claim->bytes[0] == HS_FACT_NAME && r->claim->net < 0 &&
		    hs_plan_find(v, r->dossier->fid, &shard))
			hs_mend_lost(v, c, shard, r->dossier->fid, 'S', hs_plan_infix(v, c, shard));
	}
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
	if (nameless)
		plan_nameless(v, &c, first, end);
	else
		plan_parent(v, &c, place.t, parent);
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
