/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Entries that name the right object wrongly: FID (NS-1), type (NS-9, STR-11), inode number
 * (NS-64).
 */
#include "lfsck/plan_parts.h"

#define TYPE_DIR 2

/* An entry found again, with the directory it lies in. */
struct found {
	struct hs_target *t;
	struct hs_dir_job job;
	struct hs_dirent e;
	uint8_t room[512];
	bool ok;
};

static void find_entry(struct hs_verdict *v, struct hs_fid dir, const uint8_t *name, size_t len,
		       struct found *out)
{
	uint32_t ino;

	out->ok = hs_verdict_entry(v, dir, name, len, &out->t, &out->e, out->room) == 1;
	if (!out->ok)
		return;
	ino = v->loaded.inode.ino;
	out->ok = hs_probe_job(&v->probe, out->t, ino, &out->job) == 1;
}

/* Whether the linkEA of a loaded object lists (dir, name). */
static bool links_list(const struct hs_loaded *l, struct hs_fid dir, const struct hs_dirent *e)
{
	const struct hs_xattr *x = hs_xattr_trusted(&l->xattrs, "link");
	struct hs_linkea_entry entry;
	struct hs_linkea link;
	size_t pos = 0;

	if (!x || !x->value || !hs_linkea_open(x->value, x->value_len, &link))
		return false;
	while (hs_linkea_next(&link, &pos, &entry)) {
		if (entry.valid && hs_fid_eq(entry.parent, dir) && entry.name_len == e->name_len &&
		    !memcmp(entry.name, e->name, e->name_len))
			return true;
	}
	return false;
}

/* The entry leads where it should; how many subdirectories there are follows. */
static void plan_entry(struct hs_verdict *v, struct hs_case *c, const struct found *at,
		       struct hs_fid fid, uint32_t ino, uint8_t type)
{
	const struct hs_leads to = {ino, 0, type, true, fid};
	struct hs_at dir = hs_at(at->t, at->job.ino);

	hs_mend_entry(v, c, dir, at->e.name, at->e.name_len, &to);
	hs_mend_subdirs(v, c, dir, (type == TYPE_DIR) - (at->e.type == TYPE_DIR));
	hs_expect_inode(v, c, hs_at(at->t, ino));
	hs_expect_xattr(v, c, hs_at(at->t, ino), "trusted.link");
}

/* NS-1: the inode behind the entry carries another FID and knows this name. */
static bool judge_fid(struct hs_verdict *v, const struct hs_dossier *d,
		      const struct hs_fact_fields *name)
{
	struct hs_fid carried;
	size_t first, end;
	struct hs_case c;
	struct found at;
	char buf[HS_FID_TEXT];

	find_entry(v, name->fid, name->name, name->name_len, &at);
	if (!at.ok || !at.e.has_fid || !hs_fid_eq(hs_fid_get_be(at.e.fid), d->fid))
		return false;
	if (hs_verdict_inode_fid(v, at.t, at.e.ino, &carried) != 1 || hs_fid_eq(carried, d->fid) ||
	    !links_list(&v->loaded, name->fid, &at.e))
		return false;
	hs_case_open(&c, hs_fid_is_sane(d->fid) ? "NS-1" : "NS-6", carried, at.t);
	if (hs_probe_entry(&v->probe, &at.job, d->fid, &at.e, -1, &c.delta) ||
	    hs_probe_entry(&v->probe, &at.job, carried, &at.e, 1, &c.delta) ||
	    hs_case_gain(v, &c) <= 0) {
		hs_case_drop(&c);
		return false;
	}
	hs_case_fact(&c, "entry", "\"%s\" in %s has FID %s",
		     hs_case_name(&c, at.e.name, at.e.name_len), hs_case_fid(&c, name->fid),
		     hs_fid_text(d->fid, buf));
	hs_case_fact(&c, hs_finding_text(&c.f, "LMA of inode %u", at.e.ino), "%s", c.f.object);
	hs_case_fact(&c, "its linkEA", "lists this name");
	plan_entry(v, &c, &at, carried, at.e.ino, at.e.type);
	hs_verdict_marks_at(v, at.t->pos, at.job.ino, &first, &end);
	for (; first < end; first++) {
		const struct hs_mark *m = &v->marks->v[v->by_place[first]];

		if (m->code == HS_M_ENTRY_INSANE && !v->mark_used[m - v->marks->v] &&
		    m->name_len == at.e.name_len && !memcmp(m->name, at.e.name, m->name_len))
			hs_verdict_use(v, &c, m);
	}
	hs_case_close(v, &c, -1);
	return true;
}

