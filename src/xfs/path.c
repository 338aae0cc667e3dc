/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "xfs/path.h"

#include <string.h>

/* Room for the longest name and a few records. */
#define PARENTS_BUF 2048

/* A file has as many parents as links; a call that keeps answering the same must end. */
#define PARENT_CALLS_MAX 100000

size_t hs_xfs_decode_parent(const uint8_t *buf, size_t len, struct hs_xfs_parent *out)
{
	struct hs_xfs_handle h;
	uint32_t reclen;

	if (len <= HS_XFS_PARENT_NAME)
		return 0;
	memcpy(&h, buf, sizeof(h));
	memcpy(&reclen, buf + HS_XFS_PARENT_RECLEN, sizeof(reclen));
	if (reclen <= HS_XFS_PARENT_NAME || reclen > len)
		return 0;
	if (!memchr(buf + HS_XFS_PARENT_NAME, '\0', reclen - HS_XFS_PARENT_NAME))
		return 0;
	out->ino = h.ino;
	out->gen = h.gen;
	out->name = (const char *)buf + HS_XFS_PARENT_NAME;
	return reclen;
}

int hs_xfs_each_parent(const struct hs_xfs_fs *fs, uint64_t ino, uint32_t gen, bool *is_root,
		       int (*fn)(const struct hs_xfs_parent *p, void *arg), void *arg)
{
	struct hs_xfs_getparents_by_handle req = {.handle = hs_xfs_handle(fs, ino, gen)};
	_Alignas(8) uint8_t buf[PARENTS_BUF];

	if (is_root)
		*is_root = false;
	if (!hs_xfs_feature(fs, HS_XFS_GEOM_PARENT))
		return -EOPNOTSUPP;
	for (unsigned calls = 0; calls < PARENT_CALLS_MAX; calls++) {
		size_t at = 0;
		errint_t rc;

		req.req.bufsize = sizeof(buf);
		req.req.oflags = 0;
		memset(buf, 0, sizeof(buf));
		rc = fs->kernel->ops->getparents(fs->kernel, fs->fd, &req, buf);
		if (rc)
			return rc;
		if (req.req.oflags & HS_XFS_PARENTS_ROOT) {
			if (is_root)
				*is_root = true;
			return 0;
		}
		while (at < sizeof(buf)) {
			struct hs_xfs_parent p;
			size_t n = hs_xfs_decode_parent(buf + at, sizeof(buf) - at, &p);
			int stop;

			if (n == 0)
				break;
			stop = fn(&p, arg);
			if (stop)
				return stop;
			at += n;
		}
		if (req.req.oflags & HS_XFS_PARENTS_DONE)
			return 0;
		if (at == 0)
			return -EPROTO;
	}
	return -EPROTO;
}

struct step {
	uint64_t ino;
	uint32_t gen;
	char name[256];
};

static int take_first(const struct hs_xfs_parent *p, void *arg)
{
	struct step *s = arg;
	size_t len = strlen(p->name);

	if (len == 0 || len >= sizeof(s->name))
		return -EPROTO;
	memcpy(s->name, p->name, len + 1);
	s->ino = p->ino;
	s->gen = p->gen;
	return 1;
}

errint_t hs_xfs_path(const struct hs_xfs_fs *fs, uint64_t ino, uint32_t gen, struct hs_strbuf *out)
{
	char path[HS_XFS_PATH_MAX];
	size_t at = sizeof(path); /* built from its end */
	struct step s = {.ino = ino, .gen = gen};

	for (;;) {
		bool root;
		size_t len;
		int rc = hs_xfs_each_parent(fs, s.ino, s.gen, &root, take_first, &s);

		if (rc < 0)
			return rc;
		if (root)
			break;
		if (rc == 0)
			return -ENOENT;
		len = strlen(s.name);
		if (len + 1 > at)
			return -ELOOP;
		at -= len;
		memcpy(path + at, s.name, len);
		path[--at] = '/';
	}
	if (at == sizeof(path))
		path[--at] = '/';
	hs_strbuf_add(out, path + at, sizeof(path) - at);
	return hs_strbuf_error(out);
}
