/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The devices of a file system as media/ reads them: what is used of each (GETFSMAP), and reading
 * by the kernel's own verifier where it has one.
 */
#ifndef HS_XFS_MEDIA_H
#define HS_XFS_MEDIA_H

#include "media/scan.h"
#include "xfs/fsmap.h"

/* How a device is called in messages: "data", "log", "rt"; and as a source: "media-data". */
const char *hs_xfs_device_name(enum hs_xfs_device dev);
const char *hs_xfs_device_source(enum hs_xfs_device dev);

/*
 * What is worth reading: allocated, and written. Free space holds nothing; unwritten extents and
 * copy-on-write staging are read as zeroes or not at all; blocks known to be bad need no proof.
 */
bool hs_xfs_extent_holds_data(const struct fsmap *rec);

/* ---- the map ---- */

/*
 * Asks group by group: of a group whose map cannot be had everything is read, used or not, which
 * is told through `unknown`.
 */
struct hs_xfs_media_map {
	struct hs_media_map map; /* first member */
	struct hs_xfs_fsmap fsmap;
	uint32_t device;     /* as GETFSMAP calls it */
	uint64_t start, end; /* bytes: the part of the device that the file system uses */
	bool whole;	     /* all of that is used: the kernel need not be asked */
	uint64_t group_size; /* bytes of an allocation or realtime group; 0: there are none */
	void (*unknown)(void *arg, uint64_t group, errint_t err);
	void *arg;
	uint64_t unwritten; /* bytes passed over that are allocated and hold nothing */

	uint64_t group_end; /* of the group that is being read; 0: none is */
	bool have;	    /* `rec` was not used yet */
	struct fsmap rec;
};

/*
 * The caller has set device, start, end, whole, group_size, unknown and arg.
 * hs_xfs_media_map_free() in any case.
 */
errint_t hs_xfs_media_map_init(struct hs_xfs_media_map *m, const struct hs_xfs_fs *fs);
void hs_xfs_media_map_free(struct hs_xfs_media_map *m);

/* ---- the kernel's verifier ---- */

struct hs_xfs_verifier {
	struct hs_media_reader r; /* first member */
	const struct hs_xfs_fs *fs;
	enum hs_xfs_device dev;
	uint32_t max_io; /* bytes of one read of the kernel's */
	uint32_t rest_us;
	uint32_t report_at; /* reads of at most this size tell others of errors; 0: none do */
};

/*
 * Asks, without reading anything, whether the kernel can verify this device, and how large it is
 * (bytes). -ENOTTY when it cannot, -ENODEV when the file system has no such device of its own.
 */
errint_t hs_xfs_verifier_probe(const struct hs_xfs_fs *fs, enum hs_xfs_device dev, uint64_t *size);

/* max_io: 0 for the kernel's own. */
void hs_xfs_verifier_init(struct hs_xfs_verifier *v, const struct hs_xfs_fs *fs,
			  enum hs_xfs_device dev, uint32_t max_io);

#endif
