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

int hs_xfs_each_extent(const struct hs_xfs_fs *fs, const struct hs_xfs_range *range,
		       int (*fn)(const struct fsmap *rec, void *arg), void *arg)
{
	hs_autofree struct fsmap_head *head = calloc(1, fsmap_sizeof(RECORDS));

	if (!head)
		return -ENOMEM;
	head->fmh_count = RECORDS;
	head->fmh_keys[0].fmr_device = range->low_device;
	head->fmh_keys[0].fmr_physical = range->low;
	head->fmh_keys[1] = (struct fsmap){.fmr_device = range->high_device,
					   .fmr_flags = UINT32_MAX,
					   .fmr_physical = range->high,
					   .fmr_owner = UINT64_MAX,
					   .fmr_offset = UINT64_MAX};
	for (;;) {
		struct fsmap last = head->fmh_keys[0];
		errint_t rc = fs->kernel->ops->getfsmap(fs->kernel, fs->fd, head);
		uint32_t n;

		if (rc)
			return rc;
		n = head->fmh_entries < RECORDS ? head->fmh_entries : RECORDS;
		if (n == 0)
			return 0;
		for (uint32_t i = 0; i < n; i++) {
			int stop = fn(&head->fmh_recs[i], arg);

			if (stop)
				return stop;
		}
		if (head->fmh_recs[n - 1].fmr_flags & FMR_OF_LAST)
			return 0;
		if (last.fmr_length && !is_behind(&head->fmh_recs[n - 1], &last))
			return -EPROTO;
		head->fmh_keys[0] = head->fmh_recs[n - 1];
		head->fmh_entries = 0;
	}
}
