/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Objects in the object index: the OI minus fact, and where the FLD says they should be.
 */
#include "lfsck/scan.h"

void hs_scan_add_oi(struct hs_worker *w, const struct hs_object *o, struct hs_group *g)
{
	struct hs_target *t = o->t;
	struct hs_fact_buf f;

	/* a lost OI file is reported once, not for each of its objects (equations 6.6) */
	if (!t->oi_files || !t->oi_ino[o->fid.seq & (t->oi_files - 1)])
		return;
	hs_fact_oi(&f, o->fid, t->id, o->inode->ino, o->inode->generation);
	hs_group_add(&w->emit, g, &f, -1);
}

void hs_scan_local(struct hs_worker *w, const struct hs_object *o)
{
	struct hs_group g;

	if (!o->has_fid)
		return;
	if (o->fid.seq == HS_SEQ_LLOG_NAME || o->fid.seq == HS_SEQ_LOCAL_NAME)
		hs_worker_high(w, o->t, o->fid.seq, o->fid.oid);
	hs_group_begin(&w->emit, &g, o->fid);
	hs_scan_add_oi(w, o, &g);
	hs_group_end(&w->emit, &g);
}
