/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Taking back what a run has changed on a target.
 */
#ifndef HS_LDISKFS_REVERT_H
#define HS_LDISKFS_REVERT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/strbuf.h"
#include "io/io.h"

struct hs_revert_params {
	const char *device;
	const char *dir, *label; /* as in struct hs_edit_params */
	const char *holder;	 /* likewise: what the run itself left in the MMP block is ours */
	bool dry;		 /* verify only: opened for reading */
	/* For tests, as in struct hs_edit_params. */
	void (*wait)(void *arg, unsigned seconds);
	errint_t (*wrap)(void *arg, struct hs_io *below, struct hs_io **out);
	void *arg;
};

struct hs_reverted {
	uint64_t blocks; /* written back, or that would be */
	uint64_t bytes;
};

/*
 * Restores every block of which DIR/LABEL.e2undo has a record, after all records were verified and
 * the target was taken exclusively. An interrupted one is repeated; until then no edit is possible.
 * Errors with one sentence in `why`: -ENOENT there is nothing to take back, -EUCLEAN the file is
 * damaged, -ESTALE it does not belong to this target or the target was used since, -EBUSY in use.
 */
errint_t hs_revert(const struct hs_revert_params *p, struct hs_reverted *out,
		   struct hs_strbuf *why);

#endif
