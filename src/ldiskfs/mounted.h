/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether a device, or an image through a loop device, is mounted on this machine.
 */
#ifndef HS_LDISKFS_MOUNTED_H
#define HS_LDISKFS_MOUNTED_H

#include "base/strbuf.h"

/* -EBUSY with one sentence in `why`, or 0. An exclusive open is still needed. */
errint_t hs_mounted_check(const char *path, struct hs_strbuf *why);

#endif
