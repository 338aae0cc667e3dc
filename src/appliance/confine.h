/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Takes the host's files away from the guest's process.
 *
 * The guest's kernel is an ordinary process of the host. Whatever is on the disks it mounts, that
 * process must not reach more than it was given; Landlock (Linux 5.13) does it without privileges.
 */
#ifndef HS_APPLIANCE_CONFINE_H
#define HS_APPLIANCE_CONFINE_H

#include <stdbool.h>

#include "base/err.h"

enum hs_confine_right {
	HS_MAY_READ,   /* a file or a directory: read */
	HS_MAY_RUN,    /* a file: read and execute */
	HS_MAY_WRITE,  /* a file: read and write */
	HS_MAY_MANAGE, /* a directory: everything below it */
};

/* A set of rules; fd is -1 when the host has no Landlock: then nothing is confined. */
struct hs_confine {
	int fd;
	int abi;
};

errint_t hs_confine_begin(struct hs_confine *c);
errint_t hs_confine_path(struct hs_confine *c, const char *path, enum hs_confine_right right);
errint_t hs_confine_fd(struct hs_confine *c, int fd, enum hs_confine_right right);

/* For the calling thread and everything it starts, for ever. Async-signal-safe. */
errint_t hs_confine_enforce(const struct hs_confine *c);
void hs_confine_end(struct hs_confine *c);

#endif
