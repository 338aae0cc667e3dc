/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fields as the plan leaves them: from the last item that edits them, else from the disk. And the
 * facts that say so.
 */
#include "lfsck/plan_parts.h"
#include "lfsck/plan_priv.h"
#include "lustre/lma.h"

void hs_plan_oi_key(uint8_t key[HS_PLAN_OI_KEY], struct hs_fid fid, uint32_t file)
{
	hs_fid_put_le(key, fid);
	hs_put_le32(key + HS_FID_SIZE, file);
}

int hs_plan_load(struct hs_verdict *v, struct hs_at at)
{
	struct hs_plan *p = &v->plan;
	int rc;

	if (p->has_loaded && p->loaded.t == at.t && p->loaded.inode.ino == at.ino)
		return 1;
	p->has_loaded = false;
	rc = hs_load(&p->loaded, at.t, at.ino, false);
	if (rc == -ENOMEM)
		v->err = rc;
	p->has_loaded = rc == 1;
	return rc;
}

const struct hs_inode *hs_plan_inode(struct hs_verdict *v, struct hs_at at)
{
	return !at.made && hs_plan_load(v, at) == 1 ? &v->plan.loaded.inode : NULL;
}

int hs_plan_xattr(struct hs_verdict *v, struct hs_at at, const char *name, struct hs_strbuf *out)
{
	const struct hs_xattr *x;
	struct hs_state s;
	int rc;

	hs_strbuf_reset(out);
	if (hs_plan_state(v, at, HS_FIELD_XATTR, name, strlen(name), &s)) {
		hs_strbuf_add(out, s.value, s.len);
		if (hs_strbuf_error(out))
			v->err = -ENOMEM;
		return s.present;
	}
	if (at.made)
		return 0;
	rc = hs_plan_load(v, at);
	if (rc != 1)
		return rc ? rc : -ENODATA;
	x = hs_xattr_trusted(&v->plan.loaded.xattrs, name + strlen("trusted."));
	if (!x)
		return v->plan.loaded.xattrs.flaws ? -EUCLEAN : 0;
	if (!x->value)
		return -EUCLEAN;
	hs_strbuf_add(out, x->value, x->value_len);
	if (hs_strbuf_error(out))
		v->err = -ENOMEM;
	return 1;
}

int hs_plan_entry(struct hs_verdict *v, struct hs_at dir, const void *name, size_t len,
		  struct hs_leads *out)
{
	struct hs_state s;
	int rc;

	memset(out, 0, sizeof(*out));
	if (hs_plan_state(v, dir, HS_FIELD_ENTRY, name, len, &s)) {
		if (s.present)
			memcpy(out, s.value, sizeof(*out));
		return s.present;
	}
	if (dir.made)
		return 0;
	rc = hs_plan_load(v, dir);
	if (rc != 1)
		return rc ? rc : -ENODATA;
	rc = hs_plan_dirs_find(&v->plan.dirs, dir.t, &v->plan.loaded.inode, name, len, out);
	if (rc == -ENOMEM)
		v->err = rc;
	return rc;
}

int hs_plan_oi(struct hs_verdict *v, struct hs_target *t, struct hs_fid fid, uint32_t *ino,
	       uint32_t *made)
{
	uint8_t key[HS_PLAN_OI_KEY];
	uint32_t gen, where[2];
	struct hs_state s;

	*ino = *made = 0;
	if (!t->oi_files)
		return -EUCLEAN;
	hs_plan_oi_key(key, fid, (uint32_t)(fid.seq & (t->oi_files - 1)));
	if (!hs_plan_state(v, hs_at(t, 0), HS_FIELD_OI, key, sizeof(key), &s))
		return hs_lookup_oi(t, fid, ino, &gen);
	if (s.present) {
		memcpy(where, s.value, sizeof(where));
		*ino = where[0];
		*made = where[1];
	}
	return s.present;
}

bool hs_plan_fid(struct hs_verdict *v, struct hs_at at, struct hs_fid *fid)
{
	struct hs_strbuf value = HS_STRBUF_INIT;
	struct hs_lma lma;
	bool ok = hs_plan_xattr(v, at, "trusted.lma", &value) == 1 &&
		  hs_lma_decode((const uint8_t *)hs_strbuf_str(&value), value.len, &lma);

	hs_strbuf_free(&value);
	if (ok)
		*fid = at.t->id.kind == HS_OST ? hs_fid_with_idif_ost(lma.fid, at.t->id.index)
					       : lma.fid;
	else if (!at.made && hs_plan_load(v, at) == 1)
		ok = hs_loaded_fid(&v->plan.loaded, fid);
	return ok;
}

