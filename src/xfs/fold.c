/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "xfs/fold.h"

#include <string.h>

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
	/* a damaged directory makes its children's parent pointers look bad */
	for (size_t i = 0; i < d->n; i++) {
		struct hs_xfs_entry *e = &d->entries[i];
		struct parents l = {.d = d, .child = e, .bad = B(DIR) | INODE_BASE};

		if (e->obj.scope == HS_XFS_SCOPE_INODE && hs_xfs_entry_bad(e) &&
		    !(hs_xfs_entry_bad(e) & ~(B(PARENT) | B(DIRTREE))))
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

static struct hs_xfs_entry *first_with(struct hs_xfs_docket *d, uint64_t bad)
{
	for (size_t i = 0; i < d->n; i++) {
		struct hs_xfs_entry *e = &d->entries[i];

		if (e->obj.scope == HS_XFS_SCOPE_INODE && (hs_xfs_entry_bad(e) & bad))
			return e;
	}
	return NULL;
}

static struct hs_xfs_entry *first_group(struct hs_xfs_docket *d,
					bool (*is)(const struct hs_xfs_entry *e))
{
	for (size_t i = 0; i < d->n; i++) {
		if (is(&d->entries[i]))
			return &d->entries[i];
	}
	return NULL;
}

/* Counts over the whole file system. */
static void fold_counts(struct hs_xfs_docket *d, struct hs_xfs_entry *e)
{
	uint64_t odd = hs_xfs_entry_bad(e) | e->incomplete;
	struct hs_xfs_entry *cause = NULL;

	if (odd == B(NLINKS))
		cause = first_with(d, INODE_BASE | B(DIR) | B(PARENT) | B(DIRTREE));
	else if (odd == B(QUOTACHECK))
		cause = first_with(d, INODE_BASE | B(BMBTC));
	else if (odd == B(FSCOUNTERS))
		cause = first_group(d, is_bad_group);
	if (cause)
		set_cause(d, e, cause);
}

void hs_xfs_fold(struct hs_xfs_scan *scan)
{
	struct hs_xfs_docket *d = &scan->docket;
	struct hs_xfs_entry *damaged, *bad;

	hs_xfs_docket_sort(d);
	fold_inodes(scan);
	damaged = first_group(d, is_damaged_group);
	bad = first_group(d, is_bad_group);
	for (size_t i = 0; i < d->n; i++) {
		struct hs_xfs_entry *e = &d->entries[i];

		if (e->obj.scope == HS_XFS_SCOPE_FS)
			fold_counts(d, e);
		/* what only disagrees with others follows from what is damaged */
		if (damaged && !e->corrupt && !is_damaged_group(e))
			set_cause(d, e, damaged);
		/* a btree that is only suspected is not used for cross-checks either */
		if (bad && !hs_xfs_entry_bad(e) && !e->incomplete)
			set_cause(d, e, bad);
	}
}
