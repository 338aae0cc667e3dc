/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the two directions of resolving share.
 */
#ifndef HS_LFSCK_RESOLVE_PRIV_H
#define HS_LFSCK_RESOLVE_PRIV_H

#include "lfsck/resolve.h"
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

/* trusted.lmv of a loaded directory; kind HS_LMV_NONE without one. */
void hs_loaded_lmv(const struct hs_loaded *l, struct hs_lmv *out);

#endif
