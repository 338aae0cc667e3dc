/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * "holystone xfs", which is also xfs_scrub when called by that name: options, lines, progress.
 */
#ifndef HS_CLI_XFS_H
#define HS_CLI_XFS_H

#include <stdbool.h>
#include <stdio.h>

#include "cli/command.h"
#include "xfs/scan.h"

/* xfs_scrub's exit bits (docs/exit-codes.md); they are not those of fsck(8). */
enum {
	HS_XFS_EXIT_CORRUPT = 1,
	HS_XFS_EXIT_WARNING = 2,
	HS_XFS_EXIT_ERROR = 4,
	HS_XFS_EXIT_USAGE = 8,
	HS_XFS_EXIT_CANCELLED = 32, /* only under our own name */
};

struct hs_xfs_args {
	const char *program; /* as messages name it */
	bool as_xfs_scrub;   /* called by that name */
	struct hs_xfs_options scan;
	bool check_only;    /* -n */
	bool optimize_only; /* -p */
	bool no_trim;	    /* -k; nothing is trimmed when checking */
	bool autofsck;	    /* -o autofsck */
	bool debug;	    /* -d */
	bool timing;	    /* -T */
	bool shutdown;	    /* -e shutdown */
	bool service;	    /* SERVICE_MODE is set */
	bool force_error;   /* XFS_SCRUB_FORCE_ERROR */
	bool no_kernel;	    /* XFS_SCRUB_NO_KERNEL */
	bool json;
	unsigned background; /* how often -b was given */
	unsigned show_version;
	bool show_help;
	const char *service_path; /* --svcname */
	const char *mount_table;  /* -m */
	const char *open_path;	  /* -M */
	const char *run_dir;
	const char *resume; /* --resume: the run directory of an earlier media scan */
	struct hs_position media_from[HS_XFS_DEVICES]; /* scan.media_from points here */
	bool appliance;		/* --appliance: mounts[0] is an image or device */
	const char *log_device; /* --logdev */
	const char *rt_device;	/* --rtdev */
	uint64_t memory;	/* --memory, of the guest; 0: not given */
	uint64_t timeout_ms;	/* --timeout; 0: none */
	const char *shown; /* --shown, inside the appliance: how messages call the file system */
	int progress_fd;   /* -C; -1: none */
	char **mounts;	   /* points into argv */
	int n_mounts;
};

/*
 * Reads the command line and the environment. Returns 0, or HS_XFS_EXIT_USAGE after a message and
 * the usage on standard error.
 */
int hs_xfs_args_parse(struct hs_xfs_args *a, int argc, char **argv);
void hs_xfs_usage(const struct hs_xfs_args *a, FILE *out);

/* ---- going on with a media scan (xfs_resume.c) ---- */

/*
 * Sets a->scan.media_from from the record of a run. *a must not be moved afterwards. On error *why
 * is one sentence: -ENODATA when that run has read nothing.
 */
errint_t hs_xfs_resume_read(struct hs_xfs_args *a, const char *dir, struct hs_strbuf *why);

/* A position as one word, and back; false when it is none. */
void hs_xfs_resume_put(const struct hs_xfs_args *a, unsigned dev, struct hs_strbuf *out);
bool hs_xfs_resume_parse(struct hs_xfs_args *a, const char *text);

/* ---- the appliance (xfs_appliance.c) ---- */

/* Runs this command inside the appliance; argv as hs_xfs_args_parse() left it. */
int hs_xfs_in_appliance(struct hs_cli *cli, const struct hs_xfs_args *a, char **argv);

/* ---- lines: what people read while it runs ---- */

struct hs_xfs_bar;

struct hs_xfs_lines {
	struct hs_xfs_listener l; /* first member */
	const struct hs_xfs_args *args;
	const char *mount;
	FILE *out, *err;
	struct hs_xfs_bar *bar; /* may be NULL */
	enum hs_xfs_mode mode;	/* of this file system */
	struct {
		double wall, user, system;
		size_t heap;
	} began; /* of this phase, for -T */
};

void hs_xfs_lines_init(struct hs_xfs_lines *lines, const struct hs_xfs_args *args,
		       const char *mount, FILE *out, FILE *err);

/* Counts and advice after the last phase. */
void hs_xfs_lines_result(struct hs_xfs_lines *lines, const struct hs_xfs_scan *scan);

/* How this program is called: "xfs_scrub" or "holystone xfs". */
const char *hs_xfs_called(const struct hs_xfs_args *a);

/* ---- progress: -C, or a bar on a terminal ---- */

errint_t hs_xfs_bar_start(const struct hs_xfs_args *args, const struct hs_xfs_progress *progress,
			  const char *mount, struct hs_xfs_bar **out);
/* Before and after a line on the same terminal; NULL is allowed. */
void hs_xfs_bar_hide(struct hs_xfs_bar *bar);
void hs_xfs_bar_show(struct hs_xfs_bar *bar);
/* A phase ends: its last state is told. */
void hs_xfs_bar_phase_end(struct hs_xfs_bar *bar, unsigned phase);
void hs_xfs_bar_stop(struct hs_xfs_bar *bar);

/* "3 1200 3646 /mnt\n"; 0 when the phase shows no progress. */
size_t hs_xfs_bar_record(char *buf, size_t len, unsigned phase, uint64_t done, uint64_t total,
			 const char *mount);

/* ---- mounts ---- */

struct hs_xfs_mount {
	char *dir;    /* as the mount table has it */
	char *device; /* the data device */
	char *options;
};

/* Looks a path up in a mount table: 0, -ENOENT when no XFS is mounted there, or -errno. */
errint_t hs_xfs_mount_find(const char *table, const char *path, struct hs_xfs_mount *out);
void hs_xfs_mount_free(struct hs_xfs_mount *m);

/* The value of "name=value" among mount options, the caller's to free; NULL when it has none. */
char *hs_xfs_mount_option(const char *options, const char *name);

/*
 * The systemd unit that checks the file system mounted at a path: "/mnt/a b" gives
 * "holystone-xfs@mnt-a\x20b.service", with `media` "holystone-xfs-media@...", and xfs_scrub's own
 * with `as_xfs_scrub`.
 */
void hs_xfs_service_name(const char *path, bool as_xfs_scrub, bool media, struct hs_strbuf *out);

#endif
