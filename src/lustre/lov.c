/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * trusted.lov (format notes 9.3): from bytes to components and stripe records.
 *
 * A plain layout is decoded once per file of a file system, so that path writes only the fields it
 * has and allocates nothing. In a composite the bodies of the components share the value: a body
 * that overlaps an earlier one yields no records, so that all records together never exceed the
 * value, whatever a hostile entry table says.
 */
#include "lustre/lov.h"

#include <stdlib.h>

#define LOW_HALF       0xffffu
#define LOW_HALF_MAGIC 0x0bd0u

#define COMPOSITE_HEADER 32
#define ENTRY_SIZE	 48
#define V1_HEADER	 32
#define V3_HEADER	 48
#define FOREIGN_HEADER	 16
#define POOL_SIZE	 16
#define RECORD_SIZE	 24

/* Striped over OST objects, in a way whose records are known. Erasure code is not. */
static bool pattern_has_records(uint32_t pattern)
{
	uint32_t kind = pattern & ~HS_LOVP_FLAGS;

	return (kind & ~(uint32_t)(HS_LOVP_OVERSTRIPING | HS_LOVP_COMPRESS)) == HS_LOVP_RAID0 &&
	       !(pattern & HS_LOVP_FLAGS & ~HS_LOVP_HOLE);
}

static bool pattern_known(uint32_t pattern)
{
	uint32_t kind = pattern & ~HS_LOVP_FLAGS;

	return pattern_has_records(pattern & ~HS_LOVP_RELEASED) ||
	       ((kind == HS_LOVP_MDT || kind == HS_LOVP_FOREIGN) &&
		!(pattern & HS_LOVP_FLAGS & ~(HS_LOVP_RELEASED | HS_LOVP_HOLE)));
}

/* Sets the stripe records of a component that is known to have some; returns flaws. */
static unsigned find_records(struct hs_lov_comp *c, uint32_t header)
{
	uint32_t room = (c->body_len - header) / RECORD_SIZE;
	unsigned flaws = 0;

	if (c->stripe_count == 0 || c->stripe_count > HS_LOV_MAX_STRIPES)
		flaws |= HS_LOVF_COUNT;
	c->n_records = c->stripe_count;
	if (c->n_records > room) {
		c->n_records = room;
		flaws |= HS_LOVF_SIZE;
	}
	if (c->n_records > HS_LOV_MAX_STRIPES)
		c->n_records = HS_LOV_MAX_STRIPES;
	return flaws;
}

/* What a component has when its body cannot be read. */
static void clear_body(struct hs_lov_comp *c)
{
	c->pattern = 0;
	c->oi_id = c->oi_seq = 0;
	c->stripe_size = 0;
	c->stripe_count = 0;
	c->gen = 0;
	c->records_off = c->body_off;
	c->n_records = 0;
	c->pool[0] = '\0';
}

/* A v1 or v3 body; body_off, body_len, body_magic and flags are set. Returns flaws. */
static unsigned decode_striped(const uint8_t *buf, struct hs_lov_comp *c)
{
	uint32_t header = c->body_magic == HS_LOV_MAGIC_V1 ? V1_HEADER : V3_HEADER;
	const uint8_t *p = buf + c->body_off;

	if (c->body_len < header) {
		clear_body(c);
		c->body_magic = 0;
		return HS_LOVF_SIZE;
	}
	c->pattern = hs_get_le32(p + 4);
	c->oi_id = hs_get_le64(p + 8);
	c->oi_seq = hs_get_le64(p + 16);
	c->stripe_size = hs_get_le32(p + 24);
	c->stripe_count = hs_get_le16(p + 28);
	c->gen = hs_get_le16(p + 30);
	c->pool[0] = '\0';
	if (header == V3_HEADER) {
		memcpy(c->pool, p + 32, POOL_SIZE);
		c->pool[POOL_SIZE] = '\0';
	}
	c->records_off = c->body_off + header;
	c->n_records = 0;
	if (!pattern_known(c->pattern) || (c->flags & HS_LCF_PARITY) ||
	    c->body_magic == HS_LOV_MAGIC_SPECIFIC)
		return HS_LOVF_UNSUPPORTED;
	if (!pattern_has_records(c->pattern) || !(c->flags & HS_LCF_INIT) ||
	    (c->flags & HS_LCF_EXTENSION))
		return 0;
	return find_records(c, header);
}

