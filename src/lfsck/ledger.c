/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lfsck/ledger.h"

#include <stdlib.h>

#include "base/array.h"

static uint64_t hash_bytes(const void *b, size_t len)
{
	return XXH3_64bits(b, len);
}

static uint64_t hash_fid(struct hs_fid fid)
{
	uint8_t b[HS_FID_SIZE];

	hs_fid_put_le(b, fid);
	return hash_bytes(b, sizeof(b));
}

void hs_ledger_free(struct hs_ledger *l)
{
	for (size_t i = 0; i < l->claims_size; i++)
		free(l->claims[i]);
	for (size_t i = 0; i < l->table_size; i++)
		free(l->dossiers[i]);
	free(l->claims);
	free(l->dossiers);
	free(l->order);
	memset(l, 0, sizeof(*l));
}

static size_t dossier_slot(const struct hs_ledger *l, struct hs_fid fid)
{
	size_t i = hash_fid(fid) & (l->table_size - 1);

	while (l->dossiers[i] && !hs_fid_eq(l->dossiers[i]->fid, fid))
		i = (i + 1) & (l->table_size - 1);
	return i;
}

static size_t claim_slot(const struct hs_ledger *l, uint64_t hash, const uint8_t *bytes, size_t len)
{
	size_t i = hash & (l->claims_size - 1);

	while (l->claims[i] && (l->claims[i]->hash != hash || l->claims[i]->len != len ||
				memcmp(l->claims[i]->bytes, bytes, len)))
		i = (i + 1) & (l->claims_size - 1);
	return i;
}

static errint_t grow_dossiers(struct hs_ledger *l)
{
	struct hs_dossier **old = l->dossiers;
	size_t n = l->table_size;

	if (2 * (l->n_dossiers + 1) <= n)
		return 0;
	l->dossiers = calloc(n ? 2 * n : 64, sizeof(struct hs_dossier *));
	if (!l->dossiers) {
		l->dossiers = old;
		return -ENOMEM;
	}
	l->table_size = n ? 2 * n : 64;
	for (size_t i = 0; i < n; i++) {
		if (old[i])
			l->dossiers[dossier_slot(l, old[i]->fid)] = old[i];
	}
	free(old);
	return 0;
}

static errint_t grow_claims(struct hs_ledger *l)
{
	struct hs_claim **old = l->claims;
	size_t n = l->claims_size;

	if (2 * (l->n_claims + 1) <= n)
		return 0;
	l->claims = calloc(n ? 2 * n : 256, sizeof(struct hs_claim *));
	if (!l->claims) {
		l->claims = old;
		return -ENOMEM;
	}
	l->claims_size = n ? 2 * n : 256;
	for (size_t i = 0; i < n; i++) {
		if (old[i])
			l->claims[claim_slot(l, old[i]->hash, old[i]->bytes, old[i]->len)] = old[i];
	}
	free(old);
	return 0;
}

static struct hs_dossier *add_dossier(struct hs_ledger *l, struct hs_fid fid)
{
	size_t i;

	if (grow_dossiers(l))
		return NULL;
	i = dossier_slot(l, fid);
	if (!l->dossiers[i]) {
		l->dossiers[i] = calloc(1, sizeof(struct hs_dossier));
		if (!l->dossiers[i])
			return NULL;
		l->dossiers[i]->fid = fid;
		l->n_dossiers++;
	}
	return l->dossiers[i];
}

static struct hs_claim *add_claim(struct hs_ledger *l, const uint8_t *bytes, size_t len)
{
	uint64_t hash = hash_bytes(bytes, len);
	struct hs_dossier *d = add_dossier(l, hs_fid_get_le(bytes + 1));
	struct hs_claim *c;
	size_t i;

	if (!d || grow_claims(l))
		return NULL;
	i = claim_slot(l, hash, bytes, len);
	if (l->claims[i])
		return l->claims[i];
	c = calloc(1, sizeof(*c) + len);
	if (!c)
		return NULL;
	c->hash = hash;
	c->len = (uint16_t)len;
	memcpy(c->bytes, bytes, len);
	c->next = d->claims;
	d->claims = c;
	l->claims[i] = c;
	l->n_claims++;
	return c;
}

static void add_place(struct hs_claim *c, const struct hs_kept *k)
{
	if (c->n_places < HS_CLAIM_PLACES) {
		c->places[c->n_places].prov = k->prov;
		c->places[c->n_places].sign = (int8_t)(k->k > 0 ? 1 : k->k < 0 ? -1 : 0);
	}
	c->n_places++;
}

errint_t hs_ledger_take(struct hs_ledger *l, const struct hs_join *j)
{
	for (size_t i = 0; i < j->n_suspects; i++) {
		const struct hs_suspect *s = &j->suspects[i];

		if (!add_dossier(l, s->fid))
			return -ENOMEM;
		for (size_t k = s->first; k < s->first + s->count; k++) {
			struct hs_claim *c = add_claim(l, j->facts[k]->bytes, j->facts[k]->len);

			if (!c)
				return -ENOMEM;
			c->net += j->facts[k]->k;
			add_place(c, j->facts[k]);
		}
	}
	return 0;
}

static int cmp_dossier(const void *a, const void *b)
{
	return hs_fid_cmp((*(struct hs_dossier *const *)a)->fid,
			  (*(struct hs_dossier *const *)b)->fid);
}

static int cmp_claim(const void *pa, const void *pb)
{
	const struct hs_claim *a = *(struct hs_claim *const *)pa,
			      *b = *(struct hs_claim *const *)pb;
	int c = memcmp(a->bytes, b->bytes, a->len < b->len ? a->len : b->len);

	return c ? c : (a->len > b->len) - (a->len < b->len);
}

