/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The verdict: from what is left over to findings (equations, section 12).
 *
 * Judges run one after the other, causes before what they cause: identity, index, entries, links,
 * missing names and objects, `..`, counts, striped directories, layouts. A judge looks at the
 * dossiers, supposes a correction, and asks the ledger what it gains. A correction that gains is a
 * finding (a "case"): the facts it explains are settled and attached as symptoms, so that no later
 * judge reports them again. What is left at the end is reported as unexplained.
 *
 * One thread. Memory goes with the number of problems.
 */
#ifndef HS_LFSCK_VERDICT_H
#define HS_LFSCK_VERDICT_H

#include "lfsck/check.h"
#include "lfsck/ledger.h"
#include "lfsck/lookup.h"
#include "lfsck/plan.h"
#include "lfsck/probe.h"
#include "lfsck/resolve.h"
#include "lfsck/rules.h"
#include "lfsck/stats.h"
#include "run/run.h"

struct hs_ref;

/* How many subdirectories a correction gives or takes a directory; for its nlink. */
struct hs_subdirs {
	struct hs_fid dir;
	int64_t change;
};

/* A place that could not be read: an inode, a directory, an OI file, a table. */
struct hs_unread {
	uint8_t kind;
	uint16_t target;
	uint32_t id;
};

struct hs_verdict {
	struct hs_check *check;
	struct hs_system *sys;
	struct hs_run *run;
	struct hs_ledger ledger;
	struct hs_probe probe;
	struct hs_resolver *resolver;
	const struct hs_marks *marks; /* sorted by FID */
	bool *mark_used;	      /* parallel */
	size_t *by_place;	      /* marks by target and inode */
	struct hs_ref *refs;	      /* sorted by the FID mentioned */
	size_t n_refs, refs_room;
	struct hs_unread *unread; /* sorted */
	size_t n_unread, unread_room;
	struct hs_loaded loaded; /* of the look-ups below */
	struct hs_subdirs *subdirs;
	size_t n_subdirs, subdirs_room;		  /* sorted by FID */
	uint64_t findings[HS_RULE_UNDECIDED + 1]; /* by severity of the rule */
	uint64_t undecided;
	struct hs_stats stats; /* the same, by target and rule */
	struct hs_plan plan;   /* what repairs would write */
	unsigned components;   /* bit of each enum hs_rule_component that is reported; 0: all */
	errint_t err;	       /* -ENOMEM or what the run says; judges stop when it is set */
};

errint_t hs_verdict_init(struct hs_verdict *v, struct hs_check *c, struct hs_run *run);
void hs_verdict_free(struct hs_verdict *v);

/* A hs_check_suspects_fn; arg is the verdict. Collects. */
int hs_verdict_take(void *arg, struct hs_check *c, const struct hs_join *j);

/* After the check: judges everything and records the findings in the run. */
errint_t hs_verdict_give(struct hs_verdict *v);

/* Findings that say something is wrong: all but notes and what stays undecided. */
uint64_t hs_verdict_damage(const struct hs_verdict *v);

/* ---- for the judges ---- */

/* A finding in the making. */
struct hs_case {
	const struct hs_rule *rule;
	struct hs_finding f;
	struct hs_delta delta;
	struct hs_fid fid;
	const struct hs_target *t; /* NULL: no given target */
	bool undecided;
	struct hs_items items; /* of the plan (lfsck/plan.h) */
	struct hs_plan *plan;  /* with items */
};

/*
 * Begins a case about an object. `t` is the target it is on or would be on, NULL if none is known.
 * The path is looked up when the case is closed.
 */
void hs_case_open(struct hs_case *c, const char *rule, struct hs_fid fid,
		  const struct hs_target *t);
/* About a place instead: "inode N" of a target, or the target itself (ino 0). */
void hs_case_open_place(struct hs_case *c, const char *rule, const struct hs_target *t,
			uint32_t ino);
void hs_case_drop(struct hs_case *c);

