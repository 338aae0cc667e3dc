/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The guest's init: the parts and what they hand each other. A static program that runs alone in a
 * guest made for one command, so it allocates little and frees nothing at the end.
 */
#ifndef HS_APPLIANCE_GUEST_H
#define HS_APPLIANCE_GUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "appliance/appliance.h"

#define MAX_DISKS 16

struct guest_disk {
	const char *name;
	int unit;  /* N of /dev/ubdX */
	int store; /* unit that takes the writes, or -1 */
};

struct guest_mount {
	const char *disk, *dir, *type, *options;
};

struct guest_job {
	struct guest_disk disks[MAX_DISKS];
	unsigned n_disks;
	struct guest_mount mounts[HS_APPLIANCE_MAX_MOUNTS];
	unsigned n_mounts;
	const char *share; /* where, or NULL */
	bool tty;
	char **env;  /* NULL-terminated */
	char **argv; /* NULL-terminated */
};

/* Sends one control line to the launcher. */
void guest_say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Says so and powers the guest off: there is nothing left that could work. */
_Noreturn void guest_fail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Reads HS_JOB_PATH. */
void guest_job_read(struct guest_job *job);

/* Mounts the kernel's own file systems. */
void guest_mount_kernel(void);

/* Mounts the shared directory. */
void guest_mount_share(const char *dir);

/* Mounts what the job asks for. False when something cannot be: it has been said. */
bool guest_mount_disks(const struct guest_job *job);

/* Unmounts everything that was not there at the start; says what would not go. */
void guest_unmount_all(void);

/* Makes /disk/NAME for each disk, with a snapshot in between where one is wanted. */
void guest_disks_setup(const struct guest_job *job);

/* Runs the command with its streams relayed and returns its wait status. */
int guest_run(const struct guest_job *job, int control);

#endif
