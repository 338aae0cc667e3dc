/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Looking up one name.
 */
#include <string.h>

#include "ldiskfs/dir.h"

struct lookup {
	const void *name;
	size_t len;
	struct hs_dirent *found;
	uint8_t *room;
	unsigned flaws;
};

static int lookup_begin(void *arg, void *dir)
{
	(void)arg;
	(void)dir;
	return 0;
}

static int lookup_entry(void *arg, void *dir, const struct hs_dirent *e)
{
	struct lookup *l = arg;

	(void)dir;
	if (e->name_len != l->len || memcmp(e->name, l->name, l->len) != 0)
		return 0;
	*l->found = *e;
	memcpy(l->room, e->name, e->name_len);
	l->found->name = l->room;
	if (e->has_fid) {
		memcpy(l->room + 256, e->fid, 16);
		l->found->fid = l->room + 256;
	}
	return 1;
}

static int lookup_end(void *arg, void *dir, const struct hs_dir_end *end)
{
	struct lookup *l = arg;

	(void)dir;
	l->flaws = end->flaws;
	return 0;
}

int hs_dir_lookup(const struct hs_fs *fs, const struct hs_inode *dir, const void *name, size_t len,
		  struct hs_dirent *e, uint8_t room[512])
{
	static const struct hs_dir_visitor visitor = {
		.begin = lookup_begin,
		.entry = lookup_entry,
		.end = lookup_end,
	};
	/* Names can hide behind these; the other flaws leave every name in sight. */
	const unsigned hiding =
		HS_DIRF_MAP | HS_DIRF_READ | HS_DIRF_ENTRY | HS_DIRF_HOLE | HS_DIRF_INLINE;
	struct lookup l = {.name = name, .len = len, .found = e, .room = room};
	int ret = hs_dir_read(fs, dir, &visitor, &l);

	if (ret)
		return ret;
	return l.flaws & hiding ? -EUCLEAN : 0;
}
