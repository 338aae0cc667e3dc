/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One check of one file system: what was asked, what has been found, and who listens.
 *
 * The phases (phase1.c ... phase7.c) call down into fs, check and inodes, and report what they see
 * through report.h. Nothing here prints: a command attaches a listener for the lines that people
 * read while it runs, and findings go to the run.
 */
#ifndef HS_XFS_SCAN_H
#define HS_XFS_SCAN_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "repair/schedule.h"
#include "run/run.h"
#include "work/pipeline.h"
#include "xfs/docket.h"
#include "xfs/fs.h"

/* The levels of xfs_scrub's lines, in its words. */
enum hs_xfs_level {
	HS_XFS_CORRUPTION,
	HS_XFS_ERROR,	  /* we could not do something */
	HS_XFS_UNFIXABLE, /* data are lost */
	HS_XFS_WARNING,
	HS_XFS_INFO,
	HS_XFS_REPAIRED,
	HS_XFS_OPTIMIZED,
	HS_XFS_LEVELS
};

struct hs_xfs_message {
	enum hs_xfs_level level;
	const char *object; /* "AG 1 inode btree", "/mnt" */
	const char *text;   /* "Repairs are required." */
	const char *file;   /* where in the source, for -d */
	unsigned line;
};

/*
 * What a command attaches. Calls are serialised, but come from any thread. Strings live until the
 * call returns. Any function may be NULL.
 */
struct hs_xfs_listener {
	void (*message)(struct hs_xfs_listener *l, const struct hs_xfs_message *m);
	/* Between phases, no worker runs: `begin` before and not after. */
	void (*phase)(struct hs_xfs_listener *l, unsigned phase, bool begin);
	/* The totals' two-line comparisons of phase 7. */
	void (*total)(struct hs_xfs_listener *l, const char *text);
};

enum hs_xfs_mode {
	HS_XFS_CHECK,	 /* changes nothing */
	HS_XFS_OPTIMIZE, /* what could be better, if nothing is damaged */
	HS_XFS_REPAIR,
};

struct hs_xfs_options {
	enum hs_xfs_mode mode;
	bool force_rebuild; /* also what is sound */
	bool risky_repairs; /* also those that crash some kernels */
	bool check_instead; /* where the kernel cannot repair, check only */
	bool shutdown;	    /* end access to a file system that stays damaged; not when checking */
	unsigned threads;   /* workers; 0: one per processor */
	unsigned rest_us;   /* pause after each check */
	bool background;    /* one worker and no other thread */
	bool verbose;	    /* also Info about what is fine */
	bool info_is_warning;
	bool utf8_names;      /* the locale says UTF-8 */
	bool force_single;    /* no vectored scrub */
	unsigned only_phase;  /* this one and those that always run; 0: all */
	uint64_t max_errors;  /* corruptions and lost data before giving up; 0: no limit */
	uint64_t docket_max;  /* damaged objects kept for folding; 0: the default */
	uint64_t revisit_max; /* inodes kept from phase 3 for phase 5; 0: the default */

	/* Phase 6. */
	bool read_data;		  /* it is asked for */
	bool read_directly;	  /* from the devices, also where the kernel has a verifier */
	uint64_t media_gap;	  /* unused bytes between extents that are read along; 0: none */
	uint64_t media_rate;	  /* bytes a second of each device; 0: no limit */
	uint64_t media_commit_ns; /* between checkpoints; 0: the default */
	/* Where an earlier run came to, or NULL. */
	const struct hs_position *media_from[HS_XFS_DEVICES];

	/* Phase 8. */
	bool trim;	       /* free space is discarded: never when only checking */
	unsigned trim_percent; /* of the free space that is worth it; 0: the default */
};

/* Read by a progress thread while the scan runs. */
struct hs_xfs_progress {
	atomic_uint phase;
	_Atomic uint64_t done;
	_Atomic uint64_t total; /* an estimate; 0: this phase shows none */
};

struct hs_xfs_tally {
	_Atomic uint64_t corruptions;
	_Atomic uint64_t errors;
	_Atomic uint64_t unfixable;
	_Atomic uint64_t warnings;
	_Atomic uint64_t repairs;
	_Atomic uint64_t optimizations;
};

/*
 * Inodes that phase 3 has seen and phase 5 wants to see again: directories, and files whose
 * attributes are listed by handle. With them phase 5 need not load every inode a second time.
 */
struct hs_xfs_revisit {
	uint64_t ino;
	uint32_t gen;
	bool dir, trusted, attrs;
};

/* Free extents by the binary logarithm of their length in bytes. */
#define HS_XFS_SIZE_CLASSES 64