/* Length of a foreign blob with its head, or 0 if it does not fit. */
static size_t foreign_size(const uint8_t *p, size_t len)
{
	size_t value;

	if (len < FOREIGN_HEADER)
		return 0;
	value = hs_get_le32(p + 4);
	return value <= len - FOREIGN_HEADER ? FOREIGN_HEADER + value : 0;
}

static unsigned unknown_magic(uint32_t magic)
{
	return (magic & LOW_HALF) == LOW_HALF_MAGIC ? HS_LOVF_UNSUPPORTED : HS_LOVF_MAGIC;
}

static void decode_plain(struct hs_lov *l)
{
	struct hs_lov_comp *c = &l->room[0];
	size_t used;

	c->id = 0;
	c->flags = HS_LCF_INIT;
	c->start = 0;
	c->end = UINT64_MAX;
	c->body_off = 0;
	c->body_len = l->len > UINT32_MAX ? UINT32_MAX : (uint32_t)l->len;
	c->body_magic = l->magic;
	l->flaws |= decode_striped(l->buf, c);
	l->gen = c->gen;
	l->n_comps = 1;
	/* Whether a released file keeps its records is left open, so nobody can miss or spare any.
	 */
	used = c->records_off + (size_t)c->stripe_count * RECORD_SIZE;
	if (l->len > used && !(l->flaws & (HS_LOVF_COUNT | HS_LOVF_SIZE | HS_LOVF_UNSUPPORTED)))
		l->flaws |= HS_LOVF_TRAILING;
}

static void decode_foreign(struct hs_lov *l)
{
	size_t used = foreign_size(l->buf, l->len);

	l->foreign = true;
	if (used == 0)
		l->flaws |= HS_LOVF_SIZE;
	else if (used < l->len)
		l->flaws |= HS_LOVF_TRAILING;
}

static unsigned decode_body(const uint8_t *buf, struct hs_lov_comp *c)
{
	if (c->body_len < 4) {
		clear_body(c);
		return HS_LOVF_SIZE;
	}
	c->body_magic = hs_get_le32(buf + c->body_off);
	switch (c->body_magic) {
	case HS_LOV_MAGIC_V1:
	case HS_LOV_MAGIC_V3:
		return decode_striped(buf, c);
	case HS_LOV_MAGIC_FOREIGN:
		clear_body(c);
		c->pattern = HS_LOVP_FOREIGN;
		return foreign_size(buf + c->body_off, c->body_len) ? 0 : HS_LOVF_SIZE;
	default:
		clear_body(c);
		return unknown_magic(c->body_magic);
	}
}

static bool overlaps_earlier(const struct hs_lov *l, const struct hs_lov_comp *c)
{
	for (uint32_t i = 0; i < l->n_comps; i++) {
		const struct hs_lov_comp *o = &l->comps[i];

		if (c->body_off < o->body_off + o->body_len &&
		    o->body_off < c->body_off + c->body_len)
			return true;
	}
	return false;
}

/*
 * One entry of the table. `bodies` is where bodies may begin, `end` where they must end, *highest
 * the end of the bodies so far: as long as bodies follow each other, none can overlap.
 */
static void decode_entry(struct hs_lov *l, const uint8_t *p, uint32_t bodies, uint32_t end,
			 uint32_t *highest)
{
	struct hs_lov_comp *c = &l->comps[l->n_comps];

	c->id = hs_get_le32(p);
	c->flags = hs_get_le32(p + 4);
	c->start = hs_get_le64(p + 8);
	c->end = hs_get_le64(p + 16);
	c->body_off = hs_get_le32(p + 24);
	c->body_len = hs_get_le32(p + 28);
	c->body_magic = 0;
	if (c->body_off > end || c->body_len > end - c->body_off) {
		c->body_off = c->body_len = 0;
		clear_body(c);
		l->flaws |= HS_LOVF_SIZE;
	} else if (c->body_off < bodies || (c->body_off < *highest && overlaps_earlier(l, c))) {
		l->flaws |= HS_LOVF_OVERLAP | decode_body(l->buf, c);
		c->n_records = 0;
	} else {
		l->flaws |= decode_body(l->buf, c);
	}
	if (c->body_off + c->body_len > *highest)
		*highest = c->body_off + c->body_len;
	l->n_comps++;
}

