/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "xfs/totals.h"

#include "work/team.h"
#include "xfs/agsource.h"
#include "xfs/fsmap.h"

bool hs_xfs_totals_agree(uint64_t value, uint64_t other, uint64_t slack)
{
	uint64_t apart = value > other ? value - other : other - value;

	return apart < slack || apart <= other / 10;
}

errint_t hs_xfs_totals_used(struct hs_xfs_scan *scan, uint64_t reserved_blocks,
			    struct hs_xfs_totals *out)
{
	const struct hs_xfs_geom *g = &scan->fs.geom;
	struct hs_xfs_kernel *k = scan->fs.kernel;
	struct hs_xfs_resblks res = {0};
	struct hs_xfs_fscounts c;
	uint64_t blocks = g->datablocks;
	uint64_t unused, freert;
	errint_t rc = k->ops->fscounts(k, scan->fs.fd, &c);

	if (rc)
		return rc;
	/* the reserve pool counts as used, but nothing is in it */
	if (k->ops->resblks(k, scan->fs.fd, &res))
		res.resblks_avail = 0;
	unused = c.freedata + res.resblks_avail + reserved_blocks;
	out->data = (unused < blocks ? blocks - unused : 0) * g->blocksize;
	freert = c.freertx * (g->rtextsize ? g->rtextsize : 1);
	out->rt = (freert < g->rtblocks ? g->rtblocks - freert : 0) * g->blocksize;
	out->inodes = c.freeino < c.allocino ? c.allocino - c.freeino : 0;
	return 0;
}

/* Sums of one range of devices; positions never go back, so shared extents count once. */
struct sum {
	uint32_t device;
	uint64_t seen;	/* end of what has been counted on the device */
	uint64_t floor; /* what lies before is not counted, on no device */
	uint64_t used, unused;
	uint64_t log;		      /* of used */
	_Atomic uint64_t *free_sizes; /* HS_XFS_SIZE_CLASSES; may be NULL */
};

static int add_extent(const struct fsmap *rec, void *arg)
{
	struct sum *s = arg;
	uint64_t start = rec->fmr_physical, end;

	if (__builtin_add_overflow(start, rec->fmr_length, &end))
		return -EPROTO;
	if (rec->fmr_device != s->device) {
		s->device = rec->fmr_device;
		s->seen = s->floor;
	}
	if (start < s->seen)
		start = s->seen;
	if (start >= end)
		return 0;
	s->seen = end;
	if (hs_xfs_extent_is(rec, HS_XFS_OWN_FREE)) {
		s->unused += end - start;
		if (s->free_sizes)
			atomic_fetch_add_explicit(&s->free_sizes[63 - __builtin_clzll(end - start)],
						  end - start, memory_order_relaxed);
	} else {
		s->used += end - start;
	}
	if (hs_xfs_extent_is(rec, HS_XFS_OWN_LOG))
		s->log += end - start;
	return 0;
}

struct count {
	struct hs_xfs_scan *scan;
	_Atomic uint64_t next;
	_Atomic uint64_t data, inodes, reserved;
};

static errint_t count_inodes(struct hs_xfs_scan *scan, uint32_t ag, uint64_t *out)
{
	struct hs_xfs_ag_source src;
	struct hs_xfs_inogrp grp;
	int rc;

	hs_xfs_ag_source_init(&src, &scan->fs, ag);
	while ((rc = src.src.ops->next(&src.src, &grp)) == 1)
		;
	*out = src.done;
	hs_xfs_ag_source_release(&src);
	return rc;
}

static errint_t count_ag(struct count *c, uint32_t ag)
{
	const struct hs_xfs_fs *fs = &c->scan->fs;
	const struct hs_xfs_geom *g = &fs->geom;
	uint64_t first = (uint64_t)ag * g->agblocks;
	uint64_t end = first + g->agblocks < g->datablocks ? first + g->agblocks : g->datablocks;
	struct hs_xfs_range range = {.low_device = fs->device,
				     .high_device = fs->device,
				     .low = first * g->blocksize,
				     .high = end * g->blocksize - 1};
	struct hs_xfs_ag_geom geom = {.number = ag};
	struct sum sum = {.device = fs->device, .free_sizes = c->scan->free_sizes};
	uint64_t inodes;
	int rc;

	if (first >= end)
		return 0;
	rc = hs_xfs_each_extent(fs, &range, add_extent, &sum);
	if (!rc)
		rc = count_inodes(c->scan, ag, &inodes);
	if (rc)
		return rc;
	atomic_fetch_add(&c->data, sum.used);
	atomic_fetch_add(&c->inodes, inodes);
	if (fs->kernel->ops->ag_geometry(fs->kernel, fs->fd, &geom) == 0) {
		uint64_t free_blocks = sum.unused / g->blocksize;

		if (free_blocks > geom.freeblks)
			atomic_fetch_add(&c->reserved, free_blocks - geom.freeblks);
	}
	return 0;
}

static errint_t work(unsigned worker, void *arg)
{
	struct count *c = arg;

	(void)worker;
	for (;;) {
		uint64_t ag = atomic_fetch_add(&c->next, 1);
		errint_t rc = hs_xfs_scan_ended(c->scan);

		if (rc || ag >= c->scan->fs.geom.agcount)
			return rc;
		rc = count_ag(c, (uint32_t)ag);
		if (rc)
			return rc;
	}
}

struct elsewhere {
	struct sum sum;
	uint32_t data_device;
};

static int add_elsewhere(const struct fsmap *rec, void *arg)
{
	struct elsewhere *e = arg;

	return rec->fmr_device == e->data_device ? 0 : add_extent(rec, &e->sum);
}

/*
 * The realtime volume lies on a device before or behind the data volume's. The kernel takes only
 * devices of the file system in keys, so the ranges touch the ends of the data volume.
 */
static errint_t count_rt(const struct hs_xfs_fs *fs, uint64_t *bytes)
{
	const struct hs_xfs_geom *g = &fs->geom;
	struct hs_xfs_range below = {.high_device = fs->device};
	struct hs_xfs_range above = {.low_device = fs->device,
				     .low = g->datablocks * g->blocksize - 1,
				     .high_device = UINT32_MAX,
				     .high = UINT64_MAX};
	/* one inside the data device lies behind the data, which its map shows as static */
	struct elsewhere e = {.data_device = fs->device,
			      .sum = {.floor = g->rtstart * g->blocksize}};
	int rc = 0;

	if (g->rtblocks)
		rc = hs_xfs_each_extent(fs, &below, add_elsewhere, &e);
	if (!rc && g->rtblocks)
		rc = hs_xfs_each_extent(fs, &above, add_elsewhere, &e);
	*bytes = e.sum.used - e.sum.log; /* an external log is no realtime data */
	return rc;
}

errint_t hs_xfs_totals_found(struct hs_xfs_scan *scan, struct hs_xfs_totals *out,
			     uint64_t *reserved_blocks)
{
	struct count c = {.scan = scan};
	unsigned workers = hs_xfs_workers(scan->opt);
	errint_t rc;

	if (workers > scan->fs.geom.agcount)
		workers = scan->fs.geom.agcount;
	rc = hs_team_run(workers, work, &c);
	if (!rc)
		rc = count_rt(&scan->fs, &out->rt);
	out->data = atomic_load(&c.data);
	out->inodes = atomic_load(&c.inodes);
	*reserved_blocks = atomic_load(&c.reserved);
	return rc;
}
