/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Objects in the object index: the OI minus fact, and where the FLD says they should be.
 */
#include <stdlib.h>

#include "base/cleanup.h"
#include "ldiskfs/file.h"
#include "lfsck/scan.h"
#include "lustre/iam.h"

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

/* OI-12: an index that has a backup, as its LMA says, and cannot be entered. */
static void check_index_root(struct hs_worker *w, const struct hs_object *o)
{
	size_t size = hs_fs_geo(o->t->fs)->block_size, got = 0;
	hs_autofree uint8_t *block = malloc(size);
	unsigned flaws = HS_IAM_SHORT;
	errint_t err;

	if (!block) {
		w->err = -ENOMEM;
		return;
	}
	err = hs_file_pread(o->t->fs, o->inode, block, size, 0, &got);
	if (err == -ENOMEM)
		w->err = err;
	else if (!err && got == size)
		flaws = hs_iam_check_root(block, size);
	if (flaws)
		hs_object_mark(w, o, HS_M_INDEX_ROOT, flaws, 0);
}

void hs_scan_local(struct hs_worker *w, const struct hs_object *o)
{
	struct hs_group g;

	if (!o->has_fid)
		return;
	if (w->scan->digest_pass && (o->lma.compat & HS_LMAC_IDX_BACKUP) &&
	    hs_inode_is_reg(o->inode))
		check_index_root(w, o);
	if (o->fid.seq == HS_SEQ_LLOG_NAME || o->fid.seq == HS_SEQ_LOCAL_NAME)
		hs_worker_high(w, o->t, o->fid.seq, o->fid.oid);
	hs_group_begin(&w->emit, &g, o->fid);
	hs_scan_add_oi(w, o, &g);
	hs_group_end(&w->emit, &g);
}
