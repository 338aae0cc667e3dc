/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libmount reads the table. Device numbers come from it too, so that nothing on the mounted file
 * systems is touched: one that hangs holds up its own check only.
 */
#include "xfs/mounted.h"

#include <libmount/libmount.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/array.h"

static void clear(struct hs_xfs_mounted *m)
{
	free(m->dir);
	free(m->source);
	free(m->options);
	*m = (struct hs_xfs_mounted){0};
}

void hs_xfs_mounted_free(struct hs_xfs_mounted *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		clear(&list[i]);
	free(list);
}

static char *copy(const char *text)
{
	return strdup(text ? text : "");
}

static errint_t fill(struct hs_xfs_mounted *m, struct libmnt_fs *fs)
{
	const char *root = mnt_fs_get_root(fs);

	*m = (struct hs_xfs_mounted){
		.dir = copy(mnt_fs_get_target(fs)),
		.source = copy(mnt_fs_get_source(fs)),
		.options = copy(mnt_fs_get_fs_options(fs)),
		.dev = mnt_fs_get_devno(fs),
		.whole = root && !strcmp(root, "/"),
	};
	if (m->dir && m->source && m->options)
		return 0;
	clear(m);
	return -ENOMEM;
}

/* What is mounted last at a place lies on top. */
static bool is_hidden(struct libmnt_table *table, struct libmnt_fs *fs)
{
	return mnt_table_find_target(table, mnt_fs_get_target(fs), MNT_ITER_BACKWARD) != fs;
}

static errint_t consider(struct libmnt_fs *fs, struct hs_xfs_mounted **list, size_t *n,
			 size_t *room)
{
	struct hs_xfs_mounted new;
	errint_t rc = fill(&new, fs);

	if (rc)
		return rc;
	for (size_t i = 0; i < *n; i++) {
		struct hs_xfs_mounted *old = &(*list)[i];

		if (old->dev != new.dev)
			continue;
		if (new.whole && !old->whole) {
			clear(old);
			*old = new;
		} else {
			clear(&new);
		}
		return 0;
	}
	rc = hs_array_grow(list, room, *n + 1);
	if (rc)
		clear(&new);
	else
		(*list)[(*n)++] = new;
	return rc;
}

errint_t hs_xfs_mounted_list(const char *path, struct hs_xfs_mounted **list, size_t *n)
{
	struct libmnt_table *table = mnt_new_table();
	struct libmnt_iter *walk = mnt_new_iter(MNT_ITER_FORWARD);
	struct libmnt_fs *fs;
	errint_t rc = -ENOMEM;
	size_t room = 0;

	*list = NULL;
	*n = 0;
	if (table && walk)
		rc = mnt_table_parse_file(table, path ? path : "/proc/self/mountinfo");
	if (rc > 0)
		rc = -EINVAL; /* lines that make no sense */
	while (!rc && mnt_table_next_fs(table, walk, &fs) == 0) {
		const char *type = mnt_fs_get_fstype(fs);

		if (type && !strcmp(type, "xfs") && mnt_fs_get_target(fs) && !is_hidden(table, fs))
			rc = consider(fs, list, n, &room);
	}
	mnt_free_iter(walk);
	mnt_unref_table(table);
	if (rc) {
		hs_xfs_mounted_free(*list, *n);
		*list = NULL;
		*n = 0;
	}
	return rc;
}

errint_t hs_xfs_mounted_disks(const char *sys, dev_t data, const char *options,
			      struct hs_xfs_member *out)
{
	static const char *const names[] = {"logdev", "rtdev"};
	errint_t rc = hs_xfs_disks_of(sys, major(data), minor(data), out);

	for (size_t i = 0; !rc && options && i < sizeof(names) / sizeof(names[0]); i++) {
		char device[4096], *value;
		struct stat st;
		size_t len;

		if (mnt_optstr_get_option(options, names[i], &value, &len) || !value ||
		    len >= sizeof(device))
			continue;
		memcpy(device, value, len);
		device[len] = '\0';
		if (stat(device, &st) == 0 && S_ISBLK(st.st_mode))
			rc = hs_xfs_disks_of(sys, major(st.st_rdev), minor(st.st_rdev), out);
	}
	return rc;
}
