/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Scanning targets into facts: what the digest pass and the suspect pass share.
 *
 * The same code reads a target in both passes. In the digest pass facts go into the counters and
 * inline rules make marks; in the suspect pass only facts of suspect counters are kept and no marks
 * are made again.
 *
 * struct hs_scan is shared and constant while workers run; struct hs_worker belongs to its thread.
 */
#ifndef HS_LFSCK_SCAN_H
#define HS_LFSCK_SCAN_H

#include "ldiskfs/itable.h"
#include "ldiskfs/xattr.h"
#include "lfsck/keep.h"
#include "lfsck/objmap.h"
#include "lfsck/system.h"
#include "lfsck/tree.h"
#include "lustre/linkea.h"
#include "lustre/lma.h"
#include "lustre/lmv.h"
#include "lustre/lov.h"
#include "work/pipeline.h"

/* Classes of inodes, first match wins (equations, section 5). */
enum hs_class {
	HS_CLASS_DEAD,
	HS_CLASS_RPD,	     /* REMOTE_PARENT_DIR itself */
	HS_CLASS_STRUCTURAL, /* NOT_IN_OI */
	HS_CLASS_AGENT,
	HS_CLASS_IDLOG,	 /* LAST_ID files and llogs */
	HS_CLASS_OBJECT, /* OST object */
	HS_CLASS_LOCAL,
	HS_CLASS_ORPHAN, /* in PENDING or with the ORPHAN flag */
	HS_CLASS_NAMESPACE,
	HS_CLASS_NAMELESS, /* no identity */
	HS_CLASSES
};
const char *hs_class_name(enum hs_class c);

/* What a scan counted at one target. */
struct hs_target_counts {
	uint64_t objects[HS_CLASSES];
	uint64_t inodes; /* looked at */
	uint64_t directories;
	uint64_t names;		  /* entries of the name space, shard names not included */
	uint64_t links;		  /* linkEA entries */
	uint64_t multiple_linked; /* files with more than one name */
	uint64_t masters, shards; /* of striped directories */
	uint64_t stripes;	  /* stripe records of initialised components */
	uint64_t oi_records;
	uint64_t onames;    /* names below O/ */
	uint64_t undecided; /* facts left out because their target is absent */
};

/* Highest object id seen in a sequence. */
struct hs_high {
	uint16_t target;
	uint64_t seq; /* 0 for IDIF */
	uint64_t id;
};

/* An entry without a FID: resolved in batches by inode number (equations 4.4). */
struct hs_deferred;

struct hs_scan;

struct hs_worker {
	struct hs_scan *scan;
	unsigned id;
	struct hs_emit emit;
	struct hs_keep keep;
	struct hs_marks marks;
	struct hs_objmap objects; /* N, C, U, J, T of objects scanned (OSTs) */
	struct hs_objmap refs;	  /* REFERENCED, TWICE (MDTs) */
	struct hs_objmap_cursor cursor;
	struct hs_itable_reader *itable;
	struct hs_dir_reader **dirs; /* by target position, opened when needed */
	struct hs_xattr_set *xattrs; /* by target position */
	struct hs_tree_part tree;
	struct hs_target_counts *counts; /* by target position */
	struct hs_high *highs;
	size_t n_highs, highs_room;
	size_t last_high;
	struct hs_deferred *deferred;
	struct hs_dir_job *free_jobs;
	struct hs_dir_job *jobs; /* all: an error can leave some with the reader */
	uint64_t owner_seq;	 /* cache of hs_worker_owner() */
	struct hs_tgt owner_tgt;
	enum hs_presence owner_presence;
	bool owner_valid;
	errint_t err; /* -ENOMEM: the run cannot go on */
};

/* Where a scan's positions go at a checkpoint; all workers are idle. Each may be NULL. */
struct hs_scan_log {
	errint_t (*position)(void *arg, const struct hs_target *t, const char *source,
			     const struct hs_position *pos);
	errint_t (*commit)(void *arg); /* after the positions of all sources */
	uint64_t interval_ns;
	void *arg;
};

struct hs_scan {
	struct hs_system *sys;
	struct hs_scan_log log;
	struct hs_digest *digest;
	bool failout;		   /* a mark of weight UNREAD ends the pass with -EUCLEAN */
	bool digest_pass;	   /* marks, bitmaps and the forest are made */
	struct hs_objmap *objects; /* merged, from D1; read-only in D2 */
	struct hs_slice slice;	   /* suspect pass */
	size_t marks_limit;
	struct hs_worker *workers;
	unsigned n_workers;
	struct hs_stop *stop;
	/* progress, units of the pipeline's sources; read by another thread */
	_Atomic uint64_t done;
	_Atomic uint64_t total;
};

/* `spill`: where the directory forest goes, and how much of it may stay in memory. */
errint_t hs_scan_init(struct hs_scan *s, struct hs_system *sys, struct hs_digest *digest,
		      unsigned workers, struct hs_stop *stop, const struct hs_spill_limit *spill);
void hs_scan_free(struct hs_scan *s);

enum hs_scan_part { HS_SCAN_OSTS, HS_SCAN_MDTS };

/* Scans all targets of one kind. Returns as hs_pipeline_run(). */
errint_t hs_scan_run(struct hs_scan *s, enum hs_scan_part part);

/* ---- for the scanners ---- */

