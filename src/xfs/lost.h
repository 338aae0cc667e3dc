/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From parts of a device that cannot be read to what was lost there: files with path and offset,
 * attributes, extent maps, metadata.
 *
 * GETFSMAP says whose a block is where the file system keeps reverse mappings; else every file's
 * extents are looked at (lost_search.c). Parent pointers say what a file is called; where there are
 * none, or they are what was lost, the directories are read (lost_names.c). Both searches are for
 * the end of a scan. What is free by now, or never held anything, is no loss: it is only counted.
 *
 * Threads: one at a time, the caller's lock; the searches use the scan's workers inside.
 */
#ifndef HS_XFS_LOST_H
#define HS_XFS_LOST_H

#include "media/bad.h"
#include "xfs/media.h"
#include "xfs/scan.h"

enum hs_xfs_loss {
	HS_XFS_LOST_DATA,    /* of a file or directory */
	HS_XFS_LOST_ATTR,    /* extended attributes */
	HS_XFS_LOST_MAP,     /* extent map of the data fork */
	HS_XFS_LOST_ATTRMAP, /* extent map of the attribute fork */
	HS_XFS_LOST_META,    /* `owner` says what */
};

struct hs_xfs_lost_item {
	uint64_t owner;	   /* inode number, or the special owner */
	uint32_t gen;	   /* 0 while it is not known */
	uint8_t kind;	   /* enum hs_xfs_loss */
	uint8_t dev;	   /* enum hs_xfs_device */
	bool unlinked;	   /* no name leads to it */
	uint64_t offset;   /* bytes, in the fork */
	uint64_t physical; /* bytes, on the device */
	uint64_t len;
	char *path; /* below the mount point; NULL: not searched for, or not found */
	size_t path_len;
};

struct hs_xfs_lost {
	struct hs_xfs_scan *scan;
	uint32_t device[HS_XFS_DEVICES]; /* as GETFSMAP calls them; 0: not there */
	struct hs_xfs_lost_item *items;	 /* not yet told */
	size_t n, room;
	struct hs_media_bad unowned[HS_XFS_DEVICES]; /* in use, by whom GETFSMAP cannot say */
	bool any_unowned[HS_XFS_DEVICES];
	uint64_t nothing; /* bytes where nothing was lost */
};

errint_t hs_xfs_lost_init(struct hs_xfs_lost *lost, struct hs_xfs_scan *scan);
void hs_xfs_lost_free(struct hs_xfs_lost *lost);

/* Finds the owners of a range, as far as GETFSMAP knows them. An error ends the scan. */
errint_t hs_xfs_lost_add(struct hs_xfs_lost *lost, enum hs_xfs_device dev,
			 const struct hs_media_range *range);

/*
 * Tells what is known. With `search`, the searches are made first and nothing is left. Otherwise
 * hs_xfs_lost_waits() says whether something of a device waits for them.
 */
errint_t hs_xfs_lost_tell(struct hs_xfs_lost *lost, bool search);
bool hs_xfs_lost_waits(const struct hs_xfs_lost *lost, enum hs_xfs_device dev);

/* ---- for lost_*.c ---- */

errint_t hs_xfs_lost_put(struct hs_xfs_lost *lost, const struct hs_xfs_lost_item *item);

/* Files whose extents lie in `unowned`: items are added, and what nobody has becomes metadata. */
errint_t hs_xfs_lost_search(struct hs_xfs_lost *lost);

/* Sets the path of every item of a file that has a name. */
errint_t hs_xfs_lost_names(struct hs_xfs_lost *lost);

/*
 * Extents of a fork by its open file; fn gets bytes, until it returns other than 0. -EPROTO when
 * the kernel goes round in circles.
 */
struct hs_xfs_file_extent {
	uint64_t offset, physical, len; /* bytes */
	bool unwritten;
};
int hs_xfs_each_file_extent(const struct hs_xfs_fs *fs, int fd, bool attr_fork,
			    int (*fn)(const struct hs_xfs_file_extent *e, void *arg), void *arg);

#endif