/*
 * NS-1 again: the FID leads nowhere, and another object's linkEA and link count miss exactly this
 * name.
 */
static bool judge_owner(struct hs_verdict *v, const struct hs_dossier *d,
			const struct hs_fact_fields *name)
{
	struct hs_place place;
	size_t first, end;

	if (hs_verdict_object(v, d->fid, &place) != HS_LOOKUP_NONE)
		return false;
	hs_verdict_refs(v, name->fid, &first, &end);
	for (; first < end; first++) {
		const struct hs_dossier *owner = v->refs[first].dossier;
		const struct hs_claim *claim = v->refs[first].claim;
		struct hs_fact_fields link;
		struct hs_dirent right;
		struct hs_case c;
		struct found at;

		if (claim->net >= 0 || !hs_fact_decode(claim->bytes, claim->len, &link) ||
		    link.tag != HS_FACT_NAME || link.name_len != name->name_len ||
		    memcmp(link.name, name->name, link.name_len) ||
		    !hs_claim_next(owner, HS_FACT_TYPE, -1, NULL) ||
		    hs_verdict_object(v, owner->fid, &place) != HS_LOOKUP_FOUND)
			continue;
		find_entry(v, name->fid, name->name, name->name_len, &at);
		if (!at.ok || at.t != place.t)
			return false;
		right = at.e;
		right.ino = place.ino;
		hs_case_open(&c, hs_fid_is_sane(d->fid) ? "NS-1" : "NS-6", owner->fid, at.t);
		if (hs_probe_entry(&v->probe, &at.job, d->fid, &at.e, -1, &c.delta) ||
		    hs_probe_entry(&v->probe, &at.job, owner->fid, &right, 1, &c.delta) ||
		    hs_case_gain(v, &c) <= 0) {
			hs_case_drop(&c);
			return false;
		}
		hs_case_fact(&c, "entry", "\"%s\" in %s has FID %s, inode %u",
			     hs_case_name(&c, at.e.name, at.e.name_len), hs_case_fid(&c, name->fid),
			     hs_case_fid(&c, d->fid), at.e.ino);
		hs_case_fact(&c, "object index", "%s does not exist", hs_case_fid(&c, d->fid));
		hs_case_fact(&c, "linkEA and link count of the object", "miss exactly this name");
		plan_entry(v, &c, &at, owner->fid, right.ino, right.type);
		hs_case_close(v, &c, -1);
		return true;
	}
	return false;
}

