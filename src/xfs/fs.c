/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "xfs/fs.h"

#include <string.h>
#include <sys/sysmacros.h>

/* Smallest n with 2^n >= v. */
static unsigned ceil_log2(uint64_t v)
{
	return v <= 1 ? 0 : 64 - (unsigned)__builtin_clzll(v - 1);
}

/* Everything later code divides by, shifts by or loops over. */
static errint_t geometry_sane(const struct hs_xfs_geom *g)
{
	if (g->blocksize < 512 || g->blocksize > 65536 || (g->blocksize & (g->blocksize - 1)))
		return -EPROTO;
	if (g->inodesize < 256 || g->inodesize > g->blocksize ||
	    (g->inodesize & (g->inodesize - 1)))
		return -EPROTO;
	if (g->agblocks == 0 || g->agcount == 0)
		return -EPROTO;
	/* the last AG may be short, but all are there */
	if (g->datablocks > (uint64_t)g->agblocks * g->agcount ||
	    g->datablocks <= (uint64_t)g->agblocks * (g->agcount - 1))
		return -EPROTO;
	if (g->rtblocks && g->rtextents != g->rtblocks / (g->rtextsize ? g->rtextsize : 1))
		return -EPROTO;
	if (g->rgcount &&
	    (g->rgextents == 0 || g->rtextents > (uint64_t)g->rgextents * g->rgcount ||
	     g->rtextents <= (uint64_t)g->rgextents * (g->rgcount - 1)))
		return -EPROTO;
	return 0;
}

uint32_t hs_xfs_encode_device(dev_t dev)
{
	uint32_t min = minor(dev);

	return (min & 0xff) | (uint32_t)(major(dev) << 8) | ((min & ~0xffU) << 12);
}

errint_t hs_xfs_fs_open(struct hs_xfs_fs *fs, struct hs_xfs_kernel *k, const char *path,
			const char *shown)
{
	struct hs_xfs_handle root;
	struct statvfs sv;
	struct stat st;
	errint_t rc;
	int fd;

	memset(fs, 0, sizeof(*fs));
	fs->kernel = k;
	fs->fd = -1;
	fs->shown = shown;
	fd = k->ops->open(k, path);
	if (fd < 0)
		return fd;
	fs->fd = fd;
	rc = k->ops->geometry(k, fd, &fs->geom);
	if (rc)
		return rc == -EOPNOTSUPP || rc == -EINVAL ? -ENOTTY : rc;
	rc = geometry_sane(&fs->geom);
	if (rc)
		return rc;
	fs->agino_log =
		ceil_log2(fs->geom.blocksize / fs->geom.inodesize) + ceil_log2(fs->geom.agblocks);
	rc = k->ops->stat(k, fd, &st);
	if (rc)
		return rc;
	fs->root_ino = st.st_ino;
	fs->st_dev = st.st_dev;
	fs->device = fs->geom.rtstart ? 1 : hs_xfs_encode_device(st.st_dev);
	rc = k->ops->statvfs(k, fd, &sv);
	if (rc)
		return rc;
	fs->read_only = sv.f_flag & ST_RDONLY;
	rc = k->ops->handle(k, fd, &root);
	if (rc)
		return rc;
	fs->fsid = root.fsid;
	return 0;
}

void hs_xfs_fs_close(struct hs_xfs_fs *fs)
{
	if (fs->kernel && fs->fd >= 0)
		fs->kernel->ops->close(fs->kernel, fs->fd);
	fs->fd = -1;
}

static errint_t probe_type(struct hs_xfs_fs *fs, unsigned type)
{
	struct hs_xfs_scrub s = {.type = type};

	switch (hs_xfs_type_info(type)->scope) {
	case HS_XFS_SCOPE_FS:
		s.ino = 1;
		break;
	case HS_XFS_SCOPE_AG:
	case HS_XFS_SCOPE_RTGROUP:
		s.agno = UINT32_MAX;
		break;
	case HS_XFS_SCOPE_INODE:
		s.gen = 1;
		break;
	case HS_XFS_SCOPE_METAPATH:
		s.ino = HS_XFS_PATH_PROBE;
		break;
	}
	return fs->kernel->ops->scrub(fs->kernel, fs->fd, &s);
}

errint_t hs_xfs_fs_probe(struct hs_xfs_fs *fs)
{
	struct hs_xfs_scrub probe = {.type = HS_XFS_PROBE};
	struct hs_xfs_scrubv none = {.nr = 0};
	errint_t rc = fs->kernel->ops->scrub(fs->kernel, fs->fd, &probe);

	switch (rc) {
	case 0:
		break;
	case -EOPNOTSUPP:
	case -EINVAL:
	case -ENOENT:
		return -ENOTTY;
	default:
		return rc;
	}
	for (unsigned type = HS_XFS_PROBE + 1; type < HS_XFS_TYPES; type++) {
		rc = probe_type(fs, type);
		if (rc == -ESHUTDOWN || rc == -EPERM || rc == -EINTR)
			return rc;
		if (rc == 0 || rc == -EINVAL)
			fs->types |= HS_XFS_BIT(type);
	}
	fs->vectors = fs->kernel->ops->scrubv(fs->kernel, fs->fd, &none, NULL) == 0;
	return 0;
}
