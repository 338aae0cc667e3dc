/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "xfs/media.h"

/* Units of the verifier. */
#define SECTOR_SHIFT 9

/* The kernel reads no more than this at a time (format notes 2.9). */
#define KERNEL_IO (1U << 20)

/* Behind the end of every device, and aligned to every block size. */
#define BEYOND (UINT64_C(1) << 54)

const char *hs_xfs_device_name(enum hs_xfs_device dev)
{
	static const char *const names[HS_XFS_DEVICES] = {
		[HS_XFS_DATA] = "data", [HS_XFS_LOG] = "log", [HS_XFS_RT] = "rt"};

	return names[dev];
}

const char *hs_xfs_device_source(enum hs_xfs_device dev)
{
	static const char *const names[HS_XFS_DEVICES] = {
		[HS_XFS_DATA] = "media-data", [HS_XFS_LOG] = "media-log", [HS_XFS_RT] = "media-rt"};

	return names[dev];
}

bool hs_xfs_extent_holds_data(const struct fsmap *rec)
{
	if (rec->fmr_flags & FMR_OF_PREALLOC)
		return false;
	return !hs_xfs_extent_is(rec, HS_XFS_OWN_FREE) && !hs_xfs_extent_is(rec, HS_XFS_OWN_COW) &&
	       !hs_xfs_extent_is(rec, HS_XFS_OWN_DEFECTIVE);
}

/* ---- the map ---- */

/* Records that say nothing about the device behind `from` are passed over. */
static bool is_wanted(struct hs_xfs_media_map *m, uint64_t from)
{
	const struct fsmap *rec = &m->rec;
	uint64_t end;

	if (rec->fmr_device != m->device || rec->fmr_length == 0 ||
	    __builtin_add_overflow(rec->fmr_physical, rec->fmr_length, &end) || end <= from)
		return false;
	if (hs_xfs_extent_holds_data(rec))
		return true;
	if (!hs_xfs_extent_is(rec, HS_XFS_OWN_FREE))
		m->unwritten += rec->fmr_length;
	return false;
}

static void enter_group(struct hs_xfs_media_map *m, uint64_t from)
{
	struct hs_xfs_range range = {
		.low_device = m->device, .high_device = m->device, .low = from};
	uint64_t left = m->end - from;

	if (m->group_size && m->group_size - (from - m->start) % m->group_size < left)
		left = m->group_size - (from - m->start) % m->group_size;
	m->group_end = from + left;
	range.high = m->group_end - 1;
	hs_xfs_fsmap_seek(&m->fsmap, &range);
	m->have = false;
}

static bool ends_everything(errint_t err)
{
	return err == -EINTR || err == -ESHUTDOWN || err == -ENOMEM || err == -EPERM;
}

/*
 * The next record of the group from `at`: 1, or 0 when the group is over. A map that cannot be had
 * says that all the rest is used.
 */
static int next_record(struct hs_xfs_media_map *m, uint64_t at)
{
	int rc = hs_xfs_fsmap_next(&m->fsmap, &m->rec);

	if (rc >= 0 || ends_everything(rc))
		return rc;
	m->unknown(m->arg, m->group_size ? (m->group_end - 1 - m->start) / m->group_size : 0, rc);
	hs_xfs_fsmap_end(&m->fsmap); /* told once */
	m->rec = (struct fsmap){.fmr_device = m->device,
				.fmr_flags = FMR_OF_SPECIAL_OWNER,
				.fmr_owner = HS_XFS_OWN_UNKNOWN,
				.fmr_physical = at,
				.fmr_length = m->group_end - at};
	return 1;
}

