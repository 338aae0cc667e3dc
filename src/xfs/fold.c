/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "xfs/fold.h"

#include <string.h>

#include "xfs/chunk.h"
#include "xfs/path.h"

#define B(t) HS_XFS_BIT(HS_XFS_##t)

/* Damage inside an inode that can spread to other objects. */
#define INODE_BASE (B(INODE) | B(BMBTD) | B(BMBTA))

uint64_t hs_xfs_entry_roots(const struct hs_xfs_entry *e)
{
	uint64_t bad = e->corrupt ? e->corrupt : e->xcorrupt;
	uint64_t roots = 0;

	if (!bad)
		return 0;
	if (e->obj.scope == HS_XFS_SCOPE_INODE) {
		/* types are numbered from the base up; a base that only disagrees comes first */
		uint64_t root = bad & -bad, base;

		while ((base = hs_xfs_type_info((unsigned)__builtin_ctzll(root))->after &
			       hs_xfs_entry_bad(e)))
			root = base & -base;
		return root;
	}
	if (!e->corrupt)
		return bad & -bad;
	for (uint64_t left = bad; left; left &= left - 1) {
		unsigned type = (unsigned)__builtin_ctzll(left);

		if (!(hs_xfs_type_info(type)->after & bad))
			roots |= HS_XFS_BIT(type);
	}
	return roots ? roots : bad & -bad;
}

/* Everything that was not as it should be. */
static uint64_t odd(const struct hs_xfs_entry *e)
{
	return hs_xfs_entry_bad(e) | e->incomplete | e->xfail;
}

static bool is_group(const struct hs_xfs_entry *e)
{
	return e->obj.scope == HS_XFS_SCOPE_AG || e->obj.scope == HS_XFS_SCOPE_RTGROUP;
}

/* Secondary superblocks are copies: nothing that is checked online depends on them. */
static bool is_damaged_group(const struct hs_xfs_entry *e)
{
	return is_group(e) && (e->corrupt & ~B(SB));
}

/* Damaged, or in disagreement with something. */
static bool is_bad_group(const struct hs_xfs_entry *e)
{
	return is_group(e) && (hs_xfs_entry_bad(e) & ~B(SB));
}

/* Chains must end at a cause: an entry that has one cannot become another's. */
static void set_cause(struct hs_xfs_docket *d, struct hs_xfs_entry *e, struct hs_xfs_entry *cause)
{
	size_t i = (size_t)(cause - d->entries);

	/* what has been told as a cause stays one */
	if (e == cause || e->cause || e->told)
		return;
	/* what is left does not follow from what was repaired, nor the other way round */
	if (hs_xfs_entry_is_solved(e) != hs_xfs_entry_is_solved(cause))
		return;
	for (size_t hops = 0; d->entries[i].cause; hops++) {
		i = d->entries[i].cause - 1;
		if (hops > d->n)
			return;
	}
	if (&d->entries[i] != e)
		e->cause = i + 1;
}

struct parents {
	struct hs_xfs_docket *d;
	struct hs_xfs_entry *child;
	uint64_t bad;  /* the parent must have one of these */
	uint64_t only; /* and nothing else, unless 0 */
	bool reverse;  /* the parent follows from the child */
};

static int link_parent(const struct hs_xfs_parent *p, void *arg)
{
	struct parents *l = arg;
	struct hs_xfs_entry *e = hs_xfs_docket_find(l->d, HS_XFS_SCOPE_INODE, p->ino);
	uint64_t bad;

	if (!e || e == l->child)
		return 0;
	bad = hs_xfs_entry_bad(e);
	if (!(bad & l->bad) || (l->only && (bad & ~l->only)))
		return 0;
	if (l->reverse) {
		set_cause(l->d, e, l->child);
		return 0;
	}
	set_cause(l->d, l->child, e);
	return 1;
}

