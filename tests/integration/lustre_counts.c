/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a check counts on three real file systems, against what their clients saw:
 *
 *	names	= names that clients saw, without the root, which has none, and with the three below
 *		  the root that they do not list: .lustre, and in it fid and lost+found
 *	objects	= FIDs that clients saw, with those three and the shards of striped directories
 *	links	= linkEA entries that clients saw, with those of .lustre and lost+found (fid has no
 *		  linkEA) and one of each shard; clients did not ask for those of symbolic links,
 *		  whose link counts stand for them
 *	stripes	= stripe records of the layouts that clients saw
 *
 * Agent entries are names like others; names of shards are no names for the count.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "images.h"
#include "lfsck/check.h"
#include "truth.h"

#define IFMT  0170000u
#define IFREG 0100000u
#define IFLNK 0120000u

struct count {
	uint64_t names, objects, links, stripes, shards;
};

struct seen {
	struct count c;
	struct hs_fid *fids;
	size_t n, room;
};

static void count_stripes(const struct truth_name *o, struct count *c)
{
	size_t len;
	uint8_t *v = truth_value(o->line, "trusted.lov", &len);
	struct hs_lov l;

	if (!v || (o->mode & IFMT) != IFREG) {
		free(v);
		return;
	}
	if (hs_lov_decode(v, len, &l))
		abort();
	for (uint32_t i = 0; i < l.n_comps; i++)
		c->stripes += l.comps[i].n_records;
	hs_lov_release(&l);
	free(v);
}

static void count_links(const struct truth_name *o, struct count *c)
{
	size_t len, pos = 0;
	uint8_t *v = truth_value(o->line, "trusted.link", &len);
	struct hs_linkea_entry e;
	struct hs_linkea l;

	if (v && hs_linkea_open(v, len, &l)) {
		while (hs_linkea_next(&l, &pos, &e))
			c->links++;
	} else if ((o->mode & IFMT) == IFLNK) {
		c->links += o->nlink;
	}
	free(v);
}

static void count_shards(const struct truth_name *o, struct count *c)
{
	size_t len;
	uint8_t *v = truth_value(o->line, "trusted.lmv", &len);
	struct hs_lmv l;

	if (v) {
		hs_lmv_decode(v, len, &l);
		if (l.kind == HS_LMV_MASTER)
			c->shards += l.count;
	}
	free(v);
}

/* Each name counts; each object only once. */
static bool count_name(void *arg, struct truth_name *o)
{
	struct seen *s = arg;

	s->c.names += o->path_len != 0;
	for (size_t i = 0; i < s->n; i++) {
		if (hs_fid_eq(s->fids[i], o->fid))
			return true;
	}
	if (s->n == s->room) {
		s->room = s->room ? 2 * s->room : 1024;
		s->fids = realloc(s->fids, s->room * sizeof(*s->fids));
		if (!s->fids)
			abort();
	}
	s->fids[s->n++] = o->fid;
	s->c.objects++;
	count_stripes(o, &s->c);
	count_links(o, &s->c);
	count_shards(o, &s->c);
	return true;
}

static int ignore(void *arg, struct hs_check *c, const struct hs_join *j)
{
	(void)arg;
	(void)c;
	(void)j;
	return 0;
}

static bool check_counts(const struct images *im, struct count *out)
{
	struct hs_check_params params = {.threads = 2};
	struct hs_strbuf why = HS_STRBUF_INIT;
	struct hs_system *sys = NULL;
	struct hs_check c;
	bool ok = false;

	*out = (struct count){0};
	if (hs_system_open((const char *const *)im->paths, im->n, NULL, &sys, &why)) {
		fprintf(stderr, "%s\n", hs_strbuf_str(&why));
	} else if (!hs_check_init(&c, sys, &params)) {
		ok = hs_check_run(&c, ignore, NULL) == 0;
		for (size_t i = 0; i < sys->n_targets; i++) {
			out->names += c.counts[i].names;
			out->objects += c.counts[i].objects[HS_CLASS_NAMESPACE];
			out->links += c.counts[i].links;
			out->stripes += c.counts[i].stripes;
		}
		hs_check_free(&c);
	}
	hs_system_close(sys);
	hs_strbuf_free(&why);
	return ok;
}

static bool compare(const char *set, const char *what, uint64_t got, uint64_t want)
{
	if (got != want)
		fprintf(stderr, "%s: %" PRIu64 " %s, not %" PRIu64 "\n", set, got, what, want);
	return got == want;
}

static bool check_set(const char *set, const char *truth, const struct images *im)
{
	struct seen s = {0};
	struct count got;
	bool ok = truth_each(truth, count_name, &s) && check_counts(im, &got);

	free(s.fids);
	if (!ok)
		return false;
	printf("%s: %" PRIu64 " names, %" PRIu64 " objects, %" PRIu64 " links, %" PRIu64
	       " stripes, %" PRIu64 " shards\n",
	       set, s.c.names, s.c.objects, s.c.links, s.c.stripes, s.c.shards);
	ok = compare(set, "names", got.names, s.c.names + 3);
	ok &= compare(set, "objects", got.objects, s.c.objects + 3 + s.c.shards);
	ok &= compare(set, "links", got.links, s.c.links + 2 + s.c.shards);
	ok &= compare(set, "stripes", got.stripes, s.c.stripes);
	return ok && s.c.names > 1000 && s.c.stripes > 500;
}

int main(int argc, char **argv)
{
	static const char *const sets[] = {"lustre-2.17/setA", "lustre-2.17/setB",
					   "lustre-2.17/setC"};
	const char *shared = images_shared(argc > 1 ? argv[1] : "../shared");
	int failed = 0;

	for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++) {
		char truth[IMAGES_PATHS];
		struct images im;

		snprintf(truth, sizeof(truth), "%s/images/%s/truth.jsonl.zst", shared, sets[i]);
		if (!images_unpack(shared, sets[i], &im)) {
			fprintf(stderr, "SKIPPED\n");
			return TEST_SKIP;
		}
		failed += !check_set(sets[i], truth, &im);
		images_remove(&im);
	}
	return failed;
}
