/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * OST objects with more than one name below O/ (rule OI-10): the name that follows from the FID is
 * right, the others are too many. All of them are one finding.
 */
#include <stdlib.h>

#include "base/array.h"
#include "lfsck/plan_parts.h"

/* A name below O/ that leads to an inode which does not carry the FID it stands for. */
struct astray {
	struct hs_target *t;
	uint32_t ino;
	const struct hs_dossier *d;
	const struct hs_claim *claim;
};

struct astray_list {
	struct astray *v;
	size_t n, room;
};

static int cmp_astray(const void *pa, const void *pb)
{
	const struct astray *a = pa, *b = pb;

	if (a->t != b->t)
		return a->t->pos < b->t->pos ? -1 : 1;
	if (a->ino != b->ino)
		return a->ino < b->ino ? -1 : 1;
	return hs_fid_cmp(a->d->fid, b->d->fid);
}

static errint_t collect(const struct hs_verdict *v, struct astray_list *list)
{
	for (size_t i = 0; i < v->ledger.n_dossiers; i++) {
		const struct hs_dossier *d = v->ledger.order[i];
		const struct hs_claim *claim;

		/* an object that misses its name is judged by what it misses */
		if (d->done || hs_claim_next(d, HS_FACT_ONAME, -1, NULL))
			continue;
		hs_for_each_claim(claim, d, HS_FACT_ONAME, 1)
		{
			struct hs_fact_fields f;
			struct hs_target *t;

			if (!hs_fact_decode(claim->bytes, claim->len, &f))
				continue;
			t = hs_system_target(v->sys, f.target);
			if (!t || t->id.kind != HS_OST)
				continue;
			if (hs_array_grow(&list->v, &list->room, list->n + 1))
				return -ENOMEM;
			list->v[list->n++] = (struct astray){t, f.ino, d, claim};
		}
	}
	if (list->n)
		qsort(list->v, list->n, sizeof(*list->v), cmp_astray);
	return 0;
}

/* A name too many goes. */
static void plan_name(struct hs_verdict *v, struct hs_case *c, const struct astray *a)
{
	struct hs_at dir;
	char name[24];

	if (!hs_plan_oname(v, a->t, a->d->fid, &dir, name))
		return;
	if (a->claim->n_places)
		dir.ino = a->claim->places[0].prov.ino;
	hs_mend_entry(v, c, dir, name, strlen(name), NULL);
}

/* All names of one inode beside its own. */
static void judge_inode(struct hs_verdict *v, const struct astray *names, size_t n)
{
	const struct hs_at at = hs_at(names->t, names->ino);
	struct hs_fid fid;
	struct hs_place place;
	struct hs_case c;
	char label[16];

	if (hs_verdict_inode_fid(v, names->t, names->ino, &fid) != 1)
		return;
	if (hs_verdict_object(v, fid, &place) != HS_LOOKUP_FOUND || place.t != names->t ||
	    place.ino != names->ino)
		return;
	hs_case_open(&c, "OI-10", fid, names->t);
	hs_case_fact(
		&c,
		hs_finding_text(&c.f, "%s inode %u", hs_tgt_text(names->t->id, label), names->ino),
		"carries %s and has the name of that", c.f.object);
	for (size_t i = 0; i < n; i++) {
		const struct hs_claim *claim = names[i].claim;

		hs_case_fact(
			&c, claim->n_places ? hs_case_place(&c, v, &claim->places[0].prov) : "O/",
			"another name leads to it, that of %s", hs_case_fid(&c, names[i].d->fid));
		hs_delta_settle(&c.delta, claim);
		hs_verdict_use_all(v, &c, names[i].d->fid, HS_M_ONAME_DIR);
		plan_name(v, &c, &names[i]);
	}
	hs_mend_nlink(v, &c, at, 1 - (int64_t)v->loaded.inode.nlink);
	hs_case_close(v, &c, HS_M_OBJ_NLINK, -1);
}

void hs_judge_onames(struct hs_verdict *v)
{
	struct astray_list list = {0};
	size_t end;

	v->err = collect(v, &list);
	for (size_t i = 0; !v->err && i < list.n; i = end) {
		for (end = i + 1; end < list.n && list.v[end].t == list.v[i].t &&
				  list.v[end].ino == list.v[i].ino;)
			end++;
		judge_inode(v, &list.v[i], end - i);
	}
	free(list.v);
}
