/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * FIDs: the names of Lustre objects, and what a sequence number says about one
 * (format notes, section 1).
 */
#ifndef HS_LUSTRE_FID_H
#define HS_LUSTRE_FID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"

#define HS_FID_SIZE 16

struct hs_fid {
	uint64_t seq;
	uint32_t oid;
	uint32_t ver;
};

enum {
	HS_SEQ_OST_MDT0 = 0,
	HS_SEQ_LLOG = 1,
	HS_SEQ_ECHO = 2,
	HS_SEQ_LLOG_NAME = 10,
	HS_SEQ_RSVD = 11,
	HS_SEQ_IGIF = 12,
};
#define HS_SEQ_IGIF_MAX	      0xffffffffull
#define HS_SEQ_IDIF	      0x100000000ull
#define HS_SEQ_IDIF_MAX	      0x1ffffffffull
#define HS_SEQ_START	      0x200000000ull
#define HS_SEQ_LOCAL_FILE     0x200000001ull
#define HS_SEQ_DOT_LUSTRE     0x200000002ull
#define HS_SEQ_LOCAL_NAME     0x200000003ull
#define HS_SEQ_SPECIAL	      0x200000004ull
#define HS_SEQ_QUOTA	      0x200000005ull
#define HS_SEQ_QUOTA_GLB      0x200000006ull
#define HS_SEQ_ROOT	      0x200000007ull
#define HS_SEQ_UPDATE_LOG     0x200000009ull
#define HS_SEQ_UPDATE_LOG_DIR 0x20000000aull
#define HS_SEQ_NORMAL	      0x200000400ull

static inline struct hs_fid hs_fid_get_le(const void *p)
{
	const uint8_t *b = p;

	return (struct hs_fid){hs_get_le64(b), hs_get_le32(b + 8), hs_get_le32(b + 12)};
}

static inline struct hs_fid hs_fid_get_be(const void *p)
{
	const uint8_t *b = p;

	return (struct hs_fid){hs_get_be64(b), hs_get_be32(b + 8), hs_get_be32(b + 12)};
}

static inline void hs_fid_put_le(void *p, struct hs_fid f)
{
	uint8_t *b = p;

	hs_put_le64(b, f.seq);
	hs_put_le32(b + 8, f.oid);
	hs_put_le32(b + 12, f.ver);
}

static inline void hs_fid_put_be(void *p, struct hs_fid f)
{
	uint8_t *b = p;

	hs_put_be64(b, f.seq);
	hs_put_be32(b + 8, f.oid);
	hs_put_be32(b + 12, f.ver);
}

static inline bool hs_fid_eq(struct hs_fid a, struct hs_fid b)
{
	return a.seq == b.seq && a.oid == b.oid && a.ver == b.ver;
}

static inline bool hs_fid_is_zero(struct hs_fid f)
{
	return f.seq == 0 && f.oid == 0 && f.ver == 0;
}

static inline int hs_fid_cmp(struct hs_fid a, struct hs_fid b)
{
	if (a.seq != b.seq)
		return a.seq < b.seq ? -1 : 1;
	if (a.oid != b.oid)
		return a.oid < b.oid ? -1 : 1;
	return a.ver < b.ver ? -1 : a.ver > b.ver;
}

static inline bool hs_seq_is_igif(uint64_t seq)
{
	return seq >= HS_SEQ_IGIF && seq <= HS_SEQ_IGIF_MAX;
}

static inline bool hs_seq_is_idif(uint64_t seq)
{
	return seq >= HS_SEQ_IDIF && seq <= HS_SEQ_IDIF_MAX;
}

static inline bool hs_seq_is_normal(uint64_t seq)
{
	return seq >= HS_SEQ_NORMAL;
}

static inline bool hs_fid_is_root(struct hs_fid f)
{
	return f.seq == HS_SEQ_ROOT && f.oid == 1 && f.ver == 0;
}

/* `.lustre/fid`: the one directory of the name space that has no linkEA. */
static inline bool hs_fid_is_dot_lustre_fid(struct hs_fid f)
{
	return f.seq == HS_SEQ_DOT_LUSTRE && f.oid == 2 && f.ver == 0;
}

/* The kernel's test for a FID that may stand in a name, a linkEA or a parent record (1.6). */
bool hs_fid_is_sane(struct hs_fid f);

/* A LAST_ID file: object id 0, with the exceptions of section 1.2. */
bool hs_fid_is_last_id(struct hs_fid f);

/* IDIF arithmetic (1.3). objid up to 48 bits; ost is an OST index, 16 bits. */
struct hs_fid hs_fid_from_idif(uint64_t objid, uint32_t ost);
uint64_t hs_fid_objid(struct hs_fid f); /* any FID: IDIF by the formula, else the oid */
static inline uint32_t hs_fid_idif_ost(struct hs_fid f)
{
	return (uint32_t)(f.seq >> 16) & 0xffff;
}
/* An IDIF with its index bits replaced; any other FID as it is. */
struct hs_fid hs_fid_with_idif_ost(struct hs_fid f, uint32_t ost);

/*
 * Text. Longest: "[0xffffffffffffffff:0xffffffff:0xffffffff]" and a NUL.
 */
#define HS_FID_TEXT 48
const char *hs_fid_text(struct hs_fid f, char buf[static HS_FID_TEXT]);	      /* with brackets */
const char *hs_fid_text_plain(struct hs_fid f, char buf[static HS_FID_TEXT]); /* without */

/*
 * Parses "[0x...:0x...:0x...]" or the form without brackets; whole text of `len` bytes. Hexadecimal
 * with 0x (a zero may lack it), no blanks, no signs. -EINVAL otherwise.
 */
errint_t hs_fid_parse(const char *s, size_t len, struct hs_fid *out);

#endif
