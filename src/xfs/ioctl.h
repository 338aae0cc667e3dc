/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The XFS ioctls and their structures, from the kernel's published interface (format notes 2).
 * Debian 12's headers stop years before it. Everything is in native byte order.
 *
 * These are messages between this program and the running kernel, not disk formats: they are the
 * one place where a structure is laid over a buffer. What the kernel says in them is still checked
 * by those who read it (kernel.h).
 */
#ifndef HS_XFS_IOCTL_H
#define HS_XFS_IOCTL_H

#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>

#include <linux/fsmap.h>

/* ---- geometry (2.2) ---- */

struct hs_xfs_geom {
	uint32_t blocksize;
	uint32_t rtextsize; /* fs blocks */
	uint32_t agblocks;
	uint32_t agcount;
	uint32_t logblocks;
	uint32_t sectsize;
	uint32_t inodesize;
	uint32_t imaxpct;
	uint64_t datablocks;
	uint64_t rtblocks;
	uint64_t rtextents;
	uint64_t logstart; /* 0: external log */
	uint8_t uuid[16];
	uint32_t sunit, swidth;
	uint32_t version;
	uint32_t flags; /* HS_XFS_GEOM_* */
	uint32_t logsectsize, rtsectsize;
	uint32_t dirblocksize;
	uint32_t logsunit;
	uint32_t sick, checked; /* HS_XFS_FS_SICK_* */
	uint32_t rgextents;
	uint32_t rgcount;
	uint64_t rtstart; /* not 0: the realtime section is inside the data device */
	uint64_t rtreserved;
	uint64_t reserved[14];
};

enum {
	HS_XFS_GEOM_QUOTA = 1U << 2,
	HS_XFS_GEOM_V5 = 1U << 15,
	HS_XFS_GEOM_FTYPE = 1U << 16,
	HS_XFS_GEOM_FINOBT = 1U << 17,
	HS_XFS_GEOM_RMAPBT = 1U << 19,
	HS_XFS_GEOM_REFLINK = 1U << 20,
	HS_XFS_GEOM_NREXT64 = 1U << 23,
	HS_XFS_GEOM_EXCHANGE = 1U << 24,
	HS_XFS_GEOM_PARENT = 1U << 25,
	HS_XFS_GEOM_METADIR = 1U << 26,
	HS_XFS_GEOM_ZONED = 1U << 27,
};

enum { HS_XFS_FS_SICK_QUOTACHECK = 1U << 6 };

/* ---- scrub (2.3) ---- */

struct hs_xfs_scrub {
	uint32_t type;	/* enum hs_xfs_type, types.h */
	uint32_t flags; /* HS_XFS_SCRUB_* */
	uint64_t ino;
	uint32_t gen;
	uint32_t agno;
	uint64_t reserved[5];
};

enum {
	HS_XFS_SCRUB_REPAIR = 1U << 0,
	HS_XFS_SCRUB_CORRUPT = 1U << 1,
	HS_XFS_SCRUB_PREEN = 1U << 2,
	HS_XFS_SCRUB_XFAIL = 1U << 3,
	HS_XFS_SCRUB_XCORRUPT = 1U << 4,
	HS_XFS_SCRUB_INCOMPLETE = 1U << 5,
	HS_XFS_SCRUB_WARNING = 1U << 6,
	HS_XFS_SCRUB_NO_REPAIR = 1U << 7,
	HS_XFS_SCRUB_REBUILD = 1U << 8,

	HS_XFS_SCRUB_IN = HS_XFS_SCRUB_REPAIR | HS_XFS_SCRUB_REBUILD,
	HS_XFS_SCRUB_OUT = 0xfeU,
};

/* ---- vectored scrub (2.4) ---- */

struct hs_xfs_scrubv {
	uint64_t ino;
	uint32_t gen;
	uint32_t agno;
	uint32_t flags; /* 0 */
	uint16_t rest_us;
	uint16_t nr;
	uint64_t reserved;
	uint64_t vectors; /* address of struct hs_xfs_vec[nr] */
};