static void fold_inodes(struct hs_xfs_scan *scan)
{
	struct hs_xfs_docket *d = &scan->docket;

	/* a damaged child makes its parent directory look bad */
	for (size_t i = 0; i < d->n; i++) {
		struct hs_xfs_entry *e = &d->entries[i];
		struct parents l = {.d = d,
				    .child = e,
				    .bad = B(DIR),
				    .only = B(DIR) | B(PARENT),
				    .reverse = true};

		if (e->obj.scope == HS_XFS_SCOPE_INODE &&
		    (hs_xfs_entry_bad(e) & (INODE_BASE | B(XATTR))))
			hs_xfs_each_parent(&scan->fs, e->obj.id, e->obj.gen, NULL, link_parent, &l);
	}
	/* a damaged directory makes its children's parent pointers look bad, or uncheckable */
	for (size_t i = 0; i < d->n; i++) {
		struct hs_xfs_entry *e = &d->entries[i];
		struct parents l = {.d = d, .child = e, .bad = B(DIR) | INODE_BASE};

		if (e->obj.scope == HS_XFS_SCOPE_INODE && odd(e) &&
		    !(odd(e) & ~(B(PARENT) | B(DIRTREE))))
			hs_xfs_each_parent(&scan->fs, e->obj.id, e->obj.gen, NULL, link_parent, &l);
	}
	/* directories that hang together in a wrong tree */
	for (size_t i = 0; i < d->n; i++) {
		struct hs_xfs_entry *e = &d->entries[i];
		struct parents l = {.d = d, .child = e, .bad = B(DIRTREE)};

		if (e->obj.scope == HS_XFS_SCOPE_INODE && hs_xfs_entry_bad(e) == B(DIRTREE))
			hs_xfs_each_parent(&scan->fs, e->obj.id, e->obj.gen, NULL, link_parent, &l);
	}
}

static struct hs_xfs_entry *first_with(struct hs_xfs_docket *d, uint64_t bad, bool solved)
{
	for (size_t i = 0; i < d->n; i++) {
		struct hs_xfs_entry *e = &d->entries[i];

		if (e->obj.scope == HS_XFS_SCOPE_INODE &&
		    ((hs_xfs_entry_bad(e) | e->unread) & bad) &&
		    hs_xfs_entry_is_solved(e) == solved)
			return e;
	}
	return NULL;
}

static struct hs_xfs_entry *first_that(struct hs_xfs_docket *d,
				       bool (*is)(const struct hs_xfs_entry *e), bool solved)
{
	for (size_t i = 0; i < d->n; i++) {
		struct hs_xfs_entry *e = &d->entries[i];

		if (is(e) && hs_xfs_entry_is_solved(e) == solved)
			return e;
	}
	return NULL;
}

static bool is_unread(const struct hs_xfs_entry *e)
{
	return e->unread;
}

/* Nobody can look up anything in it. */
static bool is_lost_inode(const struct hs_xfs_entry *e)
{
	return e->obj.scope == HS_XFS_SCOPE_INODE && ((e->corrupt | e->unread) & B(INODE));
}

static bool is_bad_metapath(const struct hs_xfs_entry *e)
{
	return e->obj.scope == HS_XFS_SCOPE_METAPATH && hs_xfs_entry_bad(e);
}

static bool is_bad_quota(const struct hs_xfs_entry *e)
{
	return e->obj.scope == HS_XFS_SCOPE_FS &&
	       (hs_xfs_entry_bad(e) & (B(UQUOTA) | B(GQUOTA) | B(PQUOTA)));
}

/* An inode that belongs to the metadata directory tree, damaged in one of these. */
static bool is_damaged_metafile(struct hs_xfs_scan *scan, const struct hs_xfs_entry *e, uint64_t of)
{
	struct hs_xfs_bstat st;

	return e->obj.scope == HS_XFS_SCOPE_INODE && (hs_xfs_entry_bad(e) & of) &&
	       hs_xfs_inode_load(&scan->fs, e->obj.id, &st) == 0 && hs_xfs_is_metafile(&st);
}

