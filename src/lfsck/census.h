/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a single target tells of itself beyond its preamble: its inodes counted by class, and the
 * state that the kernel's LFSCK left behind. Needs no other target.
 */
#ifndef HS_LFSCK_CENSUS_H
#define HS_LFSCK_CENSUS_H

#include "lfsck/scan.h"
#include "lustre/lfsckstate.h"

struct hs_census {
	uint64_t inodes;	       /* in use, all classes together */
	uint64_t by_class[HS_CLASSES]; /* enum hs_class */
	uint64_t by_type[8];	       /* as in directory entries: 1 regular ... 7 symlink */
	uint64_t unread;	       /* inodes that could not be read */
};

/*
 * Reads the inode tables once, in the caller's thread. A request to stop ends it with -ECANCELED;
 * `stop` may be NULL. Else -ENOMEM only: what cannot be read is counted.
 */
errint_t hs_census_take(struct hs_target *t, struct hs_stop *stop, struct hs_census *out);

/* lfsck_bookmark, lfsck_layout, lfsck_namespace: what there is of them. */
struct hs_kernel_lfsck {
	bool has_bookmark, has_layout, has_namespace;
	struct hs_lfsck_bookmark bookmark;
	struct hs_lfsck_layout layout;
	struct hs_lfsck_namespace names;
};
errint_t hs_kernel_lfsck_read(struct hs_target *t, struct hs_kernel_lfsck *out);

#endif
