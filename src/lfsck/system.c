/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lfsck/system.h"

#include "lfsck/oplog.h"

#include <stdlib.h>

#include "base/array.h"

#define MAX_INDEX 0xffffu /* indexes have four hex digits */

enum hs_presence hs_system_presence(const struct hs_system *s, struct hs_tgt t)
{
	if (t.kind == HS_MDT && t.index < s->n_mdts && s->mdt_known[t.index])
		return s->mdts[t.index] ? HS_PRESENT : HS_ABSENT;
	if (t.kind == HS_OST && t.index < s->n_osts && s->ost_known[t.index])
		return s->osts[t.index] ? HS_PRESENT : HS_ABSENT;
	return HS_UNKNOWN;
}

struct hs_tgt hs_system_owner(const struct hs_system *s, uint64_t seq, enum hs_presence *presence)
{
	struct hs_tgt t = hs_fld_owner(&s->fld, seq);

	/* .lustre and ROOT live on MDT0 whether or not a table says so */
	if (t.kind == HS_NO_TARGET && (seq == HS_SEQ_DOT_LUSTRE || seq == HS_SEQ_ROOT))
		t = (struct hs_tgt){HS_MDT, 0};
	if (t.kind == HS_NO_TARGET)
		*presence = s->fld_incomplete ? HS_ABSENT : HS_UNKNOWN;
	else
		*presence = hs_system_presence(s, t);
	return t;
}

struct hs_target *hs_system_target(const struct hs_system *s, struct hs_tgt t)
{
	if (t.kind == HS_MDT)
		return t.index < s->n_mdts ? s->mdts[t.index] : NULL;
	if (t.kind == HS_OST)
		return t.index < s->n_osts ? s->osts[t.index] : NULL;
	return NULL;
}

static int cmp_target(const void *pa, const void *pb)
{
	const struct hs_target *a = *(struct hs_target *const *)pa;
	const struct hs_target *b = *(struct hs_target *const *)pb;

	if (a->id.kind != b->id.kind)
		return a->id.kind == HS_OST ? -1 : 1;
	return (a->id.index > b->id.index) - (a->id.index < b->id.index);
}

static errint_t check_targets(struct hs_system *s, struct hs_strbuf *why)
{
	bool any_mdt = false;

	for (size_t i = 0; i < s->n_targets; i++) {
		struct hs_target *t = s->targets[i];

		any_mdt |= hs_target_is_mdt(t);
		if (strcmp(t->fsname, s->targets[0]->fsname)) {
			hs_strbuf_printf(
				why, "%s (%s) and %s (%s) belong to different file systems",
				s->targets[0]->device, s->targets[0]->label, t->device, t->label);
			return -EINVAL;
		}
		if (i && hs_tgt_eq(t->id, s->targets[i - 1]->id)) {
			hs_strbuf_printf(why, "%s and %s are the same target, %s",
					 s->targets[i - 1]->device, t->device, t->label);
			return -EINVAL;
		}
		if (t->id.index > MAX_INDEX) {
			hs_strbuf_printf(why, "%s: impossible target index %u", t->device,
					 t->id.index);
			return -EINVAL;
		}
	}
	if (!any_mdt) {
		hs_strbuf_puts(why, "no MDT given: a check needs at least one");
		return -EINVAL;
	}
	return 0;
}

/* Merges the tables: MDT0's first, it is the authority. */
static errint_t merge_fld(struct hs_system *s)
{
	for (int pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < s->n_targets; i++) {
			const struct hs_target *t = s->targets[i];
			bool is_mdt0 = hs_target_is_mdt(t) && t->id.index == 0;

			if (is_mdt0 != (pass == 0))
				continue;
			for (size_t k = 0; k < t->fld.count; k++) {
				const struct hs_seq_range *r = &t->fld.ranges[k];
				struct hs_prov prov = {t->pos, 0, 0};
				bool conflict = false;
				errint_t err = hs_fld_add(&s->fld, r, &conflict);

				if (err)
					return err;
				if (conflict)
					hs_mark_add(&s->marks, HS_M_FLD_CONFLICT,
						    (struct hs_fid){0}, &prov, r->start, r->end,
						    NULL, 0);
			}
		}
	}
	return 0;
}

static void know(struct hs_system *s, struct hs_tgt t)
{
	if (t.kind == HS_MDT && t.index < s->n_mdts)
		s->mdt_known[t.index] = true;
	if (t.kind == HS_OST && t.index < s->n_osts)
		s->ost_known[t.index] = true;
}

