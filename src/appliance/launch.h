/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Starts the guest's process.
 */
#ifndef HS_APPLIANCE_LAUNCH_H
#define HS_APPLIANCE_LAUNCH_H

#include <sys/types.h>

#include "appliance/appliance.h"
#include "appliance/disk.h"

/* What a guest is started from. Descriptors stay the caller's. */
struct hs_launch {
	const char *kernel;
	const char *dir; /* private directory: management socket and memory */
	uint64_t memory; /* bytes */
	unsigned cpus;	 /* >= 1 */
	int initramfs;
	const struct hs_appliance_disk *disks;
	const struct hs_held_disk *held;
	size_t n_disks;
	int share; /* directory, or -1 */
	struct hs_log *log;
};

/* The host's ends of the guest's lines; the session owns them. */
struct hs_guest {
	pid_t pid;
	int control, stdio, errors; /* sockets, non-blocking */
	int console;		    /* pipe: what the guest's kernel prints */
};

#define HS_GUEST_INIT                                                                              \
	{                                                                                          \
		-1, -1, -1, -1, -1                                                                 \
	}

/*
 * The guest dies with the calling thread. It is confined to what *l names; where the host cannot
 * do that, a warning says so.
 */
errint_t hs_guest_start(const struct hs_launch *l, struct hs_guest *g);

/* Closes the lines. The process must have been waited for. */
void hs_guest_release(struct hs_guest *g);

#endif
