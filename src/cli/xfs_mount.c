/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Finding a mount point in a mount table, and the systemd unit for it.
 */
#include <ctype.h>
#include <mntent.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cli/xfs.h"

void hs_xfs_mount_free(struct hs_xfs_mount *m)
{
	free(m->dir);
	free(m->device);
	free(m->options);
	*m = (struct hs_xfs_mount){0};
}

errint_t hs_xfs_mount_find(const char *table, const char *path, struct hs_xfs_mount *out)
{
	hs_autofree char *real = realpath(path, NULL);
	errint_t rc = -ENOENT;
	struct mntent e;
	char buf[8192];
	FILE *f;

	*out = (struct hs_xfs_mount){0};
	if (!real)
		return -errno;
	f = setmntent(table, "re");
	if (!f)
		return -errno;
	/* what is mounted last lies on top */
	while (getmntent_r(f, &e, buf, sizeof(buf))) {
		if (strcmp(e.mnt_dir, real))
			continue;
		hs_xfs_mount_free(out);
		rc = -ENOENT;
		if (strcmp(e.mnt_type, "xfs"))
			continue;
		out->dir = strdup(e.mnt_dir);
		out->device = strdup(e.mnt_fsname);
		out->options = strdup(e.mnt_opts);
		rc = out->dir && out->device && out->options ? 0 : -ENOMEM;
	}
	endmntent(f);
	if (rc)
		hs_xfs_mount_free(out);
	return rc;
}

char *hs_xfs_mount_option(const char *options, const char *name)
{
	size_t len = strlen(name);

	for (const char *at = options; at && *at; at += strspn(at, ",")) {
		size_t n = strcspn(at, ",");

		if (n > len && !strncmp(at, name, len) && at[len] == '=')
			return strndup(at + len + 1, n - len - 1);
		at += n;
	}
	return NULL;
}

/* systemd's escaping of a path: "/" becomes "-", what is not plain \xNN. */
static void put_path(const char *path, struct hs_strbuf *out)
{
	size_t begin = out->len;

	while (*path == '/')
		path++;
	if (!*path)
		hs_strbuf_putc(out, '-');
	for (; *path; path++) {
		unsigned char c = (unsigned char)*path;

		if (c == '/') {
			while (path[1] == '/')
				path++;
			if (path[1])
				hs_strbuf_putc(out, '-');
		} else if (isalnum(c) || c == ':' || c == '_' || (c == '.' && out->len > begin)) {
			hs_strbuf_putc(out, (char)c);
		} else {
			hs_strbuf_printf(out, "\\x%02x", c);
		}
	}
}

void hs_xfs_service_name(const char *path, bool as_xfs_scrub, bool media, struct hs_strbuf *out)
{
	if (as_xfs_scrub)
		hs_strbuf_puts(out, media ? "xfs_scrub_media@" : "xfs_scrub@");
	else
		hs_strbuf_puts(out, media ? "holystone-xfs-media@" : "holystone-xfs@");
	put_path(path, out);
	hs_strbuf_puts(out, ".service");
}
