/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lfsck/record.h"

#include <inttypes.h>
#include <stdio.h>

#include "lustre/target.h"

/* "MDT0000 inode 173", "MDT0000 inode 173 block 2" */
static const char *place(struct hs_finding *f, const struct hs_system *s, const struct hs_prov *p)
{
	char target[16];

	hs_tgt_text(s->targets[p->target]->id, target);
	if (p->block)
		return hs_finding_text(f, "%s inode %u block %u", target, p->ino, p->block);
	return p->ino ? hs_finding_text(f, "%s inode %u", target, p->ino)
		      : hs_finding_text(f, "%s", target);
}

static void uuid_text(const uint8_t uuid[16], char out[37])
{
	char *p = out;

	for (int i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*p++ = '-';
		p += snprintf(p, 3, "%02x", uuid[i]);
	}
}

errint_t hs_record_targets(struct hs_recorder *r, const struct hs_system *s)
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
		err = hs_run_add_target(r->run, &out);
	}
	return err;
}

/* First mark of a FID in the sorted list. */
static size_t first_mark(const struct hs_marks *m, struct hs_fid fid)
{
	size_t lo = 0, hi = m->n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (hs_fid_cmp(m->v[mid].fid, fid) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static void add_mark(struct hs_finding *f, const struct hs_check *c, const struct hs_mark *m)
{
	const struct hs_mark_info *info = hs_mark_info(m->code);
	struct hs_strbuf name = HS_STRBUF_INIT;

	if (m->name) {
		hs_strbuf_puts(&name, ", entry \"");
		hs_strbuf_add_escaped(&name, m->name, m->name_len);
		hs_strbuf_putc(&name, '"');
	}
	hs_finding_add_fact(f, place(f, c->sys, &m->prov), "%s%s", info->text,
			    hs_strbuf_str(&name));
	hs_strbuf_free(&name);
}

static void add_left(struct hs_finding *f, const struct hs_check *c, const struct hs_kept *k,
		     int64_t net)
{
	struct hs_strbuf text = HS_STRBUF_INIT;

	hs_fact_describe(k->bytes, k->len, &text);
	hs_finding_add_left(f, place(f, c->sys, &k->prov), hs_fact_tag_name(k->bytes[0]), net, "%s",
			    hs_strbuf_str(&text));
	hs_strbuf_free(&text);
}

/* Whether all marks say that the object is healthy but cannot balance, and nothing else is left
 * over than such an object may leave. */
static bool is_witness(const struct hs_check *c, const struct hs_join *j,
		       const struct hs_suspect *s)
{
	size_t i = first_mark(&c->marks, s->fid), at = s->first, end = s->first + s->count;

	if (!s->marked)
		return false;
	for (; i < c->marks.n && hs_fid_eq(c->marks.v[i].fid, s->fid); i++) {
		enum hs_mark_weight weight = hs_mark_info(c->marks.v[i].code)->weight;

		if (weight == HS_MARK_DAMAGE || weight == HS_MARK_UNREAD)
			return false;
	}
	while (at < end) {
		uint8_t tag = j->facts[at]->bytes[0];
		int64_t net = hs_join_net(j, at, end, &at);

		if (net && !(tag == HS_FACT_NAME && net > 0) && tag != HS_FACT_SHARD)
			return false;
	}
	return true;
}

static errint_t record_suspect(struct hs_recorder *r, const struct hs_check *c,
			       const struct hs_join *j, const struct hs_suspect *s)
{
	struct hs_finding f = {.kind = HS_RECORD_SUSPECT, .severity = HS_SEV_ERROR};
	size_t i = first_mark(&c->marks, s->fid), at = s->first, end = s->first + s->count;
	bool witness = is_witness(c, j, s);
	char fid[HS_FID_TEXT];
	errint_t err;

	r->suspects++;
	r->witnesses += witness;
	if (witness)
		f.severity = HS_SEV_NOTE;
	f.object = hs_fid_text(s->fid, fid);
	f.message = witness ? "healthy, but its facts cannot balance" : "facts do not agree";
	for (; i < c->marks.n && hs_fid_eq(c->marks.v[i].fid, s->fid); i++) {
		if (!f.rule)
			f.rule = hs_mark_info(c->marks.v[i].code)->rule;
		add_mark(&f, c, &c->marks.v[i]);
	}
	while (at < end) {
		const struct hs_kept *k = j->facts[at];
		int64_t net = hs_join_net(j, at, end, &at);

		if (net)
			add_left(&f, c, k, net);
	}
	err = hs_run_add_finding(r->run, &f);
	hs_finding_free(&f);
	return err;
}

int hs_record_suspects(void *arg, struct hs_check *c, const struct hs_join *j)
{
	struct hs_recorder *r = arg;
	errint_t err = 0;

	for (size_t i = 0; !err && i < j->n_suspects; i++)
		err = record_suspect(r, c, j, &j->suspects[i]);
	return err;
}

static errint_t record_place(struct hs_recorder *r, const struct hs_check *c,
			     const struct hs_mark *m)
{
	const struct hs_mark_info *info = hs_mark_info(m->code);
	struct hs_finding f = {.kind = HS_RECORD_SUSPECT, .severity = HS_SEV_ERROR};
	char label[16];
	errint_t err;

	f.rule = info->rule;
	if (info->weight == HS_MARK_NOTE || info->weight == HS_MARK_WITNESS)
		f.severity = HS_SEV_NOTE;
	else
		r->places++;
	if (info->weight == HS_MARK_UNREAD) {
		f.state = HS_STATE_UNDECIDED;
		f.reason = info->text;
	}
	f.target = hs_tgt_text(c->sys->targets[m->prov.target]->id, label);
	f.object = hs_finding_text(&f, "inode %u", m->prov.ino);
	f.message = info->text;
	hs_finding_add_fact(&f, place(&f, c->sys, &m->prov), "seen %" PRIu64 " against %" PRIu64,
			    m->a, m->b);
	err = hs_run_add_finding(r->run, &f);
	hs_finding_free(&f);
	return err;
}

static errint_t record_totals(struct hs_recorder *r, const struct hs_check *c, size_t t)
{
	const struct hs_target_counts *n = &c->counts[t];
	struct hs_run *run = r->run;
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

errint_t hs_record_result(struct hs_recorder *r, const struct hs_check *c)
{
	uint64_t bytes = 0;
	errint_t err = 0;

	for (size_t i = 0; !err && i < c->marks.n && hs_fid_is_zero(c->marks.v[i].fid); i++)
		err = record_place(r, c, &c->marks.v[i]);
	for (size_t t = 0; !err && t < c->sys->n_targets; t++)
		err = record_totals(r, c, t);
	for (unsigned p = 0; p < HS_PHASES; p++)
		bytes += c->phase_bytes[p];
	if (!err)
		err = hs_run_set_total(r->run, NULL, "facts", (int64_t)c->facts);
	if (!err)
		err = hs_run_set_total(r->run, NULL, "bytes read", (int64_t)bytes);
	if (!err && c->undecided)
		err = hs_run_set_total(r->run, NULL, "undecided facts", (int64_t)c->undecided);
	if (!err && c->marks.dropped)
		err = hs_run_set_total(r->run, NULL, "observations not kept",
				       (int64_t)c->marks.dropped);
	if (!err && c->sys->n_absent)
		err = hs_run_set_flag(r->run, "incomplete", true);
	return err;
}