/* NS-10: an entry of another type than its object, which does not know the name either. */
static bool judge_bad(struct hs_verdict *v, const struct hs_dossier *d,
		      const struct hs_fact_fields *name)
{
	struct hs_loaded l = {0};
	struct hs_place place;
	struct hs_case c;
	struct found at;
	bool bad;

	find_entry(v, name->fid, name->name, name->name_len, &at);
	if (!at.ok || !at.e.has_fid || !hs_fid_eq(hs_fid_get_be(at.e.fid), d->fid) ||
	    hs_verdict_object(v, d->fid, &place) != HS_LOOKUP_FOUND ||
	    hs_load(&l, place.t, place.ino, false) != 1) {
		hs_loaded_free(&l);
		return false;
	}
	bad = hs_inode_dirent_type(&l.inode) != at.e.type && hs_xattr_trusted(&l.xattrs, "link") &&
	      !links_list(&l, name->fid, &at.e);
	hs_loaded_free(&l);
	if (!bad)
		return false;
	hs_case_open(&c, "NS-10", d->fid, at.t);
	if (hs_probe_entry(&v->probe, &at.job, d->fid, &at.e, -1, &c.delta) ||
	    hs_case_gain(v, &c) <= 0) {
		hs_case_drop(&c);
		return false;
	}
	hs_case_fact(&c, "entry", "\"%s\" in %s has type %u",
		     hs_case_name(&c, at.e.name, at.e.name_len), hs_case_fid(&c, name->fid),
		     at.e.type);
	hs_case_fact(&c, hs_finding_text(&c.f, "inode %u", place.ino),
		     "is of another type, and its linkEA has no such link");
	hs_verdict_subdirs(v, name->fid, -(int64_t)(at.e.type == TYPE_DIR));
	hs_mend_unname(v, &c, hs_at(at.t, at.job.ino), at.e.name, at.e.name_len);
	hs_case_close(v, &c, -1);
	return true;
}

static void judge_fids(struct hs_verdict *v, const struct hs_dossier *d)
{
	const struct hs_claim *claim;
	bool again = true;

	while (again && !v->err) {
		again = false;
		hs_for_each_claim(claim, d, HS_FACT_NAME, 1)
		{
			struct hs_fact_fields name;

			if (hs_fact_decode(claim->bytes, claim->len, &name) &&
			    (judge_fid(v, d, &name) || judge_owner(v, d, &name) ||
			     judge_bad(v, d, &name))) {
				again = true;
				break;
			}
		}
	}
}

/* An entry of a striped directory that names its shard. */
static bool is_shard_entry(const struct found *at)
{
	struct hs_fid fid;
	uint32_t index;

	return at->job.lmv.kind == HS_LMV_MASTER &&
	       hs_lmv_parse_shard_name(at->e.name, at->e.name_len, &fid, &index);
}

/* NS-9, of a shard STR-11: an entry of the object's own linkEA has another type than the inode. */
static bool judge_type(struct hs_verdict *v, const struct hs_dossier *d)
{
	const struct hs_xattr *x;
	struct hs_linkea_entry entry;
	struct hs_loaded l = {0};
	struct hs_place place;
	struct hs_linkea link;
	size_t pos = 0;
	bool done = false;
	uint8_t type;

	if (!hs_claim_next(d, HS_FACT_TYPE, 1, NULL) || !hs_claim_next(d, HS_FACT_TYPE, -1, NULL))
		return false;
	if (hs_verdict_object(v, d->fid, &place) != HS_LOOKUP_FOUND ||
	    hs_load(&l, place.t, place.ino, false) != 1)
		goto out;
	type = hs_inode_dirent_type(&l.inode);
	x = hs_xattr_trusted(&l.xattrs, "link");
	if (!x || !x->value || !hs_linkea_open(x->value, x->value_len, &link))
		goto out;
	while (!done && hs_linkea_next(&link, &pos, &entry)) {
		struct hs_dirent right;
		struct found at;
		struct hs_case c;

		find_entry(v, entry.parent, entry.name, entry.name_len, &at);
		if (!at.ok || at.e.type == type || !at.e.has_fid ||
		    !hs_fid_eq(hs_fid_get_be(at.e.fid), d->fid))
			continue;
		right = at.e;
		right.type = type;
		hs_case_open(&c, is_shard_entry(&at) ? "STR-11" : "NS-9", d->fid, place.t);
		if (hs_probe_entry(&v->probe, &at.job, d->fid, &at.e, -1, &c.delta) ||
		    hs_probe_entry(&v->probe, &at.job, d->fid, &right, 1, &c.delta) ||
		    hs_case_gain(v, &c) <= 0) {
			hs_case_drop(&c);
			continue;
		}
		hs_case_fact(&c, "entry", "\"%s\" in %s has type %u",
			     hs_case_name(&c, at.e.name, at.e.name_len),
			     hs_case_fid(&c, entry.parent), at.e.type);
		hs_case_fact(&c, hs_finding_text(&c.f, "inode %u", place.ino), "has type %u", type);
		hs_verdict_subdirs(v, entry.parent, (type == TYPE_DIR) - (at.e.type == TYPE_DIR));
		plan_entry(v, &c, &at, d->fid, at.e.ino, type);
		hs_case_close(v, &c, -1);
		done = true;
	}
out:
	hs_loaded_free(&l);
	return done;
}

