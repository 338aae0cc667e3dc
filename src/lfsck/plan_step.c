/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Steps as rows and back. Values are little endian, of one length a kind, with no room for
 * anything else: what decodes would be encoded the same way.
 */
#include "lfsck/plan_step.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "lustre/target.h"

enum value { NONE, INODE, SUM, ENTRY, OI, NUMBER, OWNER, FLAGS, BYTES, DATA, CREATE };

static const struct {
	const char *word;
	enum value value;
} kinds[HS_STEP_KINDS] = {
#define KIND(kind, word, value) {word, value},
	HS_STEP_FACTS(KIND) HS_STEP_EDITS(KIND)
#undef KIND
};

/* Lengths of fixed values. */
static const uint8_t lengths[] = {
	[INODE] = 4 + 2 + 1 + HS_FID_SIZE,
	[SUM] = 4 + 8,
	[ENTRY] = 4 + 4 + 1 + 1 + HS_FID_SIZE,
	[OI] = HS_FID_SIZE + 4 * 4,
	[NUMBER] = 8,
	[OWNER] = 3 * 4,
	[FLAGS] = 2 * 4,
	[CREATE] = 2 + 4 + 3 * 4,
};

const char *hs_step_word(enum hs_step_kind kind)
{
	return kind < HS_STEP_KINDS ? kinds[kind].word : "";
}

bool hs_step_is_edit(enum hs_step_kind kind)
{
	return kind >= HS_STEP_SET_XATTR;
}

uint64_t hs_step_sum(const void *bytes, size_t len)
{
	return XXH3_64bits(bytes, len);
}

static void put_owner(uint8_t *p, const struct hs_owner *o)
{
	hs_put_le32(p, o->uid);
	hs_put_le32(p + 4, o->gid);
	hs_put_le32(p + 8, o->projid);
}

static struct hs_owner get_owner(const uint8_t *p)
{
	return (struct hs_owner){hs_get_le32(p), hs_get_le32(p + 4), hs_get_le32(p + 8)};
}

static void put_fixed(const struct hs_step *s, uint8_t *p)
{
	switch (kinds[s->kind].value) {
	case INODE:
		hs_put_le32(p, s->inode.gen);
		hs_put_le16(p + 4, s->inode.type);
		p[6] = s->inode.has_fid;
		hs_fid_put_le(p + 7, s->inode.fid);
		break;
	case SUM:
		hs_put_le32(p, s->sum.len);
		hs_put_le64(p + 4, s->sum.sum);
		break;
	case ENTRY:
		hs_put_le32(p, s->entry.ino);
		hs_put_le32(p + 4, s->entry.made);
		p[8] = s->entry.type;
		p[9] = s->entry.has_fid;
		hs_fid_put_le(p + 10, s->entry.fid);
		break;
	case OI:
		hs_fid_put_le(p, s->oi.fid);
		hs_put_le32(p + 16, s->oi.file);
		hs_put_le32(p + 20, s->oi.ino);
		hs_put_le32(p + 24, s->oi.made);
		hs_put_le32(p + 28, s->oi.gen);
		break;
	case NUMBER:
		hs_put_le64(p, (uint64_t)s->number);
		break;
	case OWNER:
		put_owner(p, &s->owner);
		break;
	case FLAGS:
		hs_put_le32(p, s->flags.set);
		hs_put_le32(p + 4, s->flags.clear);
		break;
	case CREATE:
		hs_put_le16(p, s->create.mode);
		hs_put_le32(p + 2, s->create.flags);
		put_owner(p + 6, &s->create.owner);
		break;
	case NONE:
	case BYTES:
	case DATA:
		break;
	}
}

errint_t hs_step_encode(const struct hs_step *s, struct hs_step_room *room, struct hs_run_step *out)
{
	enum value value = kinds[s->kind].value;
	uint8_t offset[8];

	*out = (struct hs_run_step){
		.kind = kinds[s->kind].word,
		.target = hs_tgt_text(s->target, room->label),
		.ino = s->ino,
		.made = s->made,
		.name = s->name,
		.name_len = s->name_len,
	};
	if (value == DATA) {
		/* an empty value is a value all the same */
		out->value = s->data.len ? s->data.bytes : room->value;
		out->value_len = s->data.len;
	} else if (value == BYTES) {
		hs_put_le64(offset, s->data.offset);
		hs_strbuf_reset(&room->bytes);
		hs_strbuf_add(&room->bytes, offset, sizeof(offset));
		hs_strbuf_add(&room->bytes, s->data.bytes, s->data.len);
		out->value = hs_strbuf_str(&room->bytes);
		out->value_len = room->bytes.len;
		return hs_strbuf_error(&room->bytes);
	} else if (value != NONE) {
		put_fixed(s, room->value);
		out->value = room->value;
		out->value_len = lengths[value];
	}
	return 0;
}

