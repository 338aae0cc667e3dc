/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Up from a directory to the root: by linkEA where it holds, else by `..` and a search for the name
 * in the directory that it leads to. Each step is compared with that directory.
 *
 * The climb ends at the root, at a directory whose path is known, or when it meets a directory
 * twice; it keeps one name a level and nothing else.
 */
#include <stdlib.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "lfsck/resolve_priv.h"
#include "lustre/linkea.h"

/* Names from below to above, while climbing. */
struct trail {
	struct hs_strbuf bytes;
	uint8_t *lens;
	size_t n, room;
	bool sure;
	struct hs_strbuf *why; /* filled by the first doubt or by what ended the climb */
};

/* ---- paths of directories met lately ---- */

static struct hs_known_dir *known_place(struct hs_resolver *r, struct hs_fid fid)
{
	uint64_t h = (fid.seq ^ ((uint64_t)fid.oid << 20)) * 0x9e3779b97f4a7c15ull;

	return &r->known[h >> 32 & (HS_RESOLVE_CACHE - 1)];
}

static const struct hs_known_dir *known_dir(struct hs_resolver *r, struct hs_fid fid)
{
	const struct hs_known_dir *k = known_place(r, fid);

	return !hs_fid_is_zero(fid) && hs_fid_eq(k->fid, fid) ? k : NULL;
}

static void know_dir(struct hs_resolver *r, struct hs_fid fid, const uint8_t *path, size_t len)
{
	struct hs_known_dir *k = known_place(r, fid);
	uint8_t *copy = malloc(len ? len : 1);

	if (!copy)
		return; /* it is only a shortcut */
	if (len)
		memcpy(copy, path, len);
	free(k->path);
	*k = (struct hs_known_dir){fid, copy, len};
}

/* ---- one step ---- */

void hs_set_claim(struct hs_claim *c, struct hs_fid parent, const uint8_t *name, size_t len)
{
	c->parent = parent;
	c->len = (uint8_t)(len < sizeof(c->name) ? len : sizeof(c->name));
	memcpy(c->name, name, c->len);
}

static void say_name(struct hs_strbuf *why, const struct hs_claim *c)
{
	hs_strbuf_puts(why, "\"");
	hs_strbuf_add_escaped(why, c->name, c->len);
	hs_strbuf_puts(why, "\"");
}

enum hs_answer hs_ask_parent(struct hs_resolver *r, const struct hs_claim *c, struct hs_fid child,
			     struct hs_strbuf *why)
{
	char text[HS_FID_TEXT], other[HS_FID_TEXT];
	bool sure = true;
	enum hs_lookup found = hs_resolver_load(r, c->parent, &r->parent, &sure, why);
	struct hs_fid fid;

	if (found == HS_LOOKUP_NONE)
		return HS_ANSWER_FALSE;
	if (found != HS_LOOKUP_FOUND)
		return HS_ANSWER_UNKNOWN;
	hs_fid_text(c->parent, text);
	if (!hs_inode_is_dir(&r->parent.inode)) {
		hs_strbuf_printf(why, "%s is no directory", text);
		return HS_ANSWER_FALSE;
	}
	found = hs_resolver_name(r, &r->parent, c->name, c->len, &fid, why);
	if (found == HS_LOOKUP_FOUND && hs_fid_eq(fid, child)) {
		if (!sure)
			hs_strbuf_printf(why, "%s has lost its LMA", text);
		return sure ? HS_ANSWER_TRUE : HS_ANSWER_UNKNOWN;
	}
	if (found == HS_LOOKUP_FOUND) {
		hs_strbuf_printf(why, "directory %s has ", text);
		say_name(why, c);
		hs_strbuf_printf(why, " for another object, %s", hs_fid_text(fid, other));
		return HS_ANSWER_FALSE;
	}
	if (found == HS_LOOKUP_NONE) {
		hs_strbuf_printf(why, "directory %s has no name ", text);
		say_name(why, c);
		return HS_ANSWER_FALSE;
	}
	return HS_ANSWER_UNKNOWN;
}

/* Looking for the name of an object in a directory. */
struct search {
	struct hs_fid fid;
	uint32_t ino; /* on the same target, 0 if it is not there */
	struct hs_claim *claim;
};

