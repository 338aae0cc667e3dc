/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Llogs (equations, section 11). A log is a row of chunks; a record has a head of 16 bytes (length,
 * index, type, id) and a tail of 8 (length and index again), so that a torn one shows. The head of
 * the first record holds the bitmap of the records that are still to be processed.
 */
#include "lustre/llog.h"

#define HEAD	      16
#define TAIL	      8
#define HEADER_FIELDS 88
#define CHUNK_MIN     8192u
#define CHUNK_MAX     (1u << 20)
#define CATALOG_ENTRY 32

bool hs_llog_decode_header(const uint8_t *buf, size_t len, struct hs_llog_header *out)
{
	*out = (struct hs_llog_header){0};
	if (len < HEADER_FIELDS + TAIL || hs_get_le32(buf + 8) != HS_LLOG_REC_HEADER)
		return false;
	out->chunk = hs_get_le32(buf);
	out->count = hs_get_le32(buf + 24);
	out->bitmap_off = hs_get_le32(buf + 28);
	out->rec_size = hs_get_le32(buf + 32);
	if (out->chunk < CHUNK_MIN || out->chunk > CHUNK_MAX || (out->chunk & (out->chunk - 1)))
		return false;
	if (out->bitmap_off < HEADER_FIELDS || out->bitmap_off > out->chunk - TAIL)
		return false;
	out->bitmap_len = out->chunk - TAIL - out->bitmap_off;
	return true;
}

static bool is_live(const struct hs_llog_header *h, const uint8_t *hdr_buf, uint32_t index)
{
	uint32_t byte = index / 8;

	return byte < h->bitmap_len && (hdr_buf[h->bitmap_off + byte] >> index % 8 & 1);
}

static bool tail_fits(const struct hs_llog_rec *r)
{
	const uint8_t *tail = r->data + r->len - TAIL;

	return hs_get_le32(tail) == r->len && hs_get_le32(tail + 4) == r->index;
}

bool hs_llog_next(const struct hs_llog_header *h, const uint8_t *hdr_buf, const uint8_t *buf,
		  size_t len, size_t *pos, struct hs_llog_rec *out, bool *bad)
{
	*bad = false;
	while (*pos < len && len - *pos >= HEAD + TAIL) {
		const uint8_t *p = buf + *pos;

		out->len = hs_get_le32(p);
		out->index = hs_get_le32(p + 4);
		out->type = hs_get_le32(p + 8);
		out->data = p;
		/* The rest of the last chunk was never written. */
		if (out->len == 0 && out->type == 0)
			return false;
		if (out->len < HEAD + TAIL || out->len % 8 != 0 || out->len > len - *pos) {
			*bad = true;
			return false;
		}
		*pos += out->len;
		if (out->type == HS_LLOG_REC_PADDING || out->type == HS_LLOG_REC_HEADER ||
		    !is_live(h, hdr_buf, out->index))
			continue;
		*bad = !tail_fits(out);
		return !*bad;
	}
	return false;
}

bool hs_llog_decode_logid(const struct hs_llog_rec *r, struct hs_llog_logid *out)
{
	if (r->type != HS_LLOG_REC_CATALOG || r->len < HEAD + 16 + TAIL)
		return false;
	out->id = hs_get_le64(r->data + HEAD);
	out->seq = hs_get_le64(r->data + HEAD + 8);
	return true;
}

/* An OST object id in either of its forms (format notes 9.3.1). */
static struct hs_fid object_id(const uint8_t *p)
{
	if (hs_get_le64(p + 8) == 0)
		return hs_fid_from_idif(hs_get_le64(p), 0);
	return hs_fid_get_le(p);
}

bool hs_llog_decode_unlink(const struct hs_llog_rec *r, struct hs_fid *object, uint32_t *count)
{
	if (r->type != HS_LLOG_REC_UNLINK || r->len < HEAD + 20 + TAIL)
		return false;
	*object = hs_fid_get_le(r->data + HEAD);
	*count = hs_get_le32(r->data + 32);
	return true;
}

bool hs_llog_decode_setattr(const struct hs_llog_rec *r, struct hs_llog_setattr *out)
{
	*out = (struct hs_llog_setattr){0};
	if (r->type != HS_LLOG_REC_SETATTR || r->len < 56 + TAIL)
		return false;
	out->object = object_id(r->data + HEAD);
	out->uid = hs_get_le32(r->data + 32);
	out->gid = hs_get_le32(r->data + 40);
	out->valid = hs_get_le64(r->data + 48);
	if (r->len >= 64 + TAIL) {
		out->projid = hs_get_le32(r->data + 56);
		out->layout_version = hs_get_le32(r->data + 60);
	}
	return true;
}

#define UPDATE_OPS 48 /* fields of an update record */
#define OP_FIXED   20 /* of an operation, before its parameter numbers */

bool hs_llog_decode_update(const struct hs_llog_rec *r, struct hs_llog_update *out)
{
	*out = (struct hs_llog_update){0};
	if (r->type != HS_LLOG_REC_UPDATE || r->len < UPDATE_OPS + TAIL)
		return false;
	out->transno = hs_get_le64(r->data + HEAD);
	out->batchid = hs_get_le64(r->data + 24);
	out->flags = hs_get_le32(r->data + 32);
	out->index = hs_get_le32(r->data + 36);
	out->n_ops = hs_get_le32(r->data + 40);
	return true;
}

bool hs_llog_update_next(const struct hs_llog_rec *r, const struct hs_llog_update *u, size_t *pos,
			 uint32_t *n, struct hs_fid *out)
{
	size_t at = UPDATE_OPS + *pos, end = r->len - TAIL;

	if (*n >= u->n_ops || at > end || end - at < OP_FIXED)
		return false;
	*out = hs_fid_get_le(r->data + at);
	*pos += OP_FIXED + 2u * hs_get_le16(r->data + at + 18);
	++*n;
	return true;
}

/* Nobody gets more sequences than 2^17 targets with a super-sequence each, nor oids than an OST. */
#define SEQ_LIMIT (1ull << 48)
#define OID_LIMIT 0x2000000u

static bool is_plausible(struct hs_fid f)
{
	if (f.ver != 0 || f.oid == 0 || f.oid >= OID_LIMIT)
		return false;
	return (hs_seq_is_normal(f.seq) && f.seq < SEQ_LIMIT) || hs_fid_is_root(f);
}

void hs_llog_update_fids(const struct hs_llog_rec *r, void (*fn)(void *arg, struct hs_fid f),
			 void *arg)
{
	if (r->type != HS_LLOG_REC_UPDATE || r->len < HEAD + TAIL)
		return;
	for (uint32_t off = HEAD; off + HS_FID_SIZE <= r->len - TAIL; off += 4) {
		struct hs_fid f = hs_fid_get_le(r->data + off);

		if (is_plausible(f))
			fn(arg, f);
	}
}

bool hs_llog_catalog_entry(const uint8_t *buf, size_t len, uint32_t i, struct hs_llog_logid *out)
{
	if (i >= len / CATALOG_ENTRY)
		return false;
	buf += (size_t)i * CATALOG_ENTRY;
	out->id = hs_get_le64(buf);
	out->seq = hs_get_le64(buf + 8);
	return out->id != 0;
}