/* One of the file types of i_mode. */
static bool is_type(uint32_t mode)
{
	switch (mode & 0170000) {
	case 0010000:
	case 0020000:
	case 0040000:
	case 0060000:
	case 0100000:
	case 0120000:
	case 0140000:
		return true;
	default:
		return false;
	}
}

static const char *get_fixed(const uint8_t *p, struct hs_step *s)
{
	switch (kinds[s->kind].value) {
	case INODE:
		s->inode.gen = hs_get_le32(p);
		s->inode.type = hs_get_le16(p + 4);
		s->inode.has_fid = p[6];
		s->inode.fid = hs_fid_get_le(p + 7);
		if (p[6] > 1 || (s->inode.type && !is_type(s->inode.type)) ||
		    s->inode.type & 07777 || (!p[6] && !hs_fid_is_zero(s->inode.fid)))
			return "the type of the inode is impossible";
		break;
	case SUM:
		s->sum.len = hs_get_le32(p);
		s->sum.sum = hs_get_le64(p + 4);
		if (s->sum.len > HS_STEP_DATA_MAX)
			return "the length is impossible";
		break;
	case ENTRY:
		s->entry.ino = hs_get_le32(p);
		s->entry.made = hs_get_le32(p + 4);
		s->entry.type = p[8];
		s->entry.has_fid = p[9];
		s->entry.fid = hs_fid_get_le(p + 10);
		if (p[8] > 15 || p[9] > 1 || (s->entry.ino && s->entry.made) ||
		    (!p[9] && !hs_fid_is_zero(s->entry.fid)))
			return "what the entry leads to is impossible";
		break;
	case OI:
		s->oi.fid = hs_fid_get_le(p);
		s->oi.file = hs_get_le32(p + 16);
		s->oi.ino = hs_get_le32(p + 20);
		s->oi.made = hs_get_le32(p + 24);
		s->oi.gen = hs_get_le32(p + 28);
		if (s->oi.ino && s->oi.made)
			return "the OI record is impossible";
		break;
	case NUMBER:
		s->number = (int64_t)hs_get_le64(p);
		break;
	case OWNER:
		s->owner = get_owner(p);
		break;
	case FLAGS:
		s->flags.set = hs_get_le32(p);
		s->flags.clear = hs_get_le32(p + 4);
		if (s->flags.set & s->flags.clear)
			return "flags are both set and cleared";
		break;
	case CREATE:
		s->create.mode = hs_get_le16(p);
		s->create.flags = hs_get_le32(p + 2);
		s->create.owner = get_owner(p + 6);
		if (!is_type(s->create.mode))
			return "the mode of the inode is impossible";
		break;
	case NONE:
	case BYTES:
	case DATA:
		break;
	}
	return NULL;
}

static const char *get_value(const struct hs_run_step *row, struct hs_step *s)
{
	enum value value = kinds[s->kind].value;
	const uint8_t *p = row->value;

	if (value == NONE)
		return row->value_len ? "there is a value where none belongs" : NULL;
	if (value != DATA && value != BYTES) {
		if (row->value_len != lengths[value])
			return "the value has a wrong length";
		return get_fixed(p, s);
	}
	if (value == BYTES && row->value_len < 8)
		return "the value is too short";
	if (row->value_len > HS_STEP_DATA_MAX)
		return "the value is too long";
	s->data.bytes = value == BYTES ? p + 8 : p;
	s->data.len = (uint32_t)row->value_len - (value == BYTES ? 8 : 0);
	s->data.offset = value == BYTES ? hs_get_le64(p) : 0;
	return s->data.offset > INT64_MAX - HS_STEP_DATA_MAX ? "the offset is impossible" : NULL;
}

