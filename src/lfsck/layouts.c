/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lists of unconfirmed stripes and claims, and what a correction takes away.
 */
#include "lfsck/layouts.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/array.h"

static errint_t add(struct hs_lay_list *list, struct hs_claim *claim)
{
	struct hs_fact_fields f;
	errint_t err;

	if (!hs_fact_decode(claim->bytes, claim->len, &f))
		return 0;
	err = hs_array_grow(&list->v, &list->room, list->n + 1);
	if (!err)
		list->v[list->n++] = (struct hs_lay){f.fid, f.index, f.ost, f.key, claim, 0};
	return err;
}

static int compare(const void *a, const void *b)
{
	const struct hs_lay *x = a, *y = b;
	int d = hs_fid_cmp(x->file, y->file);

	if (!d)
		d = (x->index > y->index) - (x->index < y->index);
	return d ? d : hs_fid_cmp(x->object, y->object);
}

static void sort(struct hs_lay_list *list)
{
	if (list->n)
		qsort(list->v, list->n, sizeof(*list->v), compare);
}

errint_t hs_layouts_init(struct hs_layouts *l, struct hs_verdict *v)
{
	errint_t err = 0;

	memset(l, 0, sizeof(*l));
	l->v = v;
	for (size_t i = 0; !err && i < v->ledger.n_dossiers; i++) {
		struct hs_dossier *d = v->ledger.order[i];
		struct hs_claim *c;

		if (d->done)
			continue;
		hs_for_each_claim(c, d, HS_FACT_LAY, 1)
		{
			if (!err)
				err = add(&l->stripes, c);
		}
		hs_for_each_claim(c, d, HS_FACT_LAY, -1)
		{
			if (!err)
				err = add(&l->claims, c);
		}
	}
	sort(&l->stripes);
	sort(&l->claims);
	return err;
}

void hs_layouts_free(struct hs_layouts *l)
{
	free(l->stripes.v);
	free(l->claims.v);
	free(l->suspects);
	hs_file_view_free(&l->file);
	hs_file_view_free(&l->other);
	hs_object_view_free(&l->object);
	hs_object_view_free(&l->occupant);
}

void hs_lay_of(const struct hs_lay_list *list, struct hs_fid file, size_t *first, size_t *end)
{
	size_t lo = 0, hi = list->n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (hs_fid_cmp(list->v[mid].file, file) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	*first = *end = lo;
	if (lo < list->n && hs_fid_eq(list->v[lo].file, file))
		*end = hs_lay_file_end(list, lo);
}

size_t hs_lay_file_end(const struct hs_lay_list *list, size_t i)
{
	size_t end = i;

	while (end < list->n && hs_fid_eq(list->v[end].file, list->v[i].file))
		end++;
	return end;
}

static bool has_claim(const struct hs_verdict *v, struct hs_fid object, int side)
{
	const struct hs_dossier *d = hs_ledger_dossier(&v->ledger, object);

	return d && hs_claim_next(d, HS_FACT_LAY, side, NULL);
}

bool hs_lay_is_named(const struct hs_layouts *l, struct hs_fid object)
{
	return has_claim(l->v, object, 1);
}

bool hs_lay_is_claimed(const struct hs_layouts *l, struct hs_fid object)
{
	return has_claim(l->v, object, -1);
}

/* Up to `most` copies of a fact, as far as they are left over on the file's side. */
static void take(struct hs_verdict *v, struct hs_case *c, const struct hs_fact_buf *f, int64_t most)
{
	int64_t net = hs_ledger_net(&v->ledger, f);

	if (net > 0)
		hs_delta_add(&c->delta, f, net < most ? -net : -most);
}

void hs_layouts_drop_stripe(struct hs_verdict *v, struct hs_case *c, const struct hs_file_view *f,
			    const struct hs_lay *e)
{
	int64_t copies = e->claim->net;
	const struct hs_inode *inode = &f->l.inode;
	const struct hs_lov_comp *comp;
	struct hs_fact_buf fact;
	uint32_t index;

	hs_delta_settle(&c->delta, e->claim);
	if (f->state != HS_FILE_REGULAR)
		return;
	hs_fact_owner(&fact, e->object, inode->uid, inode->gid);
	take(v, c, &fact, copies);
	hs_fact_id(&fact, HS_FACT_PROJ, e->object, inode->projid);
	take(v, c, &fact, copies);
	hs_fact_start(&fact, HS_FACT_ENC, e->object);
	take(v, c, &fact, copies);
	if (hs_file_names(f, e->object, &comp, &index)) {
		hs_fact_id(&fact, HS_FACT_COMP, e->object, comp->id);
		take(v, c, &fact, copies);
	}
}

void hs_layouts_settle_tag(struct hs_verdict *v, struct hs_case *c, struct hs_fid object,
			   enum hs_fact_tag tag, int side)
{
	const struct hs_dossier *d = hs_ledger_dossier(&v->ledger, object);
	struct hs_claim *claim;

	if (!d)
		return;
	hs_for_each_claim(claim, d, tag, side) hs_delta_settle(&c->delta, claim);
}

void hs_layouts_settle_object(struct hs_verdict *v, struct hs_case *c, struct hs_fid object)
{
	static const enum hs_fact_tag tags[] = {HS_FACT_LAY, HS_FACT_COMP, HS_FACT_OWN,
						HS_FACT_PROJ, HS_FACT_ENC};

	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++)
		hs_layouts_settle_tag(v, c, object, tags[i], -1);
}

bool hs_layouts_ruined(const struct hs_verdict *v, struct hs_fid file)
{
	return hs_verdict_mark(v, file, HS_M_LOV_MAGIC) ||
	       hs_verdict_mark(v, file, HS_M_LOV_SIZE) ||
	       hs_verdict_mark(v, file, HS_M_LOV_COUNT) ||
	       hs_verdict_mark(v, file, HS_M_LOV_OVERLAP);
}

size_t hs_layouts_fold(struct hs_layouts *l, struct hs_case *c, struct hs_fid file)
{
	size_t i, end, n = 0;

	hs_lay_of(&l->claims, file, &i, &end);
	for (; i < end; i++) {
		const struct hs_lay *e = &l->claims.v[i];

		if (!hs_lay_open(e) || hs_lay_is_named(l, e->object))
			continue;
		n++;
		hs_layouts_settle_object(l->v, c, e->object);
		hs_layouts_say_claim(l->v, c, e);
	}
	return n;
}
