/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "collect.h"

#include <inttypes.h>

static void add_marks(struct hs_strbuf *out, const struct hs_marks *m, struct hs_fid fid)
{
	int last = -1;

	for (size_t i = 0; i < m->n; i++) {
		if (!hs_fid_eq(m->v[i].fid, fid) || m->v[i].code == last)
			continue;
		last = m->v[i].code;
		hs_strbuf_printf(out, " %s", hs_mark_info(m->v[i].code)->name);
	}
}

/* What is left on either side of an equation, over all values of its fields. */
static void add_left(struct hs_strbuf *out, int64_t net[HS_FACT_TAGS][2])
{
	for (unsigned tag = 0; tag < HS_FACT_TAGS; tag++) {
		for (unsigned minus = 0; minus < 2; minus++) {
			if (net[tag][minus])
				hs_strbuf_printf(out, " %s%+" PRId64, hs_fact_tag_name(tag),
						 net[tag][minus]);
		}
	}
}

static int add_suspects(void *arg, struct hs_check *c, const struct hs_join *j)
{
	struct collected *out = arg;

	for (size_t i = 0; i < j->n_suspects; i++) {
		const struct hs_suspect *s = &j->suspects[i];
		size_t at = s->first, end = s->first + s->count;
		char fid[HS_FID_TEXT];
		int64_t net[HS_FACT_TAGS][2] = {0};
		bool left = false;

		hs_strbuf_puts(&out->text, hs_fid_text(s->fid, fid));
		while (at < end) {
			uint8_t tag = j->facts[at]->bytes[0];
			int64_t k = hs_join_net(j, at, end, &at);

			net[tag][k < 0] += k;
			left |= k != 0;
		}
		add_left(&out->text, net);
		add_marks(&out->text, &c->marks, s->fid);
		hs_strbuf_putc(&out->text, '\n');
		out->suspects++;
		out->left += left;
	}
	return 0;
}

static int cmp_lines(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Slices come in the order of counters: sorted as text, every run gives the same. */
static errint_t sort_lines(struct hs_strbuf *text)
{
	char **lines = malloc((text->len + 1) * sizeof(char *));
	struct hs_strbuf sorted = HS_STRBUF_INIT;
	char *save = NULL;
	size_t n = 0;

	if (!lines)
		return -ENOMEM;
	for (char *l = strtok_r(text->s, "\n", &save); l; l = strtok_r(NULL, "\n", &save))
		lines[n++] = l;
	if (n)
		qsort(lines, n, sizeof(*lines), cmp_lines);
	for (size_t i = 0; i < n; i++)
		hs_strbuf_printf(&sorted, "%s\n", lines[i]);
	free(lines);
	hs_strbuf_free(text);
	*text = sorted;
	return hs_strbuf_error(text);
}

/* Marks about places, and notes: they make no suspect. */
static void add_places(struct hs_check *c, struct hs_strbuf *out)
{
	for (size_t i = 0; i < c->marks.n; i++) {
		const struct hs_mark *m = &c->marks.v[i];
		const struct hs_mark_info *info = hs_mark_info(m->code);
		char label[16], fid[HS_FID_TEXT];

		hs_tgt_text(c->sys->targets[m->prov.target]->id, label);
		if (hs_fid_is_zero(m->fid))
			hs_strbuf_printf(out, "%s:%u %s\n", label, m->prov.ino, info->name);
		else if (info->weight == HS_MARK_NOTE)
			hs_strbuf_printf(out, "%s:%u %s %s\n", label, m->prov.ino, info->name,
					 hs_fid_text(m->fid, fid));
	}
}

static void add_counts(const struct hs_check *c, struct hs_target_counts *to)
{
	uint64_t *sum = (uint64_t *)to;

	for (size_t t = 0; t < c->sys->n_targets; t++) {
		const uint64_t *from = (const uint64_t *)&c->counts[t];

		for (size_t i = 0; i < sizeof(*to) / sizeof(*sum); i++)
			sum[i] += from[i];
	}
}

errint_t collect_system(struct hs_system *sys, const struct hs_check_params *params,
			struct collected *out)
{
	struct hs_check c;
	errint_t err;

	memset(out, 0, sizeof(*out));
	err = hs_check_init(&c, sys, params);
	if (err)
		return err;
	err = hs_check_run(&c, add_suspects, out);
	if (!err && out->text.len)
		err = sort_lines(&out->text);
	if (!err)
		add_places(&c, &out->text);
	out->unread = hs_check_unread_marks(&c);
	out->undecided = c.undecided;
	out->passes = c.suspect_passes;
	add_counts(&c, &out->seen);
	hs_check_free(&c);
	return err ? err : hs_strbuf_error(&out->text);
}

errint_t collect_paths(const char *const *paths, size_t n, const struct hs_check_params *params,
		       struct collected *out, struct hs_strbuf *why)
{
	struct hs_system *sys = NULL;
	errint_t err = hs_system_open(paths, n, NULL, &sys, why);

	memset(out, 0, sizeof(*out));
	if (!err)
		err = collect_system(sys, params, out);
	hs_system_close(sys);
	return err;
}

void collected_free(struct collected *c)
{
	hs_strbuf_free(&c->text);
	memset(c, 0, sizeof(*c));
}
