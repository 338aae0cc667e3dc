/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lfsck/tree.h"

#include <stdlib.h>

#include "base/array.h"
#include "lfsck/lookup.h"

errint_t hs_tree_part_init(struct hs_tree_part *p, size_t n_targets,
			   const struct hs_spill_limit *limit)
{
	memset(p, 0, sizeof(*p));
	p->limit = *limit;
	p->dirs = calloc(n_targets ? n_targets : 1, sizeof(*p->dirs));
	p->n_targets = n_targets;
	return p->dirs ? 0 : -ENOMEM;
}

void hs_tree_part_free(struct hs_tree_part *p)
{
	for (size_t i = 0; p->dirs && i < p->n_targets; i++)
		hs_spill_free(&p->dirs[i].mem);
	free(p->dirs);
	free(p->edges);
	memset(p, 0, sizeof(*p));
}

static errint_t list_reserve(struct hs_tree_list *l, size_t n, const struct hs_spill_limit *limit)
{
	errint_t err;

	if (n * sizeof(*l->v) <= l->mem.bytes)
		return 0;
	err = hs_spill_grow(&l->mem, n * sizeof(*l->v), limit);
	l->v = l->mem.p;
	return err;
}

errint_t hs_tree_add(struct hs_tree_part *p, uint16_t target, uint32_t ino, uint32_t up)
{
	struct hs_tree_list *l = &p->dirs[target];

	if ((l->n + 1) * sizeof(*l->v) > l->mem.bytes) {
		errint_t err = list_reserve(l, l->n ? 2 * l->n : 512, &p->limit);

		if (err)
			return err;
	}
	l->v[l->n++] = (struct hs_tree_dir){ino, up};
	return 0;
}

errint_t hs_tree_add_edge(struct hs_tree_part *p, const struct hs_tree_edge *edge)
{
	errint_t err = hs_array_grow(&p->edges, &p->edges_room, p->n_edges + 1);

	if (!err)
		p->edges[p->n_edges++] = *edge;
	return err;
}

/* Where the way up from a directory ends. Values below TOP_EDGES are positions of edges. */
enum {
	TOP_EDGES = 0xfffffff0u,
	TOP_UNKNOWN, /* not looked at yet */
	TOP_WALKING, /* on the path at hand */
	TOP_ROOT,    /* reaches ROOT */
	TOP_CYCLE,   /* in a cycle or below one */
	TOP_DEAD,    /* ends at something that is no directory of the name space */
	TOP_UNREAD,  /* ends at something that could not be read, or on an absent MDT */
};

struct forest {
	struct hs_system *sys;
	struct hs_tree_list *dirs; /* by target, sorted by inode */
	struct hs_spill *top_mem;  /* by target */
	uint32_t **tops;	   /* in top_mem, parallel to dirs */
	struct hs_spill_limit limit;
	struct hs_tree_edge *edges;
	uint32_t *edge_tops;
	size_t n_edges;
	uint32_t *path;
	size_t path_room;
	struct hs_marks *marks;
	uint64_t *undecided;
};

static int cmp_dir(const void *a, const void *b)
{
	const struct hs_tree_dir *x = a, *y = b;

	return (x->ino > y->ino) - (x->ino < y->ino);
}

static int cmp_edge(const void *a, const void *b)
{
	const struct hs_tree_edge *x = a, *y = b;

	if (x->target != y->target)
		return x->target < y->target ? -1 : 1;
	return (x->ino > y->ino) - (x->ino < y->ino);
}

static struct hs_tree_dir *find_dir(const struct hs_tree_list *l, uint32_t ino)
{
	struct hs_tree_dir key = {ino, 0};

	return l->n ? bsearch(&key, l->v, l->n, sizeof(key), cmp_dir) : NULL;
}

static uint32_t find_edge(const struct forest *f, uint16_t target, uint32_t ino)
{
	struct hs_tree_edge key = {.target = target, .ino = ino};
	struct hs_tree_edge *e =
		f->n_edges ? bsearch(&key, f->edges, f->n_edges, sizeof(key), cmp_edge) : NULL;

	return e ? (uint32_t)(e - f->edges) : TOP_DEAD;
}