/* Every target that the tables name: FLD ranges, and the OSTs an MDT has allocated from. */
static errint_t learn_targets(struct hs_system *s)
{
	s->n_mdts = s->n_osts = MAX_INDEX + 1;
	s->mdts = calloc(s->n_mdts, sizeof(*s->mdts));
	s->osts = calloc(s->n_osts, sizeof(*s->osts));
	s->mdt_known = calloc(s->n_mdts, sizeof(*s->mdt_known));
	s->ost_known = calloc(s->n_osts, sizeof(*s->ost_known));
	if (!s->mdts || !s->osts || !s->mdt_known || !s->ost_known)
		return -ENOMEM;
	know(s, (struct hs_tgt){HS_MDT, 0});
	for (size_t i = 0; i < s->fld.count; i++)
		know(s, s->fld.ranges[i].target);
	for (size_t i = 0; i < s->n_targets; i++) {
		struct hs_target *t = s->targets[i];

		know(s, t->id);
		if (hs_target_is_mdt(t))
			s->mdts[t->id.index] = t;
		else
			s->osts[t->id.index] = t;
		for (size_t k = 0; k < t->n_lov_objid && k < s->n_osts; k++) {
			if (t->lov_objid[k])
				s->ost_known[k] = true;
		}
		for (size_t k = 0; k < t->n_lov_objseq && k < s->n_osts; k++) {
			if (t->lov_objseq[k])
				s->ost_known[k] = true;
		}
	}
	return 0;
}

static errint_t add_absent(struct hs_system *s, uint8_t kind, size_t index)
{
	errint_t err = hs_array_grow(&s->absent, &s->absent_room, s->n_absent + 1);
	char text[16];

	if (err)
		return err;
	s->absent[s->n_absent] = (struct hs_tgt){kind, (uint32_t)index};
	hs_log(s->log, HS_LOG_WARN,
	       "%s-%s is part of the file system but was not given: what depends on it stays "
	       "undecided",
	       s->fsname, hs_tgt_text(s->absent[s->n_absent], text));
	s->n_absent++;
	return 0;
}

static errint_t find_absent(struct hs_system *s)
{
	errint_t err = 0;

	s->mdt0_absent = s->fld_incomplete = !s->mdts[0];
	/* what a damaged table does not say may be in its lost part; MDT0's is never empty */
	if (s->mdts[0] && !s->mdts[0]->fld.count) {
		struct hs_prov prov = {s->mdts[0]->pos, 0, 0};

		hs_mark_add(&s->mdts[0]->marks, HS_M_FLD_DAMAGED, (struct hs_fid){0}, &prov, 0, 0,
			    NULL, 0);
	}
	for (size_t i = 0; s->mdts[0] && i < s->mdts[0]->marks.n; i++) {
		if (s->mdts[0]->marks.v[i].code == HS_M_FLD_DAMAGED)
			s->fld_incomplete = true;
	}
	s->mdt_absent = s->fld_incomplete; /* nobody can tell whose a file is */
	for (size_t i = 0; !err && i < s->n_mdts; i++) {
		if (s->mdt_known[i] && !s->mdts[i]) {
			s->mdt_absent = true;
			err = add_absent(s, HS_MDT, i);
		}
	}
	for (size_t i = 0; !err && i < s->n_osts; i++) {
		if (s->ost_known[i] && !s->osts[i])
			err = add_absent(s, HS_OST, i);
	}
	return err;
}

errint_t hs_system_build(struct hs_target **targets, size_t n, struct hs_log *log,
			 struct hs_system **out, struct hs_strbuf *why)
{
	struct hs_system *s = calloc(1, sizeof(*s));
	errint_t err;

	if (!s || !n) {
		for (size_t i = 0; i < n; i++)
			hs_target_close(targets[i]);
		free(targets);
		free(s);
		if (n)
			return -ENOMEM;
		hs_strbuf_puts(why, "no target given");
		return -EINVAL;
	}
	s->log = log;
	s->targets = targets;
	s->n_targets = n;
	qsort(targets, n, sizeof(struct hs_target *), cmp_target);
	for (size_t i = 0; i < n; i++) {
		targets[i]->pos = (uint16_t)i;
		for (size_t k = 0; k < targets[i]->marks.n; k++)
			targets[i]->marks.v[k].prov.target = (uint16_t)i;
	}
	memcpy(s->fsname, targets[0]->fsname, sizeof(s->fsname));
	err = check_targets(s, why);
	if (!err)
		err = merge_fld(s);
	if (!err)
		err = learn_targets(s);
	if (!err)
		err = find_absent(s);
	if (!err)
		err = hs_oplog_settle(s);
	if (err == -ENOMEM)
		hs_strbuf_puts(why, "out of memory");
	if (err)
		hs_system_close(s);
	else
		*out = s;
	return err;
}

errint_t hs_system_open(const char *const *devices, size_t n, struct hs_log *log,
			struct hs_system **out, struct hs_strbuf *why)
{
	struct hs_target **targets;
	size_t opened = 0;
	errint_t err = 0;

	if (n > UINT16_MAX) {
		hs_strbuf_puts(why, "too many targets");
		return -EINVAL;
	}
	targets = calloc(n ? n : 1, sizeof(struct hs_target *));
	if (!targets)
		return -ENOMEM;
	while (!err && opened < n) {
		err = hs_target_open(devices[opened], log, &targets[opened], why);
		if (!err)
			opened++;
	}
	if (!err)
		return hs_system_build(targets, n, log, out, why);
	while (opened)
		hs_target_close(targets[--opened]);
	free(targets);
	return err;
}

void hs_system_close(struct hs_system *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->n_targets; i++)
		hs_target_close(s->targets[i]);
	free(s->targets);
	free(s->mdts);
	free(s->osts);
	free(s->mdt_known);
	free(s->ost_known);
	free(s->absent);
	hs_fld_free(&s->fld);
	hs_marks_free(&s->marks);
	free(s);
}
