/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Facts: what the equations of the check are made of.
 *
 * A fact is a tag, the FID it is about (its key) and fields, written as bytes in one fixed order
 * and width, so that both sides of an equation produce the same bytes and can be compared or
 * hashed without knowing what they mean. Changing anything here changes HS_FACT_VERSION.
 */
#ifndef HS_LFSCK_FACT_H
#define HS_LFSCK_FACT_H

#include "base/strbuf.h"
#include "lustre/fld.h"

#define HS_FACT_VERSION 1

enum hs_fact_tag {
	HS_FACT_OI = 1, /* target, ino, generation: OI record = object */
	HS_FACT_ONAME,	/* target, ino: name below O/ = object */
	HS_FACT_NAME,	/* parent FID, name: directory entry = linkEA entry */
	HS_FACT_TYPE,	/* type: entries = nlink */
	HS_FACT_INO,	/* target, ino, type: entry = inode behind it */
	HS_FACT_DOT,	/* target, ino: directory that holds the entry = inode of `..` */
	HS_FACT_ADOT,	/* the same for the agent of a remote directory */
	HS_FACT_RPD,	/* target, ino, type: entry of REMOTE_PARENT_DIR = object with the flag */
	HS_FACT_LAY,	/* file FID, stripe index, OST index: stripe = parent record */
	HS_FACT_COMP,	/* component id */
	HS_FACT_OWN,	/* uid, gid */
	HS_FACT_PROJ,	/* project id */
	HS_FACT_SHARD,	/* master FID, index, count, hash type: shard name = shard LMV */
	HS_FACT_ENC,	/* none: encrypted file = encrypted object */
	HS_FACT_REF,	/* file FID, stripe index, OST index: a stripe whose object has no parent
			   record. Not an equation: counted by bitmap, kept as a witness only */
	HS_FACT_TAGS
};

/* The longest: NAME with 255 bytes of name. */
#define HS_FACT_MAX  (1 + 16 + 16 + 2 + 255)
#define HS_FACT_HEAD (1 + 16)

struct hs_fact_buf {
	uint8_t b[HS_FACT_MAX + 5];
	uint16_t len;
};

static inline void hs_fact_start(struct hs_fact_buf *f, enum hs_fact_tag tag, struct hs_fid key)
{
	f->b[0] = (uint8_t)tag;
	hs_fid_put_le(f->b + 1, key);
	f->len = HS_FACT_HEAD;
}

static inline void hs_fact_u8(struct hs_fact_buf *f, uint8_t v)
{
	f->b[f->len++] = v;
}

static inline void hs_fact_u32(struct hs_fact_buf *f, uint32_t v)
{
	hs_put_le32(f->b + f->len, v);
	f->len += 4;
}

static inline void hs_fact_fid(struct hs_fact_buf *f, struct hs_fid fid)
{
	hs_fid_put_le(f->b + f->len, fid);
	f->len += HS_FID_SIZE;
}

static inline void hs_fact_tgt(struct hs_fact_buf *f, struct hs_tgt t)
{
	hs_fact_u8(f, t.kind);
	hs_fact_u32(f, t.index);
}

static inline void hs_fact_name(struct hs_fact_buf *f, const uint8_t *name, size_t len)
{
	hs_put_le16(f->b + f->len, (uint16_t)len);
	memcpy(f->b + f->len + 2, name, len);
	f->len = (uint16_t)(f->len + 2 + len);
}

/* OI, INO, DOT ... : target and two numbers. */
static inline void hs_fact_oi(struct hs_fact_buf *f, struct hs_fid key, struct hs_tgt t,
			      uint32_t ino, uint32_t gen)
{
	hs_fact_start(f, HS_FACT_OI, key);
	hs_fact_tgt(f, t);
	hs_fact_u32(f, ino);
	hs_fact_u32(f, gen);
}

static inline void hs_fact_oname(struct hs_fact_buf *f, struct hs_fid key, struct hs_tgt t,
				 uint32_t ino)
{
	hs_fact_start(f, HS_FACT_ONAME, key);
	hs_fact_tgt(f, t);
	hs_fact_u32(f, ino);
}

