/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "xfs/describe.h"

#include <inttypes.h>
#include <string.h>

#include "xfs/path.h"

/* Longer paths give way to the inode number, as in xfs_scrub. */
#define SHOWN_PATH_MAX (256 - 16)

void hs_xfs_describe_ino(const struct hs_xfs_fs *fs, uint64_t ino, struct hs_strbuf *out)
{
	hs_strbuf_printf(out, "inode %" PRIu64 " (%" PRIu64 "/%" PRIu64 ")", ino,
			 hs_xfs_ino_agno(fs, ino), hs_xfs_ino_agino(fs, ino));
}

void hs_xfs_describe_path(const struct hs_xfs_fs *fs, uint64_t ino, const char *path, size_t len,
			  struct hs_strbuf *out)
{
	size_t mount = strlen(fs->shown);

	if (mount && fs->shown[mount - 1] == '/')
		mount--;
	if (len == 1)
		len = 0; /* the root directory is the mount point */
	if (mount + len == 0 || mount + len >= SHOWN_PATH_MAX) {
		hs_xfs_describe_ino(fs, ino, out);
		return;
	}
	hs_strbuf_add_escaped(out, fs->shown, mount);
	hs_strbuf_add_escaped(out, path, len);
}

static void describe_inode(const struct hs_xfs_fs *fs, const struct hs_xfs_object *obj,
			   struct hs_strbuf *out)
{
	struct hs_strbuf path = HS_STRBUF_INIT;

	if (hs_xfs_path(fs, obj->id, obj->gen, &path) == 0)
		hs_xfs_describe_path(fs, obj->id, hs_strbuf_str(&path), path.len, out);
	else
		hs_xfs_describe_ino(fs, obj->id, out);
	hs_strbuf_free(&path);
}

void hs_xfs_describe_object(const struct hs_xfs_fs *fs, const struct hs_xfs_object *obj,
			    struct hs_strbuf *out)
{
	switch (obj->scope) {
	case HS_XFS_SCOPE_FS:
		hs_strbuf_puts(out, "file system");
		break;
	case HS_XFS_SCOPE_AG:
		hs_strbuf_printf(out, "AG %" PRIu64, obj->id);
		break;
	case HS_XFS_SCOPE_RTGROUP:
		if (fs->geom.rgcount)
			hs_strbuf_printf(out, "rtgroup %" PRIu64, obj->id);
		else
			hs_strbuf_puts(out, "realtime volume");
		break;
	case HS_XFS_SCOPE_INODE:
		describe_inode(fs, obj, out);
		break;
	case HS_XFS_SCOPE_METAPATH: {
		const struct hs_xfs_path_info *info = hs_xfs_path_info((unsigned)obj->id);

		if (info && info->per_rtgroup)
			hs_strbuf_printf(out, "rtgroup %u", obj->group);
		else
			hs_strbuf_puts(out, "file system");
		break;
	}
	}
}

const char *hs_xfs_describe_type(const struct hs_xfs_object *obj, unsigned type)
{
	const struct hs_xfs_type_info *info = hs_xfs_type_info(type);
	const struct hs_xfs_path_info *path =
		obj->scope == HS_XFS_SCOPE_METAPATH ? hs_xfs_path_info((unsigned)obj->id) : NULL;

	if (path)
		return path->describe;
	return info ? info->describe : "metadata";
}

void hs_xfs_describe(const struct hs_xfs_fs *fs, const struct hs_xfs_object *obj, unsigned type,
		     struct hs_strbuf *out)
{
	const struct hs_xfs_path_info *path;

	switch (obj->scope) {
	case HS_XFS_SCOPE_FS:
		break;
	case HS_XFS_SCOPE_RTGROUP:
		if (fs->geom.rgcount == 0)
			break;
		/* fallthrough */
	case HS_XFS_SCOPE_AG:
	case HS_XFS_SCOPE_INODE:
		hs_xfs_describe_object(fs, obj, out);
		hs_strbuf_putc(out, ' ');
		break;
	case HS_XFS_SCOPE_METAPATH:
		path = hs_xfs_path_info((unsigned)obj->id);
		if (path && path->per_rtgroup)
			hs_strbuf_printf(out, "rtgroup %u ", obj->group);
		break;
	}
	hs_strbuf_puts(out, hs_xfs_describe_type(obj, type));
}
