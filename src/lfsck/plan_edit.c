/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Primitive edits. Each says first what the field is now, so that an item rests on all that it
 * changes, and leaves out what would change nothing.
 */
#include <stdlib.h>

#include "base/array.h"
#include "ldiskfs/file.h"
#include "lfsck/plan_priv.h"

void hs_mend_xattr(struct hs_verdict *v, struct hs_case *c, struct hs_at at, const char *name,
		   const void *value, size_t len)
{
	struct hs_strbuf now = HS_STRBUF_INIT;
	size_t name_len = strlen(name);
	struct hs_step *s;
	int rc = hs_plan_xattr(v, at, name, &now);
	bool same = value ? rc == 1 && now.len == len && !memcmp(hs_strbuf_str(&now), value, len)
			  : rc == 0;

	hs_strbuf_free(&now);
	if (same || v->err)
		return;
	hs_expect_inode(v, c, at);
	hs_expect_xattr(v, c, at, name);
	s = hs_plan_edit(v, c, value ? HS_STEP_SET_XATTR : HS_STEP_DROP_XATTR, at, name, name_len);
	if (!s)
		return;
	if (value) {
		s->data.bytes = (const uint8_t *)hs_finding_copy(&c->f, value, len);
		s->data.len = (uint32_t)len;
	}
	hs_plan_put(v, c, at, HS_FIELD_XATTR, name, name_len, value, value, value ? len : 0);
}

static bool same_leads(const struct hs_leads *a, const struct hs_leads *b)
{
	return a->ino == b->ino && a->made == b->made && a->type == b->type &&
	       a->has_fid == b->has_fid && (!a->has_fid || hs_fid_eq(a->fid, b->fid));
}

static void put_entry(struct hs_verdict *v, struct hs_case *c, struct hs_at dir, const void *name,
		      size_t len, const struct hs_leads *to)
{
	struct hs_leads copy;

	/* padding too: the state is compared by nobody, but is written nowhere uninitialised */
	memset(&copy, 0, sizeof(copy));
	if (to)
		copy = *to;
	hs_plan_put(v, c, dir, HS_FIELD_ENTRY, name, len, to, &copy, to ? sizeof(copy) : 0);
}

static void need_target(struct hs_verdict *v, struct hs_case *c, struct hs_at dir,
			const struct hs_leads *to)
{
	if (to && to->made)
		hs_plan_need_made(v, c, (struct hs_at){dir.t, 0, to->made});
}

void hs_mend_entry(struct hs_verdict *v, struct hs_case *c, struct hs_at dir, const void *name,
		   size_t len, const struct hs_leads *to)
{
	struct hs_leads now;
	struct hs_step *s;
	int rc = hs_plan_entry(v, dir, name, len, &now);

	if (v->err || (rc == 0 && !to) || (rc == 1 && to && same_leads(&now, to)))
		return;
	hs_expect_inode(v, c, dir);
	hs_expect_entry(v, c, dir, name, len);
	need_target(v, c, dir, to);
	s = hs_plan_edit(v, c,
			 !to	   ? HS_STEP_DROP_ENTRY
			 : rc == 1 ? HS_STEP_SET_ENTRY
				   : HS_STEP_ADD_ENTRY,
			 dir, name, len);
	if (s)
		s->entry = to ? *to : now;
	put_entry(v, c, dir, name, len, to);
}

void hs_mend_dots(struct hs_verdict *v, struct hs_case *c, struct hs_at dir, const char *name,
		  const struct hs_leads *to)
{
	size_t len = strlen(name);
	struct hs_leads now;
	struct hs_step *s;
	int rc = hs_plan_entry(v, dir, name, len, &now);

	if (v->err || (rc == 1 && same_leads(&now, to)))
		return;
	hs_expect_inode(v, c, dir);
	hs_expect_entry(v, c, dir, name, len);
	need_target(v, c, dir, to);
	s = hs_plan_edit(v, c, HS_STEP_SET_DOTDOT, dir, name, len);
	if (s)
		s->entry = *to;
	put_entry(v, c, dir, name, len, to);
}

static void add_nlink(struct hs_verdict *v, struct hs_case *c, struct hs_at at,
		      enum hs_nlink_kind kind, int64_t change)
{
	struct hs_plan *p = &v->plan;
	const struct hs_inode *inode;
	struct hs_item *item;
	struct hs_step *s;