/* The claims of a dossier in an order that does not depend on how they came. */
static errint_t sort_claims(struct hs_dossier *d)
{
	struct hs_claim **v;
	size_t n = 0, i = 0;

	for (struct hs_claim *c = d->claims; c; c = c->next)
		n++;
	if (n < 2)
		return 0;
	v = malloc(n * sizeof(struct hs_claim *));
	if (!v)
		return -ENOMEM;
	for (struct hs_claim *c = d->claims; c; c = c->next)
		v[i++] = c;
	qsort(v, n, sizeof(struct hs_claim *), cmp_claim);
	for (i = 0; i < n; i++)
		v[i]->next = i + 1 < n ? v[i + 1] : NULL;
	d->claims = v[0];
	free(v);
	return 0;
}

errint_t hs_ledger_sort(struct hs_ledger *l)
{
	size_t n = 0;

	free(l->order);
	l->order = malloc((l->n_dossiers ? l->n_dossiers : 1) * sizeof(struct hs_dossier *));
	if (!l->order)
		return -ENOMEM;
	for (size_t i = 0; i < l->table_size; i++) {
		if (!l->dossiers[i])
			continue;
		l->order[n++] = l->dossiers[i];
		if (sort_claims(l->dossiers[i]))
			return -ENOMEM;
	}
	qsort(l->order, n, sizeof(struct hs_dossier *), cmp_dossier);
	return 0;
}

struct hs_dossier *hs_ledger_dossier(const struct hs_ledger *l, struct hs_fid fid)
{
	return l->table_size ? l->dossiers[dossier_slot(l, fid)] : NULL;
}

struct hs_claim *hs_ledger_claim(const struct hs_ledger *l, const uint8_t *bytes, size_t len)
{
	return l->claims_size ? l->claims[claim_slot(l, hash_bytes(bytes, len), bytes, len)] : NULL;
}

int64_t hs_ledger_net(const struct hs_ledger *l, const struct hs_fact_buf *f)
{
	const struct hs_claim *c = hs_ledger_claim(l, f->b, f->len);

	return c ? c->net : 0;
}

struct hs_claim *hs_claim_next(const struct hs_dossier *d, enum hs_fact_tag tag, int side,
			       const struct hs_claim *after)
{
	struct hs_claim *c = after ? after->next : d ? d->claims : NULL;

	while (c && (c->bytes[0] != tag || (side > 0 ? c->net <= 0 : c->net >= 0)))
		c = c->next;
	return c;
}

void hs_delta_free(struct hs_delta *d)
{
	free(d->v);
	memset(d, 0, sizeof(*d));
}

void hs_delta_reset(struct hs_delta *d)
{
	d->n = 0;
	d->merged = true;
	d->err = 0;
}

static void delta_bytes(struct hs_delta *d, const uint8_t *bytes, size_t len, int64_t k)
{
	if (hs_array_grow(&d->v, &d->room, d->n + 1)) {
		d->err = -ENOMEM;
		return;
	}
	d->v[d->n].k = k;
	d->v[d->n].f.len = (uint16_t)len;
	memcpy(d->v[d->n].f.b, bytes, len);
	d->n++;
	d->merged = false;
}

static int cmp_item(const void *pa, const void *pb)
{
	const struct hs_delta_item *a = pa, *b = pb;
	int c = memcmp(a->f.b, b->f.b, a->f.len < b->f.len ? a->f.len : b->f.len);

	return c ? c : (a->f.len > b->f.len) - (a->f.len < b->f.len);
}

void hs_delta_merge(struct hs_delta *d)
{
	size_t n = 0;

	if (d->merged || !d->n)
		return;
	qsort(d->v, d->n, sizeof(*d->v), cmp_item);
	for (size_t i = 0; i < d->n; i++) {
		if (n && !cmp_item(&d->v[n - 1], &d->v[i])) {
			d->v[n - 1].k += d->v[i].k;
			continue;
		}
		if (n && !d->v[n - 1].k)
			n--;
		d->v[n++] = d->v[i];
	}
	if (n && !d->v[n - 1].k)
		n--;
	d->n = n;
	d->merged = true;
}

void hs_delta_add(struct hs_delta *d, const struct hs_fact_buf *f, int64_t k)
{
	if (k)
		delta_bytes(d, f->b, f->len, k);
}

void hs_delta_settle(struct hs_delta *d, const struct hs_claim *c)
{
	if (c->net)
		delta_bytes(d, c->bytes, c->len, -c->net);
}

static int64_t magnitude(int64_t x)
{
	return x < 0 ? -x : x;
}

int64_t hs_ledger_gain(const struct hs_ledger *l, struct hs_delta *d)
{
	int64_t gain = 0;

	hs_delta_merge(d);
	for (size_t i = 0; i < d->n; i++) {
		int64_t net = hs_ledger_net(l, &d->v[i].f);

		gain += magnitude(net) - magnitude(net + d->v[i].k);
	}
	return gain;
}

errint_t hs_ledger_apply(struct hs_ledger *l, struct hs_delta *d)
{
	hs_delta_merge(d);
	for (size_t i = 0; i < d->n; i++) {
		struct hs_claim *c;

		if (!d->v[i].k)
			continue;
		c = add_claim(l, d->v[i].f.b, d->v[i].f.len);
		if (!c)
			return -ENOMEM;
		c->net += d->v[i].k;
	}
	return 0;
}
