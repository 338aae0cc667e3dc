/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * trusted.lov (format notes 9.3), written: single fields of a value, and whole values that are
 * rebuilt from what the objects remember.
 */
#include "lustre/lov.h"

#define COMPOSITE_HEADER 32
#define ENTRY_SIZE	 48
#define V1_HEADER	 32
#define RECORD_SIZE	 24

static void put_oi(uint8_t *body, struct hs_fid self)
{
	hs_put_le64(body + 8, self.oid);
	hs_put_le64(body + 16, self.seq);
}

void hs_lov_put_oi(uint8_t *buf, const struct hs_lov *l, struct hs_fid self)
{
	for (uint32_t i = 0; i < l->n_comps; i++) {
		const struct hs_lov_comp *c = &l->comps[i];

		/* a foreign body has no such field */
		if (c->body_len >= V1_HEADER &&
		    (c->body_magic == HS_LOV_MAGIC_V1 || c->body_magic == HS_LOV_MAGIC_V3))
			put_oi(buf + c->body_off, self);
	}
}

static void put_record(uint8_t *p, struct hs_fid object, uint32_t ost)
{
	memset(p, 0, RECORD_SIZE);
	if (hs_seq_is_idif(object.seq))
		hs_put_le64(p, hs_fid_objid(object));
	else
		hs_fid_put_le(p, object);
	hs_put_le32(p + 20, ost);
}

void hs_lov_put_stripe(uint8_t *buf, const struct hs_lov_comp *c, uint32_t i, struct hs_fid object,
		       uint32_t ost)
{
	put_record(buf + c->records_off + (size_t)i * RECORD_SIZE, object, ost);
}

void hs_lov_put_gen(uint8_t *buf, const struct hs_lov *l)
{
	uint16_t gen = (uint16_t)(l->gen + 1);

	if (l->composite)
		hs_put_le32(buf + 8, l->gen + 1 ? l->gen + 1 : 1);
	else
		hs_put_le16(buf + 30, gen ? gen : 1);
}

static size_t body_size(const struct hs_lov_part *p)
{
	return V1_HEADER + (p->objects ? (size_t)p->stripe_count * RECORD_SIZE : 0);
}

size_t hs_lov_size(const struct hs_lov_whole *w)
{
	size_t n = w->composite ? COMPOSITE_HEADER + (size_t)w->n_parts * ENTRY_SIZE : 0;

	for (uint32_t i = 0; i < w->n_parts; i++)
		n += body_size(&w->parts[i]);
	return n;
}

static void put_body(uint8_t *p, const struct hs_lov_whole *w, const struct hs_lov_part *part)
{
	bool hole = false;

	hs_put_le32(p, HS_LOV_MAGIC_V1);
	put_oi(p, w->self);
	hs_put_le32(p + 24, part->stripe_size);
	hs_put_le16(p + 28, (uint16_t)part->stripe_count);
	hs_put_le16(p + 30, w->composite ? 0 : (uint16_t)w->gen);
	for (uint32_t i = 0; part->objects && i < part->stripe_count; i++) {
		if (hs_fid_is_zero(part->objects[i].object))
			hole = true;
		else
			put_record(p + V1_HEADER + (size_t)i * RECORD_SIZE, part->objects[i].object,
				   part->objects[i].ost);
	}
	hs_put_le32(p + 4, part->pattern | (hole ? HS_LOVP_HOLE : 0));
}

void hs_lov_encode(const struct hs_lov_whole *w, uint8_t *buf)
{
	size_t size = hs_lov_size(w), at = 0;

	memset(buf, 0, size);
	if (!w->composite) {
		put_body(buf, w, &w->parts[0]);
		return;
	}
	hs_put_le32(buf, HS_LOV_MAGIC_COMP);
	hs_put_le32(buf + 4, (uint32_t)size);
	hs_put_le32(buf + 8, w->gen);
	hs_put_le16(buf + 12, w->flags);
	hs_put_le16(buf + 14, (uint16_t)w->n_parts);
	hs_put_le16(buf + 16, (uint16_t)(w->mirrors ? w->mirrors - 1 : 0));
	at = COMPOSITE_HEADER + (size_t)w->n_parts * ENTRY_SIZE;
	for (uint32_t i = 0; i < w->n_parts; i++) {
		const struct hs_lov_part *part = &w->parts[i];
		uint8_t *e = buf + COMPOSITE_HEADER + (size_t)i * ENTRY_SIZE;

		hs_put_le32(e, part->id);
		hs_put_le32(e + 4, part->flags);
		hs_put_le64(e + 8, part->start);
		hs_put_le64(e + 16, part->end);
		hs_put_le32(e + 24, (uint32_t)at);
		hs_put_le32(e + 28, (uint32_t)body_size(part));
		put_body(buf + at, w, part);
		at += body_size(part);
	}
}