struct hs_xfs_vec {
	uint32_t type;	/* or HS_XFS_BARRIER */
	uint32_t flags; /* of a barrier: the outcomes that stop the call */
	int32_t ret;	/* 0 or a negated errno */
	uint32_t reserved;
};

#define HS_XFS_BARRIER UINT32_MAX

/* ---- inode tables (2.5) ---- */

struct hs_xfs_bulk_head {
	uint64_t ino; /* where to begin; one past the last returned */
	uint32_t flags;
	uint32_t icount; /* room for */
	uint32_t ocount; /* returned */
	uint32_t agno;
	uint64_t reserved[5];
};

enum {
	HS_XFS_BULK_AGNO = 1U << 0,
	HS_XFS_BULK_SPECIAL = 1U << 1, /* ino 1: the root directory */
	HS_XFS_BULK_NREXT64 = 1U << 2,
	HS_XFS_BULK_METADIR = 1U << 3,
};

struct hs_xfs_bstat {
	uint64_t ino;
	uint64_t size;
	uint64_t blocks;
	uint64_t xflags; /* FS_XFLAG_* */
	int64_t atime, mtime, ctime, btime;
	uint32_t gen;
	uint32_t uid, gid, projectid;
	uint32_t atime_nsec, mtime_nsec, ctime_nsec, btime_nsec;
	uint32_t blksize;
	uint32_t rdev;
	uint32_t cowextsize, extsize;
	uint32_t nlink;
	uint32_t extents, aextents;
	uint16_t version, forkoff;
	uint16_t sick, checked;
	uint16_t mode, pad;
	uint64_t extents64;
	uint64_t reserved[6];
};

#define HS_XFS_XFLAG_REALTIME 0x1U
#define HS_XFS_XFLAG_HASATTR  0x80000000U

struct hs_xfs_inogrp {
	uint64_t startino;
	uint64_t allocmask;
	uint8_t alloccount;
	uint8_t version;
	uint8_t pad[6];
};

#define HS_XFS_CHUNK_INODES 64

/* ---- group geometry and counters (2.6) ---- */

struct hs_xfs_ag_geom {
	uint32_t number; /* in */
	uint32_t length; /* fs blocks */
	uint32_t freeblks;
	uint32_t icount, ifree;
	uint32_t sick, checked;
	uint32_t flags;
	uint64_t reserved[12];
};

struct hs_xfs_rg_geom {
	uint32_t number; /* in */
	uint32_t length;
	uint32_t sick, checked;
	uint32_t flags;
	uint32_t writepointer;
	uint32_t reserved[26];
};

struct hs_xfs_fscounts {
	uint64_t freedata; /* fs blocks */
	uint64_t freertx;  /* realtime extents */
	uint64_t freeino;
	uint64_t allocino;
};

struct hs_xfs_resblks {
	uint64_t resblks;
	uint64_t resblks_avail;
};

/* ---- handles (2.8) ---- */

struct hs_xfs_handle {
	uint64_t fsid;
	uint16_t fid_len; /* 14 */
	uint16_t fid_pad;
	uint32_t gen;
	uint64_t ino;
};

struct hs_xfs_handlereq {
	uint32_t fd;
	uint64_t path;
	uint32_t oflags;
	uint64_t ihandle;
	uint32_t ihandlen;
	uint64_t ohandle;
	uint64_t ohandlen;
};

struct hs_xfs_attr_cursor {
	uint32_t opaque[4];
};

struct hs_xfs_attrlist {
	struct hs_xfs_handlereq hreq;
	struct hs_xfs_attr_cursor cursor;
	uint32_t flags; /* HS_XFS_ATTR_* */
	uint32_t buflen;
	uint64_t buffer;
};

enum {
	HS_XFS_ATTR_USER = 0,
	HS_XFS_ATTR_ROOT = 0x2, /* trusted.* */
	HS_XFS_ATTR_SECURE = 0x8,
};

struct hs_xfs_getparents {
	uint32_t cursor[4];
	uint16_t iflags, oflags;
	uint32_t bufsize;
	uint64_t reserved;
	uint64_t buffer;
};

