/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * .lustre/lost+found/MDTxxxx, where goes what has no place (rule notes, section 8). An object stays
 * on its MDT, so its name is put into the directory of that MDT, which is an object of it as well;
 * only the directory's own name lies on MDT0000.
 */
#include <stdio.h>

#include "lfsck/plan_parts.h"

#define MANY 10000 /* names tried for one object */

static const struct hs_fid lost_found_root = {HS_SEQ_DOT_LUSTRE, 3, 0};

static void make_directory(struct hs_verdict *v, struct hs_case *c, struct hs_target *t,
			   struct hs_at root, const char *name)
{
	struct hs_plan_target *p = &v->plan.targets[t->pos];
	struct hs_at bookmark = hs_plan_root_name(v, t, "lfsck_bookmark");
	struct hs_links links = {0};
	struct hs_fid fid;
	struct hs_at dir;
	uint8_t le[HS_FID_SIZE];

	if (!hs_plan_new_fid(v, c, t, &fid))
		return;
	dir = hs_mend_object(v, c, t, fid, 0040700, (struct hs_owner){0, 0, 0});
	hs_links_add(v, &links, lost_found_root, name, strlen(name));
	hs_mend_parent(v, c, dir, lost_found_root);
	hs_mend_links(v, c, dir, fid, HS_TYPE_DIR, &links);
	hs_mend_name(v, c, root, name, strlen(name), fid, dir, HS_TYPE_DIR);
	hs_links_free(&links);
	if (bookmark.ino) {
		hs_fid_put_le(le, fid);
		hs_mend_bytes(v, c, bookmark, HS_BOOKMARK_LOST_FOUND, le, sizeof(le));
	}
	p->has_lost_found = true;
	p->lost_found = dir;
	p->lost_found_fid = fid;
	p->lost_found_item = hs_item_at(v, c)->id;
}

bool hs_plan_lost_found(struct hs_verdict *v, struct hs_case *c, struct hs_target *t,
			struct hs_at *dir, struct hs_fid *fid)
{
	struct hs_plan_target *p = &v->plan.targets[t->pos];
	struct hs_leads leads;
	struct hs_at root;
	char name[16];
	int len, rc;

	if (!p->has_lost_found) {
		if (!hs_plan_find(v, lost_found_root, &root)) {
			hs_case_no_repair(c, ".lustre/lost+found cannot be found");
			return false;
		}
		len = snprintf(name, sizeof(name), "MDT%04x", t->id.index & 0xffffu);
		rc = hs_plan_entry(v, root, name, (size_t)len, &leads);
		if (rc == 1 && leads.has_fid && hs_plan_find(v, leads.fid, &p->lost_found) &&
		    p->lost_found.t == t) {
			p->has_lost_found = true;
			p->lost_found_fid = leads.fid;
		} else if (rc == 0) {
			hs_item_begin(v, c, HS_PLAN_PHASE_ORPHANS);
			hs_item_gate(v, c, NULL);
			make_directory(v, c, t, root, name);
		} else {
			hs_case_no_repair(c, ".lustre/lost+found/%s is not usable", name);
		}
	}
	*dir = p->lost_found;
	*fid = p->lost_found_fid;
	return p->has_lost_found && !c->items.why_none;
}

const char *hs_plan_infix(struct hs_verdict *v, struct hs_case *c, struct hs_at dir)
{
	struct hs_fid up = {0};
	struct hs_leads leads;
	struct hs_fid carried;

	if (hs_plan_entry(v, dir, "..", 2, &leads) == 1) {
		if (leads.has_fid)
			up = leads.fid;
		else if (leads.ino && leads.ino != dir.t->rpd_ino &&
			 hs_plan_fid(v, hs_at(dir.t, leads.ino), &carried))
			up = carried;
	}
	return hs_finding_text(&c->f, "-%s", hs_case_fid(c, up));
}

/* A shard that is nobody's any more is a directory like others: so its names can be reached. */
static void no_shard(struct hs_verdict *v, struct hs_case *c, struct hs_at at)
{
	struct hs_strbuf value = HS_STRBUF_INIT;
	struct hs_lmv lmv = {.kind = HS_LMV_NONE};

	if (hs_plan_xattr(v, at, "trusted.lmv", &value) == 1)
		hs_lmv_decode((const uint8_t *)hs_strbuf_str(&value), value.len, &lmv);
	hs_strbuf_free(&value);
	if (lmv.kind != HS_LMV_SHARD)
		return;
	hs_mend_xattr(v, c, at, "trusted.lmv", NULL, 0);
	hs_mend_lma_flags(v, c, at, 0, HS_LMAI_STRIPED);
}

void hs_mend_lost(struct hs_verdict *v, struct hs_case *c, struct hs_at at, struct hs_fid fid,
		  char kind, const char *infix)
{
	struct hs_fid parent;
	struct hs_at dir;

	if (!hs_plan_lost_found(v, c, at.t, &dir, &parent))
		return;
	hs_item_begin(v, c, HS_PLAN_PHASE_ORPHANS);
	hs_mend_lost_here(v, c, at, fid, kind, infix);
}

void hs_mend_lost_here(struct hs_verdict *v, struct hs_case *c, struct hs_at at, struct hs_fid fid,
		       char kind, const char *infix)
{
	uint8_t type = hs_plan_type(v, at);
	struct hs_links links = {0};
	struct hs_fid parent;
	struct hs_leads now;
	struct hs_at dir;
	char name[256];
	int len = 0, rc = 1;

	if (!hs_plan_lost_found(v, c, at.t, &dir, &parent))
		return;
	for (unsigned n = 0; rc == 1 && n < MANY; n++) {
		len = snprintf(name, sizeof(name), "%s%s-%c-%u", hs_case_fid(c, fid), infix, kind,
			       n);
		rc = hs_plan_entry(v, dir, name, (size_t)len, &now);
	}
	if (rc || len >= (int)sizeof(name)) {
		hs_case_no_repair(c, "lost+found has no room for its name");
		return;
	}
	if (type == HS_TYPE_DIR)
		no_shard(v, c, at);
	hs_mend_name(v, c, dir, name, (size_t)len, fid, at, type);
	hs_links_add(v, &links, parent, name, (size_t)len);
	hs_mend_links(v, c, at, fid, type, &links);
	if (type == HS_TYPE_DIR)
		hs_mend_parent(v, c, at, parent);
	hs_links_free(&links);
}
