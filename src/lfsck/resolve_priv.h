/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the two directions of resolving share.
 */
#ifndef HS_LFSCK_RESOLVE_PRIV_H
#define HS_LFSCK_RESOLVE_PRIV_H

#include "lfsck/resolve.h"
#include "lustre/lma.h"
#include "lustre/lmv.h"

#define HS_RESOLVE_CACHE 512 /* paths of directories */

/* The verified path of a directory: "" for the root. */
struct hs_known_dir {
	struct hs_fid fid; /* zero: unused place */
	uint8_t *path;
	size_t len;
};

struct hs_resolver {
	const struct hs_system *sys;
	struct hs_fid root;
	struct hs_loaded object; /* whose names are asked for */
	struct hs_loaded dir;	 /* on the way up or down */
	struct hs_loaded parent; /* the directory that should hold a name */
	struct hs_loaded child;	 /* behind an entry without a FID */
	errint_t err;		 /* -ENOMEM */
	struct hs_known_dir known[HS_RESOLVE_CACHE];
};

/*
 * The FID behind a name of a loaded directory (not a striped one): from the entry, else from the
 * inode it names. Nothing is said when there is no such name.
 */
enum hs_lookup hs_resolver_name(struct hs_resolver *r, const struct hs_loaded *dir,
				const void *name, size_t len, struct hs_fid *child,
				struct hs_strbuf *why);

/* trusted.lma; false when it is lost or too short. */
bool hs_loaded_lma(const struct hs_loaded *l, struct hs_lma *out);

/* trusted.lmv of a loaded directory; kind HS_LMV_NONE without one. */
void hs_loaded_lmv(const struct hs_loaded *l, struct hs_lmv *out);

/* A name in a directory, as somebody claims it. */
struct hs_claim {
	struct hs_fid parent;
	uint8_t len;
	uint8_t name[255];
};

/* What the directory says to a claim. */
enum hs_answer {
	HS_ANSWER_TRUE,
	HS_ANSWER_UNKNOWN, /* it is absent or damaged */
	HS_ANSWER_FALSE,
};

/* A name longer than 255 bytes, which no linkEA or directory entry can hold, is cut. */
void hs_set_claim(struct hs_claim *c, struct hs_fid parent, const uint8_t *name, size_t len);

/*
 * Asks the directory whether it has this name for `child`; leaves it loaded in r->parent unless the
 * answer is HS_ANSWER_UNKNOWN. Why it is not HS_ANSWER_TRUE is told.
 */
enum hs_answer hs_ask_parent(struct hs_resolver *r, const struct hs_claim *c, struct hs_fid child,
			     struct hs_strbuf *why);

/* Tells why an object cannot have a name: it is internal or open-unlinked. False: it may well. */
bool hs_say_nameless(const struct hs_loaded *l, struct hs_fid fid, struct hs_strbuf *why);

/*
 * The path of a directory, "" for the root, appended; *sure becomes false with the first doubt.
 * False: there is none. *why tells of both. r->object is left alone.
 */
bool hs_dir_path(struct hs_resolver *r, struct hs_fid fid, struct hs_strbuf *path, bool *sure,
		 struct hs_strbuf *why);

#endif
