/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading facts back, and saying them in words.
 */
#include "lfsck/fact.h"

#include "lustre/target.h"

static const char *const tag_names[HS_FACT_TAGS] = {
	[HS_FACT_OI] = "OI",	   [HS_FACT_ONAME] = "ONAME", [HS_FACT_NAME] = "NAME",
	[HS_FACT_TYPE] = "TYPE",   [HS_FACT_INO] = "INO",     [HS_FACT_DOT] = "DOT",
	[HS_FACT_ADOT] = "ADOT",   [HS_FACT_RPD] = "RPD",     [HS_FACT_LAY] = "LAY",
	[HS_FACT_COMP] = "COMP",   [HS_FACT_OWN] = "OWN",     [HS_FACT_PROJ] = "PROJ",
	[HS_FACT_SHARD] = "SHARD", [HS_FACT_ENC] = "ENC",     [HS_FACT_REF] = "REF",
};

const char *hs_fact_tag_name(enum hs_fact_tag tag)
{
	return tag > 0 && tag < HS_FACT_TAGS ? tag_names[tag] : "?";
}

/* A bounded cursor: any read beyond the end makes the whole decoding fail. */
struct cursor {
	const uint8_t *p;
	size_t left;
	bool ok;
};

static const uint8_t *take(struct cursor *c, size_t n)
{
	static const uint8_t zeroes[HS_FID_SIZE];
	const uint8_t *p = c->p;

	if (c->left < n) {
		c->ok = false;
		return zeroes;
	}
	c->p += n;
	c->left -= n;
	return p;
}

static uint32_t take_u32(struct cursor *c)
{
	return hs_get_le32(take(c, 4));
}

static void take_tgt(struct cursor *c, struct hs_tgt *t)
{
	t->kind = *take(c, 1);
	t->index = take_u32(c);
}

bool hs_fact_decode(const uint8_t *b, size_t len, struct hs_fact_fields *out)
{
	struct cursor c = {b, len, true};

	memset(out, 0, sizeof(*out));
	out->tag = *take(&c, 1);
	out->key = hs_fid_get_le(take(&c, HS_FID_SIZE));
	switch (out->tag) {
	case HS_FACT_OI:
		take_tgt(&c, &out->target);
		out->ino = take_u32(&c);
		out->gen = take_u32(&c);
		break;
	case HS_FACT_ONAME:
	case HS_FACT_DOT:
	case HS_FACT_ADOT:
		take_tgt(&c, &out->target);
		out->ino = take_u32(&c);
		break;
	case HS_FACT_NAME:
		out->fid = hs_fid_get_le(take(&c, HS_FID_SIZE));
		out->name_len = hs_get_le16(take(&c, 2));
		if (c.left < out->name_len || out->name_len > 255)
			return false;
		out->name = take(&c, out->name_len);
		break;
	case HS_FACT_TYPE:
		out->type = *take(&c, 1);
		break;
	case HS_FACT_INO:
	case HS_FACT_RPD:
		take_tgt(&c, &out->target);
		out->ino = take_u32(&c);
		out->type = *take(&c, 1);
		break;
	case HS_FACT_LAY:
	case HS_FACT_REF:
		out->fid = hs_fid_get_le(take(&c, HS_FID_SIZE));
		out->index = take_u32(&c);
		out->ost = take_u32(&c);
		break;
	case HS_FACT_COMP:
	case HS_FACT_PROJ:
		out->id = take_u32(&c);
		break;
	case HS_FACT_OWN:
		out->uid = take_u32(&c);
		out->gid = take_u32(&c);
		break;
	case HS_FACT_SHARD:
		out->fid = hs_fid_get_le(take(&c, HS_FID_SIZE));
		out->index = take_u32(&c);
		out->count = take_u32(&c);
		out->hash = take_u32(&c);
		break;
	case HS_FACT_ENC:
		break;
	default:
		return false;
	}
	return c.ok && c.left == 0;
}

static void describe_inode(struct hs_tgt t, uint32_t ino, struct hs_strbuf *out)
{
	char text[16];

	if (t.kind == HS_NO_TARGET)
		hs_strbuf_puts(out, "on another MDT");
	else
		hs_strbuf_printf(out, "%s inode %u", hs_tgt_text(t, text), ino);
}

void hs_fact_describe(const uint8_t *b, size_t len, struct hs_strbuf *out)
{
	static const char *const types[16] = {"unknown",  "file", "directory", "chardev",
					      "blockdev", "fifo", "socket",    "symlink"};
	struct hs_fact_fields f;
	char fid[HS_FID_TEXT];

	if (!hs_fact_decode(b, len, &f)) {
		hs_strbuf_puts(out, "unreadable fact");
		return;
	}
	switch (f.tag) {
	case HS_FACT_OI:
		describe_inode(f.target, f.ino, out);
		hs_strbuf_printf(out, " generation %u", f.gen);
		break;
	case HS_FACT_ONAME:
	case HS_FACT_DOT:
	case HS_FACT_ADOT:
		describe_inode(f.target, f.ino, out);
		break;
	case HS_FACT_NAME:
		hs_strbuf_printf(out, "parent %s name \"", hs_fid_text(f.fid, fid));
		hs_strbuf_add_escaped(out, f.name, f.name_len);
		hs_strbuf_putc(out, '"');
		break;
	case HS_FACT_TYPE:
		hs_strbuf_puts(out, types[f.type & 15] ? types[f.type & 15] : "unknown");
		break;
	case HS_FACT_INO:
	case HS_FACT_RPD:
		describe_inode(f.target, f.ino, out);
		hs_strbuf_printf(out, " %s", types[f.type & 15] ? types[f.type & 15] : "unknown");
		break;
	case HS_FACT_LAY:
	case HS_FACT_REF:
		hs_strbuf_printf(out, "file %s stripe %u OST%04x", hs_fid_text(f.fid, fid), f.index,
				 f.ost);
		break;
	case HS_FACT_COMP:
		hs_strbuf_printf(out, "component 0x%x", f.id);
		break;
	case HS_FACT_PROJ:
		hs_strbuf_printf(out, "project %u", f.id);
		break;
	case HS_FACT_OWN:
		hs_strbuf_printf(out, "uid %u gid %u", f.uid, f.gid);
		break;
	case HS_FACT_SHARD:
		hs_strbuf_printf(out, "master %s index %u of %u hash type %u",
				 hs_fid_text(f.fid, fid), f.index, f.count, f.hash);
		break;
	case HS_FACT_ENC:
	case HS_FACT_TAGS:
		hs_strbuf_puts(out, "encrypted");
		break;
	}
}