static int next(struct hs_media_map *map, uint64_t from, struct hs_media_range *out)
{
	struct hs_xfs_media_map *m = (struct hs_xfs_media_map *)map;
	uint64_t at = from < m->start ? m->start : from;

	if (m->whole) {
		*out = (struct hs_media_range){m->start, m->end - m->start};
		return at < m->end;
	}
	for (;;) {
		if (!m->have) {
			int rc = 0;

			if (m->group_end > at)
				rc = next_record(m, at);
			if (rc < 0)
				return rc;
			if (rc == 0) {
				if (m->group_end > at)
					at = m->group_end;
				if (at >= m->end)
					return 0;
				enter_group(m, at);
				continue;
			}
			m->have = true;
		}
		if (is_wanted(m, at))
			break;
		m->have = false;
	}
	*out = (struct hs_media_range){m->rec.fmr_physical, m->rec.fmr_length};
	if (out->start < m->start) {
		out->len -= m->start - out->start;
		out->start = m->start;
	}
	return 1;
}

errint_t hs_xfs_media_map_init(struct hs_xfs_media_map *m, const struct hs_xfs_fs *fs)
{
	m->map.next = next;
	m->unwritten = m->group_end = 0;
	m->have = false;
	return hs_xfs_fsmap_init(&m->fsmap, fs);
}

void hs_xfs_media_map_free(struct hs_xfs_media_map *m)
{
	hs_xfs_fsmap_free(&m->fsmap);
}

/* ---- the kernel's verifier ---- */

errint_t hs_xfs_verifier_probe(const struct hs_xfs_fs *fs, enum hs_xfs_device dev, uint64_t *size)
{
	struct hs_xfs_verify_media v = {.dev = dev, .start = BEYOND, .end = BEYOND};
	errint_t rc = fs->kernel->ops->verify_media(fs->kernel, fs->fd, &v);

	switch (rc) {
	case 0:
		break;
	case -ENODEV:
	case -EPERM:
	case -EINTR:
		return rc;
	default:
		return -ENOTTY;
	}
	/* the kernel shortens what it was asked for to what there is */
	if (v.end == 0 || v.end >= BEYOND || v.ioerror)
		return -ENOTTY;
	*size = v.end << SECTOR_SHIFT;
	return 0;
}

/*
 * The kernel stops in front of what it cannot read, without a word; asked to begin there, it says
 * why. Every answer brings us forward or ends the loop.
 */
static errint_t verify(struct hs_media_reader *r, unsigned worker, uint64_t off, uint64_t len,
		       uint64_t *good)
{
	struct hs_xfs_verifier *v = (struct hs_xfs_verifier *)r;
	const struct hs_xfs_fs *fs = v->fs;
	uint64_t start = off >> SECTOR_SHIFT, end = (off + len) >> SECTOR_SHIFT;

	(void)worker;
	for (*good = 0; start < end; *good = (start << SECTOR_SHIFT) - off) {
		struct hs_xfs_verify_media me = {
			.dev = v->dev,
			.flags = len <= v->report_at ? HS_XFS_VERIFY_REPORT : 0,
			.start = start,
			.end = end,
			.max_io = v->max_io,
			.rest_us = v->rest_us,
		};
		errint_t rc = fs->kernel->ops->verify_media(fs->kernel, fs->fd, &me);

		if (rc) /* of the call, not of the medium */
			return hs_media_is_medium_error(rc) ? -EPROTO : rc;
		if (me.start < start || me.start > end)
			return -EPROTO;
		if (me.start > start) {
			start = me.start;
			continue;
		}
		if (me.ioerror == 0 && me.end <= start)
			return -EIO; /* the device has become shorter */
		if (me.ioerror == 0 || me.ioerror > 4095)
			return -EPROTO;
		return -(errint_t)me.ioerror;
	}
	return 0;
}

void hs_xfs_verifier_init(struct hs_xfs_verifier *v, const struct hs_xfs_fs *fs,
			  enum hs_xfs_device dev, uint32_t max_io)
{
	*v = (struct hs_xfs_verifier){
		.r = {verify, max_io && max_io < KERNEL_IO ? max_io : KERNEL_IO},
		.fs = fs,
		.dev = dev,
		.max_io = max_io,
	};
}
