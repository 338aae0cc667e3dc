/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The plan: what a repair of each finding writes, decided while the verdict is made and kept in
 * run.db (docs/run-db.md). A plan is made of items; an item is what must be done together:
 *
 *   - it belongs to one finding, whose option (gate) it may need;
 *   - it rests on facts, each exact, and may need that items before it have succeeded;
 *   - its edits are primitive and complete: whatever the equations demand to follow from a change
 *     (linkEA, nlink, `..`, OI, agents) is in the same item.
 *
 * Judges attach edits to a case where they say in words what a repair would do. All they read goes
 * through the plan: a field that an earlier item edits is seen as that item leaves it, and the
 * later item needs the earlier one. So items never work against each other, and each field is
 * written in one order. The fact that a field is as it was read becomes part of the item by itself.
 *
 * The exception is nlink of directories, which many items change: it is added to, not set. When all
 * is judged (hs_plan_end()), the changes are set against the count that is stored: where a lost
 * name is still counted, putting it back changes nothing.
 *
 * An undecided case has no items. One thread; memory goes with the number of edits.
 */
#ifndef HS_LFSCK_PLAN_H
#define HS_LFSCK_PLAN_H

#include "lfsck/lookup.h"
#include "lfsck/plan_dirs.h"
#include "lfsck/plan_state.h"
#include "lfsck/plan_step.h"

struct hs_case;
struct hs_verdict;

#define HS_PLAN_PHASE_ORPHANS 2

/* An inode, or one that the plan makes. */
struct hs_at {
	struct hs_target *t;
	uint32_t ino;
	uint32_t made;
};

static inline struct hs_at hs_at(struct hs_target *t, uint32_t ino)
{
	return (struct hs_at){t, ino, 0};
}

struct hs_steps {
	struct hs_step *v;
	size_t n, room;
};

struct hs_item {
	uint32_t id;
	uint32_t phase;
	const char *gate; /* "-c", NULL: none */
	struct hs_steps expects, edits;
	uint32_t n_nlinks; /* edits of link counts, which come at the end */
	int64_t *needs;
	size_t n_needs, needs_room;
};

/* Of a case. */
struct hs_items {
	struct hs_item *v;
	size_t n, room;
	const char *why_none; /* why nothing exact can be planned; then there are no items */
};

struct hs_nlink_change;

/* Per target. */
struct hs_plan_target {
	uint64_t new_seq;    /* taken from seq_srv for the objects that the plan makes */
	uint32_t new_oid;    /* last one used of it */
	uint32_t seq_item;   /* the item that takes it */
	bool has_lost_found; /* below .lustre/lost+found: */
	struct hs_at lost_found;
	struct hs_fid lost_found_fid;
	uint32_t lost_found_item; /* that makes it, or 0 */
};

struct hs_plan {
	struct hs_states states;
	uint32_t last_item, last_made;
	struct hs_nlink_change *nlinks;
	size_t n_nlinks, nlinks_room;
	struct hs_loaded loaded; /* of the inode that was read last */
	bool has_loaded;
	struct hs_plan_dirs dirs;	/* that were looked into last */
	struct hs_plan_target *targets; /* by position */
	size_t n_targets;
	uint8_t *phases; /* of the items recorded, by number */
	size_t phases_room;
};

errint_t hs_plan_init(struct hs_plan *p, size_t n_targets);
void hs_plan_free(struct hs_plan *p);

/*
 * How many repairs by one rule are made without asking (--max-repairs), if nobody says: one for a
 * hundred inodes in use, a thousand at least. More is a sign that something else is wrong.
 */
uint64_t hs_plan_limit(const struct hs_system *sys);

/* ---- called by cases ---- */

/* Records the items of a case under the finding's number. */
void hs_plan_record(struct hs_verdict *v, struct hs_case *c, int64_t finding);
/* Takes everything back that the case has planned. */
void hs_plan_forget(struct hs_plan *p, struct hs_case *c);
void hs_items_free(struct hs_items *items);
/* After the last judge: link counts of directories. */
void hs_plan_end(struct hs_verdict *v);

/* ---- for judges: items ---- */

/* Begins a further item; the first one begins by itself, in phase 1, with the gate of the rule. */
void hs_item_begin(struct hs_verdict *v, struct hs_case *c, unsigned phase);
/* The item at hand. */
struct hs_item *hs_item_at(struct hs_verdict *v, struct hs_case *c);
void hs_item_phase(struct hs_verdict *v, struct hs_case *c, unsigned phase);
void hs_item_gate(struct hs_verdict *v, struct hs_case *c, const char *gate);
void hs_item_need(struct hs_verdict *v, struct hs_case *c, uint32_t id);

/*
 * There is no repair for this case, and why: a clause. It becomes the repair of the finding,
 * "None: ...", and takes back what was planned for it.
 */
