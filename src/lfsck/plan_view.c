/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lfsck/plan_view.h"

#include <inttypes.h>
#include <stdlib.h>

#include "lustre/target.h"

void hs_item_view_free(struct hs_item_view *view)
{
	free(view->expects);
	free(view->edits);
	memset(view, 0, sizeof(*view));
}

static errint_t decode_steps(const struct hs_run_step *rows, size_t n, bool edits,
			     struct hs_step **out, size_t *n_out, struct hs_strbuf *why)
{
	errint_t err = 0;

	*out = calloc(n ? n : 1, sizeof(**out));
	if (!*out)
		return -ENOMEM;
	for (size_t i = 0; !err && i < n; i++) {
		err = hs_step_decode(&rows[i], &(*out)[i], why);
		if (!err && hs_step_is_edit((*out)[i].kind) != edits) {
			hs_strbuf_puts(why, "facts and edits of the plan are mixed");
			err = -EUCLEAN;
		}
		*n_out = i + 1;
	}
	return err;
}

static const char *check(const struct hs_run_item *item)
{
	if (item->id <= 0 || item->id > UINT32_MAX)
		return "its number is impossible";
	if (item->phase < 1 || item->phase > 2)
		return "its phase is impossible";
	if (item->gate &&
	    (strlen(item->gate) != 2 || item->gate[0] != '-' || !strchr("ocCd", item->gate[1])))
		return "the option it needs is none";
	for (size_t i = 0; i < item->n_needs; i++) {
		if (item->needs[i] <= 0 || item->needs[i] >= item->id)
			return "it needs an item that does not come before it";
	}
	return item->n_edits ? NULL : "it has no edit";
}

errint_t hs_item_view_decode(const struct hs_run_item_read *row, struct hs_item_view *out,
			     struct hs_strbuf *why)
{
	const char *wrong = check(&row->item);
	errint_t err;

	*out = (struct hs_item_view){.row = row};
	if (wrong) {
		hs_strbuf_printf(why, "item %" PRId64 " of the plan is damaged: %s", row->item.id,
				 wrong);
		return -EUCLEAN;
	}
	err = decode_steps(row->item.expects, row->item.n_expects, false, &out->expects,
			   &out->n_expects, why);
	if (!err)
		err = decode_steps(row->item.edits, row->item.n_edits, true, &out->edits,
				   &out->n_edits, why);
	return err;
}

static void say_inode(struct hs_strbuf *out, uint32_t ino, uint32_t made)
{
	if (made)
		hs_strbuf_printf(out, "new inode #%u", made);
	else
		hs_strbuf_printf(out, "inode %u", ino);
}

static void say_leads(struct hs_strbuf *out, const struct hs_leads *e)
{
	char fid[HS_FID_TEXT];

	say_inode(out, e->ino, e->made);
	hs_strbuf_printf(out, ", type %u", e->type);
	if (e->has_fid)
		hs_strbuf_printf(out, ", FID %s", hs_fid_text(e->fid, fid));
}

static void say_name(struct hs_strbuf *out, const struct hs_step *s)
{
	hs_strbuf_putc(out, '"');
	hs_strbuf_add_escaped(out, s->name, s->name_len);
	hs_strbuf_putc(out, '"');
}

static void say_owner(struct hs_strbuf *out, const struct hs_owner *o)
{
	hs_strbuf_printf(out, "owner %u, group %u, project %u", o->uid, o->gid, o->projid);
}

/* Small values in full. */
static void say_bytes(struct hs_strbuf *out, const struct hs_step *s)
{
	hs_strbuf_printf(out, "%u byte%s", s->data.len, s->data.len == 1 ? "" : "s");
	if (!s->data.len || s->data.len > 16)
		return;
	hs_strbuf_puts(out, " ");
	for (uint32_t i = 0; i < s->data.len; i++)
		hs_strbuf_printf(out, "%02x", s->data.bytes[i]);
}

static void say_record(struct hs_strbuf *out, const struct hs_step *s, bool full)
{
	char fid[HS_FID_TEXT];

	hs_strbuf_printf(out, "oi.16.%u: %s", s->oi.file, hs_fid_text(s->oi.fid, fid));
	if (!full)
		return;
	hs_strbuf_puts(out, " is ");
	say_inode(out, s->oi.ino, s->oi.made);
	if (!s->oi.made)
		hs_strbuf_printf(out, ", generation %u", s->oi.gen);
}

