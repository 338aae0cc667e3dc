/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the layout judges share: who claims which stripe and is not confirmed, and files and
 * objects looked at one by one.
 *
 * A stripe record and a parent record that do not meet leave a LAY fact over, on the file's side
 * or on the object's. Both are listed by file, so that one damaged layout becomes one finding
 * however many objects it had.
 *
 * One thread. Memory goes with the number of problems.
 */
#ifndef HS_LFSCK_LAYOUTS_H
#define HS_LFSCK_LAYOUTS_H

#include "lfsck/plan_parts.h"
#include "lustre/lov.h"

/* A LAY fact that was left over when the judges began. */
struct hs_lay {
	struct hs_fid file;
	uint32_t index, ost;
	struct hs_fid object;
	struct hs_claim *claim; /* its net tells whether it still is */
	unsigned kind;		/* for the judge at work */
};

/* Sorted by file, index, object. */
struct hs_lay_list {
	struct hs_lay *v;
	size_t n, room;
};

enum hs_file_state {
	HS_FILE_REGULAR,
	HS_FILE_OTHER,	/* the object is no regular file */
	HS_FILE_NONE,	/* proven: there is no such object */
	HS_FILE_UNKNOWN /* unread, on an absent target: `why` tells */
};

/* A file and its layout. Zero it first. */
struct hs_file_view {
	struct hs_fid fid;
	bool loaded;
	enum hs_file_state state;
	struct hs_strbuf why;
	struct hs_target *t; /* the MDT that is or would be its home; may be NULL */
	struct hs_loaded l;  /* REGULAR and OTHER */
	bool has_lov;
	struct hs_lov lov; /* with has_lov; its flaws are complete */
	bool unread;	   /* there may be a LOV EA, it could not be read */
};

/* An OST object and its parent record. Zero it first. */
struct hs_object_view {
	struct hs_fid fid;
	enum hs_lookup found;
	struct hs_strbuf why;
	struct hs_target *t;
	struct hs_loaded l; /* with FOUND */
	bool has_parent;
	struct hs_parent parent;
	bool untouched; /* never written: no time, size or blocks */
};

struct hs_layouts {
	struct hs_verdict *v;
	struct hs_lay_list stripes; /* left over on the file's side */
	struct hs_lay_list claims;  /* left over on the object's side */
	struct hs_file_view file, other;
	struct hs_object_view object, occupant;
	struct hs_fid *suspects; /* files whose other records deserve a look */
	size_t n_suspects, suspects_room;
};

errint_t hs_layouts_init(struct hs_layouts *l, struct hs_verdict *v);
void hs_layouts_free(struct hs_layouts *l);

/* Entries of a file: positions [first, end). */
void hs_lay_of(const struct hs_lay_list *list, struct hs_fid file, size_t *first, size_t *end);

/* First position behind the entries of the file at position i. */
size_t hs_lay_file_end(const struct hs_lay_list *list, size_t i);

static inline bool hs_lay_open(const struct hs_lay *e)
{
	return e->claim->net != 0;
}

/* Whether any file still names the object, or the object still claims a stripe, in vain. */
bool hs_lay_is_named(const struct hs_layouts *l, struct hs_fid object);
bool hs_lay_is_claimed(const struct hs_layouts *l, struct hs_fid object);

/* Loads; a second call for the same FID costs nothing. Only -ENOMEM ends up in v->err. */
void hs_file_view_load(struct hs_verdict *v, struct hs_fid fid, struct hs_file_view *f);
void hs_file_view_free(struct hs_file_view *f);
void hs_object_view_load(struct hs_verdict *v, struct hs_fid fid, struct hs_object_view *o);
void hs_object_view_free(struct hs_object_view *o);

/* What a layout has where a parent record says the object belongs. */
enum hs_slot {
	HS_SLOT_NO_LAYOUT,    /* no LOV EA, or none that can be read */
	HS_SLOT_NO_COMPONENT, /* no such component, or it has no objects */
	HS_SLOT_NONE,	      /* the component has fewer stripes */
	HS_SLOT_EMPTY,	      /* all-zero record */
	HS_SLOT_TAKEN,	      /* *stripe */
};
enum hs_slot hs_file_slot(const struct hs_file_view *f, const struct hs_parent *p,
			  struct hs_lov_stripe *stripe);

/* The component and index where a layout names an object; false if nowhere. */
bool hs_file_names(const struct hs_file_view *f, struct hs_fid object,
		   const struct hs_lov_comp **comp, uint32_t *index);

/* The component in which the object is stripe `index`; its position, or UINT32_MAX. */
uint32_t hs_file_record(const struct hs_file_view *f, struct hs_fid object, uint32_t index);
/* The component that a parent record means, by position; UINT32_MAX: none, or it cannot be told. */
uint32_t hs_file_meant(const struct hs_file_view *f, const struct hs_parent *p);

/* How many of its stripes are this object. */
uint32_t hs_file_count(const struct hs_file_view *f, struct hs_fid object);

/* ---- corrections ---- */

/* The file does not name this object there: takes away what the stripe said. */
void hs_layouts_drop_stripe(struct hs_verdict *v, struct hs_case *c, const struct hs_file_view *f,
			    const struct hs_lay *e);