/* One inode with what was decoded of it. Values live until the next inode. */
struct hs_object {
	struct hs_target *t;
	const struct hs_inode *inode;
	const struct hs_xattr_set *xattrs;
	struct hs_lma lma;
	bool has_lma;
	bool has_fid;
	struct hs_fid fid; /* identity: key of its facts (equations 4.1) */
	enum hs_class class;
	uint8_t type; /* as in a directory entry */
};

/* class.c: identity and class; marks what is wrong with the LMA. */
void hs_object_classify(struct hs_worker *w, struct hs_object *o);

/* Owner of a sequence, with a one-entry cache. */
static inline struct hs_tgt hs_worker_owner(struct hs_worker *w, uint64_t seq,
					    enum hs_presence *presence)
{
	if (!w->owner_valid || w->owner_seq != seq) {
		w->owner_tgt = hs_system_owner(w->scan->sys, seq, &w->owner_presence);
		w->owner_seq = seq;
		w->owner_valid = true;
	}
	*presence = w->owner_presence;
	return w->owner_tgt;
}

static inline bool hs_worker_is_local(struct hs_worker *w, const struct hs_target *t, uint64_t seq,
				      enum hs_presence *presence)
{
	return hs_tgt_eq(hs_worker_owner(w, seq, presence), t->id);
}

/* Marks in the digest pass only. */
void hs_worker_mark(struct hs_worker *w, const struct hs_target *t, enum hs_mark_code code,
		    struct hs_fid fid, uint32_t ino, uint32_t block, uint64_t a, uint64_t b,
		    const uint8_t *name, size_t name_len);

static inline void hs_object_mark(struct hs_worker *w, const struct hs_object *o,
				  enum hs_mark_code code, uint64_t a, uint64_t b)
{
	hs_worker_mark(w, o->t, code, o->has_fid ? o->fid : (struct hs_fid){0}, o->inode->ino, 0, a,
		       b, NULL, 0);
}

static inline void hs_worker_at(struct hs_worker *w, const struct hs_target *t, uint32_t ino,
				uint32_t block)
{
	w->emit.prov = (struct hs_prov){t->pos, ino, block};
}

void hs_worker_high(struct hs_worker *w, const struct hs_target *t, uint64_t seq, uint64_t id);

struct hs_dir_reader *hs_worker_dirs(struct hs_worker *w, struct hs_target *t);

/* scan_ost.c, scan_mdt.c: one inode. */
void hs_scan_ost_inode(struct hs_worker *w, struct hs_object *o);
void hs_scan_mdt_inode(struct hs_worker *w, struct hs_object *o);

/* scan_local.c: OI minus fact of an object that must be in the OI, high ids of local sequences. */
void hs_scan_local(struct hs_worker *w, const struct hs_object *o);
void hs_scan_add_oi(struct hs_worker *w, const struct hs_object *o, struct hs_group *g);

/* scan_layout.c: the stripes of a regular file of class N or P. */
void hs_scan_layout(struct hs_worker *w, const struct hs_object *o);

/* scan_oi.c: one OI file. */
void hs_scan_oi_file(struct hs_worker *w, struct hs_target *t, uint32_t file);

/* scan_dir.c: directories. */
enum hs_dir_kind {
	HS_DIR_NAMESPACE,
	HS_DIR_ORPHAN, /* of class P (equations 5.1) */
	HS_DIR_AGENT,
	HS_DIR_RPD,
	HS_DIR_ONAMES, /* O/<seq>/d<n> */
};

struct hs_dir_job {
	struct hs_dir_job *next_free;
	struct hs_dir_job *next_job; /* of all jobs of the worker */
	struct hs_target *t;
	enum hs_dir_kind kind;
	bool has_fid;
	struct hs_fid fid;
	uint32_t ino;
	uint32_t nlink;
	struct hs_odir odir;  /* HS_DIR_ONAMES */
	struct hs_lmv lmv;    /* kind HS_LMV_NONE if not striped */
	bool lmv_judged;      /* count and hash may be relied upon */
	bool has_parent;      /* exactly one valid linkEA entry */
	struct hs_fid parent; /* its parent */
	bool parent_absent;   /* it lies on an absent target: no DOT */
	/* while it is read */
	uint32_t subdirs;
	bool dot, dotdot;
	uint64_t shards_seen;
	uint8_t shard_map[HS_LMV_MAX_COUNT / 8 + 1];
};

/* A job with everything zero; given back by the reader. NULL: out of memory (w->err). */
struct hs_dir_job *hs_dir_job_new(struct hs_worker *w, struct hs_target *t, enum hs_dir_kind kind,
				  uint32_t ino);
void hs_scan_dir_queue(struct hs_worker *w, struct hs_dir_job *job, const struct hs_inode *inode);
void hs_scan_dir_flush(struct hs_worker *w, struct hs_target *t);
void hs_scan_odir(struct hs_worker *w, struct hs_target *t, const struct hs_odir *d);

/* One entry of a class N directory whose child FID is known. */
void hs_scan_entry(struct hs_worker *w, const struct hs_dir_job *job, struct hs_fid child,
		   const struct hs_dirent *e);

/* scan_deferred.c: entries without FID. */
void hs_deferred_add(struct hs_worker *w, const struct hs_dir_job *job, const struct hs_dirent *e);
void hs_deferred_resolve(struct hs_worker *w);
void hs_deferred_free(struct hs_worker *w);

/*
 * FID of a directory that lost its own: the parent that most of its first ten children name in a
 * linkEA entry with the name they have here. False if no child says so.
 */
bool hs_recover_dir_fid(struct hs_target *t, const struct hs_inode *dir, struct hs_fid *fid);

#endif
