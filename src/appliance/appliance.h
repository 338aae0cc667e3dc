/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The appliance: runs one command inside a User Mode Linux guest that has what the host's kernel
 * may lack (XFS online check and repair, device-mapper faults).
 *
 * The guest sees an initramfs made for this one run (its init, the command and what was asked for,
 * each with its libraries), the disks, and one shared directory; never the host's root. It needs
 * no privileges beyond access to the disks.
 *
 * For the whole run the disks are held: a device exclusively (O_EXCL), an image under a lock
 * (flock). The hold is inherited by the guest's process, so it outlives a killed launcher exactly
 * as long as something may still write.
 */
#ifndef HS_APPLIANCE_APPLIANCE_H
#define HS_APPLIANCE_APPLIANCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/log.h"

#define HS_APPLIANCE_MAX_DISKS	8 /* of the guest's 16 units a copy-on-write disk takes two */
#define HS_APPLIANCE_NAME_MAX	31
#define HS_APPLIANCE_MAX_MOUNTS 8

/* Where things are inside. */
#define HS_APPLIANCE_DISKS "/disk"  /* a link per disk, by name */
#define HS_APPLIANCE_SHARE "/share" /* the shared directory */

enum hs_appliance_access {
	HS_DISK_RW,  /* the guest may write to it */
	HS_DISK_RO,  /* opened read-only on the host, a read-only block device inside */
	HS_DISK_COW, /* opened read-only on the host, writable inside; writes are dropped at the end
		      */
};

struct hs_appliance_disk {
	const char *path; /* image file or block device */
	const char *name; /* letters, digits, '-', '_'; NULL: d0, d1, ... by position */
	enum hs_appliance_access access;
};

/*
 * Something of the host to copy into the initramfs before the guest starts. A program is copied
 * with the libraries its loader finds for it (of a script, its interpreter's), a directory with
 * everything below it.
 */
struct hs_appliance_file {
	const char *host;
	const char *guest; /* absolute; NULL: the same path as on the host */
};

/*
 * A file system of a disk to mount before the command starts. If it cannot be mounted the command
 * is not run (HS_END_UNMOUNTABLE).
 */
struct hs_appliance_mount {
	const char *disk;    /* name of one of the disks */
	const char *dir;     /* absolute; made if it is not there */
	const char *type;    /* "xfs" */
	const char *options; /* as mount(2) takes them, or NULL */
};

struct hs_appliance {
	const char *kernel; /* NULL: hs_appliance_find_kernel() */
	const struct hs_appliance_disk *disks;
	size_t n_disks;
	const struct hs_appliance_file *files;
	size_t n_files;
	const struct hs_appliance_mount *mounts; /* in this order */
	size_t n_mounts;
	const char *share;	 /* directory of the host to show inside, or NULL */
	const char *share_dir;	 /* where: absolute; NULL: HS_APPLIANCE_SHARE */
	const char *const *argv; /* NULL-terminated; argv[0] a path or a name found in PATH */
	const char *const *env;	 /* NULL-terminated NAME=VALUE added to the guest's own, or NULL */
	unsigned cpus;		 /* 0: one, the fastest for most work; at most 16 */
	uint64_t memory;	 /* bytes; 0: 1 GiB, less where no place for it is found */
	uint64_t timeout_ms;	 /* 0: none. Afterwards the command gets SIGTERM, then SIGKILL */
	bool terminal;		 /* give the command a terminal; `in` must be one */
	int in;			 /* -1: empty */
	int out;		 /* the command's standard output */
	int err;		 /* and its standard error, or -1: both go to `out` */
	int console;		 /* the guest kernel's messages, or -1: shown only when it dies */
	struct hs_log *log;
};

enum hs_appliance_end {
	HS_END_EXIT,	    /* status: exit code of the command */
	HS_END_SIGNAL,	    /* status: the signal that ended the command */
	HS_END_TIMEOUT,	    /* it was ended because its time was over */
	HS_END_KILLED,	    /* the guest had to be killed: nothing inside was unmounted */
	HS_END_DIED,	    /* the guest's kernel died by itself */
	HS_END_UNMOUNTABLE, /* status: the errno of mount(2); the log has said which */
};

struct hs_appliance_result {
	enum hs_appliance_end end;
	int status;
	bool unclean; /* a file system could not be unmounted, or the guest was killed */
};

/*
 * Runs the command and returns when the guest is gone. Call it from the only thread, or with
 * SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGWINCH, SIGCHLD blocked in all others: meanwhile they are
 * taken here. The first of INT, TERM, HUP, QUIT is passed to the command, the second kills it and
 * unmounts, the third kills the guest.
 *
 * -EBUSY: a disk is mounted, loop-attached, locked or open for writing elsewhere; -ENOENT: no
 * kernel, or a file that does not exist; -EINVAL: an argument out of range. The log says which and
 * what to do. An unsuccessful command is no error: see *result.
 */
errint_t hs_appliance_run(const struct hs_appliance *a, struct hs_appliance_result *result);

/* The exit code a shell would give: status, 128 + signal, 124 after a timeout, 125 else. */
int hs_appliance_exit_code(const struct hs_appliance_result *result);

/*
 * The kernel to use: $HOLYSTONE_APPLIANCE_KERNEL, else what appliance/build.sh left in the user's
 * cache, else in the machine's. *path is malloced. -ENOENT when there is none; the log says how to
 * get one.
 */
errint_t hs_appliance_find_kernel(struct hs_log *log, char **path);

#endif