/* The sentence for this case; without it the rule's message is used. */
void hs_case_message(struct hs_case *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Who says what. `witness` is copied. */
void hs_case_fact(struct hs_case *c, const char *witness, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/*
 * What a repair would do; without it the rule's text is used. The edits that do it are attached to
 * the case in the same place, with the functions of lfsck/plan.h.
 */
void hs_case_repair(struct hs_case *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Nothing is concluded, because ... */
void hs_case_undecided(struct hs_case *c, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Less than its rule says: worth knowing, no damage. */
void hs_case_note(struct hs_case *c);

/* What the case's delta gains. */
int64_t hs_case_gain(struct hs_verdict *v, struct hs_case *c);

/*
 * Closes the case: applies its delta, attaches the facts it settled as symptoms, uses up the marks
 * of its FID with the codes given (ended by -1), looks up the path and records the finding.
 */
void hs_case_close(struct hs_verdict *v, struct hs_case *c, ...);

/* Path of the object, or why there is none; closing a case without path does it. */
void hs_case_find_path(struct hs_verdict *v, struct hs_case *c);

/* First unused mark of a FID with a code; NULL if there is none. */
const struct hs_mark *hs_verdict_mark(const struct hs_verdict *v, struct hs_fid fid,
				      enum hs_mark_code code);
/* Marks of a FID: positions [first, end) in v->marks. */
void hs_verdict_marks(const struct hs_verdict *v, struct hs_fid fid, size_t *first, size_t *end);
/* Uses up a mark without a finding of its own; attached to the case when c is not NULL. */
void hs_verdict_use(struct hs_verdict *v, struct hs_case *c, const struct hs_mark *m);
/* All marks of a FID with this code. */
void hs_verdict_use_all(struct hs_verdict *v, struct hs_case *c, struct hs_fid fid,
			enum hs_mark_code code);

/* judge_links.c: the links that an overflowed linkEA had no room for are no disagreement. */
void hs_settle_overflow(struct hs_verdict *v, const struct hs_dossier *d);

/*
 * Marks made at one inode, whatever FID they were made under: positions v->by_place[first..end) of
 * v->marks.
 */
void hs_verdict_marks_at(const struct hs_verdict *v, uint16_t target, uint32_t ino, size_t *first,
			 size_t *end);

/* All damage marks made at one inode, whatever FID they were made under: its identity was wrong. */
void hs_verdict_use_inode(struct hs_verdict *v, struct hs_case *c, const struct hs_target *t,
			  uint32_t ino);

/* A correction changes the number of subdirectories of `dir` by `change`. */
void hs_verdict_subdirs(struct hs_verdict *v, struct hs_fid dir, int64_t change);
int64_t hs_verdict_subdirs_of(const struct hs_verdict *v, struct hs_fid dir);

/*
 * Claims of all dossiers that mention a FID as parent (NAME), file (LAY) or master (SHARD), made
 * anew before each judge: positions [first, end) of v->refs.
 */
struct hs_ref {
	struct hs_fid fid; /* mentioned */
	struct hs_dossier *dossier;
	struct hs_claim *claim;
};
errint_t hs_verdict_index_refs(struct hs_verdict *v);
void hs_verdict_refs(const struct hs_verdict *v, struct hs_fid fid, size_t *first, size_t *end);

/*
 * Who carries a FID: FOUND when an inode with that identity is in use where the index says, NONE
 * when the index has no record, or one that leads elsewhere (*place tells where).
 */
enum hs_lookup hs_verdict_object(struct hs_verdict *v, struct hs_fid fid, struct hs_place *place);

/* Identity of an inode: 1, 0 when it is free or has none, -errno. */
int hs_verdict_inode_fid(struct hs_verdict *v, struct hs_target *t, uint32_t ino,
			 struct hs_fid *fid);

/* Entry of a directory by FID: 1 found, 0 absent, -errno; as hs_dir_lookup(). */
int hs_verdict_entry(struct hs_verdict *v, struct hs_fid dir, const uint8_t *name, size_t len,
		     struct hs_target **t, struct hs_dirent *e, uint8_t room[512]);

/*
 * Whether absence is proven. Each returns NULL when it is, else the reason why it is not, as a
 * sentence: what could not be read (META rules), or an absent target.
 */
const char *hs_absent_object(const struct hs_verdict *v, struct hs_fid fid);
const char *hs_absent_entries(const struct hs_verdict *v, struct hs_fid dir);
const char *hs_absent_target(const struct hs_verdict *v, const struct hs_target *t);

/* What recovery will do with a FID (equations, section 11). */
enum hs_recovery {
	HS_RECOVERY_NONE,
	HS_RECOVERY_DESTROY,	/* an OST object whose file is gone */
	HS_RECOVERY_UNFINISHED, /* an operation over several MDTs, not committed on all of them */
	HS_RECOVERY_UNUSED,	/* an OST object that its MDT does not know it has */
};
enum hs_recovery hs_recovery_of(const struct hs_verdict *v, struct hs_fid fid);
/*
 * unread.c: why a case, or a conclusion from one mark, proves nothing; NULL: it does. Cases are
 * asked when they are closed.
 */
errint_t hs_unread_collect(struct hs_verdict *v);
const char *hs_unread_reason(struct hs_verdict *v, struct hs_case *c);
const char *hs_unread_mark_reason(struct hs_verdict *v, const struct hs_mark *m);

/* The same as a sentence; NULL: nothing. */
const char *hs_in_recovery(const struct hs_verdict *v, struct hs_fid fid);

/* "MDT0000 inode 12 block 3" and the like, in the case's memory. */
const char *hs_case_place(struct hs_case *c, const struct hs_verdict *v, const struct hs_prov *p);
/* A FID as text in the case's memory. */
const char *hs_case_fid(struct hs_case *c, struct hs_fid fid);
/* A name, escaped, in the case's memory. */
const char *hs_case_name(struct hs_case *c, const uint8_t *name, size_t len);

/*
 * The judges, in order. Each walks v->ledger.order (sorted by FID) and skips dossiers that are
 * done.
 */
void hs_judge_recovery(struct hs_verdict *v); /* judge_recovery.c: section 11, undecided */
void hs_judge_identity(struct hs_verdict *v); /* judge_identity.c: LMA lost or wrong, duplicates */
void hs_judge_twins(struct hs_verdict *v);    /* judge_twins.c: two inodes with one FID */
void hs_judge_unread(struct hs_verdict *v);   /* judge_unread.c: attributes not read */
void hs_judge_unmarked(struct hs_verdict *v); /* judge_unmarked.c: FID_ON_OST lost */
void hs_judge_upgrade(struct hs_verdict *v);  /* judge_upgrade.c: files without any FID */
void hs_judge_onames(struct hs_verdict *v);   /* judge_onames.c: OST objects with two names */
void hs_judge_index(struct hs_verdict *v);    /* judge_index.c: OI records, names below O/ */
void hs_judge_entries(struct hs_verdict *v);  /* judge_entries.c: FID, type, inode of an entry */
void hs_judge_objects(struct hs_verdict *v);  /* judge_objects.c: dangling names, lost parents */
void hs_judge_links(struct hs_verdict *v);    /* judge_links.c: linkEA */
void hs_judge_names(struct hs_verdict *v);    /* judge_names.c: names that are missing */
void hs_judge_stale(struct hs_verdict *v);    /* judge_index.c: records that lead to nothing */
void hs_judge_dotdot(struct hs_verdict *v);   /* judge_dotdot.c: `..`, several parents */
void hs_judge_removed(struct hs_verdict *v);  /* judge_removed.c: names in removed dirs */
void hs_judge_agents(struct hs_verdict *v);   /* judge_agents.c: agents, remote parents, tree */
void hs_judge_counts(struct hs_verdict *v);   /* judge_counts.c: nlink of files and directories */
void hs_judge_shards(struct hs_verdict *v);   /* judge_shards.c: striped directories */
void hs_judge_layouts(struct hs_verdict *v);  /* judge_layouts.c: LOV EA, stripes, objects, owner */
void hs_judge_lostfound(struct hs_verdict *v); /* judge_lostfound.c: LFSCK's own directories */
void hs_judge_tables(struct hs_verdict *v);    /* judge_tables.c: marks about places and tables */
void hs_judge_rest(struct hs_verdict *v);      /* judge_rest.c: marks and facts nobody explained */

#endif