/* Kinds that have a name, and how long it may be. */
static size_t name_room(enum hs_step_kind kind)
{
	switch (kind) {
	case HS_STEP_IS_XATTR:
	case HS_STEP_NO_XATTR:
	case HS_STEP_SET_XATTR:
	case HS_STEP_DROP_XATTR:
	case HS_STEP_IS_ENTRY:
	case HS_STEP_NO_ENTRY:
	case HS_STEP_ADD_ENTRY:
	case HS_STEP_SET_ENTRY:
	case HS_STEP_DROP_ENTRY:
	case HS_STEP_SET_DOTDOT:
		return 255;
	case HS_STEP_MAKE_INODE:
		return 59; /* a symlink that fits into its inode */
	default:
		return 0;
	}
}

static bool is_dots(const struct hs_step *s)
{
	return (s->name_len == 1 || s->name_len == 2) && !memcmp(s->name, "..", s->name_len);
}

static bool is_entry_name(const struct hs_step *s)
{
	return !memchr(s->name, '/', s->name_len) && !memchr(s->name, 0, s->name_len) &&
	       !is_dots(s);
}

/* "user.a", "trusted.link" */
static bool is_xattr_name(const struct hs_step *s)
{
	const uint8_t *dot = memchr(s->name, '.', s->name_len);

	return dot && dot > s->name && dot + 1 < s->name + s->name_len &&
	       !memchr(s->name, 0, s->name_len);
}

static const char *check_name(const struct hs_step *s)
{
	size_t room = name_room(s->kind);
	bool ok = true;

	if (s->name_len > room)
		return room ? "the name is too long" : "there is a name where none belongs";
	if (room == 255 && !s->name_len)
		return "there is no name";
	switch (s->kind) {
	case HS_STEP_IS_XATTR:
	case HS_STEP_NO_XATTR:
	case HS_STEP_SET_XATTR:
	case HS_STEP_DROP_XATTR:
		ok = is_xattr_name(s);
		break;
	case HS_STEP_IS_ENTRY:
	case HS_STEP_NO_ENTRY:
		ok = is_dots(s) || is_entry_name(s);
		break;
	case HS_STEP_SET_DOTDOT:
		ok = is_dots(s);
		break;
	case HS_STEP_ADD_ENTRY:
	case HS_STEP_SET_ENTRY:
	case HS_STEP_DROP_ENTRY:
		ok = is_entry_name(s);
		break;
	default:
		break;
	}
	return ok ? NULL : "the name is impossible";
}

/* Which inode a step is about. */
static const char *check_place(const struct hs_step *s)
{
	bool index = s->kind == HS_STEP_IS_OI || s->kind == HS_STEP_NO_OI ||
		     s->kind == HS_STEP_SET_OI || s->kind == HS_STEP_DROP_OI;

	if (s->kind == HS_STEP_MAKE_INODE)
		return s->made && !s->ino ? NULL : "the inode to be made has no number";
	if (index)
		return s->made || s->ino ? "an OI record belongs to no inode" : NULL;
	return !s->made == !s->ino ? "it is about no inode, or about two" : NULL;
}

static enum hs_step_kind kind_of(const char *word)
{
	enum hs_step_kind k = 0;

	while (k < HS_STEP_KINDS && strcmp(word, kinds[k].word))
		k++;
	return k;
}

errint_t hs_step_decode(const struct hs_run_step *row, struct hs_step *out, struct hs_strbuf *why)
{
	const char *wrong = NULL;

	*out = (struct hs_step){.kind = kind_of(row->kind)};
	if (out->kind == HS_STEP_KINDS)
		wrong = "of an unknown kind";
	else if (!hs_tgt_parse(row->target, &out->target))
		wrong = "it names no target";
	else if (row->ino < 0 || row->ino > UINT32_MAX || row->made < 0 || row->made > UINT32_MAX)
		wrong = "the inode number is impossible";
	if (!wrong) {
		out->ino = (uint32_t)row->ino;
		out->made = (uint32_t)row->made;
		out->name = row->name;
		out->name_len = row->name_len;
		wrong = check_place(out);
	}
	if (!wrong)
		wrong = check_name(out);
	if (!wrong)
		wrong = get_value(row, out);
	if (!wrong)
		return 0;
	hs_strbuf_puts(why, "a step of the plan (");
	hs_strbuf_add_escaped(why, row->kind, strlen(row->kind));
	hs_strbuf_printf(why, ") is damaged: %s", wrong);
	return -EUCLEAN;
}
