/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every path and every FID of real file systems, both ways: the answers must be what their clients
 * saw. Three sets of Lustre 2.17 with all names of all objects, and the images of 2.9 and 2.10 with
 * listings of `ls -ilR`, where the inode number is the FID folded into 64 bits.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "images.h"
#include "lfsck/resolve.h"
#include "truth.h"

#define IFMT  0170000u
#define IFDIR 0040000u

struct totals {
	unsigned names, objects, overflows, listed, failed;
};

struct name {
	struct hs_fid fid;
	unsigned mode, nlink;
	uint8_t *path;
	size_t len;
};

struct set {
	struct hs_resolver *r;
	struct totals *t;
	struct name *v;
	size_t n, room;
};

static void complain(struct totals *t, struct hs_fid fid, const void *path, size_t len,
		     const char *what)
{
	struct hs_strbuf text = HS_STRBUF_INIT;
	char buf[HS_FID_TEXT];

	hs_strbuf_add_escaped(&text, path, len);
	if (t->failed++ < 20)
		fprintf(stderr, "%s %s: %s\n", hs_fid_text(fid, buf), hs_strbuf_str(&text), what);
	hs_strbuf_free(&text);
}

static void check_fid_of(struct set *s, const struct name *o)
{
	struct hs_strbuf why = HS_STRBUF_INIT;
	struct hs_fid fid = {0};

	s->t->names++;
	if (hs_resolver_fid(s->r, o->path, o->len, &fid, &why) != HS_LOOKUP_FOUND)
		complain(s->t, o->fid, o->path, o->len, hs_strbuf_str(&why));
	else if (!hs_fid_eq(fid, o->fid))
		complain(s->t, o->fid, o->path, o->len, "the path leads to another FID");
	hs_strbuf_free(&why);
}

static int cmp_name(const void *pa, const void *pb)
{
	const struct name *a = pa, *b = pb;

	return hs_fid_cmp(a->fid, b->fid);
}

/* Whether one of the names of an object is this path; each name counts once. */
static bool take_name(struct name *v, size_t n, const struct hs_path *p, bool *taken)
{
	for (size_t i = 0; i < n; i++) {
		const char *path = v[i].len ? (const char *)v[i].path : "/";
		size_t len = v[i].len ? v[i].len : 1;

		if (!taken[i] && len == p->len && !memcmp(path, p->bytes, len)) {
			taken[i] = true;
			return true;
		}
	}
	return false;
}

/* All names of one object. */
static void check_paths_of(struct set *s, struct name *v, size_t n)
{
	bool *taken = calloc(n, sizeof(*taken));
	bool dir = (v->mode & IFMT) == IFDIR;
	struct hs_paths paths;

	s->t->objects++;
	if (!taken || hs_resolver_paths(s->r, v->fid, &paths))
		abort();
	for (size_t i = 0; i < paths.n; i++) {
		if (!paths.v[i].verified)
			complain(s->t, v->fid, paths.v[i].bytes, paths.v[i].len,
				 hs_strbuf_str(&paths.why));
		if (!take_name(v, n, &paths.v[i], taken))
			complain(s->t, v->fid, paths.v[i].bytes, paths.v[i].len,
				 "no client saw this path");
	}
	if (paths.n + (dir ? 0 : paths.more) != n)
		complain(s->t, v->fid, v->path, v->len, "not all names, and not said so");
	if (paths.more && !paths.overflow)
		complain(s->t, v->fid, v->path, v->len, "names are missing without an overflow");
	if (!paths.n)
		complain(s->t, v->fid, v->path, v->len, hs_strbuf_str(&paths.why));
	s->t->overflows += paths.more != 0;
	hs_paths_free(&paths);
	free(taken);
}

static bool keep_name(void *arg, struct truth_name *o)
{
	struct set *s = arg;

	if (s->n == s->room) {
		s->room = s->room ? 2 * s->room : 1024;
		s->v = realloc(s->v, s->room * sizeof(*s->v));
		if (!s->v)
			abort();
	}
	s->v[s->n++] = (struct name){o->fid, o->mode, o->nlink, o->path, o->path_len};
	o->path = NULL;
	return true;
}

static void check_set(struct set *s)
{
	for (size_t i = 0; i < s->n; i++)
		check_fid_of(s, &s->v[i]);
	qsort(s->v, s->n, sizeof(*s->v), cmp_name);
	for (size_t i = 0, end; i < s->n; i = end) {
		for (end = i + 1; end < s->n && hs_fid_eq(s->v[end].fid, s->v[i].fid);)
			end++;
		check_paths_of(s, &s->v[i], end - i);
	}
}

/* The inode number that a client shows for a FID. */
static uint64_t folded(struct hs_fid f)
{
	return (f.seq << 24) + (f.seq >> 24 & 0xffffff0000ull) + f.oid;
}

