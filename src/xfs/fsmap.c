/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "xfs/fsmap.h"

#include <stdlib.h>

#include "base/cleanup.h"

/* 64 bytes each: enough to make calls rare, small enough for every worker to have its own. */
#define RECORDS 1024

static bool is_behind(const struct fsmap *a, const struct fsmap *b)
{
	if (a->fmr_device != b->fmr_device)
		return a->fmr_device > b->fmr_device;
	if (a->fmr_physical != b->fmr_physical)
		return a->fmr_physical > b->fmr_physical;
	/* shared extents come once an owner */
	return a->fmr_owner != b->fmr_owner || a->fmr_offset != b->fmr_offset ||
	       a->fmr_flags != b->fmr_flags;
}

errint_t hs_xfs_fsmap_init(struct hs_xfs_fsmap *m, const struct hs_xfs_fs *fs)
{
	*m = (struct hs_xfs_fsmap){.fs = fs, .ended = true};
	m->head = calloc(1, fsmap_sizeof(RECORDS));
	return m->head ? 0 : -ENOMEM;
}

void hs_xfs_fsmap_free(struct hs_xfs_fsmap *m)
{
	free(m->head);
	m->head = NULL;
}

void hs_xfs_fsmap_seek(struct hs_xfs_fsmap *m, const struct hs_xfs_range *range)
{
	m->head->fmh_count = RECORDS;
	m->head->fmh_entries = 0;
	m->head->fmh_keys[0] =
		(struct fsmap){.fmr_device = range->low_device, .fmr_physical = range->low};
	m->head->fmh_keys[1] = (struct fsmap){.fmr_device = range->high_device,
					      .fmr_flags = UINT32_MAX,
					      .fmr_physical = range->high,
					      .fmr_owner = UINT64_MAX,
					      .fmr_offset = UINT64_MAX};
	m->at = m->n = 0;
	m->ended = false;
	m->first = true;
}

void hs_xfs_fsmap_end(struct hs_xfs_fsmap *m)
{
	m->at = m->n;
	m->ended = true;
}

static errint_t refill(struct hs_xfs_fsmap *m)
{
	struct fsmap_head *head = m->head;
	const struct fsmap last = head->fmh_keys[0];
	bool first = m->first;
	errint_t rc;

	m->first = false;
	head->fmh_entries = 0;
	rc = m->fs->kernel->ops->getfsmap(m->fs->kernel, m->fs->fd, head);
	if (rc)
		return rc;
	m->at = 0;
	m->n = head->fmh_entries < RECORDS ? head->fmh_entries : RECORDS;
	if (m->n == 0) {
		m->ended = true;
		return 0;
	}
	if (head->fmh_recs[m->n - 1].fmr_flags & FMR_OF_LAST)
		m->ended = true;
	else if (!first && !is_behind(&head->fmh_recs[m->n - 1], &last))
		return -EPROTO;
	/* the next call goes on from here */
	head->fmh_keys[0] = head->fmh_recs[m->n - 1];
	return 0;
}

int hs_xfs_fsmap_next(struct hs_xfs_fsmap *m, struct fsmap *rec)
{
	while (m->at == m->n) {
		errint_t rc = m->ended ? 0 : refill(m);

		if (rc)
			return rc;
		if (m->at == m->n && m->ended)
			return 0;
	}
	*rec = m->head->fmh_recs[m->at++];
	return 1;
}

int hs_xfs_each_extent(const struct hs_xfs_fs *fs, const struct hs_xfs_range *range,
		       int (*fn)(const struct fsmap *rec, void *arg), void *arg)
{
	hs_cleanup(hs_xfs_fsmap_free) struct hs_xfs_fsmap m;
	struct fsmap rec;
	int rc = hs_xfs_fsmap_init(&m, fs);

	if (rc)
		return rc;
	hs_xfs_fsmap_seek(&m, range);
	while ((rc = hs_xfs_fsmap_next(&m, &rec)) == 1) {
		rc = fn(&rec, arg);
		if (rc)
			return rc;
	}
	return rc;
}