static inline void hs_fact_link(struct hs_fact_buf *f, struct hs_fid key, struct hs_fid parent,
				const uint8_t *name, size_t len)
{
	hs_fact_start(f, HS_FACT_NAME, key);
	hs_fact_fid(f, parent);
	hs_fact_name(f, name, len);
}

static inline void hs_fact_type(struct hs_fact_buf *f, struct hs_fid key, uint8_t type)
{
	hs_fact_start(f, HS_FACT_TYPE, key);
	hs_fact_u8(f, type);
}

/* INO and RPD. */
static inline void hs_fact_inode(struct hs_fact_buf *f, enum hs_fact_tag tag, struct hs_fid key,
				 struct hs_tgt t, uint32_t ino, uint8_t type)
{
	hs_fact_start(f, tag, key);
	hs_fact_tgt(f, t);
	hs_fact_u32(f, ino);
	hs_fact_u8(f, type);
}

/* DOT and ADOT. */
static inline void hs_fact_dot(struct hs_fact_buf *f, enum hs_fact_tag tag, struct hs_fid key,
			       struct hs_tgt t, uint32_t ino)
{
	hs_fact_start(f, tag, key);
	hs_fact_tgt(f, t);
	hs_fact_u32(f, ino);
}

/* LAY and REF. */
static inline void hs_fact_stripe(struct hs_fact_buf *f, enum hs_fact_tag tag, struct hs_fid object,
				  struct hs_fid file, uint32_t stripe, uint32_t ost)
{
	hs_fact_start(f, tag, object);
	hs_fact_fid(f, file);
	hs_fact_u32(f, stripe);
	hs_fact_u32(f, ost);
}

/* COMP and PROJ. */
static inline void hs_fact_id(struct hs_fact_buf *f, enum hs_fact_tag tag, struct hs_fid object,
			      uint32_t id)
{
	hs_fact_start(f, tag, object);
	hs_fact_u32(f, id);
}

static inline void hs_fact_owner(struct hs_fact_buf *f, struct hs_fid object, uint32_t uid,
				 uint32_t gid)
{
	hs_fact_start(f, HS_FACT_OWN, object);
	hs_fact_u32(f, uid);
	hs_fact_u32(f, gid);
}

static inline void hs_fact_shard(struct hs_fact_buf *f, struct hs_fid key, struct hs_fid master,
				 uint32_t index, uint32_t count, uint32_t hash)
{
	hs_fact_start(f, HS_FACT_SHARD, key);
	hs_fact_fid(f, master);
	hs_fact_u32(f, index);
	hs_fact_u32(f, count);
	hs_fact_u32(f, hash & 0xffff);
}

/* `..` that points out of this MDT. */
static inline struct hs_tgt hs_fact_elsewhere(void)
{
	return (struct hs_tgt){HS_NO_TARGET, 0};
}

/* A fact's fields, for those who judge it. */
struct hs_fact_fields {
	enum hs_fact_tag tag;
	struct hs_fid key;
	struct hs_fid fid; /* parent, file or master */
	struct hs_tgt target;
	uint32_t ino;
	uint32_t gen;
	uint8_t type;
	uint32_t index; /* stripe or shard index */
	uint32_t ost;
	uint32_t id; /* component or project id */
	uint32_t uid, gid;
	uint32_t count, hash;
	const uint8_t *name;
	size_t name_len;
};

/* False for bytes that no function above wrote (facts may come from another host). */
bool hs_fact_decode(const uint8_t *b, size_t len, struct hs_fact_fields *out);

const char *hs_fact_tag_name(enum hs_fact_tag tag);

/* The fields as text, for people: `parent [0x..] name "x"`. */
void hs_fact_describe(const uint8_t *b, size_t len, struct hs_strbuf *out);

/*
 * What it means when a fact is left over, in words: on the side of the record that refers to the
 * object, or on the object's own side.
 */
const char *hs_fact_left_over(enum hs_fact_tag tag, bool referring);

#endif
