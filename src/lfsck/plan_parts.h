/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What repairs are put together from: edits that belong together, with everything that has to
 * follow. As lfsck/plan.h: for judges, in the item at hand, reading through the plan. What cannot
 * be done exactly ends in hs_case_no_repair().
 */
#ifndef HS_LFSCK_PLAN_PARTS_H
#define HS_LFSCK_PLAN_PARTS_H

#include "lfsck/verdict.h"
#include "lustre/linkea.h"
#include "lustre/lma.h"
#include "lustre/lmv.h"
#include "lustre/lov.h"
#include "lustre/parent.h"

#define HS_TYPE_REG 1
#define HS_TYPE_DIR 2
#define HS_TYPE_LNK 7

/* ---- plan_lma.c ---- */

/* Writes the LMA with this FID; flags that cannot be read are those that the rest suggests. */
void hs_mend_fid(struct hs_verdict *v, struct hs_case *c, struct hs_at at, struct hs_fid fid);
void hs_mend_lma_flags(struct hs_verdict *v, struct hs_case *c, struct hs_at at,
		       uint32_t set_incompat, uint32_t clear_incompat);

/* ---- plan_links.c: linkEA, and what an MDT keeps of parents on other MDTs ---- */

struct hs_link {
	struct hs_fid parent;
	uint8_t name[HS_LINKEA_NAME_MAX];
	uint8_t len;
};

/* Zero it first. */
struct hs_links {
	struct hs_link *v;
	size_t n, room;
	uint32_t overflow_time;
	bool lost; /* there is no linkEA, or none that can be used */
};

/* Valid entries of the linkEA. False when it cannot be read. To be freed also then. */
bool hs_links_load(struct hs_verdict *v, struct hs_at at, struct hs_links *l);
void hs_links_free(struct hs_links *l);
void hs_links_add(struct hs_verdict *v, struct hs_links *l, struct hs_fid parent, const void *name,
		  size_t len);
/* One copy; false if there is none. */
bool hs_links_drop(struct hs_links *l, struct hs_fid parent, const void *name, size_t len);
bool hs_links_have(const struct hs_links *l, struct hs_fid parent, const void *name, size_t len);
/* Repeated links become one. */
void hs_links_unique(struct hs_links *l);

/*
 * Writes the linkEA of the object and, as any of its parents is on another MDT or none is, flag and
 * entry in REMOTE_PARENT_DIR.
 */
void hs_mend_links(struct hs_verdict *v, struct hs_case *c, struct hs_at at, struct hs_fid fid,
		   uint8_t type, const struct hs_links *l);
void hs_mend_remote(struct hs_verdict *v, struct hs_case *c, struct hs_at at, struct hs_fid fid,
		    uint8_t type, bool remote);
/* `..` of a directory leads to this parent, or to REMOTE_PARENT_DIR when that is elsewhere. */
void hs_mend_parent(struct hs_verdict *v, struct hs_case *c, struct hs_at at, struct hs_fid parent);

/* ---- plan_names.c: names, and the agents of what they lead to ---- */

/* What an entry in a directory of `t` has to say of an object; makes its agent if it is remote. */
bool hs_mend_lead(struct hs_verdict *v, struct hs_case *c, struct hs_at dir, struct hs_fid child,
		  struct hs_at at, uint8_t type, struct hs_leads *out);
/* Puts a name into a directory, which must not have it. The child's own records are not touched. */
void hs_mend_name(struct hs_verdict *v, struct hs_case *c, struct hs_at dir, const void *name,
		  size_t len, struct hs_fid child, struct hs_at at, uint8_t type);
/* Takes one away, with the agent behind it. */
void hs_mend_unname(struct hs_verdict *v, struct hs_case *c, struct hs_at dir, const void *name,
		    size_t len);

/* The name under which a directory has this inode (and FID, unless NULL). False: none, or several.
 */
struct hs_plan_name {
	uint8_t bytes[255];
	size_t len;
};
bool hs_plan_name_of(struct hs_verdict *v, struct hs_at dir, uint32_t ino, const struct hs_fid *fid,
		     struct hs_plan_name *out);
/* Out of the lost+found of the target itself. */
void hs_mend_unlost(struct hs_verdict *v, struct hs_case *c, struct hs_at at);

/* Whether the inode is an agent, and of which object. */
bool hs_plan_is_agent(struct hs_verdict *v, struct hs_at at, struct hs_fid *fid);
/* Type nibble of an inode; 0 when it cannot be told. */
uint8_t hs_plan_type(struct hs_verdict *v, struct hs_at at);

/*
 * The directory counts a subdirectory that it has no entry for, and that goes elsewhere: it counts
 * one less.
 */
void hs_mend_uncount(struct hs_verdict *v, struct hs_case *c, struct hs_at dir);