static void mark(struct forest *f, enum hs_mark_code code, uint16_t target, uint32_t ino,
		 uint32_t up)
{
	struct hs_prov prov = {target, ino, 0};
	struct hs_loaded l = {0};
	struct hs_fid fid = {0};

	if (hs_load(&l, f->sys->targets[target], ino, false) == 1)
		hs_loaded_fid(&l, &fid);
	hs_loaded_free(&l);
	hs_mark_add(f->marks, code, fid, &prov, up, 0, NULL, 0);
}

/* What a directory whose `..` is no known directory stands on. */
static uint32_t judge_end(struct forest *f, uint16_t target, const struct hs_tree_dir *d)
{
	struct hs_target *t = f->sys->targets[target];
	struct hs_loaded l = {0};
	uint32_t top = TOP_DEAD;

	if (d->up == t->rpd_ino && t->rpd_ino)
		return find_edge(f, target, d->ino);
	if (d->up == t->root_ino && t->root_ino)
		return TOP_ROOT;
	if (d->up == 0 || hs_load(&l, t, d->up, false) < 0)
		top = TOP_UNREAD;
	hs_loaded_free(&l);
	if (top == TOP_DEAD)
		mark(f, HS_M_UNREACHABLE, target, d->ino, d->up);
	return top;
}

/* Follows `..` from one directory, giving every directory on the way its top. */
static errint_t climb(struct forest *f, uint16_t target, size_t start)
{
	const struct hs_tree_list *l = &f->dirs[target];
	uint32_t *tops = f->tops[target];
	uint32_t top = TOP_UNKNOWN;
	size_t n = 0, i = start;

	while (top == TOP_UNKNOWN) {
		const struct hs_tree_dir *up;

		if (hs_array_grow(&f->path, &f->path_room, n + 1))
			return -ENOMEM;
		f->path[n++] = (uint32_t)i;
		tops[i] = TOP_WALKING;
		up = l->v[i].up == f->sys->targets[target]->root_ino ? NULL
								     : find_dir(l, l->v[i].up);
		if (!up) {
			top = judge_end(f, target, &l->v[i]);
			break;
		}
		i = (size_t)(up - l->v);
		if (tops[i] == TOP_WALKING) {
			/* the part of the path from here on is the cycle */
			for (size_t k = n; k-- > 0;) {
				mark(f, HS_M_CYCLE, target, l->v[f->path[k]].ino,
				     l->v[f->path[k]].up);
				if (f->path[k] == i)
					break;
			}
			top = TOP_CYCLE;
		} else {
			top = tops[i];
		}
	}
	while (n)
		tops[f->path[--n]] = top;
	return 0;
}

/* Where the parent of a local root stands. */
static uint32_t judge_edge(struct forest *f, const struct hs_tree_edge *e)
{
	struct hs_tree_dir *d;
	struct hs_place place;

	if (!e->has_parent)
		return TOP_UNREAD; /* its linkEA is marked already */
	switch (hs_lookup_fid(f->sys, e->parent, &place)) {
	case HS_LOOKUP_FOUND:
		break;
	case HS_LOOKUP_ABSENT:
	case HS_LOOKUP_UNREAD:
		++*f->undecided;
		return TOP_UNREAD;
	default:
		mark(f, HS_M_UNREACHABLE, e->target, e->ino, 0);
		return TOP_DEAD;
	}
	if (place.ino == place.t->root_ino)
		return TOP_ROOT;
	d = find_dir(&f->dirs[place.t->pos], place.ino);
	if (!d) {
		mark(f, HS_M_UNREACHABLE, e->target, e->ino, place.ino);
		return TOP_DEAD;
	}
	return f->tops[place.t->pos][d - f->dirs[place.t->pos].v];
}

