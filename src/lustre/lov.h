/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * trusted.lov: the layout of a regular file, or the default layout of a directory
 * (format notes 9.3).
 *
 * A layout is decoded into a header and components; a plain layout is one component with id 0 that
 * covers everything. Stripe records are decoded one by one from the value.
 */
#ifndef HS_LUSTRE_LOV_H
#define HS_LUSTRE_LOV_H

#include "lustre/fid.h"

#define HS_LOV_MAGIC_V1	      0x0bd10bd0u
#define HS_LOV_MAGIC_V3	      0x0bd30bd0u
#define HS_LOV_MAGIC_SPECIFIC 0x0bd50bd0u
#define HS_LOV_MAGIC_COMP     0x0bd60bd0u
#define HS_LOV_MAGIC_FOREIGN  0x0bd70bd0u
#define HS_LOV_MAGIC_SEL      0x0bd80bd0u

enum hs_lov_pattern {
	HS_LOVP_RAID0 = 0x001,
	HS_LOVP_MDT = 0x100,
	HS_LOVP_OVERSTRIPING = 0x200,
	HS_LOVP_FOREIGN = 0x400,
	HS_LOVP_COMPRESS = 0x800,
};
#define HS_LOVP_HOLE	 0x40000000u
#define HS_LOVP_RELEASED 0x80000000u
#define HS_LOVP_FLAGS	 0xffff0000u

enum hs_lov_comp_flags {
	HS_LCF_STALE = 0x1,
	HS_LCF_PREF_RD = 0x2,
	HS_LCF_PREF_WR = 0x4,
	HS_LCF_OFFLINE = 0x8,
	HS_LCF_INIT = 0x10,
	HS_LCF_NOSYNC = 0x20,
	HS_LCF_EXTENSION = 0x40,
	HS_LCF_PARITY = 0x80,
	HS_LCF_COMPRESS = 0x100,
};

#define HS_LOV_MAX_COMPONENTS 1024 /* more than a 64 KiB value of headers alone could describe */
#define HS_LOV_MAX_STRIPES    2000

/* What is wrong with a value. A bit set; several may hold. */
enum hs_lov_flaw {
	HS_LOVF_MAGIC = 1 << 0, /* low half of the magic is not 0x0bd0, or value too short */
	HS_LOVF_UNSUPPORTED =
		1 << 1,	       /* well-formed but unknown magic or pattern: keep, do not judge */
	HS_LOVF_SIZE = 1 << 2, /* a size or offset leads out of the value */
	HS_LOVF_TRAILING = 1 << 3,  /* bytes after the layout: a note, not damage */
	HS_LOVF_OI = 1 << 4,	    /* lmm_oi is not the file's FID (set by hs_lov_check()) */
	HS_LOVF_COUNT = 1 << 5,	    /* stripe or entry count impossible */
	HS_LOVF_COMP_ID = 1 << 6,   /* component id 0, with bit 31, or repeated */
	HS_LOVF_EXTENT = 1 << 7,    /* extents out of order, empty, gap or overlap in a mirror */
	HS_LOVF_COMP_RULE = 1 << 8, /* another rule of 9.3.3 */
	HS_LOVF_DUMMY = 1 << 9,	    /* an all-zero record without the HOLE flag */
	HS_LOVF_OVERLAP = 1 << 10,  /* component bodies overlap or lie in the header */
	HS_LOVF_DOM = 1 << 11,	    /* a DoM component that is not first, or is extended */
	HS_LOVF_MIRRORS = 1 << 12,  /* mirror count, state and stale flags contradict each other */
};

struct hs_lov_comp {
	uint32_t id;	/* 0 for a plain layout */
	uint32_t flags; /* HS_LCF_INIT for a plain layout */
	uint64_t start;
	uint64_t end;	   /* exclusive, all ones = EOF */
	uint32_t body_off; /* of the body inside the value */
	uint32_t body_len;
	uint32_t body_magic;
	uint32_t pattern;
	uint64_t oi_id, oi_seq; /* lmm_oi as stored */
	uint32_t stripe_size;	/* bytes (KiB for an extension component) */
	uint16_t stripe_count;
	uint16_t gen;
	uint32_t records_off; /* of the first stripe record inside the value */
	uint32_t
		n_records; /* stripe records that may be read; 0 where there are no objects (6.3) */
	char pool[17];
};

struct hs_lov {
	const uint8_t *buf;
	size_t len;
	uint32_t magic;
	bool composite;
	bool foreign;
	uint32_t gen;
	uint16_t flags;	  /* composite: file state in the low nibble */
	uint16_t mirrors; /* mirror count */
	uint32_t n_comps;
	struct hs_lov_comp *comps; /* inside `room` or the caller's larger array */
	struct hs_lov_comp room[8];
	struct hs_lov_comp *more; /* malloced when there are more than fit; hs_lov_release() */
	unsigned flaws;
};

struct hs_lov_stripe {
	bool dummy; /* all-zero record: a hole */
	struct hs_fid
		object; /* key of the equations: IDIF by OST index, see 4.1 of the equations */
	uint32_t ost;
	bool legacy_id; /* stored as (object id, 0) */
};

/*
 * Decodes a value. Never fails but for memory (-ENOMEM): what is wrong is in out->flaws, and
 * out->comps holds the components that could be decoded. The value must outlive *out.
 * Call hs_lov_release() afterwards.
 */
errint_t hs_lov_decode(const uint8_t *buf, size_t len, struct hs_lov *out);
void hs_lov_release(struct hs_lov *l);

/* Adds the flaws that need the file's FID or the whole layout: lmm_oi, ids, extents, rules. */
void hs_lov_check(struct hs_lov *l, struct hs_fid self);

/*
 * lov_edit.c: changes to a value that hs_lov_decode() has taken apart, in a copy of it (`buf`, of
 * l->len bytes). An object of an IDIF sequence is written as (object id, 0), any other one as its
 * FID.
 */
void hs_lov_put_oi(uint8_t *buf, const struct hs_lov *l, struct hs_fid self);
void hs_lov_put_stripe(uint8_t *buf, const struct hs_lov_comp *c, uint32_t i, struct hs_fid object,
		       uint32_t ost);
/* The layout has changed: its generation goes up (16 bits in a plain one; it skips 0). */
void hs_lov_put_gen(uint8_t *buf, const struct hs_lov *l);

/* A component to be built. Records that are all zero are holes: the pattern then gets HOLE. */
struct hs_lov_part {
	uint32_t id, flags;
	uint64_t start, end;
	uint32_t pattern;
	uint32_t stripe_size;
	uint32_t stripe_count;
	const struct hs_lov_object {
		struct hs_fid object; /* zero: a hole */
		uint32_t ost;
	} * objects; /* stripe_count of them; NULL: not initialised, no records */
};

struct hs_lov_whole {
	struct hs_fid self;
	bool composite; /* else parts[0] alone, id and extent unused */
	uint32_t gen;
	uint16_t flags;	  /* file state */
	uint16_t mirrors; /* mirror count */
	const struct hs_lov_part *parts;
	uint32_t n_parts;
};

/* Length of the value, and the value itself in that many bytes. */
size_t hs_lov_size(const struct hs_lov_whole *w);
void hs_lov_encode(const struct hs_lov_whole *w, uint8_t *buf);

/* Stripe record i of a component, i < c->n_records. */
void hs_lov_stripe(const struct hs_lov *l, const struct hs_lov_comp *c, uint32_t i,
		   struct hs_lov_stripe *out);

#endif