static int search_entry(void *arg, void *dir, const struct hs_dirent *e)
{
	struct search *s = arg;

	(void)dir;
	if (!e->ino || (e->name_len == 1 && e->name[0] == '.') ||
	    (e->name_len == 2 && !memcmp(e->name, "..", 2)))
		return 0;
	if (e->has_fid ? !hs_fid_eq(hs_fid_get_be(e->fid), s->fid) : e->ino != s->ino)
		return 0;
	hs_set_claim(s->claim, s->claim->parent, e->name, e->name_len);
	return 1;
}

/* The parent that `..` of r->dir names, and the name there. */
static bool claim_by_dotdot(struct hs_resolver *r, struct hs_fid fid, struct hs_claim *c)
{
	static const struct hs_dir_visitor visitor = {.entry = search_entry};
	struct search s = {.fid = fid, .claim = c};
	struct hs_target *t = r->dir.t;
	uint8_t room[512];
	struct hs_dirent e;
	hs_cleanup(hs_strbuf_free) struct hs_strbuf ignored = HS_STRBUF_INIT;
	bool sure = true;

	if (!hs_inode_is_dir(&r->dir.inode) ||
	    hs_dir_lookup(t->fs, &r->dir.inode, "..", 2, &e, room) != 1)
		return false;
	if (e.has_fid)
		c->parent = hs_fid_get_be(e.fid);
	else if (e.ino == t->rpd_ino || hs_load(&r->parent, t, e.ino, false) != 1 ||
		 !hs_loaded_fid(&r->parent, &c->parent))
		return false;
	if (hs_resolver_load(r, c->parent, &r->parent, &sure, &ignored) != HS_LOOKUP_FOUND ||
	    !hs_inode_is_dir(&r->parent.inode))
		return false;
	s.ino = r->parent.t == t ? r->dir.inode.ino : 0;
	return hs_dir_read(r->parent.t->fs, &r->parent.inode, &visitor, &s) == 1;
}

/*
 * The one name of the directory in r->dir: the first that its parent confirms, else the first that
 * anybody claims. False: nobody knows one.
 */
static bool name_of_dir(struct hs_resolver *r, struct hs_fid fid, struct hs_claim *out,
			struct trail *t)
{
	const struct hs_xattr *x = hs_xattr_trusted(&r->dir.xattrs, "link");
	hs_cleanup(hs_strbuf_free) struct hs_strbuf doubt = HS_STRBUF_INIT;
	struct hs_linkea_entry e;
	struct hs_linkea l;
	struct hs_claim c;
	bool any = false;
	size_t pos = 0;

	if (x && x->value && hs_linkea_open(x->value, x->value_len, &l)) {
		while (hs_linkea_next(&l, &pos, &e)) {
			hs_cleanup(hs_strbuf_free) struct hs_strbuf one = HS_STRBUF_INIT;

			if (!e.valid)
				continue;
			hs_set_claim(&c, e.parent, e.name, e.name_len);
			if (hs_ask_parent(r, &c, fid, &one) == HS_ANSWER_TRUE) {
				*out = c;
				return true;
			}
			if (!any) {
				*out = c;
				hs_strbuf_add(&doubt, hs_strbuf_str(&one), one.len);
			}
			any = true;
		}
	}
	if (claim_by_dotdot(r, fid, &c)) {
		*out = c;
		return true;
	}
	if (any) {
		if (t->sure && !t->why->len)
			hs_strbuf_add(t->why, hs_strbuf_str(&doubt), doubt.len);
		t->sure = false;
	}
	return any;
}

/* A shard's name in its master is not part of the path a client sees. */
static bool is_shard_step(struct hs_resolver *r, struct hs_fid fid, const struct hs_claim *c)
{
	struct hs_lmv lmv;
	struct hs_fid named;
	uint32_t index;

	if (!hs_lmv_parse_shard_name(c->name, c->len, &named, &index) || !hs_fid_eq(named, fid))
		return false;
	hs_loaded_lmv(&r->dir, &lmv);
	if (lmv.kind == HS_LMV_SHARD)
		return true;
	if (!r->parent.t)
		return false;
	hs_loaded_lmv(&r->parent, &lmv);
	return lmv.kind == HS_LMV_MASTER;
}

static void add_name(struct hs_resolver *r, struct trail *t, const struct hs_claim *c)
{
	if (hs_array_grow(&t->lens, &t->room, t->n + 1)) {
		r->err = -ENOMEM;
		return;
	}
	t->lens[t->n++] = c->len;
	hs_strbuf_add(&t->bytes, c->name, c->len);
}

/* ---- why an object has no name ---- */