/* One name of a listing: there and back. */
static void check_listed(struct set *s, const char *path, uint64_t ino)
{
	struct hs_strbuf why = HS_STRBUF_INIT;
	struct hs_fid fid = {0};
	struct hs_paths paths;

	s->t->listed++;
	if (hs_resolver_fid(s->r, path, strlen(path), &fid, &why) != HS_LOOKUP_FOUND) {
		complain(s->t, fid, path, strlen(path), hs_strbuf_str(&why));
		hs_strbuf_free(&why);
		return;
	}
	if (folded(fid) != ino)
		complain(s->t, fid, path, strlen(path), "the path leads to another FID");
	if (hs_resolver_paths(s->r, fid, &paths))
		abort();
	if (paths.n != 1 || !paths.v[0].verified || paths.v[0].len != strlen(path) ||
	    memcmp(paths.v[0].bytes, path, paths.v[0].len) != 0)
		complain(s->t, fid, path, strlen(path), "the FID has another path");
	hs_paths_free(&paths);
	hs_strbuf_free(&why);
}

/* Lines: "./dir:", or inode number, mode, nlink, uid, gid, size, time, name [-> target]. */
static bool check_list(struct set *s, const char *file, const char *top)
{
	char line[4096], dir[4096], path[8300];
	FILE *f = fopen(file, "r");

	if (!f)
		return false;
	snprintf(dir, sizeof(dir), "%s", top);
	while (fgets(line, sizeof(line), f)) {
		char *p = line, *arrow;
		uint64_t ino;

		line[strcspn(line, "\n")] = 0;
		if (line[0] == '.' && line[strlen(line) - 1] == ':') {
			line[strlen(line) - 1] = 0;
			snprintf(dir, sizeof(dir), "%s%s", top, line + 1);
			continue;
		}
		if (!isdigit((unsigned char)*p))
			continue;
		ino = strtoull(p, NULL, 10);
		for (int field = 0; field < 7; field++) {
			p += strcspn(p, " ");
			p += strspn(p, " ");
		}
		arrow = strstr(p, " -> ");
		if (arrow)
			*arrow = 0;
		snprintf(path, sizeof(path), "%s/%s", dir, p);
		check_listed(s, path, ino);
	}
	fclose(f);
	return true;
}

static const struct {
	const char *archive;
	const char *truth;
	const char *lists[2], *tops[2];
} all[] = {
	{"lustre-2.17/setA", "lustre-2.17/setA/truth.jsonl.zst", {0}, {0}},
	{"lustre-2.17/setB", "lustre-2.17/setB/truth.jsonl.zst", {0}, {0}},
	{"lustre-2.17/setC", "lustre-2.17/setC/truth.jsonl.zst", {0}, {0}},
	{"lustre-2.9", NULL, {"lustre-2.9/list"}, {""}},
	{"lustre-2.10",
	 NULL,
	 {"lustre-2.10/list", "lustre-2.10/list2"},
	 {"/remote_dir", "/striped_dir_old"}},
};
#define N_ALL (sizeof(all) / sizeof(all[0]))

static bool check_one(size_t i, const char *shared, const struct images *im, struct totals *t)
{
	struct hs_strbuf why = HS_STRBUF_INIT;
	struct hs_system *sys = NULL;
	struct set s = {.t = t};
	char file[2 * IMAGES_PATHS];
	bool ok = true;

	if (hs_system_open((const char *const *)im->paths, im->n, NULL, &sys, &why) ||
	    hs_resolver_new(sys, &s.r)) {
		fprintf(stderr, "%s: %s\n", all[i].archive, hs_strbuf_str(&why));
		ok = false;
	}
	if (ok && all[i].truth) {
		snprintf(file, sizeof(file), "%s/images/%s", shared, all[i].truth);
		ok = truth_each(file, keep_name, &s);
		check_set(&s);
	}
	for (size_t k = 0; ok && k < 2 && all[i].lists[k]; k++) {
		snprintf(file, sizeof(file), "%s/%s", im->dir, all[i].lists[k]);
		ok = check_list(&s, file, all[i].tops[k]);
	}
	hs_resolver_free(s.r);
	hs_system_close(sys);
	hs_strbuf_free(&why);
	for (size_t k = 0; k < s.n; k++)
		free(s.v[k].path);
	free(s.v);
	return ok;
}

int main(int argc, char **argv)
{
	const char *shared = images_shared(argc > 1 ? argv[1] : "../shared");
	struct totals t = {0};

	for (size_t i = 0; i < N_ALL; i++) {
		struct images im;
		bool ok;

		if (!images_unpack(shared, all[i].archive, &im)) {
			fprintf(stderr, "SKIPPED\n");
			return TEST_SKIP;
		}
		ok = check_one(i, shared, &im, &t);
		images_remove(&im);
		if (!ok)
			return 1;
	}
	printf("%u names, %u objects (%u with more names than they can list), %u listed: %u "
	       "wrong\n",
	       t.names, t.objects, t.overflows, t.listed, t.failed);
	/* As many as the clients saw, so that a reader that finds nothing fails. */
	return t.failed || t.names != 7554 || t.objects != 6409 || t.overflows != 5 ||
	       t.listed != 117;
}
