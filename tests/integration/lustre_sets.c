/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sound file systems of real servers: the suspects are those of sets.expected and no others,
 * whatever the threads, the seed, the number of counters, and the memory; and leaving out a target
 * adds none.
 *
 * usage: lustre_sets SHARED SETS.EXPECTED
 */
#include <inttypes.h>

#include "collect.h"
#include "expected.h"
#include "images.h"

static const struct {
	const char *name, *archive;
} sets[] = {
	{"lustre-2.9", "lustre-2.9"}, {"lustre-2.10", "lustre-2.10"}, {"setA", "lustre-2.17/setA"},
	{"setB", "lustre-2.17/setB"}, {"setC", "lustre-2.17/setC"},   {"setE", "lustre-2.17/setE"},
};
#define N_SETS (sizeof(sets) / sizeof(sets[0]))

struct state {
	unsigned runs, failed;
	unsigned sliced; /* runs that needed more than one suspect pass */
};

/* The block that a run's text stands for. */
static void as_block(const char *name, struct hs_strbuf *text, struct hs_strbuf *out)
{
	char *save = NULL;

	hs_strbuf_reset(out);
	hs_strbuf_printf(out, "%s\n", name);
	for (char *l = text->s ? strtok_r(text->s, "\n", &save) : NULL; l;
	     l = strtok_r(NULL, "\n", &save))
		hs_strbuf_printf(out, "\t%s\n", l);
}

static void run(struct state *st, const struct expected *e, const struct images *im,
		const struct hs_check_params *params)
{
	struct hs_strbuf why = HS_STRBUF_INIT, block = HS_STRBUF_INIT;
	struct collected got;
	char what[256];
	errint_t err = collect_paths((const char *const *)im->paths, im->n, params, &got, &why);

	snprintf(what, sizeof(what),
		 "%s, %u threads, seed %" PRIu64 ", %" PRIu64 " counters, memory %" PRIu64, e->name,
		 params->threads, params->seed, params->buckets, params->memory);
	st->runs++;
	st->sliced += got.passes > 1;
	as_block(e->name, &got.text, &block);
	if (err) {
		fprintf(stderr, "%s: %s %s\n", what, strerror(-err), hs_strbuf_str(&why));
		st->failed++;
	} else if (!expected_equals(e, what, hs_strbuf_str(&block)) || got.unread ||
		   got.undecided) {
		fprintf(stderr, "%s: unread %" PRIu64 ", undecided %" PRIu64 "\n", what, got.unread,
			got.undecided);
		st->failed++;
	}
	collected_free(&got);
	hs_strbuf_free(&why);
	hs_strbuf_free(&block);
}

/* Every thread count with every number of counters, each time with another seed. */
static void run_all_ways(struct state *st, const struct expected *e, const struct images *im)
{
	static const unsigned threads[] = {1, 2, 4, 8};
	static const uint64_t counters[] = {64, 256, 4096, 0};
	static const uint64_t seeds[] = {0, 1, UINT64_MAX, 0x5eed5eed5eed5eed};

	for (unsigned t = 0; t < 4; t++) {
		for (unsigned c = 0; c < 4; c++) {
			run(st, e, im,
			    &(struct hs_check_params){.threads = threads[t],
						      .buckets = counters[c],
						      .has_seed = true,
						      .seed = seeds[t] + 7 * seeds[c]});
		}
	}
	/* So few counters that the suspects' neighbours are many, and no room for them at once. */
	for (unsigned t = 0; t < 4; t++) {
		run(st, e, im,
		    &(struct hs_check_params){.threads = threads[t],
					      .buckets = 4 + t,
					      .memory = 1,
					      .has_seed = true,
					      .seed = 3 + t});
	}
}

/* Whether every line about a FID in `part` begins with a FID that `whole` has. */
static bool is_subset(const struct hs_strbuf *part, const struct expected *whole)
{
	const char *l = hs_strbuf_str(part);

	while (*l) {
		const char *end = strchr(l, '\n');
		char key[64];

		snprintf(key, sizeof(key), "\t%.*s ", (int)strcspn(l, " \n"), l);
		if (!strstr(hs_strbuf_str(&whole->text), key))
			return false;
		l = end + 1;
	}
	return true;
}

/* Each target but MDT0 in turn. The names of the images say what they are. */
static void leave_out(struct state *st, const struct expected *e, const struct images *im)
{
	for (size_t skip = 0; skip < im->n; skip++) {
		const char *base = strrchr(im->paths[skip], '/') + 1;
		struct hs_strbuf why = HS_STRBUF_INIT;
		const char *paths[IMAGES_MAX];
		struct collected got;
		size_t n = 0;
		errint_t err;

		if (!strcmp(base, "mdt0.img") || !strcmp(base, "mdt.img"))
			continue;
		for (size_t i = 0; i < im->n; i++) {
			if (i != skip)
				paths[n++] = im->paths[i];
		}
		err = collect_paths(paths, n, &(struct hs_check_params){.threads = 2}, &got, &why);
		st->runs++;
		if (err || !is_subset(&got.text, e) || got.unread) {
			fprintf(stderr, "%s without %s: %s %s\n%s", e->name, base, strerror(-err),
				hs_strbuf_str(&why), hs_strbuf_str(&got.text));
			st->failed++;
		}
		collected_free(&got);
		hs_strbuf_free(&why);
	}
}

static bool find_block(const char *path, const char *name, struct expected *e)
{
	FILE *f = fopen(path, "r");
	bool found = false;

	while (f && !found && expected_next(f, e))
		found = !strcmp(e->name, name);
	if (f)
		fclose(f);
	return found;
}

int main(int argc, char **argv)
{
	struct expected e = {0};
	struct state st = {0};

	if (argc != 3)
		return 16;
	for (size_t i = 0; i < N_SETS; i++) {
		struct images im;

		if (!find_block(argv[2], sets[i].name, &e)) {
			fprintf(stderr, "%s: no %s\n", argv[2], sets[i].name);
			return 1;
		}
		if (!images_unpack(images_shared(argv[1]), sets[i].archive, &im)) {
			fprintf(stderr, "SKIPPED\n");
			return TEST_SKIP;
		}
		run_all_ways(&st, &e, &im);
		leave_out(&st, &e, &im);
		images_remove(&im);
	}
	expected_free(&e);
	printf("%u runs, %u of them with several suspect passes, %u failed\n", st.runs, st.sliced,
	       st.failed);
	return st.failed || !st.sliced;
}
