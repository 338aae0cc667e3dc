/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Llogs: catalogs, unsent destroys and owner changes, update records of operations over several
 * MDTs (equations, section 11).
 */
#ifndef HS_LUSTRE_LLOG_H
#define HS_LUSTRE_LLOG_H

#include "lustre/fid.h"

#define HS_LLOG_REC_PADDING 0x10600000u
#define HS_LLOG_REC_HEADER  0x10645539u
#define HS_LLOG_REC_CATALOG 0x1064553bu
#define HS_LLOG_REC_UNLINK  0x10692404u
#define HS_LLOG_REC_SETATTR 0x10692401u
#define HS_LLOG_REC_UPDATE  0x106a0000u

struct hs_llog_header {
	uint32_t chunk; /* bytes; records never cross a multiple of it */
	uint32_t count;
	uint32_t bitmap_off;
	uint32_t bitmap_len; /* bytes */
	uint32_t rec_size;   /* 0: records of any size */
};

/*
 * The first record of a log, of which the first 96 bytes suffice to learn its size. False when it
 * is none. The bitmap that *out describes lies inside the first chunk.
 */
bool hs_llog_decode_header(const uint8_t *buf, size_t len, struct hs_llog_header *out);

struct hs_llog_rec {
	uint32_t type;
	uint32_t index;
	uint32_t len;
	const uint8_t *data; /* the whole record, head included */
};

/*
 * Next live record of one chunk (`buf`, at most `chunk` bytes; `hdr_buf` holds the whole first
 * chunk, h->chunk bytes, for the bitmap). *pos starts at 0 (for the first chunk: at the header's
 * length). False at the end of the chunk or at a record that cannot be one; *bad says which of the
 * two.
 */
bool hs_llog_next(const struct hs_llog_header *h, const uint8_t *hdr_buf, const uint8_t *buf,
		  size_t len, size_t *pos, struct hs_llog_rec *out, bool *bad);

/* Payloads; false when the record is too short. */
struct hs_llog_logid {
	uint64_t id;
	uint64_t seq;
};
bool hs_llog_decode_logid(const struct hs_llog_rec *r, struct hs_llog_logid *out);
/* `count` objects from `object` on; count is 1 in practice. */
bool hs_llog_decode_unlink(const struct hs_llog_rec *r, struct hs_fid *object, uint32_t *count);
/* An id of the legacy form becomes an IDIF of OST 0: whose it is only the catalog tells. */
struct hs_llog_setattr {
	struct hs_fid object;
	uint32_t uid, gid;
	uint32_t projid; /* this and the version only in records that have room for them, else 0 */
	uint64_t valid;
	uint32_t layout_version;
};
bool hs_llog_decode_setattr(const struct hs_llog_rec *r, struct hs_llog_setattr *out);

/*
 * An update record: one operation over several MDTs, written to the log of each of them in the
 * transaction that makes its own part. The master is the MDT that started the operation; its
 * batch ids grow. Seen on images: transno u64 at 16 (0 in the master's own log), batch id u64 at
 * 24, flags u32 at 32, index u32 at 36, operations u32 at 40, parameters u32 at 44; then each
 * operation as FID, code u16, n u16 and n parameter numbers u16.
 */
struct hs_llog_update {
	uint64_t transno;
	uint64_t batchid;
	uint32_t flags, index; /* not 0: a part of a record that was too long for a chunk */
	uint32_t n_ops;
};
bool hs_llog_decode_update(const struct hs_llog_rec *r, struct hs_llog_update *out);
/* FID of the next operation of an update record; *pos and *n start at 0. */
bool hs_llog_update_next(const struct hs_llog_rec *r, const struct hs_llog_update *u, size_t *pos,
			 uint32_t *n, struct hs_fid *out);

/*
 * FIDs named in an update record: calls fn for each 16-byte place that holds a plausible FID of the
 * record's operations. A superset is allowed: they are only marked as in flux.
 */
void hs_llog_update_fids(const struct hs_llog_rec *r, void (*fn)(void *arg, struct hs_fid f),
			 void *arg);

/* CATALOGS and update_log: 32 bytes an entry; false beyond the end or for an empty entry. */
bool hs_llog_catalog_entry(const uint8_t *buf, size_t len, uint32_t i, struct hs_llog_logid *out);

#endif
