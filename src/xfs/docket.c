/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "xfs/docket.h"

#include <stdlib.h>

#include "base/array.h"

void hs_xfs_docket_free(struct hs_xfs_docket *d)
{
	free(d->entries);
	*d = (struct hs_xfs_docket){0};
}

errint_t hs_xfs_docket_add(struct hs_xfs_docket *d, const struct hs_xfs_entry *entry)
{
	errint_t rc = hs_array_grow(&d->entries, &d->room, d->n + 1);

	if (rc)
		return rc;
	d->entries[d->n++] = *entry;
	return 0;
}

static int compare(const void *a, const void *b)
{
	const struct hs_xfs_object *x = &((const struct hs_xfs_entry *)a)->obj;
	const struct hs_xfs_object *y = &((const struct hs_xfs_entry *)b)->obj;

	if (x->scope != y->scope)
		return x->scope < y->scope ? -1 : 1;
	if (x->id != y->id)
		return x->id < y->id ? -1 : 1;
	if (x->gen != y->gen)
		return x->gen < y->gen ? -1 : 1;
	if (x->group != y->group)
		return x->group < y->group ? -1 : 1;
	return 0;
}

static void merge(struct hs_xfs_entry *into, const struct hs_xfs_entry *from)
{
	into->corrupt |= from->corrupt;
	into->xcorrupt |= from->xcorrupt;
	into->incomplete |= from->incomplete;
	into->xfail |= from->xfail;
	into->unread |= from->unread;
	into->err = into->err ? into->err : from->err;
	into->open |= from->open;
	into->fixed |= from->fixed;
	if (!into->reason)
		into->reason = from->reason;
	into->told = into->told || from->told;
}

void hs_xfs_docket_sort(struct hs_xfs_docket *d)
{
	size_t kept = 0;

	if (d->n == 0)
		return;
	qsort(d->entries, d->n, sizeof(d->entries[0]), compare);
	for (size_t i = 1; i < d->n; i++) {
		if (compare(&d->entries[kept], &d->entries[i]) == 0)
			merge(&d->entries[kept], &d->entries[i]);
		else
			d->entries[++kept] = d->entries[i];
	}
	d->n = kept + 1;
}

struct hs_xfs_entry *hs_xfs_docket_find(const struct hs_xfs_docket *d, enum hs_xfs_scope scope,
					uint64_t id)
{
	size_t low = 0, high = d->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		const struct hs_xfs_object *o = &d->entries[mid].obj;

		if (o->scope < scope || (o->scope == scope && o->id < id))
			low = mid + 1;
		else
			high = mid;
	}
	if (low == d->n || d->entries[low].obj.scope != scope || d->entries[low].obj.id != id)
		return NULL;
	return &d->entries[low];
}
