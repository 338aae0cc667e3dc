/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One file of the object index: a plus fact for each record (equations 6.1).
 */
#include <stdlib.h>

#include "base/cleanup.h"
#include "lfsck/index.h"
#include "lfsck/scan.h"

struct oi_scan {
	struct hs_worker *w;
	struct hs_target *t;
	uint32_t file;
};

static errint_t oi_record(void *arg, const struct hs_index_place *place, const uint8_t *key,
			  const uint8_t *rec)
{
	struct oi_scan *s = arg;
	struct hs_worker *w = s->w;
	struct hs_fid fid = hs_fid_get_be(key);
	struct hs_fact_buf f;
	struct hs_group g;

	if ((fid.seq & (s->t->oi_files - 1)) != s->file)
		hs_worker_mark(w, s->t, HS_M_OI_WRONG_FILE, fid, place->ino, place->block, s->file,
			       fid.seq & (s->t->oi_files - 1), NULL, 0);
	hs_worker_at(w, s->t, place->ino, place->block);
	hs_group_begin(&w->emit, &g, fid);
	hs_fact_oi(&f, fid, s->t->id, hs_get_be32(rec), hs_get_be32(rec + 4));
	hs_group_add(&w->emit, &g, &f, 1);
	hs_group_end(&w->emit, &g);
	w->counts[s->t->pos].oi_records++;
	return 0;
}

void hs_scan_oi_file(struct hs_worker *w, struct hs_target *t, uint32_t file)
{
	hs_autofree uint8_t *raw = malloc(hs_fs_geo(t->fs)->inode_size);
	struct oi_scan s = {w, t, file};
	struct hs_inode inode;
	unsigned flaws = 0;
	errint_t err;

	if (!raw) {
		w->err = -ENOMEM;
		return;
	}
	err = hs_inode_read(t->fs, t->oi_ino[file], raw, &inode);
	if (!err)
		err = hs_index_walk(t->fs, &inode, HS_FID_SIZE, 8, oi_record, &s, &flaws);
	if (err == -ENOMEM)
		w->err = err;
	else if (err || flaws)
		hs_worker_mark(w, t, HS_M_OI_DAMAGED, (struct hs_fid){0}, t->oi_ino[file], 0, file,
			       flaws, NULL, 0);
}
