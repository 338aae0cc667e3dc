/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whose blocks are lost, where the file system keeps no reverse mappings: the extents of every file
 * and directory are held against the lost ranges. Slow, and only done when something is lost.
 */
#include "xfs/lost.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "work/team.h"
#include "xfs/inodes.h"
#include "xfs/report.h"

/* Extents of one call. */
#define EXTENTS 64

#define SECTOR 512

static bool to_bytes(int64_t sectors, uint64_t *bytes)
{
	*bytes = (uint64_t)sectors * SECTOR;
	return sectors >= 0 && sectors <= INT64_MAX / SECTOR;
}

/* False for what has no place on a device, or makes no sense. */
static bool decode(const struct hs_xfs_bmap *b, struct hs_xfs_file_extent *e)
{
	e->unwritten = b->oflags & HS_XFS_BMAP_IS_PREALLOC;
	return !(b->oflags & HS_XFS_BMAP_IS_DELALLOC) && to_bytes(b->block, &e->physical) &&
	       to_bytes(b->offset, &e->offset) && to_bytes(b->length, &e->len) &&
	       e->physical + e->len >= e->physical && e->offset + e->len >= e->offset;
}

int hs_xfs_each_file_extent(const struct hs_xfs_fs *fs, int fd, bool attr_fork,
			    int (*fn)(const struct hs_xfs_file_extent *e, void *arg), void *arg)
{
	struct hs_xfs_bmap map[1 + EXTENTS];
	int64_t from = 0;

	for (;;) {
		int64_t reached = from;
		int32_t n;
		errint_t rc;

		memset(map, 0, sizeof(map));
		map[0].offset = from;
		map[0].length = -1; /* to the end */
		map[0].count = 1 + EXTENTS;
		map[0].iflags = HS_XFS_BMAP_PREALLOC | HS_XFS_BMAP_DELALLOC | HS_XFS_BMAP_NO_HOLES;
		if (attr_fork)
			map[0].iflags |= HS_XFS_BMAP_ATTR;
		rc = fs->kernel->ops->bmap(fs->kernel, fd, map);
		if (rc == -ENOENT)
			return 0; /* no such fork */
		if (rc)
			return rc;
		n = map[0].entries < EXTENTS ? map[0].entries : EXTENTS;
		if (n <= 0)
			return 0;
		for (int32_t i = 1; i <= n; i++) {
			struct hs_xfs_file_extent e;
			int stop;

			if (decode(&map[i], &e)) {
				stop = fn(&e, arg);
				if (stop)
					return stop;
			}
			if (__builtin_add_overflow(map[i].offset, map[i].length, &reached))
				return -EPROTO;
		}
		if (map[n].oflags & HS_XFS_BMAP_IS_LAST)
			return 0;
		if (reached <= from)
			return -EPROTO;
		from = reached;
	}
}

struct search {
	struct hs_xfs_lost *lost;
	struct hs_media_range *ranges[HS_XFS_DEVICES]; /* sorted */
	size_t n[HS_XFS_DEVICES];
	pthread_mutex_t lock; /* of lost */
	struct hs_media_bad owned[HS_XFS_DEVICES];
};

/* One fork of one file. */
struct one {
	struct search *s;
	const struct hs_xfs_bstat *st;
	enum hs_xfs_device dev;
	bool attr_fork;
};