bool hs_plan_find(struct hs_verdict *v, struct hs_fid fid, struct hs_at *out)
{
	struct hs_leads leads;
	struct hs_place place;
	struct hs_fid carried;
	struct hs_at dir;
	char name[24];
	enum hs_presence presence;
	struct hs_target *t = hs_system_target(v->sys, hs_system_owner(v->sys, fid.seq, &presence));

	if (!t)
		return false;
	*out = hs_at(t, 0);
	if (!hs_target_is_mdt(t)) {
		if (!hs_plan_oname(v, t, fid, &dir, name) ||
		    hs_plan_entry(v, dir, name, strlen(name), &leads) != 1)
			return false;
		*out = (struct hs_at){t, leads.ino, leads.made};
	} else if (hs_plan_oi(v, t, fid, &out->ino, &out->made) != 1) {
		/* an IGIF says where it is */
		if (hs_lookup_fid(v->sys, fid, &place) != HS_LOOKUP_FOUND)
			return false;
		*out = hs_at(place.t, place.ino);
	}
	return out->made || (hs_plan_fid(v, *out, &carried) && hs_fid_eq(carried, fid));
}

/* The item at hand has such a step already. */
static bool has_fact(struct hs_verdict *v, struct hs_case *c, enum hs_step_kind a,
		     enum hs_step_kind b, struct hs_at at, const void *name, size_t len)
{
	const struct hs_steps *steps = &hs_item_at(v, c)->expects;

	for (size_t i = 0; i < steps->n; i++) {
		const struct hs_step *s = &steps->v[i];

		if ((s->kind == a || s->kind == b) && hs_tgt_eq(s->target, at.t->id) &&
		    s->ino == at.ino && s->made == at.made && s->name_len == len &&
		    (!len || !memcmp(s->name, name, len)))
			return true;
	}
	return false;
}

/*
 * Whether the fact need not be said: another edit of this item made the field what it is, or it has
 * been said. Otherwise the item that made it so must have succeeded.
 */
static bool is_known(struct hs_verdict *v, struct hs_case *c, enum hs_plan_field field,
		     enum hs_step_kind a, enum hs_step_kind b, struct hs_at at, const void *name,
		     size_t len)
{
	struct hs_state s;

	if (v->err || has_fact(v, c, a, b, at, name, len))
		return true;
	if (hs_plan_state(v, at, field, name, len, &s)) {
		if (s.item == hs_item_at(v, c)->id)
			return true;
		hs_item_need(v, c, s.item);
	}
	return false;
}

void hs_plan_need_made(struct hs_verdict *v, struct hs_case *c, struct hs_at at)
{
	struct hs_state s;

	if (at.made && hs_plan_state(v, at, HS_FIELD_IN_USE, NULL, 0, &s))
		hs_item_need(v, c, s.item);
}

void hs_expect_inode(struct hs_verdict *v, struct hs_case *c, struct hs_at at)
{
	struct hs_fid fid = {0};
	struct hs_step *s;
	struct hs_state now;
	bool has_fid;

	hs_plan_need_made(v, c, at);
	if (at.made || !at.ino ||
	    is_known(v, c, HS_FIELD_IN_USE, HS_STEP_IS_INODE, HS_STEP_IS_FREE, at, NULL, 0))
		return;
	if (hs_plan_load(v, at) != 1) {
		hs_case_no_repair(c, "inode %u cannot be read", at.ino);
		return;
	}
	/* an LMA that another item writes is that item's fact */
	has_fid = !hs_plan_state(v, at, HS_FIELD_XATTR, "trusted.lma", 11, &now) &&
		  hs_xattr_trusted(&v->plan.loaded.xattrs, "lma") &&
		  hs_loaded_fid(&v->plan.loaded, &fid);
	s = hs_plan_fact(v, c, HS_STEP_IS_INODE, at, NULL, 0);
	if (!s)
		return;
	s->inode.gen = v->plan.loaded.inode.generation;
	s->inode.type = v->plan.loaded.inode.mode & 0170000;
	s->inode.has_fid = has_fid;
	s->inode.fid = has_fid ? fid : (struct hs_fid){0};
}