struct hs_xfs_getparents_by_handle {
	struct hs_xfs_handle handle;
	struct hs_xfs_getparents req;
};

enum {
	HS_XFS_PARENTS_ROOT = 1U << 0, /* the object is the root directory */
	HS_XFS_PARENTS_DONE = 1U << 1,
};

/* Offsets in a parent record: handle 24, reclen 4, reserved 4, NUL-terminated name. */
#define HS_XFS_PARENT_RECLEN 24
#define HS_XFS_PARENT_NAME   32
#define HS_XFS_PARENTS_MIN   40

/* ---- where the blocks of a file are (getbmapx) ---- */

/* Units of 512 bytes. The first of an array is the request, the others are the answer. */
struct hs_xfs_bmap {
	int64_t offset;
	int64_t block; /* -1: hole, -2: not allocated yet */
	int64_t length;
	int32_t count;	 /* in, of the request: elements of the array, itself included */
	int32_t entries; /* out, of the request: how many follow */
	int32_t iflags;	 /* of the request: HS_XFS_BMAP_* */
	int32_t oflags;	 /* HS_XFS_BMAP_IS_* */
	int32_t unused[2];
};

enum {
	HS_XFS_BMAP_ATTR = 0x1,
	HS_XFS_BMAP_PREALLOC = 0x4, /* also what lies behind the end of the file */
	HS_XFS_BMAP_DELALLOC = 0x8, /* do not write back first */
	HS_XFS_BMAP_NO_HOLES = 0x10,

	HS_XFS_BMAP_IS_PREALLOC = 0x1,
	HS_XFS_BMAP_IS_DELALLOC = 0x2,
	HS_XFS_BMAP_IS_LAST = 0x4,
};

/* The number was made with the size of an older, shorter structure. */
struct hs_xfs_bmap_short {
	uint8_t bytes[32];
};

/* ---- media (2.9) ---- */

enum hs_xfs_device {
	HS_XFS_DATA = 1,
	HS_XFS_LOG = 2,
	HS_XFS_RT = 3,
	HS_XFS_DEVICES /* 0 is none */
};

struct hs_xfs_verify_media {
	uint32_t dev;	  /* enum hs_xfs_device */
	uint32_t flags;	  /* HS_XFS_VERIFY_REPORT */
	uint64_t start;	  /* units of 512 bytes; out: the end of what could be read */
	uint64_t end;	  /* exclusive; out: not behind the end of the device */
	uint32_t ioerror; /* out: a positive errno, when nothing could be read */
	uint32_t max_io;  /* bytes, 0: as the kernel likes */
	uint32_t rest_us;
	uint32_t pad;
};

/* Health monitors and the owners of the range are told of errors. */
#define HS_XFS_VERIFY_REPORT (1U << 0)

/* ---- shutting down ---- */

enum { HS_XFS_GOING_LOGFLUSH = 1 }; /* the log is written first */

/* ---- numbers (2.1) ---- */

#define HS_XFS_IOC_FSGEOMETRY		_IOR('X', 126, struct hs_xfs_geom)
#define HS_XFS_IOC_SCRUB		_IOWR('X', 60, struct hs_xfs_scrub)
#define HS_XFS_IOC_SCRUBV		_IOWR('X', 64, struct hs_xfs_scrubv)
#define HS_XFS_IOC_BULKSTAT		_IOR('X', 127, struct hs_xfs_bulk_head)
#define HS_XFS_IOC_INUMBERS		_IOR('X', 128, struct hs_xfs_bulk_head)
#define HS_XFS_IOC_AG_GEOMETRY		_IOWR('X', 61, struct hs_xfs_ag_geom)
#define HS_XFS_IOC_RTGROUP_GEOMETRY	_IOWR('X', 65, struct hs_xfs_rg_geom)
#define HS_XFS_IOC_GETPARENTS_BY_HANDLE _IOWR('X', 63, struct hs_xfs_getparents_by_handle)
#define HS_XFS_IOC_FD_TO_HANDLE		_IOWR('X', 106, struct hs_xfs_handlereq)
#define HS_XFS_IOC_OPEN_BY_HANDLE	_IOWR('X', 107, struct hs_xfs_handlereq)
#define HS_XFS_IOC_ATTRLIST_BY_HANDLE	_IOW('X', 122, struct hs_xfs_attrlist)
#define HS_XFS_IOC_FSCOUNTS		_IOR('X', 113, struct hs_xfs_fscounts)
#define HS_XFS_IOC_GOINGDOWN		_IOR('X', 125, uint32_t)
#define HS_XFS_IOC_GET_RESBLKS		_IOR('X', 115, struct hs_xfs_resblks)
#define HS_XFS_IOC_GETBMAPX		_IOWR('X', 56, struct hs_xfs_bmap_short)
#define HS_XFS_IOC_VERIFY_MEDIA		_IOWR('X', 70, struct hs_xfs_verify_media)

