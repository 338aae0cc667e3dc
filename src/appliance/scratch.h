/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Places for what the guest needs on the host while it runs: its memory, a directory for its
 * management socket, files that take dropped writes.
 */
#ifndef HS_APPLIANCE_SCRATCH_H
#define HS_APPLIANCE_SCRATCH_H

#include <stdint.h>

#include "base/err.h"
#include "base/log.h"

/* An unlinked, empty, writable file where `bytes` are free: $TMPDIR, /var/tmp, /tmp. */
errint_t hs_scratch_file(uint64_t bytes, int *fd);

/*
 * A new directory, mode 0700, on a file system that lets the guest's memory be mapped executable
 * and has room for it: /dev/shm, $TMPDIR, $XDG_RUNTIME_DIR, /tmp, /var/tmp. *memory is the size
 * wanted in bytes, or 0 for the default; on return what fits. *path is malloced.
 */
errint_t hs_scratch_memory(struct hs_log *log, uint64_t *memory, char **path);

#endif
