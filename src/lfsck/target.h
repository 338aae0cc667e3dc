/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A target and its preamble: everything small that is read through names from the backend root
 * before the inode tables are scanned (equations, section 3).
 *
 * Filled by hs_target_open(), then constant: any thread may read it.
 */
#ifndef HS_LFSCK_TARGET_H
#define HS_LFSCK_TARGET_H

#include "ldiskfs/dir.h"
#include "lfsck/mark.h"
#include "lustre/oiscrub.h"
#include "lustre/target.h"

/* O/<seq>/d<n>. */
struct hs_odir {
	uint64_t seq; /* 0 for group 0 */
	uint32_t n;
	uint32_t ino;
};

enum hs_lastid_state { HS_LASTID_OK, HS_LASTID_NONE, HS_LASTID_EMPTY, HS_LASTID_SHORT };

/* O/<seq>. */
struct hs_oseq {
	uint64_t seq;
	uint32_t ino;
	uint32_t lastid_ino;
	uint32_t n_dirs; /* dN directories */
	enum hs_lastid_state state;
	uint64_t last_id;
};

/* An entry of PENDING or of the backend's lost+found. */
struct hs_named_ino {
	uint32_t ino;
	uint8_t type;
	bool name_is_fid;
	struct hs_fid fid; /* from the name, where it is one */
};

struct hs_setattr_pending {
	struct hs_fid object;
	uint32_t uid, gid, projid;
};

/* A live record in an update log: one operation over several MDTs. */
struct hs_update_pending {
	uint64_t batchid;
	uint32_t master; /* index of the MDT that started it */
	uint32_t n_fids;
	size_t first_fid; /* in update_fids */
};
struct hs_update_fid {
	struct hs_fid fid;
	bool operand; /* the operation changes it; others are only mentioned */
};

/* What recovery will do at the next mount (equations, section 11). Sorted by FID. */
struct hs_pending_ops {
	struct hs_fid *destroys;
	size_t n_destroys, destroys_room;
	struct hs_setattr_pending *setattrs;
	size_t n_setattrs, setattrs_room;
	struct hs_update_pending *updates; /* by master and batch id; until hs_oplog_settle() */
	size_t n_updates, updates_room;
	struct hs_update_fid *update_fids;
	size_t n_update_fids, update_fids_room;
	uint64_t batchid;	/* its own operations up to this one are committed everywhere */
	struct hs_fid *in_flux; /* named by an operation that is not committed everywhere */
	size_t n_in_flux, in_flux_room;
	uint64_t unreadable; /* logs that could not be read */
};

#define HS_OI_FILES_MAX 1024

struct hs_target {
	const char *device; /* as the user gave it */
	struct hs_fs *fs;
	struct hs_io *stats; /* the statistics layer, owned by fs */
	uint16_t pos;	     /* in the system's list */

	/* identity */
	struct hs_tgt id;
	char fsname[HS_FSNAME_MAX + 1];
	char label[17];
	bool also_mgs;
	bool has_mountdata, has_last_rcvd;
	struct hs_mountdata mountdata;
	struct hs_last_rcvd last_rcvd;
	uint32_t subdirs;
	bool has_project;

	/* directories of the backend root; 0 = absent */
	uint32_t root_ino, rpd_ino, pending_ino, o_ino, lost_found_ino;

	uint32_t *internal; /* sorted inode numbers */
	size_t n_internal, internal_room;
	struct hs_odir *odirs;
	size_t n_odirs, odirs_room;
	struct hs_oseq *oseqs; /* sorted by sequence */
	size_t n_oseqs, oseqs_room;
	struct hs_named_ino *pending; /* sorted by inode */
	size_t n_pending, pending_room;
	struct hs_named_ino *lost_found;
	size_t n_lost_found, lost_found_room;

	uint32_t oi_ino[HS_OI_FILES_MAX]; /* inode of oi.16.N, 0 = missing */
	uint32_t oi_files;		  /* N: a power of two; 0 = no OI at all */
	uint32_t oi_found;
	bool has_oi_scrub;
	struct hs_oiscrub oi_scrub;

	struct hs_fld fld; /* this target's own table */
	bool has_seq_srv;
	struct hs_seq_range seq_srv;
	uint64_t *lov_objid; /* by OST index */
	size_t n_lov_objid;
	uint64_t *lov_objseq;
	size_t n_lov_objseq;

	struct hs_pending_ops ops;
	struct hs_marks marks; /* of the preamble */
};

/*
 * Opens a device or image read-only and reads its preamble. -EINVAL with one sentence in `why`
 * when it cannot be opened or is no Lustre target; what is merely damaged inside becomes marks.
 */
errint_t hs_target_open(const char *device, struct hs_log *log, struct hs_target **out,
			struct hs_strbuf *why);

/* The same over an io (which is then owned), for tests with the fault layer. */
errint_t hs_target_open_io(struct hs_io *io, const char *device, struct hs_log *log,
			   struct hs_target **out, struct hs_strbuf *why);
void hs_target_close(struct hs_target *t); /* NULL is allowed */

bool hs_target_is_internal(const struct hs_target *t, uint32_t ino);
const struct hs_named_ino *hs_target_pending(const struct hs_target *t, uint32_t ino);
const struct hs_oseq *hs_target_oseq(const struct hs_target *t, uint64_t seq);

static inline bool hs_target_is_mdt(const struct hs_target *t)
{
	return t->id.kind == HS_MDT;
}

#endif