static void say_fact(const struct hs_step *s, struct hs_strbuf *out)
{
	char fid[HS_FID_TEXT];

	switch (s->kind) {
	case HS_STEP_IS_INODE:
		hs_strbuf_printf(out, "is in use, generation %u, type 0%o", s->inode.gen,
				 s->inode.type);
		if (s->inode.has_fid)
			hs_strbuf_printf(out, ", FID %s", hs_fid_text(s->inode.fid, fid));
		break;
	case HS_STEP_IS_FREE:
		hs_strbuf_puts(out, "is free");
		break;
	case HS_STEP_IS_XATTR:
		hs_strbuf_add_escaped(out, s->name, s->name_len);
		hs_strbuf_printf(out, " has %u bytes, sum %016" PRIx64, s->sum.len, s->sum.sum);
		break;
	case HS_STEP_NO_XATTR:
		hs_strbuf_puts(out, "has no ");
		hs_strbuf_add_escaped(out, s->name, s->name_len);
		break;
	case HS_STEP_IS_ENTRY:
		say_name(out, s);
		hs_strbuf_puts(out, " leads to ");
		say_leads(out, &s->entry);
		break;
	case HS_STEP_NO_ENTRY:
		hs_strbuf_puts(out, "has no ");
		say_name(out, s);
		break;
	case HS_STEP_IS_OI:
		say_record(out, s, true);
		break;
	case HS_STEP_NO_OI:
		say_record(out, s, false);
		hs_strbuf_puts(out, " is not there");
		break;
	case HS_STEP_IS_NLINK:
		hs_strbuf_printf(out, "nlink is %" PRId64, s->number);
		break;
	case HS_STEP_IS_OWNER:
		say_owner(out, &s->owner);
		break;
	case HS_STEP_IS_MODE:
		hs_strbuf_printf(out, "mode is 0%" PRIo64, (uint64_t)s->number);
		break;
	case HS_STEP_IS_FLAGS:
		hs_strbuf_printf(out, "flags 0x%x are set, 0x%x are not", s->flags.set,
				 s->flags.clear);
		break;
	case HS_STEP_IS_BYTES:
		hs_strbuf_printf(out, "at %" PRIu64 " it has ", s->data.offset);
		say_bytes(out, s);
		break;
	default:
		hs_strbuf_puts(out, "was never written");
		break;
	}
}

static void say_edit(const struct hs_step *s, struct hs_strbuf *out)
{
	switch (s->kind) {
	case HS_STEP_SET_XATTR:
		hs_strbuf_puts(out, "sets ");
		hs_strbuf_add_escaped(out, s->name, s->name_len);
		hs_strbuf_puts(out, " to ");
		say_bytes(out, s);
		break;
	case HS_STEP_DROP_XATTR:
		hs_strbuf_puts(out, "removes ");
		hs_strbuf_add_escaped(out, s->name, s->name_len);
		break;
	case HS_STEP_ADD_ENTRY:
	case HS_STEP_SET_ENTRY:
	case HS_STEP_SET_DOTDOT:
		hs_strbuf_puts(out, s->kind == HS_STEP_ADD_ENTRY ? "inserts " : "changes ");
		say_name(out, s);
		hs_strbuf_puts(out,
			       s->kind == HS_STEP_ADD_ENTRY ? ", which leads to " : " to lead to ");
		say_leads(out, &s->entry);
		break;
	case HS_STEP_DROP_ENTRY:
		hs_strbuf_puts(out, "removes ");
		say_name(out, s);
		hs_strbuf_puts(out, ", which leads to ");
		say_leads(out, &s->entry);
		break;
	case HS_STEP_ADD_NLINK:
		hs_strbuf_printf(out, "nlink %+" PRId64, s->number);
		break;
	case HS_STEP_SET_OI:
		hs_strbuf_puts(out, "sets the record in ");
		say_record(out, s, true);
		break;
	case HS_STEP_DROP_OI:
		hs_strbuf_puts(out, "removes the record of ");
		say_record(out, s, false);
		break;
	case HS_STEP_SET_OWNER:
		hs_strbuf_puts(out, "sets ");
		say_owner(out, &s->owner);
		break;
	case HS_STEP_SET_MODE:
		hs_strbuf_printf(out, "sets the mode to 0%" PRIo64, (uint64_t)s->number);
		break;
	case HS_STEP_SET_FLAGS:
		hs_strbuf_printf(out, "sets the flags 0x%x, clears 0x%x", s->flags.set,
				 s->flags.clear);
		break;
	case HS_STEP_SET_BYTES:
		hs_strbuf_printf(out, "writes at %" PRIu64 " ", s->data.offset);
		say_bytes(out, s);
		break;
	case HS_STEP_MAKE_INODE:
		hs_strbuf_printf(out, "makes it, mode 0%o, ", s->create.mode);
		say_owner(out, &s->create.owner);
		break;
	case HS_STEP_FREE_INODE:
		hs_strbuf_puts(out, "frees it");
		break;
	default:
		hs_strbuf_puts(out, "rebuilds the hash index");
		break;
	}
}

void hs_step_say(const struct hs_step *s, struct hs_strbuf *out)
{
	char label[16];

	hs_strbuf_puts(out, hs_tgt_text(s->target, label));
	if (s->ino || s->made) {
		hs_strbuf_putc(out, ' ');
		say_inode(out, s->ino, s->made);
	}
	hs_strbuf_puts(out, ": ");
	if (hs_step_is_edit(s->kind))
		say_edit(s, out);
	else
		say_fact(s, out);
}