	hs_expect_inode(v, c, at);
	item = hs_item_at(v, c);
	inode = hs_plan_inode(v, at);
	if (v->err || (!at.made && !inode))
		return;
	/* a directory that has given up counting (format notes, 16) */
	if (inode && hs_inode_is_dir(inode) && inode->nlink == 1 && kind != HS_NLINK_FIXED)
		return;
	if (hs_array_grow(&p->nlinks, &p->nlinks_room, p->n_nlinks + 1)) {
		v->err = -ENOMEM;
		return;
	}
	if (inode) {
		bool said = false;

		for (size_t i = 0; i < item->expects.n && !said; i++)
			said = item->expects.v[i].kind == HS_STEP_IS_NLINK &&
			       item->expects.v[i].ino == at.ino &&
			       hs_tgt_eq(item->expects.v[i].target, at.t->id);
		s = said ? NULL : hs_plan_fact(v, c, HS_STEP_IS_NLINK, at, NULL, 0);
		if (s)
			s->number = inode->nlink;
	}
	p->nlinks[p->n_nlinks++] = (struct hs_nlink_change){
		.target = at.t->pos,
		.kind = (uint8_t)kind,
		.ino = at.ino,
		.made = at.made,
		.item = item->id,
		.ord = item->n_nlinks++, /* behind the other edits: hs_plan_record() */
		.change = change,
	};
	hs_plan_need_made(v, c, at);
}

void hs_mend_subdirs(struct hs_verdict *v, struct hs_case *c, struct hs_at dir, int change)
{
	if (change)
		add_nlink(v, c, dir, HS_NLINK_FOLLOW, change);
}

void hs_mend_nlink(struct hs_verdict *v, struct hs_case *c, struct hs_at at, int64_t change)
{
	if (change)
		add_nlink(v, c, at, HS_NLINK_FIXED, change);
}

void hs_mend_nlink_rest(struct hs_verdict *v, struct hs_case *c, struct hs_at dir)
{
	add_nlink(v, c, dir, HS_NLINK_REST, 0);
}

static void put_oi(struct hs_verdict *v, struct hs_case *c, struct hs_target *t, struct hs_fid fid,
		   uint32_t file, const struct hs_at *to, uint32_t gen)
{
	const uint32_t where[3] = {to ? to->ino : 0, to ? to->made : 0, gen};
	uint8_t key[HS_PLAN_OI_KEY];

	hs_plan_oi_key(key, fid, file);
	hs_plan_put(v, c, hs_at(t, 0), HS_FIELD_OI, key, sizeof(key), to, where,
		    to ? sizeof(where) : 0);
}

void hs_mend_oi(struct hs_verdict *v, struct hs_case *c, struct hs_fid fid, struct hs_at to)
{
	const struct hs_inode *inode = hs_plan_inode(v, to);
	uint32_t file;
	struct hs_step *s;

	if (!to.t->oi_files) {
		hs_case_no_repair(c, "the target has no OI");
		return;
	}
	if (!to.made && !inode) {
		hs_case_no_repair(c, "inode %u cannot be read", to.ino);
		return;
	}
	file = (uint32_t)(fid.seq & (to.t->oi_files - 1));
	hs_expect_inode(v, c, to);
	hs_expect_oi(v, c, to.t, fid);
	s = hs_plan_edit(v, c, HS_STEP_SET_OI, hs_at(to.t, 0), NULL, 0);
	if (!s)
		return;
	s->oi.fid = fid;
	s->oi.file = file;
	s->oi.ino = to.ino;
	s->oi.made = to.made;
	s->oi.gen = inode ? inode->generation : 0;
	put_oi(v, c, to.t, fid, file, &to, s->oi.gen);
}

void hs_mend_oi_drop(struct hs_verdict *v, struct hs_case *c, struct hs_target *t,
		     struct hs_fid fid)
{
	uint32_t ino, made;
	struct hs_step *s;

	if (!t->oi_files || hs_plan_oi(v, t, fid, &ino, &made) != 1)
		return;
	hs_expect_oi(v, c, t, fid);
	s = hs_plan_edit(v, c, HS_STEP_DROP_OI, hs_at(t, 0), NULL, 0);
	if (!s)
		return;
	s->oi.fid = fid;
	s->oi.file = (uint32_t)(fid.seq & (t->oi_files - 1));
	put_oi(v, c, t, fid, s->oi.file, NULL, 0);
}

