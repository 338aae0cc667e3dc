/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Holding a disk: opening it so that nobody else may use it, and refusing what somebody uses.
 */
#ifndef HS_APPLIANCE_DISK_H
#define HS_APPLIANCE_DISK_H

#include <stdint.h>

#include "appliance/appliance.h"

struct hs_held_disk {
	int fd;	   /* close-on-exec; carries the hold */
	int store; /* unlinked sparse file that takes the writes of a HS_DISK_COW disk, else -1 */
	uint64_t bytes;
};

#define HS_HELD_DISK_INIT                                                                          \
	{                                                                                          \
		-1, -1, 0                                                                          \
	}

/*
 * -EBUSY when it is mounted, loop-attached, locked or open for writing elsewhere; -ENOTBLK when it
 * is neither a regular file nor a block device. The log says which. On an error nothing is held.
 */
errint_t hs_disk_hold(const struct hs_appliance_disk *disk, struct hs_log *log,
		      struct hs_held_disk *out);
void hs_disk_release(struct hs_held_disk *d);

#endif
