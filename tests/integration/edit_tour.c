/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * edit_tour IMAGE DIRECTORY LABEL: goes over a whole target and does to it what repairs do, so that
 * in the end it says what it said before: entries are taken out and put back with what lies behind
 * their names, directories grow by names that go again, attributes of all sizes come and go, owners
 * change twice, index records move, objects are made and freed. One transaction for some hundred
 * edits; undo files as a run would have them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/bytes.h"
#include "ldiskfs/edit.h"
#include "ldiskfs/file.h"
#include "ldiskfs/itable.h"
#include "ldiskfs/xattr.h"
#include "lfsck/iam_edit.h"
#include "lustre/iam.h"

static void die(const char *what, const char *why)
{
	fprintf(stderr, "%s: %s\n", what, why);
	exit(1);
}

static struct hs_edit *open_edit(char **argv)
{
	const struct hs_edit_params p = {
		.device = argv[1],
		.dir = argv[2],
		.label = argv[3],
		.holder = "tour",
		.now = 1700000000,
	};
	struct hs_strbuf why = HS_STRBUF_INIT;
	struct hs_edit *e;

	if (hs_edit_open(&p, &e, &why))
		die(argv[1], hs_strbuf_str(&why));
	return e;
}

#define MUST(e, call)                                                                              \
	do {                                                                                       \
		if (call)                                                                          \
			die(#call, hs_edit_why(e));                                                \
	} while (0)

/* Inodes in use, and entries of one directory, noted before anything changes. */
struct inodes {
	uint32_t *v;
	size_t n, room;
};

static void all_inodes(const struct hs_fs *fs, struct inodes *out)
{
	for (uint32_t ino = 2; ino <= hs_fs_geo(fs)->inodes; ino++) {
		if (ino != 2 && ino < hs_fs_geo(fs)->first_ino)
			continue;
		if (hs_inode_in_use(fs, ino) != 1)
			continue;
		if (hs_array_grow(&out->v, &out->room, out->n + 1))
			die("inodes", "out of memory");
		out->v[out->n++] = ino;
	}
}

struct entry {
	struct hs_edit_dirent d;
	uint8_t fid[16], name[256];
	size_t len;
};

struct entries {
	struct entry *v;
	size_t n, room;
};

static int note(void *arg, void *dir, const struct hs_dirent *e)
{
	struct entries *all = arg;
	struct entry *x;

	(void)dir;
	if (hs_array_grow(&all->v, &all->room, all->n + 1))
		die("entries", "out of memory");
	x = &all->v[all->n++];
	memset(x, 0, sizeof(*x));
	x->d = (struct hs_edit_dirent){.ino = e->ino, .type = e->type};
	memcpy(x->name, e->name, e->name_len);
	x->len = e->name_len;
	if (e->has_fid) {
		memcpy(x->fid, e->fid, 16);
		x->d.fid = x->fid;
	}
	return 0;
}

static void tour_directory(struct hs_edit *e, const struct hs_inode *dir, unsigned turn)
{
	static const struct hs_dir_visitor visitor = {.entry = note};
	struct entries all = {0};
	unsigned extra = turn % 7 == 0 ? 400 : turn % 3 == 0 ? 40 : 0;
	char name[128];

	if (hs_dir_read(hs_edit_fs(e), dir, &visitor, &all))
		die("directory", "cannot be read");
	for (size_t i = 0; i < all.n; i++)
		if (all.v[i].d.fid)
			all.v[i].d.fid = all.v[i].fid; /* it may have moved */
	for (unsigned i = 0; i < extra; i++) {
		struct hs_edit_dirent d = all.v[0].d;
		int len =
			snprintf(name, sizeof(name), "tour-%u-%.*s", i, (int)(i % 60),
				 "...............................................................");

		/* with and without a FID behind the name */
		if (i % 2)
			d.fid = (const uint8_t *)"0123456789abcdef";
		MUST(e, hs_edit_insert(e, dir->ino, name, (size_t)len, &d));
	}
	for (size_t i = 0; i < all.n; i++) {
		struct entry *x = &all.v[i];

		if (x->len <= 2 && !memcmp(x->name, "..", x->len)) {
			MUST(e, hs_edit_change(e, dir->ino, x->name, x->len, 0, &x->d));
		} else if ((i + turn) % 3 == 0) {
			MUST(e, hs_edit_remove(e, dir->ino, x->name, x->len, x->d.ino));
			MUST(e, hs_edit_insert(e, dir->ino, x->name, x->len, &x->d));
		} else if ((i + turn) % 3 == 1) {
			struct hs_edit_dirent d = {.ino = x->d.ino, .type = x->d.type};

			/* the FID goes and comes back */
			MUST(e, hs_edit_change(e, dir->ino, x->name, x->len, x->d.ino, &d));
			MUST(e, hs_edit_change(e, dir->ino, x->name, x->len, 0, &x->d));
		}
	}
	for (unsigned i = extra; i-- > 0;) {
		int len =
			snprintf(name, sizeof(name), "tour-%u-%.*s", i, (int)(i % 60),
				 "...............................................................");

		MUST(e, hs_edit_remove(e, dir->ino, name, (size_t)len, 0));
	}
	free(all.v);
}

static void tour_attributes(struct hs_edit *e, uint32_t ino, unsigned turn)
{
	static const size_t sizes[] = {3, 40, 300, 1500, 3900, 20000, 66000};
	static uint8_t value[66000];
	size_t len = sizes[turn % 7];
	errint_t err;

	memset(value, (int)turn, sizeof(value));
	err = hs_edit_set_xattr(e, ino, HS_XATTR_USER, "tour", value, len);
	if (err == -ENOSPC)
		return; /* nothing was staged: there is no room for it */
	if (err)
		die("attribute", hs_edit_why(e));
	/* a smaller one has room wherever the larger one had it */
	if (turn % 7 > turn % 3)
		MUST(e, hs_edit_set_xattr(e, ino, HS_XATTR_USER, "tour", value, sizes[turn % 3]));
	MUST(e, hs_edit_set_xattr(e, ino, HS_XATTR_USER, "tour", NULL, 0));
}

static void tour_owner(struct hs_edit *e, const struct hs_inode *in, unsigned turn)
{
	MUST(e, hs_edit_set_owner(e, in->ino, in->uid + turn, in->gid + 1, in->projid));
	MUST(e, hs_edit_set_owner(e, in->ino, in->uid, in->gid, in->projid));
}

static void tour_objects(struct hs_edit *e, uint32_t near, unsigned turn)
{
	struct hs_edit_new n = {
		.near = near,
		.mode = turn % 2 ? 0100644 : 0040755,
		.nlink = 1,
		.uid = turn,
		.parent = 2,
		.parent_fid = (const uint8_t *)"0123456789abcdef",
	};
	uint32_t ino, gen;

	MUST(e, hs_edit_create(e, &n, &ino, &gen));
	MUST(e, hs_edit_set_trusted(e, ino, "lma", "012345678901234567890123", 24));
	if (turn % 2)
		MUST(e, hs_edit_write(e, ino, "content", 7, 0));
	MUST(e, hs_edit_free_inode(e, ino));
}

/* Every second record of an object index is taken out, and put back after the last. */
static void tour_index(struct hs_edit *e, const struct hs_inode *in)
{
	const struct hs_fs *fs = hs_edit_fs(e);
	size_t bs = hs_fs_geo(fs)->block_size, got, n = 0;
	struct hs_iam_file x = {.ino = in->ino, .key_size = 16, .rec_size = 8};
	struct hs_iam_root root = {.key_size = 16, .rec_size = 8, .ptr_size = 4};
	uint8_t *buf = malloc(bs), (*records)[24] = NULL, found[8];
	size_t room = 0;

	for (uint64_t block = 1; block < in->size / bs; block++) {
		struct hs_iam_node node;

		if (hs_file_pread(fs, in, buf, bs, block * bs, &got) || got != bs)
			die("index", "cannot be read");
		if (hs_iam_decode_leaf(buf, bs, &root, &node))
			continue; /* a node, or an idle block */
		for (uint32_t i = 0; i < node.count; i++) {
			const uint8_t *key = hs_iam_key(&node, i);

			/* stale leaves on the idle list look like leaves */
			if (hs_iam_key_is_zero(&node, i) ||
			    hs_iam_file_find(e, &x, key, found) != 1 ||
			    memcmp(found, hs_iam_rec(&node, i), 8))
				continue;
			if (hs_array_grow(&records, &room, n + 1))
				die("index", "out of memory");
			memcpy(records[n], key, 16);
			memcpy(records[n++] + 16, hs_iam_rec(&node, i), 8);
		}
	}
	for (size_t i = 0; i < n; i += 2)
		MUST(e, hs_iam_file_remove(e, &x, records[i]));
	/* others, many, in between */
	for (uint32_t i = 0; i < 500; i++) {
		uint8_t key[16] = {9}, rec[8] = {0};

		hs_put_be32(key + 8, i * 2654435761u);
		MUST(e, hs_iam_file_insert(e, &x, key, rec));
	}
	for (size_t i = 0; i < n; i += 2)
		MUST(e, hs_iam_file_insert(e, &x, records[i], records[i] + 16));
	for (uint32_t i = 0; i < 500; i++) {
		uint8_t key[16] = {9};

		hs_put_be32(key + 8, i * 2654435761u);
		MUST(e, hs_iam_file_remove(e, &x, key));
	}
	free(records);
	free(buf);
}

static void tour_inode(struct hs_edit *e, uint32_t ino, unsigned turn)
{
	uint8_t raw[4096];
	struct hs_inode in;

	if (hs_inode_read(hs_edit_fs(e), ino, raw, &in) || in.flags & HS_INODE_EA_INODE ||
	    ino == hs_fs_geo(hs_edit_fs(e))->project_quota_ino)
		return;
	hs_edit_begin(e);
	if (hs_inode_is_dir(&in))
		tour_directory(e, &in, turn);
	if (ino != 2)
		tour_attributes(e, ino, turn);
	if (turn % 5 == 0)
		tour_owner(e, &in, turn);
	if (turn % 9 == 0)
		tour_objects(e, ino, turn);
	hs_edit_end(e);
}

static int note_indexes(void *arg, void *dir, const struct hs_dirent *d)
{
	struct inodes *out = arg;

	(void)dir;
	if (d->name_len < 7 || memcmp(d->name, "oi.16.", 6))
		return 0;
	if (hs_array_grow(&out->v, &out->room, out->n + 1))
		die("inodes", "out of memory");
	out->v[out->n++] = d->ino;
	return 0;
}

int main(int argc, char **argv)
{
	static const struct hs_dir_visitor find_indexes = {.entry = note_indexes};
	struct inodes all = {0}, indexes = {0};
	struct hs_inode in;
	struct hs_edit *e;
	uint8_t raw[4096];

	if (argc != 4)
		die("usage", "edit_tour IMAGE DIRECTORY LABEL");
	e = open_edit(argv);
	all_inodes(hs_edit_fs(e), &all);
	if (hs_inode_read(hs_edit_fs(e), 2, raw, &in) ||
	    hs_dir_read(hs_edit_fs(e), &in, &find_indexes, &indexes))
		die("root", "cannot be read");
	for (size_t i = 0; i < indexes.n; i++) {
		hs_edit_begin(e);
		if (hs_inode_read(hs_edit_fs(e), indexes.v[i], raw, &in))
			die("index", "cannot be read");
		if (i % 8 == 0)
			tour_index(e, &in);
		hs_edit_end(e);
	}
	for (size_t i = 0; i < all.n; i++) {
		tour_inode(e, all.v[i], (unsigned)i);
		if (hs_edit_staged(e) > 4u << 20)
			MUST(e, hs_edit_commit(e));
	}
	MUST(e, hs_edit_commit(e));
	if (hs_edit_quota_stale(e))
		die("quota", "is stale");
	if (hs_edit_close(e))
		die("close", "failed");
	free(all.v);
	free(indexes.v);
	return 0;
}