void hs_mend_oi_astray(struct hs_verdict *v, struct hs_case *c, struct hs_target *t,
		       struct hs_fid fid, uint32_t file, uint32_t ino, uint32_t gen)
{
	struct hs_step *s = hs_plan_fact(v, c, HS_STEP_IS_OI, hs_at(t, 0), NULL, 0);

	if (s) {
		s->oi.fid = fid;
		s->oi.file = file;
		s->oi.ino = ino;
		s->oi.gen = gen;
	}
	s = hs_plan_edit(v, c, HS_STEP_DROP_OI, hs_at(t, 0), NULL, 0);
	if (s) {
		s->oi.fid = fid;
		s->oi.file = file;
	}
	put_oi(v, c, t, fid, file, NULL, 0);
}

/* Owner, mode or flags: `now` is what the inode has, or what an earlier item gave it. */
static bool field_of(struct hs_verdict *v, struct hs_case *c, struct hs_at at,
		     enum hs_plan_field field, void *now, size_t size, bool *here)
{
	struct hs_state s;

	*here = false;
	if (!hs_plan_state(v, at, field, NULL, 0, &s))
		return false;
	memcpy(now, s.value, size);
	*here = s.item == hs_item_at(v, c)->id;
	if (!*here)
		hs_item_need(v, c, s.item);
	return true;
}

void hs_mend_owner(struct hs_verdict *v, struct hs_case *c, struct hs_at at, struct hs_owner owner)
{
	const struct hs_inode *inode = hs_plan_inode(v, at);
	struct hs_owner now = {0};
	struct hs_step *s;
	bool here;

	if (inode)
		now = (struct hs_owner){inode->uid, inode->gid, inode->projid};
	field_of(v, c, at, HS_FIELD_OWNER, &now, sizeof(now), &here);
	if (now.uid == owner.uid && now.gid == owner.gid && now.projid == owner.projid)
		return;
	hs_expect_inode(v, c, at);
	if (!here && !at.made) {
		s = hs_plan_fact(v, c, HS_STEP_IS_OWNER, at, NULL, 0);
		if (s)
			s->owner = now;
	}
	s = hs_plan_edit(v, c, HS_STEP_SET_OWNER, at, NULL, 0);
	if (s)
		s->owner = owner;
	hs_plan_put(v, c, at, HS_FIELD_OWNER, NULL, 0, true, &owner, sizeof(owner));
}

void hs_mend_mode(struct hs_verdict *v, struct hs_case *c, struct hs_at at, uint16_t mode)
{
	const struct hs_inode *inode = hs_plan_inode(v, at);
	uint16_t now = inode ? inode->mode : 0;
	struct hs_step *s;
	bool here;

	field_of(v, c, at, HS_FIELD_MODE, &now, sizeof(now), &here);
	if (now == mode)
		return;
	hs_expect_inode(v, c, at);
	if (!here && !at.made) {
		s = hs_plan_fact(v, c, HS_STEP_IS_MODE, at, NULL, 0);
		if (s)
			s->number = now;
	}
	s = hs_plan_edit(v, c, HS_STEP_SET_MODE, at, NULL, 0);
	if (s)
		s->number = mode;
	hs_plan_put(v, c, at, HS_FIELD_MODE, NULL, 0, true, &mode, sizeof(mode));
}

void hs_mend_flags(struct hs_verdict *v, struct hs_case *c, struct hs_at at, uint32_t set,
		   uint32_t clear)
{
	const struct hs_inode *inode = hs_plan_inode(v, at);
	uint32_t now = inode ? inode->flags : 0, next;
	struct hs_step *s;
	bool here;

	field_of(v, c, at, HS_FIELD_FLAGS, &now, sizeof(now), &here);
	next = (now | set) & ~clear;
	if (next == now)
		return;
	hs_expect_inode(v, c, at);
	if (!here && !at.made) {
		s = hs_plan_fact(v, c, HS_STEP_IS_FLAGS, at, NULL, 0);
		if (s) {
			s->flags.set = now & (set | clear);
			s->flags.clear = ~now & (set | clear);
		}
	}
	s = hs_plan_edit(v, c, HS_STEP_SET_FLAGS, at, NULL, 0);
	if (s) {
		s->flags.set = set;
		s->flags.clear = clear;
	}
	hs_plan_put(v, c, at, HS_FIELD_FLAGS, NULL, 0, true, &next, sizeof(next));
}

