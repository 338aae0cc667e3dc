/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The inode-btree chunks of one AG, as a source of work with a position. INUMBERS reads only the
 * inode btree and its records are small, so many are fetched at once.
 */
#ifndef HS_XFS_AGSOURCE_H
#define HS_XFS_AGSOURCE_H

#include "work/pipeline.h"
#include "xfs/fs.h"

#define HS_XFS_INUMBERS_BATCH 128

struct hs_xfs_inumbers {
	struct hs_xfs_bulk_head head; /* must precede the records */
	struct hs_xfs_inogrp recs[HS_XFS_INUMBERS_BATCH];
};

struct hs_xfs_ag_source {
	struct hs_source src; /* items: struct hs_xfs_inogrp; units: allocated inodes */
	const struct hs_xfs_fs *fs;
	uint32_t agno;
	char name[24];
	uint64_t next_ino; /* where the next call begins */
	uint64_t done;
	bool ended;
	unsigned at, n;
	struct hs_xfs_inumbers *buf; /* only while the AG is being read */
};

/*
 * next() returns -EUCLEAN when the kernel's answer shows an inode btree out of order: next_ino says
 * near what; other errors are the kernel's. Either ends this AG.
 */
void hs_xfs_ag_source_init(struct hs_xfs_ag_source *s, const struct hs_xfs_fs *fs, uint32_t agno);

/* Forgets what was read ahead. */
void hs_xfs_ag_source_release(struct hs_xfs_ag_source *s);

#endif