/* The entry of that FID and inode number, where the scan met it, gets the number of the object. */
static void plan_ino(struct hs_verdict *v, struct hs_case *c, const struct hs_claim *plus,
		     const struct hs_fact_fields *said, const struct hs_fact_fields *is)
{
	struct hs_target *t = hs_system_target(v->sys, is->target);
	struct hs_leads to = {is->ino, 0, is->type, true, is->key};
	struct hs_plan_name name;
	struct hs_at dir;

	if (!t || !hs_tgt_eq(said->target, is->target) || !plus->n_places) {
		hs_case_no_repair(c, "entry and object are not on one MDT");
		return;
	}
	dir = hs_at(t, plus->places[0].prov.ino);
	if (!hs_plan_name_of(v, dir, said->ino, &is->key, &name)) {
		hs_case_no_repair(c, "the entry cannot be found again");
		return;
	}
	hs_mend_entry(v, c, dir, name.bytes, name.len, &to);
	hs_expect_inode(v, c, hs_at(t, is->ino));
}

/*
 * The FID of the entry is right, its inode number is not: it leads to another object (NS-5) or to
 * none (NS-64).
 */
static void judge_ino(struct hs_verdict *v, const struct hs_dossier *d)
{
	const struct hs_claim *plus, *minus;

	while (!v->err && (plus = hs_claim_next(d, HS_FACT_INO, 1, NULL)) &&
	       (minus = hs_claim_next(d, HS_FACT_INO, -1, NULL))) {
		struct hs_fact_fields said, is;
		struct hs_target *t;
		struct hs_fid other;
		struct hs_fact_buf f;
		struct hs_case c;

		hs_fact_decode(plus->bytes, plus->len, &said);
		hs_fact_decode(minus->bytes, minus->len, &is);
		t = hs_system_target(v->sys, said.target);
		hs_case_open(&c,
			     t && hs_verdict_inode_fid(v, t, said.ino, &other) == 1 ? "NS-5"
										    : "NS-64",
			     d->fid, hs_system_target(v->sys, is.target));
		hs_fact_inode(&f, HS_FACT_INO, d->fid, said.target, said.ino, said.type);
		hs_delta_add(&c.delta, &f, -1);
		hs_fact_inode(&f, HS_FACT_INO, d->fid, is.target, is.ino, is.type);
		hs_delta_add(&c.delta, &f, 1);
		hs_case_fact(&c,
			     plus->n_places ? hs_case_place(&c, v, &plus->places[0].prov) : "entry",
			     "an entry says inode %u", said.ino);
		hs_case_fact(&c, "the object", "is inode %u", is.ino);
		plan_ino(v, &c, plus, &said, &is);
		hs_case_close(v, &c, -1);
	}
}

void hs_judge_entries(struct hs_verdict *v)
{
	for (size_t i = 0; !v->err && i < v->ledger.n_dossiers; i++) {
		const struct hs_dossier *d = v->ledger.order[i];

		if (d->done)
			continue;
		judge_fids(v, d);
		while (!v->err && judge_type(v, d))
			;
		/* a type that differs too is not a matter of the number alone */
		if (!v->err && !hs_claim_next(d, HS_FACT_TYPE, 1, NULL) &&
		    !hs_claim_next(d, HS_FACT_TYPE, -1, NULL) &&
		    !hs_claim_next(d, HS_FACT_NAME, -1, NULL))
			judge_ino(v, d);
	}
}
