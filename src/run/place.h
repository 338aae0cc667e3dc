/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where runs live and who works on one: private to this room.
 */
#ifndef HS_RUN_PLACE_H
#define HS_RUN_PLACE_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/strbuf.h"

/*
 * Creates STATE/FSNAME/ID and returns its path in *dir (the caller frees it) and ID in *id. state
 * may be NULL, see struct hs_run_params. The name comes from the disk: whatever could leave the
 * directory or hide in it is replaced.
 */
errint_t hs_place_choose(const char *state, const char *fsname, char **dir, char **id,
			 struct hs_strbuf *why);

/* Creates the directory if it is missing (not its parents); *id is its last component. */
errint_t hs_place_given(const char *path, char **dir, char **id, struct hs_strbuf *why);

/*
 * Takes the lock of a run directory: a descriptor that holds it until closed. -EBUSY when another
 * process has it; *why then names it. The kernel drops the lock of a process that dies.
 */
errint_t hs_place_lock(const char *dir, int *fd, struct hs_strbuf *why);

/* Whether a process works on the run; also true when that cannot be told. */
bool hs_place_is_locked(const char *dir);

/* Makes the names in a directory durable. */
errint_t hs_place_sync(const char *dir);

#endif
