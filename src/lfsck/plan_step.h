/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The smallest parts of a plan: a fact that a repair rests on, or a primitive edit, about one field
 * of one inode or of a target's index. Everything in them is exact (target, inode number, bytes),
 * so that checking a fact or making an edit needs no judgement.
 *
 * Steps are rows of run.db (docs/run-db.md). run.db may be old, edited or damaged: decoding takes
 * nothing for granted. Pure functions; the bytes stay their owner's.
 */
#ifndef HS_LFSCK_PLAN_STEP_H
#define HS_LFSCK_PLAN_STEP_H

#include "base/strbuf.h"
#include "lustre/fld.h"
#include "run/repair.h"

/* kind, word in run.db and JSON, what the value holds */
#define HS_STEP_FACTS(K)                                                                           \
	K(IS_INODE, "inode", INODE)   /* in use, with generation, type and FID */                  \
	K(IS_FREE, "free", NONE)      /* the number is not in use */                               \
	K(IS_XATTR, "xattr", SUM)     /* attribute NAME has this length and XXH3 sum */            \
	K(NO_XATTR, "no-xattr", NONE) /* there is no attribute NAME */                             \
	K(IS_ENTRY, "entry", ENTRY)   /* NAME in the directory leads there */                      \
	K(NO_ENTRY, "no-entry", NONE) /* the directory has no NAME */                              \
	K(IS_OI, "oi", OI)	      /* the OI has this record */                                 \
	K(NO_OI, "no-oi", OI)	      /* the OI file has no record of the FID */                   \
	K(IS_NLINK, "nlink", NUMBER)  /* before any edit of this plan */                           \
	K(IS_OWNER, "owner", OWNER)   /* uid, gid, project */                                      \
	K(IS_MODE, "mode", NUMBER)    /* i_mode */                                                 \
	K(IS_FLAGS, "flags", FLAGS)   /* bits `set` are set, bits `clear` are clear */             \
	K(IS_BYTES, "bytes", BYTES)   /* the file has these; fewer than asked: it ends there */    \
	K(IS_UNTOUCHED, "untouched", NONE) /* no size, no blocks, ctime 0 */
#define HS_STEP_EDITS(K)                                                                           \
	K(SET_XATTR, "xattr-set", DATA)		/* attribute NAME gets this value */               \
	K(DROP_XATTR, "xattr-remove", NONE)	/* attribute NAME goes */                          \
	K(ADD_ENTRY, "entry-insert", ENTRY)	/* NAME is put into the directory */               \
	K(SET_ENTRY, "entry-set", ENTRY)	/* NAME leads there instead */                     \
	K(DROP_ENTRY, "entry-remove", ENTRY)	/* NAME goes, the one that leads there */          \
	K(SET_DOTDOT, "dotdot-set", ENTRY)	/* NAME is `.` or `..`, in its place in block 0 */ \
	K(ADD_NLINK, "nlink-add", NUMBER)	/* may be negative */                              \
	K(SET_OI, "oi-set", OI)			/* the record of the FID, in this OI file */       \
	K(DROP_OI, "oi-remove", OI)		/* likewise */                                     \
	K(SET_OWNER, "owner-set", OWNER)	/* uid, gid, project */                            \
	K(SET_MODE, "mode-set", NUMBER)		/* i_mode */                                       \
	K(SET_FLAGS, "flags-set", FLAGS)	/* i_flags */                                      \
	K(SET_BYTES, "bytes-set", BYTES)	/* the file grows if it is too short */            \
	K(MAKE_INODE, "inode-create", CREATE)	/* of number `made`; NAME: text of a symlink */    \
	K(FREE_INODE, "inode-free", NONE)	/* with its blocks */                              \
	K(REBUILD_INDEX, "index-rebuild", NONE) /* the hash index of the directory */

enum hs_step_kind {
#define HS_STEP_ENUM(kind, word, value) HS_STEP_##kind,
	HS_STEP_FACTS(HS_STEP_ENUM) HS_STEP_EDITS(HS_STEP_ENUM)
#undef HS_STEP_ENUM
		HS_STEP_KINDS
};

/* What a directory entry leads to. */
struct hs_leads {
	uint32_t ino;
	uint32_t made; /* instead: an inode that this plan makes */
	uint8_t type;  /* nibble of the entry */
	bool has_fid;  /* a FID datum stands behind the name */
	struct hs_fid fid;
};

struct hs_owner {
	uint32_t uid, gid, projid;
};

struct hs_step {
	enum hs_step_kind kind;
	struct hs_tgt target;
	uint32_t ino;  /* the inode; 0: `made`, or the target as a whole (OI) */
	uint32_t made; /* an inode that an edit of this plan makes, 0: none */
	const uint8_t *name;
	size_t name_len; /* attribute with its prefix, "trusted.link"; name of an entry */
	union {
		struct {
			uint32_t gen;
			uint16_t type; /* i_mode & S_IFMT */
			bool has_fid;
			struct hs_fid fid; /* of the LMA */
		} inode;
		struct {
			uint32_t len;
			uint64_t sum;
		} sum;
		struct hs_leads entry;
		struct {
			struct hs_fid fid;
			uint32_t file; /* N of oi.16.N */
			uint32_t ino, made;
			uint32_t gen; /* of an inode to be made: its own, whatever this says */
		} oi;
		int64_t number;
		struct hs_owner owner;
		struct {
			uint32_t set, clear;
		} flags;
		struct {
			const uint8_t *bytes;
			uint32_t len;
			uint64_t offset; /* 0 but for BYTES */
		} data;
		struct {
			uint16_t mode;
			uint32_t flags;
			struct hs_owner owner;
		} create;
	};
};

/* "entry-set" */
const char *hs_step_word(enum hs_step_kind kind);
bool hs_step_is_edit(enum hs_step_kind kind);

/* Longest value that is not data. */
#define HS_STEP_VALUE_MAX 48
/* Longest value that data may have: an extended attribute in an inode of its own. */
#define HS_STEP_DATA_MAX (64 * 1024)

/*
 * The row of a step. Strings and fixed values lie in `room`; bytes that are data stay where they
 * are, but those of BYTES, which get their offset before them in `out` (replaced; the caller's).
 */
struct hs_step_room {
	char label[16];
	uint8_t value[HS_STEP_VALUE_MAX];
	struct hs_strbuf bytes; /* hs_strbuf_free() after the last use */
};
errint_t hs_step_encode(const struct hs_step *s, struct hs_step_room *room,
			struct hs_run_step *out);

/*
 * -EUCLEAN, with one sentence in `why`, for a row that hs_step_encode() would not have made: an
 * unknown kind, a label that is none, numbers out of range, a value of a wrong length. Bytes of the
 * row must outlive *out.
 */
errint_t hs_step_decode(const struct hs_run_step *row, struct hs_step *out, struct hs_strbuf *why);

/* A sum of bytes as IS_XATTR has it. */
uint64_t hs_step_sum(const void *bytes, size_t len);

#endif
