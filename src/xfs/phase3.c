/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Phase 3: all inodes, each from its record through its forks to what the forks hold (dependency
 * groups f, e, d). A clean inode costs one system call where the kernel takes vectors.
 */
#include "xfs/scan.h"

#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/array.h"
#include "xfs/chunk.h"
#include "xfs/inodes.h"
#include "xfs/items.h"
#include "xfs/nametree.h"
#include "xfs/report.h"

/* bs_sick bits that say that an attribute fork was there (format notes 2.5). */
#define SICK_ATTR ((1U << 2) | (1U << 5))

/*
 * The types that apply to an inode. Left out is only what the kernel answers with "no such thing"
 * for every inode of this kind. Of an inode that could not be loaded nothing is known: everything;
 * of a metadata file BULKSTAT does not tell whether it has attributes.
 */
unsigned hs_xfs_inode_types(const struct hs_xfs_fs *fs, const struct hs_xfs_bstat *st,
			    uint8_t types[HS_XFS_OBJECT_TYPES])
{
	bool unknown = st->mode == 0;
	bool attrs = unknown || hs_xfs_is_metafile(st) || (st->xflags & HS_XFS_XFLAG_HASATTR) ||
		     (st->sick & SICK_ATTR);
	bool regular = unknown || S_ISREG(st->mode);
	bool dir = unknown || S_ISDIR(st->mode);
	unsigned n = 0;

	types[n++] = HS_XFS_INODE;
	types[n++] = HS_XFS_BMBTD;
	if (attrs)
		types[n++] = HS_XFS_BMBTA;
	if (regular && hs_xfs_feature(fs, HS_XFS_GEOM_REFLINK))
		types[n++] = HS_XFS_BMBTC;
	if (unknown || S_ISLNK(st->mode))
		types[n++] = HS_XFS_SYMLINK;
	if (dir)
		types[n++] = HS_XFS_DIR;
	if (attrs)
		types[n++] = HS_XFS_XATTR;
	if (dir || hs_xfs_feature(fs, HS_XFS_GEOM_PARENT))
		types[n++] = HS_XFS_PARENT;
	return n;
}

/* 24 bytes each; with more, phase 5 goes over all inodes again. */
#define REVISIT_MAX (1 << 20)

/* What is not linked has no names. */
static bool wants_revisit(const struct hs_xfs_fs *fs, const struct hs_xfs_bstat *st)
{
	if (st->nlink == 0)
		return false;
	return S_ISDIR(st->mode) ||
	       (!hs_xfs_feature(fs, HS_XFS_GEOM_PARENT) && (st->xflags & HS_XFS_XFLAG_HASATTR));
}

static void keep_for_phase5(struct hs_xfs_scan *scan, const struct hs_xfs_bstat *st)
{
	uint64_t max = scan->opt->revisit_max ? scan->opt->revisit_max : REVISIT_MAX;

	pthread_mutex_lock(&scan->lock);
	if (scan->revisit_complete &&
	    (scan->n_revisit >= max ||
	     hs_array_grow(&scan->revisit, &scan->revisit_room, scan->n_revisit + 1))) {
		scan->revisit_complete = false;
		free(scan->revisit);
		scan->revisit = NULL;
		scan->n_revisit = scan->revisit_room = 0;
	}
	if (scan->revisit_complete)
		scan->revisit[scan->n_revisit++] = (struct hs_xfs_revisit){
			.ino = st->ino,
			.gen = st->gen,
			.dir = S_ISDIR(st->mode),
			.trusted = hs_xfs_is_trusted(st),
			.attrs = st->xflags & HS_XFS_XFLAG_HASATTR,
		};
	pthread_mutex_unlock(&scan->lock);
}

static errint_t check_inode(unsigned worker, const struct hs_xfs_bstat *st, void *arg)
{
	struct hs_xfs_scan *scan = arg;
	struct hs_xfs_object obj = {.scope = HS_XFS_SCOPE_INODE, .id = st->ino, .gen = st->gen};
	uint8_t types[HS_XFS_OBJECT_TYPES];
	unsigned n = hs_xfs_inode_types(&scan->fs, st, types);
	struct hs_xfs_outcome out;
	int rc = hs_xfs_check(&scan->fs, &obj, types, n, &out);

	(void)worker;
	if (rc < 0)
		return rc;
	/* freed, or freed and used again: the new one must be checked, too */
	if (hs_xfs_outcome_gone(&out))
		return st->mode ? -ESTALE : 0;
	if (wants_revisit(&scan->fs, st))
		keep_for_phase5(scan, st);
	atomic_fetch_add_explicit(&scan->inodes_checked, 1, memory_order_relaxed);
	atomic_fetch_add_explicit(&scan->progress.done, 1, memory_order_relaxed);
	return rc || hs_xfs_is_forced(scan) ? hs_xfs_judge(scan, &obj, &out) : 0;
}

static void tell_optimizations(struct hs_xfs_scan *scan)
{
	for (unsigned type = 0; type < HS_XFS_TYPES; type++) {
		struct hs_finding f = HS_FINDING_INIT;
		uint64_t n = atomic_load(&scan->preen[type]);

		if (!n)
			continue;
		hs_xfs_say(scan, HS_XFS_INFO, scan->fs.shown, "Optimizations of %s are possible.",
			   hs_xfs_type_info(type)->describe);
		f.rule = "XFS-PREEN";
		f.severity = HS_SEV_NOTE;
		f.target = scan->fs.shown;
		f.object = "inodes";
		f.no_path = "about many inodes";
		f.message = hs_finding_text(&f, "%s: of %" PRIu64 " inodes could be optimised",
					    hs_xfs_type_info(type)->describe, n);
		hs_xfs_add_finding(scan, &f);
	}
}

errint_t hs_xfs_phase3(struct hs_xfs_scan *scan)
{
	struct hs_xfs_kernel *k = scan->fs.kernel;
	struct statvfs sv;
	errint_t rc;

	if (k->ops->statvfs(k, scan->fs.fd, &sv) == 0 && sv.f_files >= sv.f_ffree)
		atomic_store(&scan->progress.total, sv.f_files - sv.f_ffree);
	scan->revisit_complete = true;
	scan->files_at_once = !hs_xfs_space_waits(scan);
	rc = hs_xfs_each_inode(scan, check_inode, scan);
	tell_optimizations(scan);
	return rc;
}
