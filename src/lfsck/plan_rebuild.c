/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A whole layout from the parent records of its objects. Each says stripe, component, extent,
 * stripe size and count; what no object is left to say was never written:
 *
 *   - a slot without object is a hole;
 *   - a part of the file without component becomes one without objects, as a layout has that grows
 *     with the file;
 *   - of several mirrors those are in sync that were written last, by the layout version.
 *
 * Pure functions of the pieces.
 */
#include <stdlib.h>

#include "base/array.h"
#include "lfsck/plan_parts.h"

#define MIRROR_OF(id)	((id) >> 16 & 0x7fff)
#define VERSION_BITS	0x3fffffffu /* without the marks of a resync (format notes 9.6) */
#define STATE_READ_ONLY 1
#define STATE_WRITE	2
#define SMALLEST_STRIPE 65536u
#define DEFAULT_STRIPE	(1u << 20)

struct part {
	struct hs_lov_part p;
	struct hs_lov_object *objects;
	uint32_t version; /* newest of its objects */
	bool known;	  /* size and count are some object's word */
};

struct parts {
	struct part *v;
	size_t n, room;
	const char *why; /* the first thing that does not fit */
	bool no_memory;
};

static void free_parts(struct parts *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->v[i].objects);
	free(l->v);
}

/* Component id 0, or one with an empty extent, is a plain layout (equations, section 8 #13). */
static bool in_component(const struct hs_parent *p)
{
	return p->has_layout && p->comp_id && p->comp_end;
}

static struct part *part_of(struct parts *l, uint32_t id)
{
	for (size_t i = 0; i < l->n; i++) {
		if (l->v[i].p.id == id)
			return &l->v[i];
	}
	if (hs_array_grow(&l->v, &l->room, l->n + 1)) {
		l->no_memory = true;
		return NULL;
	}
	l->v[l->n] = (struct part){
		.p = {.id = id, .flags = HS_LCF_INIT, .end = UINT64_MAX, .pattern = HS_LOVP_RAID0}};
	return &l->v[l->n++];
}

static void join_geometry(struct parts *l, struct part *part, const struct hs_parent *p)
{
	if (p->has_layout && p->stripe_size) {
		if (part->known && (part->p.stripe_size != p->stripe_size ||
				    part->p.stripe_count != p->stripe_count ||
				    (part->p.id && (part->p.start != p->comp_start ||
						    part->p.end != p->comp_end))))
			l->why = "its objects remember different layouts";
		part->p.stripe_size = p->stripe_size;
		part->p.stripe_count = p->stripe_count;
		if (part->p.id) {
			part->p.start = p->comp_start;
			part->p.end = p->comp_end;
		}
		part->known = true;
	}
	if (p->has_version && (p->layout_version & VERSION_BITS) > part->version)
		part->version = p->layout_version & VERSION_BITS;
}

static void find_parts(struct parts *l, const struct hs_lov_piece *pieces, size_t n)
{
	for (size_t i = 0; i < n && !l->no_memory; i++) {
		const struct hs_parent *p = &pieces[i].parent;
		struct part *part = part_of(l, in_component(p) ? p->comp_id : 0);

		if (part)
			join_geometry(l, part, p);
	}
}

static bool same_ost(const struct part *part, uint32_t ost)
{
	for (uint32_t i = 0; i < part->p.stripe_count; i++) {
		if (!hs_fid_is_zero(part->objects[i].object) && part->objects[i].ost == ost)
			return true;
	}
	return false;
}

static void place(struct parts *l, const struct hs_lov_piece *piece)
{
	const struct hs_parent *p = &piece->parent;
	struct part *part = part_of(l, in_component(p) ? p->comp_id : 0);
	struct hs_lov_object *slot;

	if (!part)
		return;
	if (p->stripe_index >= part->p.stripe_count) {
		l->why = "an object claims a stripe beyond the stripe count";
		return;
	}
	slot = &part->objects[p->stripe_index];
	if (!hs_fid_is_zero(slot->object)) {
		l->why = "two objects claim the same stripe";
		return;
	}
	if (same_ost(part, piece->ost->id.index))
		part->p.pattern |= HS_LOVP_OVERSTRIPING;
	*slot = (struct hs_lov_object){piece->object, piece->ost->id.index};
}

/* A count that nobody remembers is that of the highest stripe. */
static void size_part(struct parts *l, struct part *part, const struct hs_lov_piece *pieces,
		      size_t n)
{
	uint32_t count = 0;

	for (size_t i = 0; i < n; i++) {
		const struct hs_parent *p = &pieces[i].parent;

		if ((in_component(p) ? p->comp_id : 0) == part->p.id && p->stripe_index >= count)
			count = p->stripe_index + 1;
	}
	if (!part->known && count > 1)
		l->why = "no object remembers the stripe size";
	if (!part->known) {
		part->p.stripe_size = DEFAULT_STRIPE;
		part->p.stripe_count = count;
	}
	if (count > HS_LOV_MAX_STRIPES || !part->p.stripe_count ||
	    part->p.stripe_count > HS_LOV_MAX_STRIPES) {
		l->why = "its objects remember an impossible stripe count";
		return;
	}
	if (part->p.stripe_size % SMALLEST_STRIPE) {
		l->why = "its objects remember an impossible stripe size";
		return;
	}
	part->objects = calloc(part->p.stripe_count, sizeof(*part->objects));
	if (!part->objects)
		l->no_memory = true;
	part->p.objects = part->objects;
}

