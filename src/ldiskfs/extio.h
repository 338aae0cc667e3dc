/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libext2fs on an hs_io.
 */
#ifndef HS_LDISKFS_EXTIO_H
#define HS_LDISKFS_EXTIO_H

#include <ext2fs/ext2_fs.h>
#include <ext2fs/ext2fs.h>

#include "io/io.h"

/*
 * ext2fs_open2() through `io`, which stays the caller's and must outlive the handle. The library
 * hands an io_manager nothing but a name, so the name carries the pointer.
 */
errcode_t hs_extio_open(struct hs_io *io, int flags, ext2_filsys *out);

#endif