static bool is_unlinked(const struct hs_loaded *l)
{
	struct hs_lma lma;

	return hs_target_is_mdt(l->t) &&
	       (hs_target_pending(l->t, l->inode.ino) ||
		(hs_loaded_lma(l, &lma) && (lma.incompat & HS_LMAI_ORPHAN)));
}

bool hs_say_nameless(const struct hs_loaded *l, struct hs_fid fid, struct hs_strbuf *why)
{
	char text[HS_FID_TEXT], tgt[16];

	hs_fid_text(fid, text);
	hs_tgt_text(l->t->id, tgt);
	if (hs_target_is_internal(l->t, l->inode.ino)) {
		hs_strbuf_printf(why, "%s is a file of %s's own, outside the name space", text,
				 tgt);
		return true;
	}
	if (is_unlinked(l)) {
		hs_strbuf_printf(why,
				 "%s is open-unlinked: it has no name any more and goes away when "
				 "%s is mounted again",
				 text, tgt);
		return true;
	}
	return false;
}

/* ---- the climb ---- */

/* From directory `fid` to the root. False: the climb broke off, t->why says why. */
static bool climb(struct hs_resolver *r, struct hs_fid fid, struct trail *t,
		  const struct hs_known_dir **prefix)
{
	struct hs_fid mark = {0};
	uint64_t steps = 0, next_mark = 1;

	*prefix = NULL;
	while (!hs_fid_eq(fid, r->root)) {
		hs_cleanup(hs_strbuf_free) struct hs_strbuf ended = HS_STRBUF_INIT;
		struct hs_claim c;
		char text[HS_FID_TEXT];
		bool sure = true;

		*prefix = known_dir(r, fid);
		if (*prefix)
			return true;
		if (hs_fid_eq(fid, mark)) {
			hs_strbuf_printf(&ended, "%s is an ancestor of itself",
					 hs_fid_text(fid, text));
			goto broken;
		}
		/* a cycle of any length is met once the mark stands inside it (Brent) */
		if (++steps == next_mark) {
			mark = fid;
			next_mark *= 2;
		}
		hs_strbuf_puts(&ended, "a directory above: ");
		if (hs_resolver_load(r, fid, &r->dir, &sure, &ended) != HS_LOOKUP_FOUND)
			goto broken;
		hs_strbuf_reset(&ended);
		if (!sure && t->sure) {
			hs_strbuf_printf(t->why, "%s has lost its LMA", hs_fid_text(fid, text));
			t->sure = false;
		}
		if (hs_say_nameless(&r->dir, fid, &ended))
			goto broken;
		if (!name_of_dir(r, fid, &c, t)) {
			hs_strbuf_printf(&ended, "directory %s does not know its parent",
					 hs_fid_text(fid, text));
			goto broken;
		}
		if (!is_shard_step(r, fid, &c))
			add_name(r, t, &c);
		if (r->err)
			return false;
		fid = c.parent;
		continue;
	broken:
		hs_strbuf_reset(t->why);
		hs_strbuf_add(t->why, hs_strbuf_str(&ended), ended.len);
		return false;
	}
	return true;
}

static void put_path(struct hs_strbuf *out, const struct trail *t,
		     const struct hs_known_dir *prefix)
{
	size_t off = t->bytes.len;

	if (prefix)
		hs_strbuf_add(out, prefix->path, prefix->len);
	for (size_t i = t->n; i-- > 0;) {
		off -= t->lens[i];
		hs_strbuf_putc(out, '/');
		hs_strbuf_add(out, t->bytes.s + off, t->lens[i]);
	}
}

static void trail_free(struct trail *t)
{
	hs_strbuf_free(&t->bytes);
	free(t->lens);
}

bool hs_dir_path(struct hs_resolver *r, struct hs_fid fid, struct hs_strbuf *path, bool *sure,
		 struct hs_strbuf *why)
{
	hs_cleanup(trail_free) struct trail t = {.sure = true, .why = why};
	const struct hs_known_dir *prefix;
	bool ok = climb(r, fid, &t, &prefix);

	if (ok) {
		size_t before = path->len;

		put_path(path, &t, prefix);
		if (t.sure && !hs_strbuf_error(path))
			know_dir(r, fid, (const uint8_t *)hs_strbuf_str(path) + before,
				 path->len - before);
	}
	*sure &= t.sure;
	if (hs_strbuf_error(&t.bytes) || hs_strbuf_error(path))
		r->err = -ENOMEM;
	return ok;
}