static int cmp_part(const void *pa, const void *pb)
{
	const struct part *a = pa, *b = pb;

	if (MIRROR_OF(a->p.id) != MIRROR_OF(b->p.id))
		return MIRROR_OF(a->p.id) < MIRROR_OF(b->p.id) ? -1 : 1;
	if (a->p.start != b->p.start)
		return a->p.start < b->p.start ? -1 : 1;
	return (a->p.id > b->p.id) - (a->p.id < b->p.id);
}

static bool id_is_used(const struct parts *l, uint32_t id)
{
	for (size_t i = 0; i < l->n; i++) {
		if (l->v[i].p.id == id)
			return true;
	}
	return false;
}

/* A component without objects, for a part of the file that none has. */
static void add_gap(struct parts *l, uint32_t mirror, uint64_t start, uint64_t end)
{
	uint32_t id = mirror << 16 | 1;
	struct part *part;

	while (id_is_used(l, id))
		id++;
	if (end != UINT64_MAX && end % SMALLEST_STRIPE) {
		l->why = "the extents that its objects remember leave a gap of an impossible size";
		return;
	}
	part = part_of(l, id);
	if (!part)
		return;
	part->p.flags = 0;
	part->p.start = start;
	part->p.end = end;
	part->p.stripe_size = end == UINT64_MAX ? DEFAULT_STRIPE : SMALLEST_STRIPE;
	part->p.stripe_count = 1;
	part->version = UINT32_MAX; /* never older than another */
}

static void fill_gaps(struct parts *l)
{
	size_t n = l->n;
	uint64_t at = 0;

	qsort(l->v, n, sizeof(*l->v), cmp_part);
	for (size_t i = 0; i < n && !l->why && !l->no_memory; i++) {
		struct hs_lov_part p = l->v[i].p;
		uint32_t mirror = MIRROR_OF(p.id);
		bool last = i + 1 == n || MIRROR_OF(l->v[i + 1].p.id) != mirror;

		if (p.start < at || p.end <= p.start)
			l->why = "the extents that its objects remember overlap";
		else if (p.start > at)
			add_gap(l, mirror, at, p.start);
		at = p.end;
		if (last && at != UINT64_MAX)
			add_gap(l, mirror, at, UINT64_MAX);
		if (last)
			at = 0;
	}
	qsort(l->v, l->n, sizeof(*l->v), cmp_part);
}

/* Mirrors whose objects are of an older version than another's missed writes. */
static uint16_t count_mirrors(struct parts *l, bool *stale)
{
	uint32_t newest = 0;
	uint16_t mirrors = 0;
	size_t end;

	*stale = false;
	for (size_t i = 0; i < l->n; i++) {
		if (l->v[i].version != UINT32_MAX && l->v[i].version > newest)
			newest = l->v[i].version;
	}
	for (size_t i = 0; i < l->n; i = end) {
		uint32_t version = 0;

		for (end = i; end < l->n && MIRROR_OF(l->v[end].p.id) == MIRROR_OF(l->v[i].p.id);
		     end++) {
			if (l->v[end].version != UINT32_MAX && l->v[end].version > version)
				version = l->v[end].version;
		}
		mirrors++;
		for (size_t k = i; version < newest && k < end; k++) {
			l->v[k].p.flags |= HS_LCF_STALE;
			*stale = true;
		}
	}
	return mirrors;
}

static uint8_t *encode(struct parts *l, struct hs_fid file, size_t *len)
{
	struct hs_lov_part *parts = calloc(l->n, sizeof(*parts));
	struct hs_lov_whole w = {
		.self = file,
		.composite = l->n > 1 || l->v[0].p.id,
		.gen = 1,
		.parts = parts,
		.n_parts = (uint32_t)l->n,
	};
	uint8_t *buf = NULL;
	bool stale;

	if (!parts)
		return NULL;
	for (size_t i = 0; i < l->n; i++) {
		if (l->v[i].version != UINT32_MAX && l->v[i].version >= w.gen)
			w.gen = l->v[i].version + 1;
	}
	if (w.composite) {
		w.mirrors = count_mirrors(l, &stale);
		w.flags = w.mirrors > 1 ? stale ? STATE_WRITE : STATE_READ_ONLY : 0;
	}
	for (size_t i = 0; i < l->n; i++)
		parts[i] = l->v[i].p;
	*len = hs_lov_size(&w);
	if (*len <= HS_STEP_DATA_MAX)
		buf = malloc(*len);
	else
		l->why = "the layout would be too large";
	if (buf)
		hs_lov_encode(&w, buf);
	free(parts);
	return buf;
}

uint8_t *hs_lov_rebuild(struct hs_fid file, const struct hs_lov_piece *pieces, size_t n,
			size_t *len, const char **why)
{
	struct parts l = {0};
	uint8_t *buf = NULL;

	find_parts(&l, pieces, n);
	for (size_t i = 0; i < l.n && !l.why && !l.no_memory; i++)
		size_part(&l, &l.v[i], pieces, n);
	if (!l.why && l.n > 1 && id_is_used(&l, 0))
		l.why = "some of its objects say that they are in a component, others do not";
	for (size_t i = 0; i < n && !l.why && !l.no_memory; i++)
		place(&l, &pieces[i]);
	if (!l.why && !l.no_memory && l.n && l.v[0].p.id)
		fill_gaps(&l);
	if (!l.n)
		l.why = "none of its objects says where it belongs";
	if (!l.why && !l.no_memory)
		buf = encode(&l, file, len);
	if (!buf)
		*why = l.why ? l.why : "memory is short";
	free_parts(&l);
	return buf;
}