_Static_assert(sizeof(struct hs_xfs_geom) == 256, "geometry");
_Static_assert(offsetof(struct hs_xfs_geom, sick) == 112, "geometry");
_Static_assert(offsetof(struct hs_xfs_geom, rtstart) == 128, "geometry");
_Static_assert(sizeof(struct hs_xfs_scrub) == 64, "scrub");
_Static_assert(sizeof(struct hs_xfs_scrubv) == 40, "scrubv");
_Static_assert(sizeof(struct hs_xfs_vec) == 16, "scrubv vector");
_Static_assert(sizeof(struct hs_xfs_bulk_head) == 64, "bulk request");
_Static_assert(sizeof(struct hs_xfs_bstat) == 192, "bulkstat");
_Static_assert(offsetof(struct hs_xfs_bstat, sick) == 128, "bulkstat");
_Static_assert(sizeof(struct hs_xfs_inogrp) == 24, "inumbers");
_Static_assert(sizeof(struct hs_xfs_ag_geom) == 128, "AG geometry");
_Static_assert(sizeof(struct hs_xfs_rg_geom) == 128, "rtgroup geometry");
_Static_assert(sizeof(struct hs_xfs_handle) == 24, "handle");
_Static_assert(sizeof(struct hs_xfs_handlereq) == 56, "handle request");
_Static_assert(sizeof(struct hs_xfs_attrlist) == 88, "attrlist");
_Static_assert(sizeof(struct hs_xfs_getparents) == 40, "getparents");
_Static_assert(sizeof(struct hs_xfs_getparents_by_handle) == 64, "getparents");
_Static_assert(sizeof(struct hs_xfs_bmap) == 48, "getbmapx");
_Static_assert(sizeof(struct hs_xfs_verify_media) == 40, "verify media");
_Static_assert(HS_XFS_IOC_FSGEOMETRY == 0x8100587e, "ioctl number");
_Static_assert(HS_XFS_IOC_GETBMAPX == 0xc0205838, "ioctl number");
_Static_assert(HS_XFS_IOC_VERIFY_MEDIA == 0xc0285846, "ioctl number");
_Static_assert(HS_XFS_IOC_SCRUB == 0xc040583c, "ioctl number");
_Static_assert(HS_XFS_IOC_SCRUBV == 0xc0285840, "ioctl number");
_Static_assert(HS_XFS_IOC_BULKSTAT == 0x8040587f, "ioctl number");
_Static_assert(HS_XFS_IOC_INUMBERS == 0x80405880, "ioctl number");
_Static_assert(HS_XFS_IOC_AG_GEOMETRY == 0xc080583d, "ioctl number");
_Static_assert(HS_XFS_IOC_RTGROUP_GEOMETRY == 0xc0805841, "ioctl number");
_Static_assert(HS_XFS_IOC_GETPARENTS_BY_HANDLE == 0xc040583f, "ioctl number");
_Static_assert(HS_XFS_IOC_OPEN_BY_HANDLE == 0xc038586b, "ioctl number");
_Static_assert(HS_XFS_IOC_GOINGDOWN == 0x8004587d, "ioctl number");
_Static_assert(HS_XFS_IOC_ATTRLIST_BY_HANDLE == 0x4058587a, "ioctl number");

#endif