/*
 * A wrong entry of a metadata directory is seen from three sides: by the directory, by the path
 * that leads elsewhere, and by the file that has another name. The kernel tells nobody the parents
 * of metadata files; so the first damaged directory is taken.
 */
static void fold_metapaths(struct hs_xfs_scan *scan, bool solved)
{
	struct hs_xfs_docket *d = &scan->docket;
	struct hs_xfs_entry *cause = NULL;

	if (!hs_xfs_feature(&scan->fs, HS_XFS_GEOM_METADIR))
		return;
	for (size_t i = 0; !cause && i < d->n; i++) {
		if (hs_xfs_entry_is_solved(&d->entries[i]) == solved &&
		    is_damaged_metafile(scan, &d->entries[i], B(DIR)))
			cause = &d->entries[i];
	}
	if (!cause)
		cause = first_that(d, is_bad_metapath, solved);
	for (size_t i = 0; cause && i < d->n; i++) {
		struct hs_xfs_entry *e = &d->entries[i];

		if (is_bad_metapath(e) ||
		    (hs_xfs_entry_bad(e) == B(PARENT) && is_damaged_metafile(scan, e, B(PARENT))))
			set_cause(d, e, cause);
	}
}

/* Inodes that could not be read and lie together: one cluster of them is one block. */
static void fold_unread(struct hs_xfs_docket *d)
{
	struct hs_xfs_entry *first = NULL;

	for (size_t i = 0; i < d->n; i++) {
		struct hs_xfs_entry *e = &d->entries[i];

		if (!is_unread(e))
			continue;
		if (first && e->obj.id - first->obj.id < HS_XFS_CHUNK_INODES &&
		    e->err == first->err)
			set_cause(d, e, first);
		else
			first = e;
	}
}

/* Counts over the whole file system. */
static void fold_counts(struct hs_xfs_docket *d, struct hs_xfs_entry *e)
{
	bool solved = hs_xfs_entry_is_solved(e);
	struct hs_xfs_entry *cause = NULL;

	if (odd(e) == B(NLINKS)) {
		cause = first_with(d, INODE_BASE | B(DIR) | B(PARENT) | B(DIRTREE), solved);
		if (!cause)
			cause = first_that(d, is_bad_metapath, solved);
	} else if (odd(e) == B(QUOTACHECK)) {
		cause = first_with(d, INODE_BASE | B(BMBTC), solved);
		if (!cause)
			cause = first_that(d, is_bad_quota, solved);
	} else if (odd(e) == B(FSCOUNTERS)) {
		cause = first_that(d, is_bad_group, solved);
	}
	if (cause)
		set_cause(d, e, cause);
}

void hs_xfs_fold(struct hs_xfs_scan *scan)
{
	struct hs_xfs_docket *d = &scan->docket;
	struct hs_xfs_entry *damaged[2], *bad[2], *lost; /* open, solved */

	hs_xfs_docket_sort(d);
	fold_inodes(scan);
	fold_metapaths(scan, false);
	fold_metapaths(scan, true);
	fold_unread(d);
	for (unsigned solved = 0; solved < 2; solved++) {
		damaged[solved] = first_that(d, is_damaged_group, solved);
		bad[solved] = first_that(d, is_bad_group, solved);
	}
	lost = first_that(d, is_lost_inode, false);
	for (size_t i = 0; i < d->n; i++) {
		struct hs_xfs_entry *e = &d->entries[i];
		bool solved = hs_xfs_entry_is_solved(e);

		if (is_unread(e))
			continue;
		if (e->obj.scope == HS_XFS_SCOPE_FS)
			fold_counts(d, e);
		/* what only disagrees with others follows from what is damaged */
		if (damaged[solved] && !e->corrupt && !is_damaged_group(e))
			set_cause(d, e, damaged[solved]);
		/* a btree that is only suspected is not used for cross-checks either */
		if (bad[solved] && odd(e) == e->xfail)
			set_cause(d, e, bad[solved]);
		/* nor is an inode that cannot be loaded */
		if (lost && odd(e) == e->xfail)
			set_cause(d, e, lost);
	}
}