void hs_expect_xattr(struct hs_verdict *v, struct hs_case *c, struct hs_at at, const char *name)
{
	struct hs_strbuf value = HS_STRBUF_INIT;
	struct hs_step *s;
	int rc;

	if (is_known(v, c, HS_FIELD_XATTR, HS_STEP_IS_XATTR, HS_STEP_NO_XATTR, at, name,
		     strlen(name)))
		return;
	rc = hs_plan_xattr(v, at, name, &value);
	if (rc < 0) {
		hs_case_no_repair(c, "%s of inode %u cannot be read", name, at.ino);
	} else if (!at.made || rc) {
		s = hs_plan_fact(v, c, rc ? HS_STEP_IS_XATTR : HS_STEP_NO_XATTR, at, name,
				 strlen(name));
		if (s && rc) {
			s->sum.len = (uint32_t)value.len;
			s->sum.sum = hs_step_sum(hs_strbuf_str(&value), value.len);
		}
	}
	hs_strbuf_free(&value);
}

void hs_expect_entry(struct hs_verdict *v, struct hs_case *c, struct hs_at dir, const void *name,
		     size_t len)
{
	struct hs_leads leads;
	struct hs_step *s;
	int rc;

	if (is_known(v, c, HS_FIELD_ENTRY, HS_STEP_IS_ENTRY, HS_STEP_NO_ENTRY, dir, name, len))
		return;
	rc = hs_plan_entry(v, dir, name, len, &leads);
	if (rc < 0) {
		hs_case_no_repair(c, "the directory at inode %u cannot be read in full", dir.ino);
		return;
	}
	if (dir.made && !rc)
		return;
	s = hs_plan_fact(v, c, rc ? HS_STEP_IS_ENTRY : HS_STEP_NO_ENTRY, dir, name, len);
	if (s && rc)
		s->entry = leads;
}

void hs_expect_oi(struct hs_verdict *v, struct hs_case *c, struct hs_target *t, struct hs_fid fid)
{
	uint32_t ino, made, gen = 0, file = (uint32_t)(fid.seq & (t->oi_files - 1));
	const struct hs_steps *known = &hs_item_at(v, c)->expects;
	uint8_t key[HS_PLAN_OI_KEY];
	struct hs_state now;
	struct hs_step *s;
	int rc = t->oi_files ? hs_plan_oi(v, t, fid, &ino, &made) : -EUCLEAN;

	if (rc < 0) {
		hs_case_no_repair(c, "the OI cannot be read");
		return;
	}
	for (size_t i = 0; i < known->n; i++) {
		s = &known->v[i];
		if ((s->kind == HS_STEP_IS_OI || s->kind == HS_STEP_NO_OI) &&
		    hs_tgt_eq(s->target, t->id) && hs_fid_eq(s->oi.fid, fid) && s->oi.file == file)
			return;
	}
	hs_plan_oi_key(key, fid, file);
	if (hs_plan_state(v, hs_at(t, 0), HS_FIELD_OI, key, sizeof(key), &now)) {
		if (now.item == hs_item_at(v, c)->id)
			return;
		hs_item_need(v, c, now.item);
		memcpy(&gen, (const uint8_t *)now.value + 8, now.present ? 4 : 0);
	} else if (rc) {
		hs_lookup_oi(t, fid, &ino, &gen);
	}
	s = hs_plan_fact(v, c, rc ? HS_STEP_IS_OI : HS_STEP_NO_OI, hs_at(t, 0), NULL, 0);
	if (!s)
		return;
	s->oi.fid = fid;
	s->oi.file = file;
	s->oi.ino = ino;
	s->oi.made = made;
	s->oi.gen = gen;
}

void hs_expect_untouched(struct hs_verdict *v, struct hs_case *c, struct hs_at at)
{
	if (!has_fact(v, c, HS_STEP_IS_UNTOUCHED, HS_STEP_IS_UNTOUCHED, at, NULL, 0))
		hs_plan_fact(v, c, HS_STEP_IS_UNTOUCHED, at, NULL, 0);
}

void hs_expect_free(struct hs_verdict *v, struct hs_case *c, struct hs_target *t, uint32_t ino)
{
	struct hs_at at = hs_at(t, ino);

	if (ino && ino <= hs_fs_geo(t->fs)->inodes &&
	    !has_fact(v, c, HS_STEP_IS_FREE, HS_STEP_IS_INODE, at, NULL, 0))
		hs_plan_fact(v, c, HS_STEP_IS_FREE, at, NULL, 0);
}
