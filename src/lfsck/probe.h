/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What would one record say if it read otherwise? The probe runs the scanners over a single inode
 * or entry, as it is or with a field replaced, and puts the facts into a delta. So a verdict tests
 * its hypotheses with the very code that made the facts.
 *
 * One thread.
 */
#ifndef HS_LFSCK_PROBE_H
#define HS_LFSCK_PROBE_H

#include "lfsck/ledger.h"
#include "lfsck/lookup.h"
#include "lfsck/scan.h"

struct hs_probe {
	struct hs_digest digest; /* one counter, always wanted */
	struct hs_scan scan;
};

/* `objects` are the bitmaps of the digest pass (they decide which facts a stripe has). */
errint_t hs_probe_init(struct hs_probe *p, struct hs_system *sys, struct hs_objmap *objects);
void hs_probe_free(struct hs_probe *p);

/* A change to an object before it is scanned. */
struct hs_override {
	bool set_fid; /* an LMA with this FID, flags as the rest of the inode suggests */
	struct hs_fid fid;
};

/*
 * Adds `sign` times all facts of an inode to the delta: its own, and if it is a directory those of
 * its entries. Returns 1, 0 when the inode is free, -errno when it cannot be read.
 */
int hs_probe_inode(struct hs_probe *p, struct hs_target *t, uint32_t ino,
		   const struct hs_override *change, int sign, struct hs_delta *out);

/* What is needed of a directory to scan its entries: FID, LMV. 1, 0 or -errno as hs_load(). */
int hs_probe_job(struct hs_probe *p, struct hs_target *t, uint32_t ino, struct hs_dir_job *job);

/* Adds `sign` times the facts of one entry that names `child`. */
errint_t hs_probe_entry(struct hs_probe *p, const struct hs_dir_job *job, struct hs_fid child,
			const struct hs_dirent *e, int sign, struct hs_delta *out);

#endif
