/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lfsck/lookup.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "lfsck/index.h"
#include "lfsck/preamble.h"
#include "lustre/lma.h"
#include "lustre/objname.h"

int hs_lookup_oi(const struct hs_target *t, struct hs_fid fid, uint32_t *ino, uint32_t *gen)
{
	hs_autofree uint8_t *raw = hs_preamble_raw(t);
	uint8_t key[HS_FID_SIZE], rec[8];
	struct hs_inode inode;
	uint32_t file;
	int rc;

	if (!raw)
		return -ENOMEM;
	if (!t->oi_files)
		return -EUCLEAN;
	file = t->oi_ino[fid.seq & (t->oi_files - 1)];
	if (!file)
		return -EUCLEAN;
	rc = hs_inode_read(t->fs, file, raw, &inode);
	if (rc)
		return rc;
	hs_fid_put_be(key, fid);
	rc = hs_index_lookup(t->fs, &inode, key, HS_FID_SIZE, sizeof(rec), rec);
	if (rc == 1) {
		*ino = hs_get_be32(rec);
		*gen = hs_get_be32(rec + 4);
	}
	return rc;
}

/* An object named below O/. */
static int lookup_oname(const struct hs_target *t, struct hs_fid fid, uint32_t *ino)
{
	uint64_t seq = hs_seq_is_idif(fid.seq) ? 0 : fid.seq;
	uint32_t n = (uint32_t)(hs_fid_objid(fid) & (t->subdirs - 1));
	hs_autofree uint8_t *raw = hs_preamble_raw(t);
	char path[96], *name;
	struct hs_inode inode;
	struct hs_dirent e;
	uint8_t room[512];
	int rc;

	if (!raw)
		return -ENOMEM;
	hs_objname_path(fid, t->subdirs, path, sizeof(path));
	name = strrchr(path, '/');
	for (size_t i = 0; name && i < t->n_odirs; i++) {
		if (t->odirs[i].seq != seq || t->odirs[i].n != n)
			continue;
		rc = hs_inode_read(t->fs, t->odirs[i].ino, raw, &inode);
		if (rc)
			return rc;
		rc = hs_dir_lookup(t->fs, &inode, name + 1, strlen(name + 1), &e, room);
		if (rc == 1)
			*ino = e.ino;
		return rc;
	}
	return 0;
}

enum hs_lookup hs_lookup_fid(const struct hs_system *s, struct hs_fid fid, struct hs_place *place)
{
	enum hs_presence presence;
	struct hs_tgt owner = hs_system_owner(s, fid.seq, &presence);
	int rc;

	*place = (struct hs_place){0};
	if (presence == HS_ABSENT)
		return HS_LOOKUP_ABSENT;
	if (presence == HS_UNKNOWN)
		return HS_LOOKUP_UNOWNED;
	place->t = hs_system_target(s, owner);
	if (owner.kind == HS_OST) {
		rc = lookup_oname(place->t, fid, &place->ino);
	} else {
		rc = hs_lookup_oi(place->t, fid, &place->ino, &place->gen);
		place->has_gen = true;
		if (rc == 0 && hs_seq_is_igif(fid.seq)) {
			/* not yet in the index: an IGIF says where it is (format notes, 12) */
			place->ino = (uint32_t)fid.seq;
			place->gen = fid.oid;
			rc = hs_inode_in_use(place->t->fs, place->ino);
		}
	}
	return rc == 1 ? HS_LOOKUP_FOUND : rc == 0 ? HS_LOOKUP_NONE : HS_LOOKUP_UNREAD;
}

void hs_loaded_free(struct hs_loaded *l)
{
	if (l->raw)
		hs_xattr_set_free(&l->xattrs);
	free(l->raw);
	memset(l, 0, sizeof(*l));
}

/* Buffers fit one file system; another one may have larger inodes and blocks. */
static errint_t fit_buffers(struct hs_loaded *l, struct hs_target *t)
{
	if (l->raw && l->t == t)
		return 0;
	hs_loaded_free(l);
	l->raw_size = hs_fs_geo(t->fs)->inode_size;
	l->raw = malloc(l->raw_size);
	if (!l->raw)
		return -ENOMEM;
	if (hs_xattr_set_init(&l->xattrs, t->fs)) {
		free(l->raw);
		l->raw = NULL;
		return -ENOMEM;
	}
	l->t = t;
	return 0;
}

int hs_load(struct hs_loaded *l, struct hs_target *t, uint32_t ino, bool all_xattrs)
{
	errint_t err = fit_buffers(l, t);
	int used;

	if (err)
		return err;
	if (ino == 0 || ino > hs_fs_geo(t->fs)->inodes)
		return 0;
	used = hs_inode_in_use(t->fs, ino);
	if (used == 0)
		return 0;
	err = hs_inode_read(t->fs, ino, l->raw, &l->inode);
	if (err)
		return err;
	err = hs_xattr_load(t->fs, &l->inode, all_xattrs, &l->xattrs);
	return err ? err : 1;
}

bool hs_loaded_fid(const struct hs_loaded *l, struct hs_fid *fid)
{
	const struct hs_xattr *x = hs_xattr_trusted(&l->xattrs, "lma");
	struct hs_lma lma;

	if (x && x->value && hs_lma_decode(x->value, x->value_len, &lma)) {
		*fid = l->t->id.kind == HS_OST ? hs_fid_with_idif_ost(lma.fid, l->t->id.index)
					       : lma.fid;
		return true;
	}
	if (!hs_target_is_mdt(l->t) || l->t->id.index != 0 ||
	    hs_target_is_internal(l->t, l->inode.ino))
		return false;
	*fid = (struct hs_fid){l->inode.ino, l->inode.generation, 0};
	return true;
}
