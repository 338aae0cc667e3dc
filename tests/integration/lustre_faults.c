/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Real file systems with one planted fault each: what is left over, and what is marked, is that of
 * faults.expected.
 *
 * usage: lustre_faults SHARED FAULTS.EXPECTED
 */
#include <inttypes.h>

#include "collect.h"
#include "expected.h"
#include "images.h"

/* What a whole image adds up to: the head of its block. */
struct sum {
	bool left[HS_FACT_TAGS][2];
	bool marks[HS_MARK_CODES];
};

static bool note_fact(struct sum *s, const char *word, size_t len)
{
	for (unsigned tag = 1; tag < HS_FACT_TAGS; tag++) {
		size_t n = strlen(hs_fact_tag_name(tag));

		if (len > n && !strncmp(word, hs_fact_tag_name(tag), n) &&
		    (word[n] == '+' || word[n] == '-')) {
			s->left[tag][word[n] == '-'] = true;
			return true;
		}
	}
	return false;
}

static void note_word(struct sum *s, const char *word, size_t len)
{
	if (note_fact(s, word, len))
		return;
	for (unsigned code = 0; code < HS_MARK_CODES; code++) {
		const char *name = hs_mark_info(code)->name;

		if (strlen(name) == len && !strncmp(word, name, len))
			s->marks[code] = true;
	}
}

/*
 * What a line says without its FID and inode: "[FID] LAY+1 OWN+1" becomes "LAY+1 OWN+1", a mark at
 * a place "OST0000 LASTID_NONE", a note about an object "note LMV_FLAG".
 */
static void reduce(struct sum *s, const char *line, struct hs_strbuf *out)
{
	const char *words = strchr(line, ' ') + 1;
	bool place = line[0] != '[', note = place && strchr(words, '[');

	for (const char *w = words; *w; w += strspn(w, " ")) {
		size_t len = strcspn(w, " ");

		note_word(s, w, len);
		w += len;
	}
	if (note)
		hs_strbuf_printf(out, "note %.*s", (int)strcspn(words, " "), words);
	else if (place)
		hs_strbuf_printf(out, "%.*s %s", (int)strcspn(line, ":"), line, words);
	else
		hs_strbuf_puts(out, words);
}

static int cmp_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void write_head(const char *name, const struct collected *c, const struct sum *s,
		       struct hs_strbuf *out)
{
	bool any = false;

	hs_strbuf_printf(out, "%s %" PRIu64 " |", name, c->left);
	for (unsigned tag = 1; tag < HS_FACT_TAGS; tag++) {
		for (unsigned minus = 0; minus < 2; minus++) {
			if (s->left[tag][minus])
				hs_strbuf_printf(out, " %s%c", hs_fact_tag_name(tag), "+-"[minus]);
			any |= s->left[tag][minus];
		}
	}
	hs_strbuf_puts(out, any ? " |" : " - |");
	any = false;
	for (unsigned code = 0; code < HS_MARK_CODES; code++) {
		if (s->marks[code])
			hs_strbuf_printf(out, " %s", hs_mark_info(code)->name);
		any |= s->marks[code];
	}
	hs_strbuf_puts(out, any ? "\n" : " -\n");
}

/* The block of an image, from what was collected. */
static bool write_block(const char *name, struct collected *c, struct hs_strbuf *out)
{
	char **lines = malloc((c->text.len + 1) * sizeof(char *));
	struct hs_strbuf groups = HS_STRBUF_INIT;
	struct sum sum = {0};
	char *save = NULL;
	size_t n = 0, run;

	if (!lines)
		return false;
	for (char *l = c->text.s ? strtok_r(c->text.s, "\n", &save) : NULL; l;
	     l = strtok_r(NULL, "\n", &save)) {
		struct hs_strbuf line = HS_STRBUF_INIT;

		reduce(&sum, l, &line);
		lines[n++] = line.s;
	}
	qsort(lines, n, sizeof(*lines), cmp_text);
	for (size_t i = 0; i < n; i += run) {
		for (run = 1; i + run < n && !strcmp(lines[i], lines[i + run]); run++)
			;
		hs_strbuf_printf(&groups, "\t%zu x %s\n", run, lines[i]);
	}
	write_head(name, c, &sum, out);
	hs_strbuf_puts(out, hs_strbuf_str(&groups));
	for (size_t i = 0; i < n; i++)
		free(lines[i]);
	free(lines);
	hs_strbuf_free(&groups);
	return true;
}

static bool check_image(const struct expected *e, const struct images *im)
{
	struct hs_strbuf why = HS_STRBUF_INIT, block = HS_STRBUF_INIT;
	struct hs_check_params params = {.threads = 4};
	struct collected got;
	bool ok = !collect_paths((const char *const *)im->paths, im->n, &params, &got, &why);

	if (!ok)
		fprintf(stderr, "%s: %s\n", e->name, hs_strbuf_str(&why));
	ok = ok && write_block(e->name, &got, &block) &&
	     expected_equals(e, e->name, hs_strbuf_str(&block)) && !got.unread && !got.undecided;
	collected_free(&got);
	hs_strbuf_free(&why);
	hs_strbuf_free(&block);
	return ok;
}

int main(int argc, char **argv)
{
	FILE *f = argc == 3 ? fopen(argv[2], "r") : NULL;
	unsigned images = 0, failed = 0;
	struct expected e = {0};

	if (!f)
		return 16;
	while (expected_next(f, &e)) {
		struct images im;
		char name[160];

		snprintf(name, sizeof(name), "lustre-2.17/faults/%s", e.name);
		if (!images_unpack(images_shared(argv[1]), name, &im)) {
			fprintf(stderr, "SKIPPED\n");
			return TEST_SKIP;
		}
		images++;
		failed += !check_image(&e, &im);
		images_remove(&im);
	}
	fclose(f);
	expected_free(&e);
	printf("%u images, %u not as expected\n", images, failed);
	return failed || images != 55;
}