/* The object is put where it claims to belong: takes away all it says that nobody confirms. */
void hs_layouts_settle_object(struct hs_verdict *v, struct hs_case *c, struct hs_fid object);
/* All that is left over of one tag, on one side (as hs_claim_next()). */
void hs_layouts_settle_tag(struct hs_verdict *v, struct hs_case *c, struct hs_fid object,
			   enum hs_fact_tag tag, int side);

/* All objects that claim to belong to a file, put there; names them in the case. */
size_t hs_layouts_fold(struct hs_layouts *l, struct hs_case *c, struct hs_fid file);

/* The LOV EA is so damaged that nothing in it can be believed (an unused mark says so). */
bool hs_layouts_ruined(const struct hs_verdict *v, struct hs_fid file);

/* A file about which something was found. */
void hs_layouts_suspect(struct hs_layouts *l, struct hs_fid file);

/* ---- pieces of a layout, for its rebuilding (lfsck/plan_parts.h) ---- */

/*
 * Objects whose parent records name the file and are left over, once each; *out is malloced. 0:
 * none, or memory is short (v->err).
 */
size_t hs_layouts_pieces(struct hs_verdict *v, struct hs_fid file, struct hs_lov_piece **out);
/* Adds the objects that a layout names and that say they belong there. */
size_t hs_layouts_add_confirmed(struct hs_verdict *v, const struct hs_file_view *f,
				struct hs_lov_piece **pieces, size_t n);
/* The records still say so. */
void hs_layouts_expect_pieces(struct hs_verdict *v, struct hs_case *c,
			      const struct hs_lov_piece *pieces, size_t n);

/* ---- edits of layouts (layouts_plan.c) ---- */

/* Where a file is. */
static inline struct hs_at hs_file_at(const struct hs_file_view *f)
{
	return hs_at(f->l.t, f->l.inode.ino);
}
static inline struct hs_at hs_object_at(const struct hs_object_view *o)
{
	return hs_at(o->l.t, o->l.inode.ino);
}
struct hs_owner hs_owner_of(const struct hs_inode *inode);

/* Stripe `index` of the component at this position becomes the object. */
void hs_layouts_put(struct hs_verdict *v, struct hs_case *c, const struct hs_file_view *f,
		    uint32_t comp, uint32_t index, struct hs_fid object, uint32_t ost);
/* The LOV EA anew, in phase 2, from all objects that say they belong to the file. */
void hs_layouts_rebuild(struct hs_verdict *v, struct hs_case *c, const struct hs_file_view *f);
/* A new object, empty, for a stripe whose object is another's. */
void hs_layouts_renew(struct hs_verdict *v, struct hs_case *c, const struct hs_file_view *f,
		      struct hs_fid object, uint32_t index);
/* The parent record of an object as the layout has it; with `owner` also the owner. */
void hs_layouts_record(struct hs_verdict *v, struct hs_case *c, const struct hs_file_view *f,
		       const struct hs_object_view *o, uint32_t index, bool owner);
/* A file in lost+found for one object: `kind` N or C (rule notes, section 8). */
void hs_layouts_park(struct hs_verdict *v, struct hs_case *c, const struct hs_object_view *o,
		     char kind);
/* The object and its name below O/ go, if it was never written. */
void hs_layouts_destroy(struct hs_verdict *v, struct hs_case *c, const struct hs_object_view *o);

/* ---- words ---- */

/* The end of an extent. */
const char *hs_layouts_end(struct hs_case *c, uint64_t end);

struct hs_target *hs_layouts_home(const struct hs_verdict *v, struct hs_fid fid);
/* The path of the file for a case about an object. */
void hs_layouts_path(struct hs_verdict *v, struct hs_case *c, struct hs_fid file);
/* What the stripe record says, by its place. */
void hs_layouts_say_stripe(struct hs_verdict *v, struct hs_case *c, const struct hs_lay *e);
/* What the parent record behind an unconfirmed claim says; lists the object with the case. */
void hs_layouts_say_claim(struct hs_verdict *v, struct hs_case *c, const struct hs_lay *e);
/* What the object's parent record says, or that it does not exist. */
void hs_layouts_say_object(struct hs_verdict *v, struct hs_case *c, const struct hs_object_view *o);

/* ---- the judges, in order ---- */

void hs_judge_pending(struct hs_layouts *l);	/* judge_pending.c: destroys on their way */
void hs_judge_records(struct hs_layouts *l);	/* judge_records.c: stripe records outvoted */
void hs_judge_lov(struct hs_layouts *l);	/* judge_lov.c: the LOV EA itself */
void hs_judge_stripes(struct hs_layouts *l);	/* judge_stripes.c: what files name */
void hs_judge_orphans(struct hs_layouts *l);	/* judge_orphans.c: what objects claim */
void hs_judge_parentless(struct hs_layouts *l); /* judge_parentless.c: no parent record */
void hs_judge_owner(struct hs_layouts *l);	/* judge_owner.c: owner, component, encryption */
void hs_judge_geometry(struct hs_layouts *l);	/* judge_geometry.c: the rest of parent records */

#endif