static errint_t decode_composite(struct hs_lov *l)
{
	uint32_t total, end, entries, fit, highest, bodies;

	if (l->len < COMPOSITE_HEADER) {
		l->flaws |= HS_LOVF_SIZE;
		return 0;
	}
	total = hs_get_le32(l->buf + 4);
	l->gen = hs_get_le32(l->buf + 8);
	l->flags = hs_get_le16(l->buf + 12);
	entries = hs_get_le16(l->buf + 14);
	l->mirrors = (uint16_t)(hs_get_le16(l->buf + 16) + 1);

	end = l->len > UINT32_MAX ? UINT32_MAX : (uint32_t)l->len;
	if (total > l->len || total < COMPOSITE_HEADER) {
		l->flaws |= HS_LOVF_SIZE;
	} else if (total < l->len) {
		l->flaws |= HS_LOVF_TRAILING;
		end = total;
	}
	fit = (end - COMPOSITE_HEADER) / ENTRY_SIZE;
	if (entries == 0)
		l->flaws |= HS_LOVF_COUNT;
	if (entries > fit) {
		l->flaws |= HS_LOVF_SIZE;
		entries = fit;
	}
	if (entries > HS_LOV_MAX_COMPONENTS) {
		l->flaws |= HS_LOVF_COUNT;
		entries = HS_LOV_MAX_COMPONENTS;
	}
	if (entries > sizeof(l->room) / sizeof(l->room[0])) {
		l->more = malloc(entries * sizeof(*l->more));
		if (!l->more)
			return -ENOMEM;
		l->comps = l->more;
	}
	bodies = highest = COMPOSITE_HEADER + entries * ENTRY_SIZE;
	for (uint32_t i = 0; i < entries; i++)
		decode_entry(l, l->buf + COMPOSITE_HEADER + (size_t)i * ENTRY_SIZE, bodies, end,
			     &highest);
	return 0;
}

errint_t hs_lov_decode(const uint8_t *buf, size_t len, struct hs_lov *out)
{
	/* Field by field: the room for components is large and stays as it is. */
	out->buf = buf;
	out->len = len;
	out->magic = 0;
	out->composite = false;
	out->foreign = false;
	out->gen = 0;
	out->flags = 0;
	out->mirrors = 1;
	out->n_comps = 0;
	out->comps = out->room;
	out->more = NULL;
	out->flaws = 0;
	if (len < 4) {
		out->flaws = HS_LOVF_MAGIC;
		return 0;
	}
	out->magic = hs_get_le32(buf);
	switch (out->magic) {
	case HS_LOV_MAGIC_V1:
	case HS_LOV_MAGIC_V3:
	case HS_LOV_MAGIC_SPECIFIC:
		decode_plain(out);
		return 0;
	case HS_LOV_MAGIC_COMP:
	case HS_LOV_MAGIC_SEL:
		out->composite = true;
		return decode_composite(out);
	case HS_LOV_MAGIC_FOREIGN:
		decode_foreign(out);
		return 0;
	default:
		out->flaws = unknown_magic(out->magic);
		return 0;
	}
}

void hs_lov_release(struct hs_lov *l)
{
	free(l->more);
	l->more = NULL;
	l->comps = l->room;
	l->n_comps = 0;
}

void hs_lov_stripe(const struct hs_lov *l, const struct hs_lov_comp *c, uint32_t i,
		   struct hs_lov_stripe *out)
{
	const uint8_t *p = l->buf + c->records_off + (size_t)i * RECORD_SIZE;
	uint64_t first = hs_get_le64(p), second = hs_get_le64(p + 8);

	out->ost = hs_get_le32(p + 20);
	out->dummy = first == 0 && second == 0 && hs_get_le64(p + 16) == 0;
	out->legacy_id = second == 0;
	if (out->legacy_id)
		out->object = hs_fid_from_idif(first, out->ost);
	else
		out->object = hs_fid_with_idif_ost(hs_fid_get_le(p), out->ost);
}
