/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Directories that the plan looks into again and again. A look-up reads a directory from its start;
 * where thousands of entries of one directory need a repair, that would take the square of it. So a
 * directory is kept as a whole from its third look-up on, the ones used last first, up to a limit.
 *
 * One thread. Memory: a limited number of entries.
 */
#ifndef HS_LFSCK_PLAN_DIRS_H
#define HS_LFSCK_PLAN_DIRS_H

#include "lfsck/lookup.h"
#include "lfsck/plan_step.h"

#define HS_PLAN_DIRS_MAX     64		/* directories kept or counted */
#define HS_PLAN_DIRS_ENTRIES (1u << 20) /* entries kept, of all of them */

struct hs_plan_dir;

struct hs_plan_dirs {
	struct hs_plan_dir *v[HS_PLAN_DIRS_MAX]; /* used last first */
	size_t n;
	size_t entries;
};

void hs_plan_dirs_free(struct hs_plan_dirs *d);

/*
 * The first entry of that name: 1, 0, or -errno as hs_dir_lookup(). The directory does not change
 * while it is kept.
 */
int hs_plan_dirs_find(struct hs_plan_dirs *d, struct hs_target *t, const struct hs_inode *dir,
		      const void *name, size_t len, struct hs_leads *out);

#endif
