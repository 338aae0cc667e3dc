/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lfsck/plan_dirs.h"

#include <stdlib.h>

#include "base/array.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#define LOOKUPS_BEFORE 2 /* that read the directory each time */

struct entry {
	uint64_t hash;
	struct hs_leads leads;
	uint32_t name; /* in names */
	uint32_t next; /* of the same chain, + 1 */
	uint8_t len;
};

struct hs_plan_dir {
	struct hs_target *t;
	uint32_t ino;
	unsigned lookups;
	bool kept;
	int rc; /* what a look-up of a name that is not there gives: 0, or -EUCLEAN */
	struct entry *v;
	size_t n, room;
	uint8_t *names;
	size_t names_len, names_room;
	uint32_t *chains; /* + 1 */
	size_t size;	  /* a power of two */
};

static void free_dir(struct hs_plan_dir *d)
{
	free(d->v);
	free(d->names);
	free(d->chains);
	free(d);
}

void hs_plan_dirs_free(struct hs_plan_dirs *d)
{
	for (size_t i = 0; i < d->n; i++)
		free_dir(d->v[i]);
	memset(d, 0, sizeof(*d));
}

/* What is used last goes to the front. */
static struct hs_plan_dir *get(struct hs_plan_dirs *d, struct hs_target *t, uint32_t ino)
{
	struct hs_plan_dir *dir;
	size_t i = 0;

	while (i < d->n && (d->v[i]->t != t || d->v[i]->ino != ino))
		i++;
	if (i < d->n) {
		dir = d->v[i];
	} else {
		dir = calloc(1, sizeof(*dir));
		if (!dir)
			return NULL;
		dir->t = t;
		dir->ino = ino;
		if (d->n == HS_PLAN_DIRS_MAX) {
			d->entries -= d->v[--d->n]->n;
			free_dir(d->v[d->n]);
		}
		i = d->n++;
	}
	memmove(d->v + 1, d->v, i * sizeof(*d->v));
	d->v[0] = dir;
	return dir;
}

static int visit(void *arg, void *cookie, const struct hs_dirent *e)
{
	struct hs_plan_dir *d = arg;
	struct entry *to;

	(void)cookie;
	if (!e->ino)
		return 0;
	if (d->n >= HS_PLAN_DIRS_ENTRIES)
		return -E2BIG;
	if (hs_array_grow(&d->v, &d->room, d->n + 1) ||
	    hs_array_grow(&d->names, &d->names_room, d->names_len + e->name_len))
		return -ENOMEM;
	to = &d->v[d->n++];
	*to = (struct entry){
		.hash = XXH3_64bits(e->name, e->name_len),
		.leads = {.ino = e->ino, .type = e->type, .has_fid = e->has_fid},
		.name = (uint32_t)d->names_len,
		.len = e->name_len,
	};
	if (e->has_fid)
		to->leads.fid = hs_fid_get_be(e->fid);
	memcpy(d->names + d->names_len, e->name, e->name_len);
	d->names_len += e->name_len;
	return 0;
}

static int visit_end(void *arg, void *cookie, const struct hs_dir_end *end)
{
	struct hs_plan_dir *d = arg;

	(void)cookie;
	/* names can hide behind these, as in a look-up */
	if (end->flaws &
	    (HS_DIRF_MAP | HS_DIRF_READ | HS_DIRF_ENTRY | HS_DIRF_HOLE | HS_DIRF_INLINE))
		d->rc = -EUCLEAN;
	return 0;
}

/* Of equal names the first one is found first. */
static errint_t chain(struct hs_plan_dir *d)
{
	d->size = 64;
	while (d->size < d->n)
		d->size *= 2;
	d->chains = calloc(d->size, sizeof(*d->chains));
	if (!d->chains)
		return -ENOMEM;
	for (size_t i = d->n; i--;) {
		uint32_t *at = &d->chains[d->v[i].hash & (d->size - 1)];

		d->v[i].next = *at;
		*at = (uint32_t)i + 1;
	}
	return 0;
}

static void drop_entries(struct hs_plan_dir *d)
{
	free(d->v);
	free(d->names);
	free(d->chains);
	d->v = NULL;
	d->names = NULL;
	d->chains = NULL;
	d->n = d->room = d->names_len = d->names_room = 0;
}

/* Reads all of it; false when it cannot be kept, which is no error. */
static bool keep(struct hs_plan_dirs *all, struct hs_plan_dir *d, const struct hs_inode *inode)
{
	const struct hs_dir_visitor visitor = {.entry = visit, .end = visit_end};

	d->rc = 0;
	if (hs_dir_read(d->t->fs, inode, &visitor, d) || chain(d)) {
		drop_entries(d);
		d->lookups = 0; /* tried again, but not at once */
		return false;
	}
	d->kept = true;
	all->entries += d->n;
	while (all->entries > HS_PLAN_DIRS_ENTRIES && all->n > 1) {
		all->entries -= all->v[--all->n]->n;
		free_dir(all->v[all->n]);
	}
	return true;
}

static int find(const struct hs_plan_dir *d, const void *name, size_t len, struct hs_leads *out)
{
	uint64_t hash = XXH3_64bits(name, len);

	for (uint32_t i = d->chains[hash & (d->size - 1)]; i; i = d->v[i - 1].next) {
		const struct entry *e = &d->v[i - 1];

		if (e->hash == hash && e->len == len && !memcmp(d->names + e->name, name, len)) {
			*out = e->leads;
			return 1;
		}
	}
	return d->rc;
}

int hs_plan_dirs_find(struct hs_plan_dirs *all, struct hs_target *t, const struct hs_inode *inode,
		      const void *name, size_t len, struct hs_leads *out)
{
	struct hs_plan_dir *d = get(all, t, inode->ino);
	uint8_t room[512];
	struct hs_dirent e;
	int rc;

	if (!d)
		return -ENOMEM;
	if (d->kept || (++d->lookups > LOOKUPS_BEFORE && keep(all, d, inode)))
		return find(d, name, len, out);
	rc = hs_dir_lookup(t->fs, inode, name, len, &e, room);
	if (rc != 1)
		return rc;
	*out = (struct hs_leads){.ino = e.ino, .type = e.type, .has_fid = e.has_fid};
	if (e.has_fid)
		out->fid = hs_fid_get_be(e.fid);
	return 1;
}