void hs_case_no_repair(struct hs_case *c, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* ---- reading, as the plan leaves it ---- */

/* trusted.<...> by its full name: 1 (*out is replaced), 0 none, -errno unreadable. */
int hs_plan_xattr(struct hs_verdict *v, struct hs_at at, const char *name, struct hs_strbuf *out);
/* 1, 0, or -errno. */
int hs_plan_entry(struct hs_verdict *v, struct hs_at dir, const void *name, size_t len,
		  struct hs_leads *out);
int hs_plan_oi(struct hs_verdict *v, struct hs_target *t, struct hs_fid fid, uint32_t *ino,
	       uint32_t *made);
/* Bytes of a small file: false if it has not that many, or they cannot be read. */
bool hs_plan_bytes(struct hs_verdict *v, struct hs_at at, uint64_t offset, uint8_t *buf,
		   uint32_t len);
/* NULL when it is free or cannot be read, and of an inode to be made. Until the next call. */
const struct hs_inode *hs_plan_inode(struct hs_verdict *v, struct hs_at at);
/* Identity of an inode (equations 4.1). False: it has none, or it cannot be told. */
bool hs_plan_fid(struct hs_verdict *v, struct hs_at at, struct hs_fid *fid);
/* The inode that carries a FID, by the index of its owner. False: none, or it cannot be told. */
bool hs_plan_find(struct hs_verdict *v, struct hs_fid fid, struct hs_at *out);

/* An item that makes an inode must have succeeded; nothing for an inode that is there. */
void hs_plan_need_made(struct hs_verdict *v, struct hs_case *c, struct hs_at at);

/* ---- facts beyond those that edits bring with them ---- */

void hs_expect_inode(struct hs_verdict *v, struct hs_case *c, struct hs_at at);
void hs_expect_xattr(struct hs_verdict *v, struct hs_case *c, struct hs_at at, const char *name);
void hs_expect_entry(struct hs_verdict *v, struct hs_case *c, struct hs_at dir, const void *name,
		     size_t len);
void hs_expect_oi(struct hs_verdict *v, struct hs_case *c, struct hs_target *t, struct hs_fid fid);
void hs_expect_untouched(struct hs_verdict *v, struct hs_case *c, struct hs_at at);
void hs_expect_free(struct hs_verdict *v, struct hs_case *c, struct hs_target *t, uint32_t ino);

/* ---- primitive edits of the item at hand; an edit that changes nothing is left out ---- */

/* NULL removes. */
void hs_mend_xattr(struct hs_verdict *v, struct hs_case *c, struct hs_at at, const char *name,
		   const void *value, size_t len);
/* NULL removes. Link counts are not touched. */
void hs_mend_entry(struct hs_verdict *v, struct hs_case *c, struct hs_at dir, const void *name,
		   size_t len, const struct hs_leads *to);
void hs_mend_dots(struct hs_verdict *v, struct hs_case *c, struct hs_at dir, const char *name,
		  const struct hs_leads *to);
/* The number of entries of type directory changes by this: the count follows. */
void hs_mend_subdirs(struct hs_verdict *v, struct hs_case *c, struct hs_at dir, int change);
/* The count is wrong by this, whatever else happens. */
void hs_mend_nlink(struct hs_verdict *v, struct hs_case *c, struct hs_at at, int64_t change);
/* The count gets what is left after all other items (NS-61). */
void hs_mend_nlink_rest(struct hs_verdict *v, struct hs_case *c, struct hs_at dir);
/* Record of the FID in the file that its sequence selects. */
void hs_mend_oi(struct hs_verdict *v, struct hs_case *c, struct hs_fid fid, struct hs_at to);
void hs_mend_oi_drop(struct hs_verdict *v, struct hs_case *c, struct hs_target *t,
		     struct hs_fid fid);
/* A record in another file than that. */
void hs_mend_oi_astray(struct hs_verdict *v, struct hs_case *c, struct hs_target *t,
		       struct hs_fid fid, uint32_t file, uint32_t ino, uint32_t gen);
void hs_mend_owner(struct hs_verdict *v, struct hs_case *c, struct hs_at at, struct hs_owner owner);
void hs_mend_mode(struct hs_verdict *v, struct hs_case *c, struct hs_at at, uint16_t mode);
void hs_mend_flags(struct hs_verdict *v, struct hs_case *c, struct hs_at at, uint32_t set,
		   uint32_t clear);
void hs_mend_bytes(struct hs_verdict *v, struct hs_case *c, struct hs_at at, uint64_t offset,
		   const void *bytes, uint32_t len);
/*
 * `mode` with type. A directory has `.` from the start; where `..` leads hs_mend_dots() must say.
 */
struct hs_at hs_mend_make(struct hs_verdict *v, struct hs_case *c, struct hs_target *t,
			  uint16_t mode, struct hs_owner owner, const char *symlink);
void hs_mend_free(struct hs_verdict *v, struct hs_case *c, struct hs_at at);
void hs_mend_rebuild(struct hs_verdict *v, struct hs_case *c, struct hs_at dir);

#endif
