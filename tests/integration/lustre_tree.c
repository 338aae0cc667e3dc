/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The directory tree of a made cluster with forests that no file system has: cycles on one MDT,
 * over two, and ways up that end nowhere. Only the numbers are made up: look-ups go to the images.
 *
 * usage: lustre_tree MKLUSTRE
 */
#include <stdio.h>

#include "images.h"
#include "lfsck/lookup.h"
#include "lfsck/system.h"
#include "lfsck/tree.h"

/* Inode numbers far from those in use; directories that exist only in the lists. */
#define BASE 5000u

struct bench {
	struct hs_system *sys;
	struct hs_tree_part parts[2];
	struct hs_marks marks;
	uint64_t undecided;
	unsigned failed;
};

static void begin(struct bench *b)
{
	memset(&b->marks, 0, sizeof(b->marks));
	b->undecided = 0;
	for (unsigned i = 0; i < 2; i++) {
		/* every list goes to a file at once */
		if (hs_tree_part_init(&b->parts[i], b->sys->n_targets,
				      &(struct hs_spill_limit){0, "/tmp"}))
			abort();
	}
}

static void add(struct bench *b, unsigned part, unsigned mdt, uint32_t ino, uint32_t up)
{
	if (hs_tree_add(&b->parts[part], b->sys->mdts[mdt]->pos, ino, up))
		abort();
}

/* Ends a case: so many directories in a cycle, so many that reach nothing. */
static void expect(struct bench *b, const char *what, uint64_t cycle, uint64_t unreachable,
		   uint64_t undecided)
{
	if (hs_tree_check(b->sys, b->parts, 2, &b->marks, &b->undecided))
		abort();
	if (b->marks.counts[HS_M_CYCLE] != cycle ||
	    b->marks.counts[HS_M_UNREACHABLE] != unreachable || b->undecided != undecided) {
		fprintf(stderr, "%s: %lu in cycles, %lu unreachable, %lu undecided\n", what,
			(unsigned long)b->marks.counts[HS_M_CYCLE],
			(unsigned long)b->marks.counts[HS_M_UNREACHABLE],
			(unsigned long)b->undecided);
		b->failed++;
	}
	hs_marks_free(&b->marks);
	for (unsigned i = 0; i < 2; i++)
		hs_tree_part_free(&b->parts[i]);
}

/* A local root on an MDT whose parent is ROOT, or a FID that nobody has. */
static void add_edge(struct bench *b, unsigned mdt, uint32_t ino, struct hs_fid parent)
{
	const struct hs_target *t = b->sys->mdts[mdt];
	struct hs_tree_edge e = {
		.target = t->pos, .ino = ino, .parent = parent, .has_parent = true};

	add(b, 0, mdt, ino, t->rpd_ino);
	if (hs_tree_add_edge(&b->parts[1], &e))
		abort();
}

/* A directory that the index of its MDT knows. */
static bool find_dir(struct bench *b, unsigned mdt, uint32_t *ino, struct hs_fid *fid)
{
	struct hs_target *t = b->sys->mdts[mdt];
	struct hs_loaded l = {0};
	bool found = false;

	for (*ino = 12; !found && *ino < hs_fs_geo(t->fs)->inodes; ++*ino) {
		struct hs_place place;

		found = *ino != t->root_ino && hs_load(&l, t, *ino, false) == 1 &&
			hs_inode_is_dir(&l.inode) && hs_loaded_fid(&l, fid) &&
			hs_seq_is_normal(fid->seq) &&
			hs_lookup_fid(b->sys, *fid, &place) == HS_LOOKUP_FOUND && place.t == t;
	}
	--*ino;
	hs_loaded_free(&l);
	return found;
}

/* Two directories, each on its own MDT, each below the other. */
static void cycle_of_two(struct bench *b)
{
	struct hs_fid fids[2];
	uint32_t inos[2];

	if (!find_dir(b, 0, &inos[0], &fids[0]) || !find_dir(b, 1, &inos[1], &fids[1])) {
		fprintf(stderr, "no directories in the cluster\n");
		b->failed++;
		return;
	}
	begin(b);
	add_edge(b, 0, inos[0], fids[1]);
	add_edge(b, 1, inos[1], fids[0]);
	expect(b, "in a circle over two MDTs", 2, 0, 0);
}

static void run_cases(struct bench *b)
{
	const struct hs_fid root = {0x200000007, 1, 0}, nobody = {0x200000401, 0xfffffff, 0};
	uint32_t top = b->sys->mdts[0]->root_ino;

	begin(b);
	expect(b, "empty", 0, 0, 0);

	begin(b);
	for (uint32_t i = 0; i < 1000; i++)
		add(b, i & 1, 0, BASE + i, i ? BASE + i - 1 : top);
	expect(b, "1000 deep", 0, 0, 0);

	begin(b);
	add(b, 0, 0, BASE, BASE);
	expect(b, "its own parent", 1, 0, 0);

	/* What hangs below a cycle is no member of it: its own way up is sound but for that. */
	begin(b);
	add(b, 0, 0, BASE, BASE + 2);
	add(b, 1, 0, BASE + 1, BASE);
	add(b, 0, 0, BASE + 2, BASE + 1);
	add(b, 1, 0, BASE + 3, BASE + 2);
	add(b, 1, 0, BASE + 4, top);
	expect(b, "three in a circle", 3, 0, 0);

	begin(b);
	add(b, 0, 0, BASE, 0x7ffffff0);
	add(b, 0, 0, BASE + 1, BASE);
	expect(b, "no such parent", 0, 1, 0);

	begin(b);
	add_edge(b, 1, BASE, root);
	add(b, 1, 1, BASE + 1, BASE);
	expect(b, "remote, below ROOT", 0, 0, 0);

	begin(b);
	add_edge(b, 1, BASE, nobody);
	expect(b, "remote, parent unknown", 0, 1, 0);

	/* An edge list without the edge: what its linkEA says was marked already. */
	begin(b);
	add(b, 0, 1, BASE, b->sys->mdts[1]->rpd_ino);
	expect(b, "remote, no edge", 0, 0, 0);
}

int main(int argc, char **argv)
{
	char *args[] = {argv[1], "--mdts=2", "--osts=1", "--files=200", "--seed=12", NULL};
	struct hs_strbuf why = HS_STRBUF_INIT;
	struct bench b = {0};
	struct images im;

	if (argc != 2)
		return 16;
	if (!images_make(args, &im))
		return 1;
	if (hs_system_open((const char *const *)im.paths, im.n, NULL, &b.sys, &why)) {
		fprintf(stderr, "%s\n", hs_strbuf_str(&why));
		return 1;
	}
	run_cases(&b);
	cycle_of_two(&b);
	hs_system_close(b.sys);
	hs_strbuf_free(&why);
	images_remove(&im);
	return b.failed != 0;
}
