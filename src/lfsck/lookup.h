/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Single objects by FID, through the OI or O/, never by a scan (equations, section 12).
 */
#ifndef HS_LFSCK_LOOKUP_H
#define HS_LFSCK_LOOKUP_H

#include "ldiskfs/xattr.h"
#include "lfsck/system.h"

enum hs_lookup {
	HS_LOOKUP_FOUND,
	HS_LOOKUP_NONE,	   /* the index says there is no such object */
	HS_LOOKUP_ABSENT,  /* its target was not given */
	HS_LOOKUP_UNOWNED, /* no target owns the sequence */
	HS_LOOKUP_UNREAD,  /* a block on the way could not be read or decoded */
};

struct hs_place {
	struct hs_target *t;
	uint32_t ino;
	uint32_t gen; /* as the OI record says; 0 from O/ */
	bool has_gen;
};

/*
 * Where the index of the owning target says a FID is. The inode behind it is not looked at. With
 * HS_LOOKUP_NONE and UNREAD place->t is set to the target asked.
 */
enum hs_lookup hs_lookup_fid(const struct hs_system *s, struct hs_fid fid, struct hs_place *place);

/* The OI record of a FID on one given MDT or OST; 1, 0, or -errno (-EUCLEAN: damaged). */
int hs_lookup_oi(const struct hs_target *t, struct hs_fid fid, uint32_t *ino, uint32_t *gen);

/* One inode with its attributes: for look-ups and closure. Reused from object to object. */
struct hs_loaded {
	struct hs_target *t;
	struct hs_inode inode;
	struct hs_xattr_set xattrs;
	uint8_t *raw;
	size_t raw_size;
};

void hs_loaded_free(struct hs_loaded *l);

/* 1 loaded and in use, 0 free or impossible number, -errno when it cannot be read. */
int hs_load(struct hs_loaded *l, struct hs_target *t, uint32_t ino, bool all_xattrs);

/* Identity of a loaded inode (equations 4.1). */
bool hs_loaded_fid(const struct hs_loaded *l, struct hs_fid *fid);

#endif
