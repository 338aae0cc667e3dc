/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From a path to a FID: down from the root, name by name. In a striped directory the hash of a name
 * says which shard should hold it; if that one does not, all others are asked, because a name in
 * the wrong shard is still a name.
 */
#include <stdlib.h>

#include "base/cleanup.h"
#include "lfsck/resolve_priv.h"

/* Where the walk stands. */
struct walk {
	struct hs_resolver *r;
	const uint8_t *path;
	size_t done; /* bytes of the path behind us, for messages */
	struct hs_fid fid;
	struct hs_strbuf *why;
};

static void say_path(struct walk *w)
{
	hs_strbuf_puts(w->why, "\"");
	hs_strbuf_add_escaped(w->why, w->path, w->done);
	hs_strbuf_puts(w->why, "\"");
}

static enum hs_lookup say_no_name(struct walk *w)
{
	say_path(w);
	hs_strbuf_puts(w->why, ": no such name");
	return HS_LOOKUP_NONE;
}

/* Index in `shards` of the one that the hash of the name selects; n if there is none. */
static size_t hashed_shard(const struct hs_lmv *lmv, const struct hs_shard *shards, size_t n,
			   const uint8_t *name, size_t len)
{
	uint32_t stripe = hs_name_stripe(lmv->hash & HS_LMV_HASH_MASK, lmv->count, name, len);
	size_t i = 0;

	while (i < n && shards[i].index != stripe)
		i++;
	return i;
}

/* One shard. What it cannot answer is only told if no other shard has the name. */
static enum hs_lookup ask_shard(struct walk *w, struct hs_fid shard, const uint8_t *name,
				size_t len, struct hs_fid *child, struct hs_strbuf *why)
{
	bool sure = true;
	enum hs_lookup found = hs_resolver_load(w->r, shard, &w->r->parent, &sure, why);

	if (found == HS_LOOKUP_FOUND && !hs_inode_is_dir(&w->r->parent.inode)) {
		hs_strbuf_puts(why, "a shard is no directory");
		return HS_LOOKUP_UNREAD;
	}
	if (found == HS_LOOKUP_FOUND)
		return hs_resolver_name(w->r, &w->r->parent, name, len, child, why);
	/* the directory is there, a part of it is not */
	return found == HS_LOOKUP_NONE ? HS_LOOKUP_UNREAD : found;
}

static enum hs_lookup step_striped(struct walk *w, const struct hs_lmv *lmv, const uint8_t *name,
				   size_t len)
{
	hs_cleanup(hs_strbuf_free) struct hs_strbuf doubt = HS_STRBUF_INIT;
	hs_autofree struct hs_shard *shards = NULL;
	enum hs_lookup worst = HS_LOOKUP_NONE;
	struct hs_fid child;
	size_t n, hashed;
	errint_t err = hs_read_shards(&w->r->dir, &shards, &n);

	if (err == -ENOMEM)
		w->r->err = err;
	if (err) {
		hs_strbuf_puts(&doubt, "the striped directory is damaged or could not be read");
		worst = HS_LOOKUP_UNREAD;
	}
	hashed = hashed_shard(lmv, shards, n, name, len);
	for (size_t i = 0; i <= n; i++) {
		hs_cleanup(hs_strbuf_free) struct hs_strbuf one = HS_STRBUF_INIT;
		/* the hashed one first, then all in order but that one */
		size_t k = i == 0 ? hashed : i - 1;
		enum hs_lookup found;

		if (k == n || (i > 0 && k == hashed))
			continue;
		found = ask_shard(w, shards[k].fid, name, len, &child, &one);
		if (found == HS_LOOKUP_FOUND) {
			w->fid = child;
			return found;
		}
		if (found != HS_LOOKUP_NONE && worst == HS_LOOKUP_NONE) {
			worst = found;
			hs_strbuf_add(&doubt, hs_strbuf_str(&one), one.len);
		}
	}
	if (worst == HS_LOOKUP_NONE)
		return say_no_name(w);
	say_path(w);
	hs_strbuf_printf(w->why, ": not found, but %s", hs_strbuf_str(&doubt));
	return worst;
}

static enum hs_lookup step(struct walk *w, const uint8_t *name, size_t len)
{
	enum hs_lookup found;
	struct hs_lmv lmv;
	struct hs_lma lma;
	struct hs_fid child;
	bool sure = true;

	/* the directory that has all FIDs for names, though nothing is in it on disk */
	if (hs_fid_is_dot_lustre_fid(w->fid) && !hs_fid_parse((const char *)name, len, &w->fid))
		return HS_LOOKUP_FOUND;
	found = hs_resolver_load(w->r, w->fid, &w->r->dir, &sure, w->why);
	if (found != HS_LOOKUP_FOUND)
		return found;
	if (!hs_inode_is_dir(&w->r->dir.inode)) {
		say_path(w);
		hs_strbuf_puts(w->why, ": a part of the path is no directory");
		return HS_LOOKUP_NONE;
	}
	hs_loaded_lmv(&w->r->dir, &lmv);
	if (lmv.kind == HS_LMV_MASTER)
		return step_striped(w, &lmv, name, len);
	found = hs_resolver_name(w->r, &w->r->dir, name, len, &child, w->why);
	/* a striped directory that lost its LMV still has its shards */
	if (found == HS_LOOKUP_NONE && hs_loaded_lma(&w->r->dir, &lma) &&
	    (lma.incompat & HS_LMAI_STRIPED))
		return step_striped(w, &lmv, name, len);
	if (found == HS_LOOKUP_NONE)
		return say_no_name(w);
	if (found == HS_LOOKUP_FOUND)
		w->fid = child;
	return found;
}

enum hs_lookup hs_resolver_fid(struct hs_resolver *r, const void *path, size_t len,
			       struct hs_fid *fid, struct hs_strbuf *why)
{
	struct walk w = {.r = r, .path = path, .fid = r->root, .why = why};
	const uint8_t *p = path;
	enum hs_lookup found;
	size_t i = 0;

	while (i < len) {
		const uint8_t *slash = memchr(p + i, '/', len - i);
		size_t n = slash ? (size_t)(slash - (p + i)) : len - i;

		w.done = i + n;
		if (n == 2 && p[i] == '.' && p[i + 1] == '.') {
			hs_strbuf_puts(why, "a path cannot go back by \"..\"");
			return HS_LOOKUP_NONE;
		}
		if (n > 255) {
			hs_strbuf_puts(why, "a name has at most 255 bytes");
			return HS_LOOKUP_NONE;
		}
		if (n && !(n == 1 && p[i] == '.')) {
			found = step(&w, p + i, n);
			if (found != HS_LOOKUP_FOUND)
				return found;
		}
		i += n + 1;
	}
	*fid = w.fid;
	return HS_LOOKUP_FOUND;
}
