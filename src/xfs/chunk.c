/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "xfs/chunk.h"

#include <string.h>

static uint32_t bulk_flags(const struct hs_xfs_fs *fs)
{
	uint32_t flags = 0;

	/* older kernels refuse the flags of features they do not have */
	if (hs_xfs_feature(fs, HS_XFS_GEOM_NREXT64))
		flags |= HS_XFS_BULK_NREXT64;
	if (hs_xfs_feature(fs, HS_XFS_GEOM_METADIR))
		flags |= HS_XFS_BULK_METADIR;
	return flags;
}

errint_t hs_xfs_inode_load(const struct hs_xfs_fs *fs, uint64_t ino, struct hs_xfs_bstat *out)
{
	struct {
		struct hs_xfs_bulk_head head;
		struct hs_xfs_bstat rec;
	} one = {.head = {.ino = ino, .icount = 1, .flags = bulk_flags(fs)}};
	errint_t rc = fs->kernel->ops->bulkstat(fs->kernel, fs->fd, &one.head, &one.rec);

	if (rc)
		return rc;
	if (one.head.ocount != 1 || one.rec.ino != ino)
		return -ENOENT;
	*out = one.rec;
	return 0;
}

/* Keeps the records that belong to the chunk, in order; the kernel goes on behind it. */
static unsigned keep_own(struct hs_xfs_chunk *c, const struct hs_xfs_inogrp *grp, unsigned got)
{
	uint64_t next = grp->startino;
	unsigned kept = 0;

	for (unsigned i = 0; i < got; i++) {
		uint64_t ino = c->recs[i].ino;

		if (ino < next || ino - grp->startino >= HS_XFS_CHUNK_INODES)
			continue;
		if (!(grp->allocmask >> (ino - grp->startino) & 1))
			continue;
		next = ino + 1;
		if (kept != i)
			c->recs[kept] = c->recs[i];
		kept++;
	}
	return kept;
}

/* Spreads `kept` records over one slot for each allocated inode; empty slots get mode 0. */
static void open_gaps(struct hs_xfs_chunk *c, const struct hs_xfs_inogrp *grp, unsigned kept)
{
	unsigned slot = c->n;

	for (unsigned bit = HS_XFS_CHUNK_INODES; bit-- > 0;) {
		uint64_t ino = grp->startino + bit;

		if (!(grp->allocmask >> bit & 1))
			continue;
		slot--;
		if (kept && c->recs[kept - 1].ino == ino) {
			kept--;
			if (kept != slot)
				c->recs[slot] = c->recs[kept];
		} else {
			c->recs[slot] = (struct hs_xfs_bstat){.ino = ino};
		}
	}
}

errint_t hs_xfs_chunk_load(const struct hs_xfs_fs *fs, const struct hs_xfs_inogrp *grp,
			   struct hs_xfs_chunk *out)
{
	unsigned kept = 0;
	errint_t rc;

	out->n = (unsigned)__builtin_popcountll(grp->allocmask);
	if (out->n == 0)
		return 0;
	out->head = (struct hs_xfs_bulk_head){
		.ino = grp->startino, .icount = out->n, .flags = bulk_flags(fs)};
	rc = fs->kernel->ops->bulkstat(fs->kernel, fs->fd, &out->head, out->recs);
	if (rc == -EINTR || rc == -ESHUTDOWN)
		return rc;
	if (rc == 0)
		kept = keep_own(out, grp, out->head.ocount < out->n ? out->head.ocount : out->n);
	if (kept == out->n)
		return 0;
	open_gaps(out, grp, kept);
	for (unsigned i = 0; i < out->n; i++) {
		if (out->recs[i].mode)
			continue;
		rc = hs_xfs_inode_load(fs, out->recs[i].ino, &out->recs[i]);
		if (rc == -EINTR || rc == -ESHUTDOWN)
			return rc;
	}
	return 0;
}
