/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Items of a plan as JSON.
 */
#include <inttypes.h>
#include <string.h>

#include "base/cleanup.h"
#include "cli/plan.h"
#include "lustre/target.h"
#include "report/json.h"

static void put_fid(struct hs_json *j, const char *key, struct hs_fid fid)
{
	char text[HS_FID_TEXT];

	hs_json_str(j, key, hs_fid_text(fid, text));
}

static void put_inode(struct hs_json *j, uint32_t ino, uint32_t made)
{
	if (made)
		hs_json_uint(j, "new_inode", made);
	else if (ino)
		hs_json_uint(j, "inode", ino);
}

static void put_hex(struct hs_json *j, const char *key, const uint8_t *bytes, size_t len)
{
	hs_cleanup(hs_strbuf_free) struct hs_strbuf hex = HS_STRBUF_INIT;

	for (size_t i = 0; i < len; i++)
		hs_strbuf_printf(&hex, "%02x", bytes[i]);
	hs_json_str(j, key, hs_strbuf_str(&hex));
}

static void put_leads(struct hs_json *j, const struct hs_leads *e)
{
	hs_json_object(j, "leads_to");
	put_inode(j, e->ino, e->made);
	hs_json_uint(j, "type", e->type);
	if (e->has_fid)
		put_fid(j, "fid", e->fid);
	hs_json_end_object(j);
}

static void put_owner(struct hs_json *j, const struct hs_owner *o)
{
	hs_json_uint(j, "uid", o->uid);
	hs_json_uint(j, "gid", o->gid);
	hs_json_uint(j, "projid", o->projid);
}

static void put_value(struct hs_json *j, const struct hs_step *s)
{
	switch (s->kind) {
	case HS_STEP_IS_INODE:
		hs_json_uint(j, "generation", s->inode.gen);
		hs_json_printf(j, "mode", "0%o", s->inode.type);
		if (s->inode.has_fid)
			put_fid(j, "fid", s->inode.fid);
		break;
	case HS_STEP_IS_XATTR:
		hs_json_uint(j, "size", s->sum.len);
		hs_json_printf(j, "sum", "%016" PRIx64, s->sum.sum);
		break;
	case HS_STEP_IS_ENTRY:
	case HS_STEP_ADD_ENTRY:
	case HS_STEP_SET_ENTRY:
	case HS_STEP_DROP_ENTRY:
	case HS_STEP_SET_DOTDOT:
		put_leads(j, &s->entry);
		break;
	case HS_STEP_IS_OI:
	case HS_STEP_NO_OI:
	case HS_STEP_SET_OI:
	case HS_STEP_DROP_OI:
		hs_json_uint(j, "oi_file", s->oi.file);
		put_fid(j, "fid", s->oi.fid);
		put_inode(j, s->oi.ino, s->oi.made);
		if (s->oi.ino)
			hs_json_uint(j, "generation", s->oi.gen);
		break;
	case HS_STEP_IS_NLINK:
	case HS_STEP_ADD_NLINK:
		hs_json_int(j, "nlink", s->number);
		break;
	case HS_STEP_IS_MODE:
	case HS_STEP_SET_MODE:
		hs_json_printf(j, "mode", "0%" PRIo64, (uint64_t)s->number);
		break;
	case HS_STEP_IS_OWNER:
	case HS_STEP_SET_OWNER:
		put_owner(j, &s->owner);
		break;
	case HS_STEP_IS_FLAGS:
	case HS_STEP_SET_FLAGS:
		hs_json_uint(j, "set", s->flags.set);
		hs_json_uint(j, "clear", s->flags.clear);
		break;
	case HS_STEP_SET_XATTR:
		put_hex(j, "value", s->data.bytes, s->data.len);
		break;
	case HS_STEP_IS_BYTES:
	case HS_STEP_SET_BYTES:
		hs_json_uint(j, "offset", s->data.offset);
		put_hex(j, "value", s->data.bytes, s->data.len);
		break;
	case HS_STEP_MAKE_INODE:
		hs_json_printf(j, "mode", "0%o", s->create.mode);
		hs_json_uint(j, "flags", s->create.flags);
		put_owner(j, &s->create.owner);
		break;
	default:
		break;
	}
}

static void put_step(struct hs_json *j, const struct hs_step *s)
{
	char label[16];

	hs_json_object(j, NULL);
	hs_json_str(j, "kind", hs_step_word(s->kind));
	hs_json_str(j, "target", hs_tgt_text(s->target, label));
	if (s->kind != HS_STEP_IS_OI && s->kind != HS_STEP_NO_OI && s->kind != HS_STEP_SET_OI &&
	    s->kind != HS_STEP_DROP_OI) {
		/* which inode it is about; an OI record names one in its value */
		if (s->made)
			hs_json_uint(j, "of_new_inode", s->made);
		else
			hs_json_uint(j, "of_inode", s->ino);
	}
	if (s->name_len)
		hs_json_bytes(j, s->kind == HS_STEP_MAKE_INODE ? "text" : "name", s->name,
			      s->name_len);
	put_value(j, s);
	hs_json_end_object(j);
}

static void put_steps(struct hs_json *j, const char *key, const struct hs_step *v, size_t n)
{
	hs_json_array(j, key);
	for (size_t i = 0; i < n; i++)
		put_step(j, &v[i]);
	hs_json_end_array(j);
}

errint_t hs_plan_item_json(const struct hs_item_view *view, FILE *out)
{
	hs_cleanup(hs_strbuf_free) struct hs_strbuf b = HS_STRBUF_INIT;
	const struct hs_run_item_read *row = view->row;
	const struct hs_run_item *item = &row->item;
	struct hs_json j = hs_json_to(&b);
	errint_t err;

	hs_json_object(&j, NULL);
	hs_json_str(&j, "type", "repair");
	hs_json_int(&j, "item", item->id);
	hs_json_int(&j, "finding", item->finding);
	hs_json_str_if(&j, "rule", row->rule);
	hs_json_str_if(&j, "target", row->target);
	hs_json_str_if(&j, "object", row->object);
	if (row->path)
		hs_json_bytes(&j, "path", row->path, row->path_len);
	hs_json_str_if(&j, "message", row->message);
	hs_json_str_if(&j, "repair", row->repair);
	hs_json_int(&j, "phase", item->phase);
	hs_json_str_if(&j, "gate", item->gate);
	hs_json_str(&j, "state", hs_item_state_name(row->state));
	hs_json_str_if(&j, "reason", row->reason);
	hs_json_array(&j, "needs");
	for (size_t i = 0; i < item->n_needs; i++)
		hs_json_int(&j, NULL, item->needs[i]);
	hs_json_end_array(&j);
	put_steps(&j, "facts", view->expects, view->n_expects);
	put_steps(&j, "edits", view->edits, view->n_edits);
	hs_json_end_object(&j);
	err = hs_json_done(&j);
	if (!err && fwrite(b.s, 1, b.len, out) != b.len)
		err = -EIO;
	return err;
}
