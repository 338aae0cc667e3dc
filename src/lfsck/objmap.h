/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Compressed bitmaps over OST object ids: what only the OST knows of objects that were never
 * written, and which of them a layout has named (equations 6.3).
 */
#ifndef HS_LFSCK_OBJMAP_H
#define HS_LFSCK_OBJMAP_H

#include "lustre/fid.h"

enum hs_objbit {
	HS_OBJ_NO_PARENT = 1 << 0,  /* N: no LAY, no COMP; references are counted by bitmap */
	HS_OBJ_NO_COMP = 1 << 1,    /* C: no COMP */
	HS_OBJ_NO_OWNER = 1 << 2,   /* U: no OWN */
	HS_OBJ_NO_PROJECT = 1 << 3, /* J: no PROJ */
	HS_OBJ_TOUCHED = 1 << 4,    /* T: no parent record, yet not as it was precreated */
	HS_OBJ_REFERENCED = 1 << 5, /* REF: a stripe names it (kept for N only) */
	HS_OBJ_TWICE = 1 << 6,	    /* more than one stripe names it */
};
#define HS_OBJ_BITS 7

struct hs_objmap_seq;

/* One worker's, or the merged one. Not for several writers; any number of readers. */
struct hs_objmap {
	struct hs_objmap_seq **seqs; /* sorted by OST, sequence, upper half of the id */
	size_t n, room;
	struct hs_objmap_seq *last; /* the writer's cache */
};

void hs_objmap_free(struct hs_objmap *m);

/*
 * Sets bits of an object (FID as in the equations' keys). REFERENCED set twice becomes TWICE as
 * well. -ENOMEM.
 */
errint_t hs_objmap_set(struct hs_objmap *m, uint32_t ost, struct hs_fid object, unsigned bits);

/* A reader's cache; zero it first. */
struct hs_objmap_cursor {
	const struct hs_objmap_seq *last;
};
unsigned hs_objmap_get(const struct hs_objmap *m, struct hs_objmap_cursor *c, uint32_t ost,
		       struct hs_fid object);

/* to |= from; objects REFERENCED in both become TWICE. Frees `from`. */
errint_t hs_objmap_merge(struct hs_objmap *to, struct hs_objmap *from);

/* Run-length compression, for readers; nothing may be set afterwards. Returns the bytes used. */
size_t hs_objmap_optimize(struct hs_objmap *m);

/*
 * Calls fn for every object that has all bits of `want` in `a` and none of `unless` in `b` (b may
 * be NULL), ascending. A non-zero return ends it.
 */
int hs_objmap_each(const struct hs_objmap *a, unsigned want, const struct hs_objmap *b,
		   unsigned unless, int (*fn)(void *arg, uint32_t ost, struct hs_fid object),
		   void *arg);

#endif