/* ---- plan_make.c: new objects of MDTs ---- */

/* A FID of the MDT's own that nobody has used. */
bool hs_plan_new_fid(struct hs_verdict *v, struct hs_case *c, struct hs_target *t,
		     struct hs_fid *out);
/*
 * A regular file or directory with this FID: LMA, OI record. A directory has no `..` yet
 * (hs_mend_parent()), no object has a linkEA (hs_mend_links()).
 */
struct hs_at hs_mend_object(struct hs_verdict *v, struct hs_case *c, struct hs_target *t,
			    struct hs_fid fid, uint16_t mode, struct hs_owner owner);
/* The inode of a name in the backend root of a target; ino 0: there is none. */
struct hs_at hs_plan_root_name(struct hs_verdict *v, struct hs_target *t, const char *name);

/* ---- plan_lost.c: .lustre/lost+found/MDTxxxx ---- */

/* Where lfsck_bookmark has the FID of that directory (format notes, section 15). */
#define HS_BOOKMARK_LOST_FOUND 16

/* The directory of this MDT; begins an item of its own if it has to be made. */
bool hs_plan_lost_found(struct hs_verdict *v, struct hs_case *c, struct hs_target *t,
			struct hs_at *dir, struct hs_fid *fid);
/*
 * An item of phase 2 that puts the object there, under "<FID><infix>-<kind>-<n>"; `infix` is empty
 * or a directory's "-[FID of ..]". All its links are given up for that one. It is left open for
 * more edits.
 */
void hs_mend_lost(struct hs_verdict *v, struct hs_case *c, struct hs_at at, struct hs_fid fid,
		  char kind, const char *infix);
/* The same in the item at hand; hs_plan_lost_found() has been called before it was begun. */
void hs_mend_lost_here(struct hs_verdict *v, struct hs_case *c, struct hs_at at, struct hs_fid fid,
		       char kind, const char *infix);
/* The infix of a directory (rule notes, section 8). */
const char *hs_plan_infix(struct hs_verdict *v, struct hs_case *c, struct hs_at dir);

/* ---- plan_objects.c: OST objects ---- */

/* Directory below O/ and name for a FID. False if the directory is missing. */
bool hs_plan_oname(struct hs_verdict *v, struct hs_target *t, struct hs_fid fid, struct hs_at *dir,
		   char name[24]);
/* Gives the object its name below O/ (whatever is there now). */
void hs_mend_oname(struct hs_verdict *v, struct hs_case *c, struct hs_fid fid, struct hs_at at);
/* The parent record: this stripe of this component of this file. */
void hs_mend_parent_record(struct hs_verdict *v, struct hs_case *c, struct hs_at object,
			   struct hs_fid file, const struct hs_lov_comp *comp, uint32_t index);
/* A new object with this FID. */
struct hs_at hs_mend_ost_object(struct hs_verdict *v, struct hs_case *c, struct hs_target *t,
				struct hs_fid fid, uint16_t mode, struct hs_owner owner);
/*
 * The next object that the MDT would take from this sequence on this OST: precreated, or made. Its
 * lov_objid follows.
 */
bool hs_mend_take_object(struct hs_verdict *v, struct hs_case *c, struct hs_target *ost,
			 struct hs_target *mdt, struct hs_fid *out);
/* LAST_ID is not below this id. */
void hs_mend_last_id(struct hs_verdict *v, struct hs_case *c, struct hs_target *t, uint64_t seq,
		     uint64_t id);

/* ---- plan_layout.c: trusted.lov ---- */

/* A layout being changed; the value is the plan's. */
struct hs_lov_edit {
	struct hs_at at;
	struct hs_fid file;
	struct hs_strbuf value; /* as it was read */
	uint8_t *buf;		/* as it will be */
	struct hs_lov lov;	/* of value */
};
/* False: none that can be changed. To be ended by one of the two below. */
bool hs_lov_edit_begin(struct hs_verdict *v, struct hs_case *c, struct hs_at at, struct hs_fid file,
		       struct hs_lov_edit *e);
void hs_lov_edit_end(struct hs_verdict *v, struct hs_case *c, struct hs_lov_edit *e);
void hs_lov_edit_free(struct hs_lov_edit *e);

/* An object as a stripe: what its parent record and its place say. */
struct hs_lov_piece {
	struct hs_fid object;
	struct hs_target *ost;
	uint32_t ino;
	struct hs_parent parent;
	struct hs_owner owner;
	uint64_t size; /* of the object, bytes */
};

/*
 * The layout of a file from the parent records of its objects: plain, composite, with mirrors.
 * NULL, with the reason in *why, when they do not make one. malloced.
 */
uint8_t *hs_lov_rebuild(struct hs_fid file, const struct hs_lov_piece *pieces, size_t n,
			size_t *len, const char **why);

#endif
