/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The names of a file system: its label, directory entries and extended attributes, handed to
 * names/ domain by domain, and what that says turned into lines and findings.
 *
 * Where files have parent pointers, every file has an attribute fork, and asking each by its handle
 * takes a call for each of three namespaces. There attributes are listed along with the directory
 * that names the file: one call a file. Elsewhere only the few files with attributes are asked.
 */
#ifndef HS_XFS_NAMETREE_H
#define HS_XFS_NAMETREE_H

#include "names/names.h"
#include "xfs/scan.h"

struct hs_xfs_nametree;

/* Only root can make names in it: owned by 0:0, not world-writable. */
bool hs_xfs_is_trusted(const struct hs_xfs_bstat *st);

/* One worker state each for workers 0..n-1. *out is NULL when names cannot be checked, said so. */
errint_t hs_xfs_nametree_new(struct hs_xfs_scan *scan, unsigned workers,
			     struct hs_xfs_nametree **out);
void hs_xfs_nametree_free(struct hs_xfs_nametree *t);

/* Any thread, once. */
void hs_xfs_nametree_label(struct hs_xfs_nametree *t);

/*
 * A directory whose way to the root is sound: its entries, its attributes and, with parent
 * pointers, those of the files in it. What cannot be read is told; an error ends the scan.
 */
errint_t hs_xfs_nametree_directory(struct hs_xfs_nametree *t, unsigned worker,
				   const struct hs_xfs_bstat *st);

/* Any other file; does nothing where directories do it. */
errint_t hs_xfs_nametree_file(struct hs_xfs_nametree *t, unsigned worker,
			      const struct hs_xfs_bstat *st);

/* One directory entry of a getdents64 buffer; returns its length, or 0 when there is none. */
struct hs_xfs_dirent {
	uint64_t ino;
	unsigned type; /* DT_* */
	const char *name;
	size_t len;
};
size_t hs_xfs_decode_dirent(const uint8_t *buf, size_t len, struct hs_xfs_dirent *out);

/* Name number i of an attrlist answer of `len` bytes; NULL when it has none. */
const char *hs_xfs_decode_attr(const uint8_t *buf, size_t len, uint32_t i);

#endif