/* Index of the first range that ends behind `at`. */
static size_t first_behind(const struct hs_media_range *r, size_t n, uint64_t at)
{
	size_t lo = 0, hi = n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (r[mid].start + r[mid].len <= at)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static errint_t claim(struct one *o, const struct hs_xfs_file_extent *e, uint64_t start,
		      uint64_t end)
{
	struct search *s = o->s;
	struct hs_xfs_lost_item item = {
		.owner = o->st->ino,
		.gen = o->st->gen,
		.kind = o->attr_fork ? HS_XFS_LOST_ATTR : HS_XFS_LOST_DATA,
		.dev = (uint8_t)o->dev,
		.unlinked = o->st->nlink == 0,
		.offset = e->offset + (start - e->physical),
		.physical = start,
		.len = end - start,
	};
	errint_t rc;

	pthread_mutex_lock(&s->lock);
	rc = hs_media_bad_add(&s->owned[o->dev], start, end - start);
	if (!rc && e->unwritten)
		s->lost->nothing += end - start;
	else if (!rc)
		rc = hs_xfs_lost_put(s->lost, &item);
	pthread_mutex_unlock(&s->lock);
	return rc;
}

static int compare(const struct hs_xfs_file_extent *e, void *arg)
{
	struct one *o = arg;
	const struct hs_media_range *r = o->s->ranges[o->dev];
	size_t n = o->s->n[o->dev];
	uint64_t end = e->physical + e->len;

	for (size_t i = first_behind(r, n, e->physical); i < n && r[i].start < end; i++) {
		uint64_t from = r[i].start > e->physical ? r[i].start : e->physical;
		uint64_t to = r[i].start + r[i].len < end ? r[i].start + r[i].len : end;
		errint_t rc = claim(o, e, from, to);

		if (rc)
			return rc;
	}
	return 0;
}

static errint_t look(struct search *s, const struct hs_xfs_bstat *st, int fd)
{
	const struct hs_xfs_fs *fs = &s->lost->scan->fs;
	struct one data = {.s = s,
			   .st = st,
			   .dev = st->xflags & HS_XFS_XFLAG_REALTIME ? HS_XFS_RT : HS_XFS_DATA};
	struct one attr = {.s = s, .st = st, .dev = HS_XFS_DATA, .attr_fork = true};
	int rc = hs_xfs_each_file_extent(fs, fd, false, compare, &data);

	if (!rc && s->n[HS_XFS_DATA])
		rc = hs_xfs_each_file_extent(fs, fd, true, compare, &attr);
	return rc;
}

static errint_t look_inode(unsigned worker, const struct hs_xfs_bstat *st, void *arg)
{
	struct search *s = arg;
	struct hs_xfs_scan *scan = s->lost->scan;
	struct hs_xfs_handle h = hs_xfs_handle(&scan->fs, st->ino, st->gen);
	int oflags = O_RDONLY | O_NOATIME | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
	errint_t rc;
	int fd;

	(void)worker;
	/* others cannot be opened by handle: what they have lost stays without an owner */
	if (st->blocks == 0 || (!S_ISREG(st->mode) && !S_ISDIR(st->mode)))
		return 0;
	/* the kernel would walk up from it, without end in a loop */
	if (S_ISDIR(st->mode) &&
	    hs_xfs_is_known(scan, HS_XFS_SCOPE_INODE, st->ino, HS_XFS_BIT(HS_XFS_DIRTREE)))
		return 0;
	fd = scan->fs.kernel->ops->open_by_handle(scan->fs.kernel, scan->fs.fd, &h, oflags);
	if (fd < 0)
		return fd == -EINTR || fd == -ESHUTDOWN || fd == -ENOMEM ? fd : 0;
	rc = look(s, st, fd);
	scan->fs.kernel->ops->close(scan->fs.kernel, fd);
	if (rc == -EINTR || rc == -ESHUTDOWN || rc == -ENOMEM)
		return rc;
	if (rc) {
		struct hs_xfs_object obj = {
			.scope = HS_XFS_SCOPE_INODE, .id = st->ino, .gen = st->gen};

		hs_xfs_unchecked(scan, &obj, HS_XFS_BMBTD, rc);
	}
	return 0;
}

/* What nobody claimed: free by now, or metadata, or of a file that cannot be opened. */
static errint_t leave_over(struct search *s, enum hs_xfs_device dev,
			   const struct hs_media_range *left)
{
	struct hs_xfs_lost *lost = s->lost;
	errint_t rc = hs_xfs_lost_add(lost, dev, left);
	struct hs_media_range *still;
	size_t n;

	if (rc)
		return rc;
	n = hs_media_bad_take(&lost->unowned[dev], &still);
	for (size_t i = 0; !rc && i < n; i++) {
		struct hs_xfs_lost_item unknown = {.owner = HS_XFS_OWN_UNKNOWN,
						   .kind = HS_XFS_LOST_META,
						   .dev = (uint8_t)dev,
						   .physical = still[i].start,
						   .len = still[i].len};

		rc = hs_xfs_lost_put(lost, &unknown);
	}
	free(still);
	return rc;
}

/* ranges without what is owned */
static errint_t leave_over_all(struct search *s, enum hs_xfs_device dev)
{
	struct hs_media_range *owned;
	size_t n_owned = hs_media_bad_take(&s->owned[dev], &owned), at = 0;
	errint_t rc = 0;

	for (size_t i = 0; !rc && i < s->n[dev]; i++) {
		uint64_t from = s->ranges[dev][i].start, end = from + s->ranges[dev][i].len;

		while (!rc && at < n_owned && owned[at].start < end) {
			if (owned[at].start > from)
				rc = leave_over(
					s, dev,
					&(struct hs_media_range){from, owned[at].start - from});
			from = owned[at].start + owned[at].len;
			at++;
		}
		if (!rc && from < end)
			rc = leave_over(s, dev, &(struct hs_media_range){from, end - from});
	}
	free(owned);
	return rc;
}

errint_t hs_xfs_lost_search(struct hs_xfs_lost *lost)
{
	struct search s = {.lost = lost};
	errint_t rc = 0;
	bool any = false;

	for (unsigned dev = HS_XFS_DATA; dev < HS_XFS_DEVICES; dev++)
		any |= lost->any_unowned[dev];
	if (!any)
		return 0;
	pthread_mutex_init(&s.lock, NULL);
	for (unsigned dev = HS_XFS_DATA; dev < HS_XFS_DEVICES; dev++) {
		s.n[dev] = hs_media_bad_take(&lost->unowned[dev], &s.ranges[dev]);
		lost->any_unowned[dev] = false;
		hs_media_bad_init(&s.owned[dev]);
	}
	rc = hs_xfs_each_inode(lost->scan, look_inode, &s);
	for (unsigned dev = HS_XFS_DATA; dev < HS_XFS_DEVICES; dev++) {
		if (!rc)
			rc = leave_over_all(&s, dev);
		lost->any_unowned[dev] = false;
		free(s.ranges[dev]);
		hs_media_bad_free(&s.owned[dev]);
	}
	pthread_mutex_destroy(&s.lock);
	if (rc == -ECANCELED)
		hs_xfs_say(lost->scan, HS_XFS_INFO, lost->scan->fs.shown,
			   "Stopped before it was known who owns all blocks that cannot be read.");
	return rc;
}
