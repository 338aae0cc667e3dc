/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The linkEA and what hangs on it: the REMOTE_PARENT flag, the entry in REMOTE_PARENT_DIR, and `..`
 * of directories (format notes 9.2, section 17).
 */
#include <stdlib.h>
#include <time.h>

#include "base/array.h"
#include "lfsck/plan_parts.h"

void hs_links_free(struct hs_links *l)
{
	free(l->v);
	memset(l, 0, sizeof(*l));
}

void hs_links_add(struct hs_verdict *v, struct hs_links *l, struct hs_fid parent, const void *name,
		  size_t len)
{
	struct hs_link *link;

	if (!len || len > HS_LINKEA_NAME_MAX)
		return;
	if (hs_array_grow(&l->v, &l->room, l->n + 1)) {
		v->err = -ENOMEM;
		return;
	}
	link = &l->v[l->n++];
	link->parent = parent;
	link->len = (uint8_t)len;
	memcpy(link->name, name, len);
}

bool hs_links_load(struct hs_verdict *v, struct hs_at at, struct hs_links *l)
{
	struct hs_strbuf value = HS_STRBUF_INIT;
	struct hs_linkea_entry e;
	struct hs_linkea link;
	size_t pos = 0;
	int rc = hs_plan_xattr(v, at, "trusted.link", &value);

	hs_links_free(l);
	l->lost = rc != 1 ||
		  !hs_linkea_open((const uint8_t *)hs_strbuf_str(&value), value.len, &link);
	if (!l->lost) {
		l->overflow_time = link.overflow_time;
		while (hs_linkea_next(&link, &pos, &e)) {
			if (e.valid)
				hs_links_add(v, l, e.parent, e.name, e.name_len);
		}
	}
	hs_strbuf_free(&value);
	return rc >= 0;
}

static size_t find(const struct hs_links *l, struct hs_fid parent, const void *name, size_t len)
{
	size_t i = 0;

	while (i < l->n && !(hs_fid_eq(l->v[i].parent, parent) && l->v[i].len == len &&
			     !memcmp(l->v[i].name, name, len)))
		i++;
	return i;
}

static void drop_at(struct hs_links *l, size_t i)
{
	memmove(l->v + i, l->v + i + 1, (l->n - i - 1) * sizeof(*l->v));
	l->n--;
}

bool hs_links_drop(struct hs_links *l, struct hs_fid parent, const void *name, size_t len)
{
	size_t i = find(l, parent, name, len);

	if (i == l->n)
		return false;
	drop_at(l, i);
	return true;
}

bool hs_links_have(const struct hs_links *l, struct hs_fid parent, const void *name, size_t len)
{
	return find(l, parent, name, len) < l->n;
}

void hs_links_unique(struct hs_links *l)
{
	for (size_t i = 0; i < l->n;) {
		if (find(l, l->v[i].parent, l->v[i].name, l->v[i].len) < i)
			drop_at(l, i);
		else
			i++;
	}
}

static bool is_local(const struct hs_verdict *v, const struct hs_target *t, struct hs_fid fid)
{
	enum hs_presence presence;

	return hs_tgt_eq(hs_system_owner(v->sys, fid.seq, &presence), t->id);
}

void hs_mend_links(struct hs_verdict *v, struct hs_case *c, struct hs_at at, struct hs_fid fid,
		   uint8_t type, const struct hs_links *l)
{
	struct hs_linkea_link *links = calloc(l->n ? l->n : 1, sizeof(*links));
	uint8_t buf[HS_LINKEA_MAX];
	uint32_t overflow = l->overflow_time;
	bool remote = false;
	size_t stored, len;

	if (!links) {
		v->err = -ENOMEM;
		return;
	}
	for (size_t i = 0; i < l->n; i++) {
		links[i] = (struct hs_linkea_link){l->v[i].parent, l->v[i].name, l->v[i].len};
		remote |= !is_local(v, at.t, l->v[i].parent);
	}
	len = hs_linkea_encode(links, l->n, overflow, buf, &stored);
	/* what has no room is marked, so that nobody calls it a fault */
	if (stored < l->n && !overflow)
		len = hs_linkea_encode(links, l->n, (uint32_t)time(NULL), buf, &stored);
	free(links);
	/* no entry and no mark is no linkEA (format notes 9.2) */
	if (!l->n && !overflow)
		hs_mend_xattr(v, c, at, "trusted.link", NULL, 0);
	else
		hs_mend_xattr(v, c, at, "trusted.link", buf, len);
	hs_mend_remote(v, c, at, fid, type, remote);
}

void hs_mend_remote(struct hs_verdict *v, struct hs_case *c, struct hs_at at, struct hs_fid fid,
		    uint8_t type, bool remote)
{
	struct hs_strbuf value = HS_STRBUF_INIT;
	struct hs_at rpd = hs_at(at.t, at.t->rpd_ino);
	char name[HS_FID_TEXT];
	struct hs_leads to = {at.ino, at.made, type, true, fid}, now;
	struct hs_lma lma;
	size_t len;
	int rc;

	if (hs_plan_xattr(v, at, "trusted.lma", &value) == 1 &&
	    hs_lma_decode((const uint8_t *)hs_strbuf_str(&value), value.len, &lma) &&
	    !(lma.incompat & HS_LMAI_REMOTE_PARENT) == remote)
		hs_mend_lma_flags(v, c, at, remote ? HS_LMAI_REMOTE_PARENT : 0,
				  remote ? 0 : HS_LMAI_REMOTE_PARENT);
	hs_strbuf_free(&value);
	if (!rpd.ino) {
		if (remote)
			hs_case_no_repair(c, "the MDT has no REMOTE_PARENT_DIR");
		return;
	}
	len = strlen(hs_fid_text_plain(fid, name));
	rc = hs_plan_entry(v, rpd, name, len, &now);
	if (rc < 0) {
		hs_case_no_repair(c, "REMOTE_PARENT_DIR cannot be read");
	} else if (remote &&
		   (!rc || now.ino != to.ino || now.made != to.made || now.type != type)) {
		hs_mend_entry(v, c, rpd, name, len, &to);
		hs_mend_subdirs(v, c, rpd, (type == HS_TYPE_DIR) - (rc && now.type == HS_TYPE_DIR));
	} else if (!remote && rc) {
		hs_mend_entry(v, c, rpd, name, len, NULL);
		hs_mend_subdirs(v, c, rpd, -(now.type == HS_TYPE_DIR));
	}
}

void hs_mend_parent(struct hs_verdict *v, struct hs_case *c, struct hs_at at, struct hs_fid parent)
{
	struct hs_leads to = {0, 0, HS_TYPE_DIR, false, {0, 0, 0}}, now;
	struct hs_at dir;

	/* the FID behind `..` is optional, and one that is not there may have no room */
	if (at.made || (hs_plan_entry(v, at, "..", 2, &now) == 1 && now.has_fid)) {
		to.has_fid = true;
		to.fid = parent;
	}
	if (!is_local(v, at.t, parent)) {
		to.ino = at.t->rpd_ino;
	} else if (hs_plan_find(v, parent, &dir)) {
		to.ino = dir.ino;
		to.made = dir.made;
	}
	if (to.ino || to.made)
		hs_mend_dots(v, c, at, "..", &to);
	else
		hs_case_no_repair(c, "the inode of the parent cannot be told");
}
