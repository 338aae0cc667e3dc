/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Puts together the root of one guest: its init, the job, and the programs of the host that were
 * asked for.
 */
#ifndef HS_APPLIANCE_INITRAMFS_H
#define HS_APPLIANCE_INITRAMFS_H

#include "appliance/appliance.h"
#include "appliance/disk.h"

/*
 * *fd becomes an anonymous file with the archive. Unit numbers in the job: disk i is unit i, the
 * store of a copy-on-write disk the next free unit after all disks, in order of the disks.
 */
errint_t hs_initramfs_make(const struct hs_appliance *a, int *fd);

#endif
