/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Phase 5: link counts and quota counts of the whole file system, in parallel (the kernel scans all
 * inodes for each), then the directory tree, directory by directory, and names, if everything
 * before was clean (dependency groups b and c).
 *
 * A directory is opened only after its way to the root has been proven: opening one by handle
 * makes the kernel walk up, which in a loop need not end.
 */
#include "xfs/scan.h"

#include <sys/stat.h>

#include "work/team.h"
#include "xfs/inodes.h"
#include "xfs/items.h"
#include "xfs/nametree.h"
#include "xfs/report.h"

struct tree {
	struct hs_xfs_scan *scan;
	struct hs_xfs_nametree *names; /* NULL: names are not checked */
	atomic_size_t next;	       /* of the inodes that phase 3 has kept */
};

struct counting {
	struct hs_xfs_scan *scan;
	uint8_t type;
	errint_t rc;
};

static void count(void *arg)
{
	struct counting *c = arg;
	struct hs_xfs_object fs = {.scope = HS_XFS_SCOPE_FS};

	c->rc = hs_xfs_check_and_judge(c->scan, &fs, &c->type, 1, NULL);
	if (c->rc)
		hs_xfs_scan_end(c->scan, c->rc);
}

static errint_t check_counts(struct hs_xfs_scan *scan)
{
	struct counting links = {.scan = scan, .type = HS_XFS_NLINKS};
	struct counting quotas = {.scan = scan, .type = HS_XFS_QUOTACHECK};
	struct hs_side *side = NULL;

	if (scan->opt->background || hs_side_start(count, &quotas, &side)) {
		count(&links);
		if (!links.rc)
			count(&quotas);
	} else {
		count(&links);
		hs_side_join(side);
	}
	return links.rc ? links.rc : quotas.rc;
}

static errint_t check_tree(struct hs_xfs_scan *scan, const struct hs_xfs_bstat *st, bool *clean)
{
	struct hs_xfs_object obj = {.scope = HS_XFS_SCOPE_INODE, .id = st->ino, .gen = st->gen};
	uint8_t type = HS_XFS_DIRTREE;
	struct hs_xfs_outcome out;
	int rc = hs_xfs_check(&scan->fs, &obj, &type, 1, &out);

	*clean = rc == 0;
	return rc > 0 || (rc == 0 && hs_xfs_is_forced(scan)) ? hs_xfs_judge(scan, &obj, &out) : rc;
}

static errint_t check_inode(unsigned worker, const struct hs_xfs_bstat *st, void *arg)
{
	struct tree *t = arg;
	struct hs_xfs_scan *scan = t->scan;
	bool dir = S_ISDIR(st->mode), sound = true;
	errint_t rc = 0;

	atomic_fetch_add_explicit(&scan->progress.done, 1, memory_order_relaxed);
	/* unlinked, of the metadata directory tree, or not loadable: no names lead to it */
	if (st->nlink == 0)
		return 0;
	if (dir && hs_xfs_has(&scan->fs, HS_XFS_DIRTREE))
		rc = check_tree(scan, st, &sound);
	if (rc || !t->names || !sound)
		return rc;
	return dir ? hs_xfs_nametree_directory(t->names, worker, st)
		   : hs_xfs_nametree_file(t->names, worker, st);
}

/* What phase 3 has kept instead of a second look at every inode. */
static errint_t revisit(unsigned worker, void *arg)
{
	struct tree *t = arg;
	struct hs_xfs_scan *scan = t->scan;

	for (;;) {
		size_t i = atomic_fetch_add(&t->next, 1);
		errint_t rc = hs_xfs_scan_ended(scan);
		const struct hs_xfs_revisit *r;
		struct hs_xfs_bstat st = {.nlink = 1};

		if (rc || i >= scan->n_revisit)
			return rc;
		r = &scan->revisit[i];
		st.ino = r->ino;
		st.gen = r->gen;
		st.mode = (uint16_t)(r->dir ? S_IFDIR | 0755 : S_IFREG | 0644);
		st.uid = r->trusted ? 0 : 1;
		st.xflags = r->attrs ? HS_XFS_XFLAG_HASATTR : 0;
		rc = check_inode(worker, &st, t);
		if (rc) {
			hs_xfs_scan_end(scan, rc);
			return rc;
		}
	}
}

static errint_t each_named_inode(struct tree *t)
{
	struct hs_xfs_scan *scan = t->scan;
	struct hs_xfs_kernel *k = scan->fs.kernel;
	struct statvfs sv;

	if (scan->revisit_complete) {
		atomic_store(&scan->progress.total, scan->n_revisit);
		return hs_team_run(hs_xfs_workers(scan->opt), revisit, t);
	}
	if (k->ops->statvfs(k, scan->fs.fd, &sv) == 0 && sv.f_files >= sv.f_ffree)
		atomic_store(&scan->progress.total, sv.f_files - sv.f_ffree);
	return hs_xfs_each_inode(scan, check_inode, t);
}

/* Something to do for phase 5's scan? Without, it is left out. */
static bool has_work(const struct tree *t)
{
	return t->names || hs_xfs_has(&t->scan->fs, HS_XFS_DIRTREE);
}

errint_t hs_xfs_phase5(struct hs_xfs_scan *scan)
{
	struct tree t = {.scan = scan};
	errint_t rc = check_counts(scan);

	if (rc)
		return rc;
	if (hs_xfs_found_damage(scan))
		hs_xfs_say(scan, HS_XFS_INFO, scan->fs.shown,
			   "Filesystem has errors, skipping name checks.");
	else
		rc = hs_xfs_nametree_new(scan, hs_xfs_workers(scan->opt), &t.names);
	if (rc)
		return rc;
	if (t.names)
		hs_xfs_nametree_label(t.names);
	if (has_work(&t))
		rc = each_named_inode(&t);
	/* one loop, many directories that see it: now all of them are known */
	if (!rc && scan->mode == HS_XFS_REPAIR)
		rc = hs_xfs_repair_what_waits(scan);
	hs_xfs_nametree_free(t.names);
	return rc;
}