/* What the file has there now, as far as it goes. */
static errint_t read_bytes(struct hs_verdict *v, struct hs_at at, uint64_t offset, uint8_t *buf,
			   uint32_t *len)
{
	const struct hs_inode *inode;
	uint64_t left;
	size_t got;
	errint_t err;

	if (at.made) {
		*len = 0;
		return 0;
	}
	inode = hs_plan_inode(v, at);
	if (!inode)
		return -EIO;
	left = inode->size > offset ? inode->size - offset : 0;
	if (left < *len)
		*len = (uint32_t)left;
	if (!*len)
		return 0;
	err = hs_file_pread(at.t->fs, inode, buf, *len, offset, &got);
	return err ? err : got == *len ? 0 : -EIO;
}

bool hs_plan_bytes(struct hs_verdict *v, struct hs_at at, uint64_t offset, uint8_t *buf,
		   uint32_t len)
{
	uint32_t have = len;
	struct hs_state state;
	uint8_t key[8];

	hs_put_le64(key, offset);
	if (hs_plan_state(v, at, HS_FIELD_BYTES, key, sizeof(key), &state)) {
		if (state.len < len)
			return false;
		memcpy(buf, state.value, len);
		return true;
	}
	return !read_bytes(v, at, offset, buf, &have) && have == len;
}

void hs_mend_bytes(struct hs_verdict *v, struct hs_case *c, struct hs_at at, uint64_t offset,
		   const void *bytes, uint32_t len)
{
	uint8_t *now = malloc(len ? len : 1), key[8];
	uint32_t have = len;
	struct hs_state state;
	struct hs_step *s;

	hs_put_le64(key, offset);
	if (!now) {
		v->err = -ENOMEM;
		return;
	}
	if (hs_plan_state(v, at, HS_FIELD_BYTES, key, sizeof(key), &state)) {
		have = (uint32_t)(state.len < len ? state.len : len);
		memcpy(now, state.value, have);
		if (state.item != hs_item_at(v, c)->id)
			hs_item_need(v, c, state.item);
	} else if (read_bytes(v, at, offset, now, &have)) {
		hs_case_no_repair(c, "the file at inode %u cannot be read", at.ino);
		have = 0;
	}
	if (have == len && !memcmp(now, bytes, len)) {
		free(now);
		return;
	}
	hs_expect_inode(v, c, at);
	s = at.made ? NULL : hs_plan_fact(v, c, HS_STEP_IS_BYTES, at, NULL, 0);
	if (s) {
		s->data.bytes = (const uint8_t *)hs_finding_copy(&c->f, now, have);
		s->data.len = have;
		s->data.offset = offset;
	}
	free(now);
	s = hs_plan_edit(v, c, HS_STEP_SET_BYTES, at, NULL, 0);
	if (s) {
		s->data.bytes = (const uint8_t *)hs_finding_copy(&c->f, bytes, len);
		s->data.len = len;
		s->data.offset = offset;
	}
	hs_plan_put(v, c, at, HS_FIELD_BYTES, key, sizeof(key), true, bytes, len);
}

struct hs_at hs_mend_make(struct hs_verdict *v, struct hs_case *c, struct hs_target *t,
			  uint16_t mode, struct hs_owner owner, const char *symlink)
{
	struct hs_at at = {t, 0, ++v->plan.last_made};
	struct hs_step *s =
		hs_plan_edit(v, c, HS_STEP_MAKE_INODE, at, symlink, symlink ? strlen(symlink) : 0);

	if (s) {
		s->create.mode = mode;
		s->create.owner = owner;
	}
	hs_plan_put(v, c, at, HS_FIELD_IN_USE, NULL, 0, true, NULL, 0);
	hs_plan_put(v, c, at, HS_FIELD_OWNER, NULL, 0, true, &owner, sizeof(owner));
	hs_plan_put(v, c, at, HS_FIELD_MODE, NULL, 0, true, &mode, sizeof(mode));
	return at;
}

void hs_mend_free(struct hs_verdict *v, struct hs_case *c, struct hs_at at)
{
	hs_expect_inode(v, c, at);
	hs_plan_edit(v, c, HS_STEP_FREE_INODE, at, NULL, 0);
	hs_plan_put(v, c, at, HS_FIELD_IN_USE, NULL, 0, false, NULL, 0);
}

void hs_mend_rebuild(struct hs_verdict *v, struct hs_case *c, struct hs_at dir)
{
	hs_expect_inode(v, c, dir);
	hs_plan_edit(v, c, HS_STEP_REBUILD_INDEX, dir, NULL, 0);
}
