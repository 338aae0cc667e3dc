/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lfsck/record.h"

#include <stdio.h>

#include "lustre/target.h"

static void uuid_text(const uint8_t uuid[16], char out[37])
{
	char *p = out;

	for (int i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*p++ = '-';
		p += snprintf(p, 3, "%02x", uuid[i]);
	}
}

errint_t hs_record_targets(struct hs_run *run, const struct hs_system *s)
{
	errint_t err = 0;

	for (size_t i = 0; !err && i < s->n_targets; i++) {
		const struct hs_target *t = s->targets[i];
		const struct hs_fs_geo *geo = hs_fs_geo(t->fs);
		struct hs_run_target out = {
			.kind = hs_target_is_mdt(t) ? "MDT" : "OST",
			.index = t->id.index,
			.size = geo->blocks * geo->block_size,
			.device = t->device,
			.mounted = geo->last_mount,
			.written = geo->last_write,
		};
		char label[16], uuid[37];

		uuid_text(geo->uuid, uuid);
		out.label = hs_tgt_text(t->id, label);
		out.uuid = uuid;
		err = hs_run_add_target(run, &out);
	}
	return err;
}

errint_t hs_record_position(void *run, const struct hs_target *t, const char *source,
			    const struct hs_position *pos)
{
	char name[64], label[16];

	snprintf(name, sizeof(name), "%s/%s", hs_tgt_text(t->id, label), source);
	return hs_run_set_position(run, HS_POSITION_CHECKPOINT, name, pos);
}

errint_t hs_record_commit(void *run)
{
	return hs_run_commit(run);
}

static errint_t record_totals(struct hs_run *run, const struct hs_check *c, size_t t)
{
	const struct hs_target_counts *n = &c->counts[t];
	char label[16];
	errint_t err;

	hs_tgt_text(c->sys->targets[t]->id, label);
	err = hs_run_set_total(run, label, "inodes", (int64_t)n->inodes);
	if (!err && hs_target_is_mdt(c->sys->targets[t])) {
		err = hs_run_set_total(run, label, "name space objects",
				       (int64_t)n->objects[HS_CLASS_NAMESPACE]);
		if (!err)
			err = hs_run_set_total(run, label, "directories", (int64_t)n->directories);
		if (!err)
			err = hs_run_set_total(run, label, "names", (int64_t)n->names);
		if (!err)
			err = hs_run_set_total(run, label, "stripes", (int64_t)n->stripes);
	} else if (!err) {
		err = hs_run_set_total(run, label, "objects", (int64_t)n->objects[HS_CLASS_OBJECT]);
	}
	if (!err && n->undecided)
		err = hs_run_set_total(run, label, "undecided facts", (int64_t)n->undecided);
	return err;
}

/* The targets that were not given, for the summary: "OST0001, OST0002". */
static errint_t record_absent(struct hs_run *run, const struct hs_system *s)
{
	struct hs_strbuf list = HS_STRBUF_INIT;
	char label[16];
	errint_t err;

	for (size_t i = 0; i < s->n_absent; i++)
		hs_strbuf_printf(&list, "%s%s", i ? ", " : "", hs_tgt_text(s->absent[i], label));
	err = hs_run_set_flag(run, "incomplete", true);
	if (!err)
		err = hs_run_set_option(run, "absent", hs_strbuf_str(&list));
	hs_strbuf_free(&list);
	return err;
}

errint_t hs_record_result(struct hs_run *run, const struct hs_check *c)
{
	uint64_t bytes = 0;
	errint_t err = 0;

	for (size_t t = 0; !err && t < c->sys->n_targets; t++)
		err = record_totals(run, c, t);
	for (unsigned p = 0; p < HS_PHASES; p++)
		bytes += c->phase_bytes[p];
	if (!err)
		err = hs_run_set_total(run, NULL, "facts", (int64_t)c->facts);
	if (!err)
		err = hs_run_set_total(run, NULL, "bytes read", (int64_t)bytes);
	if (!err && c->undecided)
		err = hs_run_set_total(run, NULL, "undecided facts", (int64_t)c->undecided);
	if (!err && c->marks.dropped)
		err = hs_run_set_total(run, NULL, "observations not kept",
				       (int64_t)c->marks.dropped);
	if (!err && c->sys->n_absent)
		err = record_absent(run, c->sys);
	return err;
}
