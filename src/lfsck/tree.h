/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The directory tree: does every directory reach ROOT (equations, section 10)?
 *
 * Each MDT's scan notes (directory, inode of its `..`): eight bytes a directory. A directory whose
 * `..` is REMOTE_PARENT_DIR is the root of a local tree and adds a remote edge.
 */
#ifndef HS_LFSCK_TREE_H
#define HS_LFSCK_TREE_H

#include "base/spill.h"
#include "lfsck/mark.h"

struct hs_tree_dir {
	uint32_t ino, up;
};

/* A local root: a directory whose parent is on another MDT. */
struct hs_tree_edge {
	uint16_t target;
	uint32_t ino;
	struct hs_fid fid;
	struct hs_fid parent;
	bool has_parent;
};

struct hs_tree_list {
	struct hs_tree_dir *v; /* in `mem` */
	size_t n;
	struct hs_spill mem;
};

/* What one worker noted; by target position. */
struct hs_tree_part {
	struct hs_tree_list *dirs;
	struct hs_spill_limit limit; /* of each list */
	size_t n_targets;
	struct hs_tree_edge *edges;
	size_t n_edges, edges_room;
};

/* Lists that grow beyond the limit go to a file. */
errint_t hs_tree_part_init(struct hs_tree_part *p, size_t n_targets,
			   const struct hs_spill_limit *limit);
void hs_tree_part_free(struct hs_tree_part *p);
errint_t hs_tree_add(struct hs_tree_part *p, uint16_t target, uint32_t ino, uint32_t up);
errint_t hs_tree_add_edge(struct hs_tree_part *p, const struct hs_tree_edge *edge);

struct hs_system;

/*
 * Joins the parts of all workers (emptied) and marks, in `marks`, every directory that lies in a
 * cycle or below one (CYCLE) or whose way up ends elsewhere (UNREACHABLE). What hangs below an
 * absent MDT is counted in *undecided.
 */
errint_t hs_tree_check(struct hs_system *sys, struct hs_tree_part *parts, unsigned n,
		       struct hs_marks *marks, uint64_t *undecided);

#endif
