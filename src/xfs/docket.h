/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The damaged objects of a scan, one compact entry each, kept until it can be said which damage
 * follows from which (fold.h): a bad inode record makes everything about that inode look bad, a bad
 * directory the parent pointers of its children, a bad AG header the summary counters.
 *
 * Not thread-safe: the scan's lock.
 */
#ifndef HS_XFS_DOCKET_H
#define HS_XFS_DOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "xfs/check.h"

struct hs_xfs_entry {
	struct hs_xfs_object obj;
	/* bits of the types with that outcome */
	uint64_t corrupt;
	uint64_t xcorrupt; /* and not corrupt */
	uint64_t incomplete;
	uint64_t xfail;	 /* only in entries that have nothing else */
	uint64_t unread; /* likewise: an inode record that could not be read */
	errint_t err;	 /* why not */
	uint64_t open; /* of corrupt and xcorrupt: what is still so; all of it when checking only */
	uint64_t fixed; /* of these: what the kernel has rebuilt */
	int reason;	/* why something is left: enum hs_xfs_reason, or an errno */
	bool told;	/* its line has been shown */
	size_t cause;	/* index + 1 of the entry that it follows from; 0: none */
};

static inline uint64_t hs_xfs_entry_bad(const struct hs_xfs_entry *e)
{
	return e->corrupt | e->xcorrupt;
}

/* A directory whose own entries are damaged, and still are. */
static inline bool hs_xfs_entry_is_open_dir(const struct hs_xfs_entry *e)
{
	return e->open & e->corrupt & HS_XFS_BIT(HS_XFS_DIR);
}

/* All damage of it is gone. */
static inline bool hs_xfs_entry_is_solved(const struct hs_xfs_entry *e)
{
	return hs_xfs_entry_bad(e) && !e->open;
}

/* The entry as if only these types had been found damaged. */
static inline struct hs_xfs_entry hs_xfs_entry_part(const struct hs_xfs_entry *e, uint64_t types)
{
	struct hs_xfs_entry part = *e;

	part.corrupt &= types;
	part.xcorrupt &= types;
	part.open &= types;
	return part;
}

struct hs_xfs_docket {
	struct hs_xfs_entry *entries;
	size_t n;
	size_t room;
	uint64_t xfails; /* objects whose only trouble is a failed cross-reference */
};

void hs_xfs_docket_free(struct hs_xfs_docket *d);

/* The entry stays where it is until the next call. */
errint_t hs_xfs_docket_add(struct hs_xfs_docket *d, const struct hs_xfs_entry *entry);

/* Sorts by scope and id and merges entries of one object, so that find works. */
void hs_xfs_docket_sort(struct hs_xfs_docket *d);

/* The first entry of that scope and id, NULL when there is none. Only after sort. */
struct hs_xfs_entry *hs_xfs_docket_find(const struct hs_xfs_docket *d, enum hs_xfs_scope scope,
					uint64_t id);

#endif
