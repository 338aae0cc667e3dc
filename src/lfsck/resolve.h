/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From FIDs to paths and back, by look-ups only: never by a scan of a target.
 *
 * A path is put together from what objects say of their names (linkEA, `..`), and every step is
 * compared with the directory that should hold the name. A path whose steps all agreed is verified;
 * one that rests on a single witness, or leads through a target that was not given, is not.
 *
 * Paths are bytes, begin with "/", and are those a client sees: the shards of a striped directory
 * do not appear in them. Names can hold any byte.
 */
#ifndef HS_LFSCK_RESOLVE_H
#define HS_LFSCK_RESOLVE_H

#include "lfsck/lookup.h"
#include "lustre/parent.h"

struct hs_path {
	uint8_t *bytes; /* owned, not NUL-terminated */
	size_t len;
	bool verified;
};

/* What is known about the names of one object. */
struct hs_paths {
	enum hs_lookup object; /* the object itself; no path unless HS_LOOKUP_FOUND */
	struct hs_path *v;     /* in the order of the linkEA */
	size_t n, room;
	uint64_t more; /* names beyond these that the link count of the inode asks for */
	bool overflow; /* the linkEA says that it had no room for all names */
	/*
	 * One sentence: why there is no path, or the first reason why one is not verified. Empty
	 * when all is well.
	 */
	struct hs_strbuf why;

	/* An OST object: the paths are those of the file it belongs to. */
	bool is_stripe;
	struct hs_parent parent; /* its parent record */
};

void hs_paths_free(struct hs_paths *p);

/* Buffers, and the paths of directories met lately. One thread. The system must outlive it. */
struct hs_resolver;
errint_t hs_resolver_new(const struct hs_system *sys, struct hs_resolver **out);
void hs_resolver_free(struct hs_resolver *r); /* NULL is allowed */

/*
 * All paths of an object. *out needs no initialisation and is to be freed also on error. The only
 * error is -ENOMEM; whatever stands in the way of a path is told in out->why.
 */
errint_t hs_resolver_paths(struct hs_resolver *r, struct hs_fid fid, struct hs_paths *out);

/* The same for a single question. */
errint_t hs_resolve_path(const struct hs_system *sys, struct hs_fid fid, struct hs_paths *out);

/*
 * The FID that a path leads to, from the root of the file system: with or without a leading "/".
 * Symbolic links are not followed, `..` is not a name. `.lustre/fid/FID` works as on a client.
 *
 * HS_LOOKUP_FOUND: the name is there; whether the object is, the caller looks up. Otherwise `why`
 * (initialised by the caller) gets one sentence: HS_LOOKUP_NONE no such name, HS_LOOKUP_ABSENT a
 * directory on the way is on a target that was not given, HS_LOOKUP_UNREAD one is damaged.
 */
enum hs_lookup hs_resolver_fid(struct hs_resolver *r, const void *path, size_t len,
			       struct hs_fid *fid, struct hs_strbuf *why);

/*
 * Loads an object through the index of its target. HS_LOOKUP_FOUND only when the inode there is
 * that object; one that lost its LMA is taken for it, and *sure becomes false. Otherwise `why`
 * gets one sentence.
 */
enum hs_lookup hs_resolver_load(struct hs_resolver *r, struct hs_fid fid, struct hs_loaded *l,
				bool *sure, struct hs_strbuf *why);

/* The parent record of an OST object, from trusted.fid or a long LMA; false without one. */
bool hs_loaded_parent(const struct hs_loaded *l, struct hs_parent *out);

/* The shards of a striped directory, by its entries. */
struct hs_shard {
	struct hs_fid fid;
	uint32_t index;
};

/* Sorted by index; *shards is malloced. -ENOMEM, or -EUCLEAN when entries may be missing. */
errint_t hs_read_shards(const struct hs_loaded *master, struct hs_shard **shards, size_t *n);

#endif