/* The same walk over the remote edges. */
static void climb_edges(struct forest *f)
{
	for (size_t start = 0; start < f->n_edges; start++) {
		uint32_t i = (uint32_t)start, top = TOP_UNKNOWN, n = 0;

		while (f->edge_tops[i] == TOP_UNKNOWN) {
			f->edge_tops[i] = TOP_WALKING;
			f->path[n++] = i;
			top = judge_edge(f, &f->edges[i]);
			if (top >= TOP_EDGES)
				break;
			i = top;
			top = f->edge_tops[i];
		}
		if (top == TOP_WALKING) {
			for (uint32_t k = n; k-- > 0;) {
				mark(f, HS_M_CYCLE, f->edges[f->path[k]].target,
				     f->edges[f->path[k]].ino, 0);
				if (f->path[k] == i)
					break;
			}
			top = TOP_CYCLE;
		}
		while (n)
			f->edge_tops[f->path[--n]] = top;
	}
}

/* Moves what the workers noted into one sorted list a target. */
static errint_t gather(struct forest *f, struct hs_tree_part *parts, unsigned n)
{
	size_t edges_room = 0;

	for (unsigned w = 0; w < n; w++) {
		for (size_t t = 0; t < f->sys->n_targets; t++) {
			struct hs_tree_list *from = &parts[w].dirs[t], *to = &f->dirs[t];

			errint_t err = list_reserve(to, to->n + from->n, &f->limit);

			if (err)
				return err;
			if (from->n)
				memcpy(to->v + to->n, from->v, from->n * sizeof(*from->v));
			to->n += from->n;
			hs_spill_free(&from->mem);
			*from = (struct hs_tree_list){0};
		}
		if (hs_array_grow(&f->edges, &edges_room, f->n_edges + parts[w].n_edges))
			return -ENOMEM;
		if (parts[w].n_edges)
			memcpy(f->edges + f->n_edges, parts[w].edges,
			       parts[w].n_edges * sizeof(*f->edges));
		f->n_edges += parts[w].n_edges;
	}
	if (f->n_edges)
		qsort(f->edges, f->n_edges, sizeof(*f->edges), cmp_edge);
	for (size_t t = 0; t < f->sys->n_targets; t++) {
		if (f->dirs[t].n)
			qsort(f->dirs[t].v, f->dirs[t].n, sizeof(*f->dirs[t].v), cmp_dir);
	}
	return 0;
}

static uint32_t *new_tops(size_t n)
{
	uint32_t *v = malloc((n ? n : 1) * sizeof(*v));

	for (size_t i = 0; v && i < n; i++)
		v[i] = TOP_UNKNOWN;
	return v;
}

errint_t hs_tree_check(struct hs_system *sys, struct hs_tree_part *parts, unsigned n,
		       struct hs_marks *marks, uint64_t *undecided)
{
	struct forest f = {.sys = sys, .marks = marks, .undecided = undecided};
	errint_t err = -ENOMEM;

	f.dirs = calloc(sys->n_targets, sizeof(*f.dirs));
	f.tops = calloc(sys->n_targets, sizeof(*f.tops));
	f.top_mem = calloc(sys->n_targets, sizeof(*f.top_mem));
	f.limit = parts[0].limit;
	if (f.dirs && f.tops && f.top_mem)
		err = gather(&f, parts, n);
	for (size_t t = 0; !err && t < sys->n_targets; t++) {
		err = hs_spill_grow(&f.top_mem[t], f.dirs[t].n * sizeof(uint32_t), &f.limit);
		f.tops[t] = f.top_mem[t].p;
		for (size_t i = 0; !err && i < f.dirs[t].n; i++)
			f.tops[t][i] = TOP_UNKNOWN;
		for (size_t i = 0; !err && i < f.dirs[t].n; i++) {
			if (f.tops[t][i] == TOP_UNKNOWN)
				err = climb(&f, (uint16_t)t, i);
		}
	}
	f.edge_tops = new_tops(f.n_edges);
	if (!err)
		err = f.edge_tops ? hs_array_grow(&f.path, &f.path_room, f.n_edges + 1) : -ENOMEM;
	if (!err)
		climb_edges(&f);
	for (size_t t = 0; t < sys->n_targets; t++) {
		if (f.dirs)
			hs_spill_free(&f.dirs[t].mem);
		if (f.top_mem)
			hs_spill_free(&f.top_mem[t]);
	}
	free(f.dirs);
	free(f.tops);
	free(f.top_mem);
	free(f.edges);
	free(f.edge_tops);
	free(f.path);
	return err;
}
