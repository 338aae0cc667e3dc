/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The directory of each MDT below .lustre/lost+found, where repairs put what has no place: the name
 * and the FID in lfsck_bookmark must agree (rule LF-2; rule notes, section 8).
 */
#include <stdio.h>

#include "lfsck/census.h"
#include "lfsck/plan_parts.h"

/* .lustre/lost+found itself (format notes, section 7) */
static const struct hs_fid lost_found = {HS_SEQ_DOT_LUSTRE, 3, 0};

/* The bookmark follows the name, which leads to a directory. */
static void plan_bookmark(struct hs_verdict *v, struct hs_case *c, struct hs_target *mdt,
			  struct hs_fid named)
{
	struct hs_at file = hs_plan_root_name(v, mdt, "lfsck_bookmark"), dir;
	uint8_t le[HS_FID_SIZE];

	if (!file.ino || !hs_plan_find(v, named, &dir) || dir.t != mdt ||
	    hs_plan_type(v, dir) != HS_TYPE_DIR) {
		hs_case_no_repair(c, "the name leads to no directory of this MDT");
		return;
	}
	hs_fid_put_le(le, named);
	hs_mend_bytes(v, c, file, HS_BOOKMARK_LOST_FOUND, le, sizeof(le));
	hs_expect_inode(v, c, dir);
	hs_case_repair(c, "Writes the FID of the directory into lfsck_bookmark.");
}

/*
 * A name whose object is gone and an object whose name is gone are reported as such: here only
 * where both records are whole by themselves, or neither leads anywhere.
 */
static void judge_mdt(struct hs_verdict *v, struct hs_target *mdt)
{
	struct hs_kernel_lfsck kernel;
	struct hs_fid wanted, named;
	struct hs_target *t;
	struct hs_place place;
	struct hs_dirent e;
	uint8_t room[512];
	struct hs_case c;
	struct hs_at at;
	char name[16];
	int rc, len;

	v->err = hs_kernel_lfsck_read(mdt, &kernel);
	wanted = kernel.bookmark.lost_found;
	/* made by the first run of LFSCK */
	if (v->err || !kernel.has_bookmark || hs_fid_is_zero(wanted) ||
	    hs_absent_entries(v, lost_found))
		return;
	len = snprintf(name, sizeof(name), "MDT%04x", mdt->id.index & 0xffffu);
	rc = hs_verdict_entry(v, lost_found, (const uint8_t *)name, (size_t)len, &t, &e, room);
	if (rc < 0 || (rc && !e.has_fid) || (rc && hs_fid_eq(hs_fid_get_be(e.fid), wanted)))
		return;
	named = rc ? hs_fid_get_be(e.fid) : wanted;
	if (hs_verdict_object(v, named, &place) != (rc ? HS_LOOKUP_FOUND : HS_LOOKUP_NONE))
		return;
	hs_case_open_place(&c, "LF-2", mdt, 0);
	hs_case_fact(&c, "lfsck_bookmark", "lost+found of this MDT is %s", hs_case_fid(&c, wanted));
	if (rc) {
		hs_case_fact(&c, ".lustre/lost+found", "%s is %s", name, hs_case_fid(&c, named));
	} else {
		hs_case_fact(&c, ".lustre/lost+found", "has no %s", name);
		hs_case_fact(&c, "object index", "no inode carries %s", hs_case_fid(&c, wanted));
	}
	if (rc)
		plan_bookmark(v, &c, mdt, named);
	else
		hs_plan_lost_found(v, &c, mdt, &at, &named);
	hs_case_close(v, &c, -1);
}

void hs_judge_lostfound(struct hs_verdict *v)
{
	for (size_t i = 0; !v->err && i < v->sys->n_targets; i++) {
		if (hs_target_is_mdt(v->sys->targets[i]))
			judge_mdt(v, v->sys->targets[i]);
	}
}
