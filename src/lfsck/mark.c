/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lfsck/mark.h"

#include <stdlib.h>

#include "base/array.h"

static const struct hs_mark_info infos[HS_MARK_CODES] = {
#define HS_MARK_INFO(code, rule, weight, text) {#code, rule, HS_MARK_##weight, text},
	HS_MARKS(HS_MARK_INFO)
#undef HS_MARK_INFO
};

const struct hs_mark_info *hs_mark_info(enum hs_mark_code code)
{
	return &infos[code];
}

void hs_marks_free(struct hs_marks *m)
{
	for (size_t i = 0; i < m->n; i++)
		free((void *)m->v[i].name);
	free(m->v);
	memset(m, 0, sizeof(*m));
}

void hs_mark_add(struct hs_marks *m, enum hs_mark_code code, struct hs_fid fid,
		 const struct hs_prov *prov, uint64_t a, uint64_t b, const uint8_t *name,
		 size_t name_len)
{
	struct hs_mark mark = {.fid = fid, .prov = *prov, .code = (uint16_t)code, .a = a, .b = b};

	m->counts[code]++;
	if (m->limit && m->n >= m->limit) {
		m->dropped++;
		return;
	}
	if (hs_array_grow(&m->v, &m->room, m->n + 1)) {
		m->err = -ENOMEM;
		return;
	}
	if (name_len) {
		uint8_t *copy = malloc(name_len);

		if (!copy) {
			m->err = -ENOMEM;
			return;
		}
		memcpy(copy, name, name_len);
		mark.name = copy;
		mark.name_len = (uint16_t)name_len;
	}
	m->v[m->n++] = mark;
}

void hs_marks_merge(struct hs_marks *to, struct hs_marks *from)
{
	if (from->err || hs_array_grow(&to->v, &to->room, to->n + from->n)) {
		to->err = -ENOMEM;
	} else {
		if (from->n)
			memcpy(to->v + to->n, from->v, from->n * sizeof(*from->v));
		to->n += from->n;
		from->n = 0;
	}
	for (unsigned i = 0; i < HS_MARK_CODES; i++)
		to->counts[i] += from->counts[i];
	to->dropped += from->dropped;
	hs_marks_free(from);
}

static int cmp_mark(const void *pa, const void *pb)
{
	const struct hs_mark *a = pa, *b = pb;
	int c = hs_fid_cmp(a->fid, b->fid);

	if (c)
		return c;
	if (a->code != b->code)
		return a->code < b->code ? -1 : 1;
	if (a->prov.target != b->prov.target)
		return a->prov.target < b->prov.target ? -1 : 1;
	if (a->prov.ino != b->prov.ino)
		return a->prov.ino < b->prov.ino ? -1 : 1;
	if (a->prov.block != b->prov.block)
		return a->prov.block < b->prov.block ? -1 : 1;
	if (a->a != b->a)
		return a->a < b->a ? -1 : 1;
	c = memcmp(a->name ? a->name : (const uint8_t *)"", b->name ? b->name : (const uint8_t *)"",
		   a->name_len < b->name_len ? a->name_len : b->name_len);
	return c ? c : (a->name_len > b->name_len) - (a->name_len < b->name_len);
}

void hs_marks_sort(struct hs_marks *m)
{
	qsort(m->v, m->n, sizeof(*m->v), cmp_mark);
}