struct hs_xfs_scan {
	const struct hs_xfs_options *opt;
	struct hs_xfs_listener *listener; /* may be NULL */
	struct hs_run *run;		  /* may be NULL */
	struct hs_stop *stop;		  /* may be NULL */

	struct hs_xfs_fs fs;
	struct hs_xfs_progress progress;
	struct hs_xfs_tally tally;
	_Atomic uint64_t inodes_checked;
	_Atomic uint64_t damaged;   /* objects, before folding */
	_Atomic uint64_t refused;   /* bits of the types that the kernel would not check */
	_Atomic int ended;	    /* 0, or the error that ended the run for all workers */
	unsigned phase;		    /* the last one begun */
	enum hs_xfs_mode mode;	    /* as in the options, or less where the kernel cannot */
	struct hs_repair repair;    /* what waits for repair (items.h) */
	bool files_at_once;	    /* phase 3 repairs what it finds */
	_Atomic uint64_t open_dirs; /* directories that are damaged themselves, and not repaired */
	atomic_uint unlisted;	    /* AGs whose inodes could not all be listed */
	bool ready;		    /* phase 1 has passed */
	pthread_mutex_t lock;	    /* of the docket and of the listener */
	struct hs_xfs_docket docket;
	struct hs_xfs_revisit *revisit; /* under the lock */
	size_t n_revisit, revisit_room;
	bool revisit_complete;		      /* holds all there are */
	_Atomic uint64_t preen[HS_XFS_TYPES]; /* inodes with something to optimise */
	_Atomic uint64_t changing;	      /* inodes that changed too often to be checked */
	const char *const *devices;	      /* paths by enum hs_xfs_device; may be NULL */
	_Atomic uint64_t media_read;	      /* bytes of data extents that phase 6 has looked at */
	bool media_complete;		      /* it has looked at all of them */
	_Atomic uint64_t free_sizes[HS_XFS_SIZE_CLASSES]; /* bytes, of the data volume: phase 7 */
};

/*
 * Checks the file system mounted at `path` (messages call it `shown`). Returns 0 when every phase
 * ended, however much was found, -ECANCELED after a stop or too many errors, else why it could not
 * go on; what was found until then has been recorded in each case. The scan must be released with
 * hs_xfs_scan_free().
 */
struct hs_xfs_scan_params {
	struct hs_xfs_kernel *kernel;
	const char *path;
	const char *shown;
	const struct hs_xfs_options *opt;
	struct hs_xfs_listener *listener;
	struct hs_run *run;
	struct hs_stop *stop;
	/* Paths of the block devices, HS_XFS_DEVICES of them, each may be NULL; or NULL. */
	const char *const *devices;
};

errint_t hs_xfs_scan_init(struct hs_xfs_scan *scan, const struct hs_xfs_scan_params *params);
errint_t hs_xfs_scan_run(struct hs_xfs_scan *scan, const char *path);
void hs_xfs_scan_free(struct hs_xfs_scan *scan);

const char *hs_xfs_phase_describe(enum hs_xfs_mode mode, unsigned phase);

/* Exit bits of xfs_scrub (format notes 10.3): 1 corruption, 2 warnings, 4 errors. */
int hs_xfs_scan_exit(const struct hs_xfs_scan *scan, errint_t result);

/* The phases. Each returns 0 or what ends the run. */
errint_t hs_xfs_phase1(struct hs_xfs_scan *scan, const char *path);
errint_t hs_xfs_phase2(struct hs_xfs_scan *scan);
errint_t hs_xfs_phase3(struct hs_xfs_scan *scan);
errint_t hs_xfs_phase4(struct hs_xfs_scan *scan);
errint_t hs_xfs_phase5(struct hs_xfs_scan *scan);
errint_t hs_xfs_phase6(struct hs_xfs_scan *scan);
errint_t hs_xfs_phase7(struct hs_xfs_scan *scan);
errint_t hs_xfs_phase8(struct hs_xfs_scan *scan);

/* Whether phase 8 has anything to do: it was asked for, and nothing is wrong. */
bool hs_xfs_may_trim(struct hs_xfs_scan *scan);

/* Workers that these options mean. */
unsigned hs_xfs_workers(const struct hs_xfs_options *opt);

/* Set once by the first worker that meets something that ends the run; the others look at it. */
void hs_xfs_scan_end(struct hs_xfs_scan *scan, errint_t err);
/* 0, or why to stop: the error above, a stop, too many errors (-ECANCELED). */
errint_t hs_xfs_scan_ended(struct hs_xfs_scan *scan);

#endif
