/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Phase 2: allocation groups, realtime groups and metadata of the whole file system (dependency
 * groups g and h). Superblock 0 first; then every group is one object, and workers take objects in
 * turn.
 */
#include "xfs/scan.h"

#include <stdlib.h>

#include "base/array.h"
#include "work/team.h"
#include "xfs/describe.h"
#include "xfs/report.h"

static const uint8_t ag_types[] = {
	HS_XFS_SB,    HS_XFS_AGF,   HS_XFS_AGFL,   HS_XFS_AGI,	  HS_XFS_BNOBT,
	HS_XFS_CNTBT, HS_XFS_INOBT, HS_XFS_FINOBT, HS_XFS_RMAPBT, HS_XFS_REFCNTBT,
};

static const uint8_t rtgroup_types[] = {
	HS_XFS_RGSUPER, HS_XFS_RTBITMAP, HS_XFS_RTSUM, HS_XFS_RTRMAPBT, HS_XFS_RTREFCBT,
};

/* Only group 0 has a superblock; a volume without groups has the two old files. */
static const uint8_t rtvolume_types[] = {HS_XFS_RTBITMAP, HS_XFS_RTSUM};

static const uint8_t quota_types[] = {HS_XFS_UQUOTA, HS_XFS_GQUOTA, HS_XFS_PQUOTA};

static const uint8_t metapath_types[] = {HS_XFS_METAPATH};

#define N(a) (sizeof(a) / sizeof((a)[0]))

struct item {
	struct hs_xfs_object obj;
	const uint8_t *types;
	unsigned n;
};

struct list {
	struct hs_xfs_scan *scan;
	struct item *items;
	size_t n, room;
	atomic_size_t next;
};

static errint_t add(struct list *l, struct hs_xfs_object obj, const uint8_t *types, size_t n)
{
	errint_t rc = hs_array_grow(&l->items, &l->room, l->n + 1);

	if (!rc)
		l->items[l->n++] = (struct item){obj, types, (unsigned)n};
	return rc;
}

static errint_t add_metapaths(struct list *l, const struct hs_xfs_fs *fs)
{
	errint_t rc = 0;

	if (!hs_xfs_has(fs, HS_XFS_METAPATH))
		return 0;
	for (unsigned path = HS_XFS_PATH_PROBE + 1; !rc && path < HS_XFS_PATHS; path++) {
		uint32_t groups = hs_xfs_path_info(path)->per_rtgroup ? fs->geom.rgcount : 1;

		for (uint32_t g = 0; !rc && g < groups; g++)
			rc = add(l,
				 (struct hs_xfs_object){
					 .scope = HS_XFS_SCOPE_METAPATH, .id = path, .group = g},
				 metapath_types, N(metapath_types));
	}
	return rc;
}

static errint_t add_all(struct list *l, const struct hs_xfs_fs *fs)
{
	errint_t rc = 0;

	for (uint32_t ag = 0; !rc && ag < fs->geom.agcount; ag++)
		rc = add(l, (struct hs_xfs_object){.scope = HS_XFS_SCOPE_AG, .id = ag},
			 ag_types + (ag == 0), N(ag_types) - (ag == 0));
	for (uint32_t rg = 0; !rc && rg < fs->geom.rgcount; rg++)
		rc = add(l, (struct hs_xfs_object){.scope = HS_XFS_SCOPE_RTGROUP, .id = rg},
			 rtgroup_types, N(rtgroup_types));
	if (!rc && fs->geom.rgcount == 0)
		rc = add(l, (struct hs_xfs_object){.scope = HS_XFS_SCOPE_RTGROUP}, rtvolume_types,
			 N(rtvolume_types));
	for (size_t i = 0; !rc && i < N(quota_types); i++)
		rc = add(l, (struct hs_xfs_object){.scope = HS_XFS_SCOPE_FS}, &quota_types[i], 1);
	if (!rc)
		rc = add_metapaths(l, fs);
	return rc;
}

/* Structures that the others are rebuilt from, and those others (format notes 7.2). */
#define SECONDARY (HS_XFS_BIT(HS_XFS_RMAPBT) | HS_XFS_BIT(HS_XFS_RTRMAPBT))

/* Before anything of it is repaired: how likely is it? */
static void tell_difficulty(struct hs_xfs_scan *scan, const struct hs_xfs_object *obj,
			    const struct hs_xfs_outcome *out)
{
	uint64_t bad = hs_xfs_outcome_mask(out, HS_XFS_SCRUB_CORRUPT | HS_XFS_SCRUB_XCORRUPT);
	struct hs_strbuf s = HS_STRBUF_INIT;

	if (scan->mode != HS_XFS_REPAIR || !(bad & SECONDARY))
		return;
	hs_xfs_describe_object(&scan->fs, obj, &s);
	hs_xfs_say(scan, HS_XFS_INFO, hs_strbuf_str(&s), "%s",
		   bad & ~SECONDARY ? "Corrupt primary and secondary metadata."
				    : "Corrupt secondary metadata.");
	hs_xfs_say(scan, HS_XFS_INFO, hs_strbuf_str(&s), "Filesystem might not be repairable.");
	hs_strbuf_free(&s);
}

static errint_t check_item(struct hs_xfs_scan *scan, const struct item *item)
{
	struct hs_xfs_outcome out;
	int rc = hs_xfs_check(&scan->fs, &item->obj, item->types, item->n, &out);

	if (rc < 0)
		return rc;
	if (rc)
		tell_difficulty(scan, &item->obj, &out);
	return rc || hs_xfs_is_forced(scan) ? hs_xfs_judge(scan, &item->obj, &out) : 0;
}

static errint_t work(unsigned worker, void *arg)
{
	struct list *l = arg;

	(void)worker;
	for (;;) {
		size_t i = atomic_fetch_add(&l->next, 1);
		errint_t rc = hs_xfs_scan_ended(l->scan);

		if (rc || i >= l->n)
			return rc;
		rc = check_item(l->scan, &l->items[i]);
		if (rc) {
			hs_xfs_scan_end(l->scan, rc);
			return rc;
		}
		atomic_fetch_add(&l->scan->progress.done, l->items[i].n);
	}
}

errint_t hs_xfs_phase2(struct hs_xfs_scan *scan)
{
	struct list l = {.scan = scan};
	struct hs_xfs_object first = {.scope = HS_XFS_SCOPE_AG, .id = 0};
	unsigned workers = hs_xfs_workers(scan->opt);
	uint64_t total = 1;
	errint_t rc;

	rc = add_all(&l, &scan->fs);
	if (rc)
		goto out;
	for (size_t i = 0; i < l.n; i++)
		total += l.items[i].n;
	atomic_store(&scan->progress.total, total);
	rc = hs_xfs_check_and_judge(scan, &first, ag_types, 1, NULL);
	if (rc)
		goto out;
	atomic_fetch_add(&scan->progress.done, 1);
	rc = hs_team_run(workers < l.n ? workers : (unsigned)l.n, work, &l);
out:
	free(l.items);
	return rc;
}
