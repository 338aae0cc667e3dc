/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Items: begun, recorded, taken back.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/array.h"
#include "lfsck/plan_priv.h"

errint_t hs_plan_init(struct hs_plan *p, size_t n_targets)
{
	memset(p, 0, sizeof(*p));
	p->n_targets = n_targets;
	p->targets = calloc(n_targets ? n_targets : 1, sizeof(*p->targets));
	return p->targets ? 0 : -ENOMEM;
}

void hs_plan_free(struct hs_plan *p)
{
	hs_states_free(&p->states);
	hs_loaded_free(&p->loaded);
	hs_plan_dirs_free(&p->dirs);
	free(p->nlinks);
	free(p->targets);
	free(p->phases);
	memset(p, 0, sizeof(*p));
}

uint64_t hs_plan_limit(const struct hs_system *sys)
{
	uint64_t inodes = 0;

	for (size_t i = 0; i < sys->n_targets; i++)
		inodes += hs_fs_geo(sys->targets[i]->fs)->inodes_used;
	return inodes / 100 > 1000 ? inodes / 100 : 1000;
}

void hs_items_free(struct hs_items *items)
{
	for (size_t i = 0; i < items->n; i++) {
		free(items->v[i].expects.v);
		free(items->v[i].edits.v);
		free(items->v[i].needs);
	}
	free(items->v);
	memset(items, 0, sizeof(*items));
}

/* What was made for later items as well. */
static void forget_made(struct hs_plan *p, uint32_t first)
{
	for (size_t i = 0; i < p->n_targets; i++) {
		struct hs_plan_target *t = &p->targets[i];

		if (t->seq_item >= first)
			t->new_seq = t->seq_item = 0;
		if (t->lost_found_item >= first) {
			t->has_lost_found = false;
			t->lost_found_item = 0;
		}
	}
}

void hs_plan_forget(struct hs_plan *p, struct hs_case *c)
{
	uint32_t first = c->items.n ? c->items.v[0].id : 0;
	const char *why = c->items.why_none;

	if (first) {
		hs_states_forget(&p->states, first);
		while (p->n_nlinks && p->nlinks[p->n_nlinks - 1].item >= first)
			p->n_nlinks--;
		p->last_item = first - 1;
		forget_made(p, first);
	}
	hs_items_free(&c->items);
	c->items.why_none = why;
}

void hs_item_begin(struct hs_verdict *v, struct hs_case *c, unsigned phase)
{
	if (hs_array_grow(&c->items.v, &c->items.room, c->items.n + 1)) {
		v->err = -ENOMEM;
		return;
	}
	c->plan = &v->plan;
	c->items.v[c->items.n++] = (struct hs_item){
		.id = ++v->plan.last_item,
		.phase = phase,
		.gate = c->f.gate,
	};
}

struct hs_item *hs_item_at(struct hs_verdict *v, struct hs_case *c)
{
	static struct hs_item nowhere; /* never written: every use looks at v->err first */

	if (!c->items.n)
		hs_item_begin(v, c, 1);
	return c->items.n ? &c->items.v[c->items.n - 1] : &nowhere;
}

void hs_item_phase(struct hs_verdict *v, struct hs_case *c, unsigned phase)
{
	struct hs_item *item = hs_item_at(v, c);

	if (!v->err)
		item->phase = phase;
}

void hs_item_gate(struct hs_verdict *v, struct hs_case *c, const char *gate)
{
	struct hs_item *item = hs_item_at(v, c);

	if (!v->err)
		item->gate = gate;
}

void hs_item_need(struct hs_verdict *v, struct hs_case *c, uint32_t id)
{
	struct hs_item *item = hs_item_at(v, c);

	if (v->err || !id || id == item->id)
		return;
	for (size_t i = 0; i < item->n_needs; i++) {
		if (item->needs[i] == id)
			return;
	}
	if (hs_array_grow(&item->needs, &item->needs_room, item->n_needs + 1))
		v->err = -ENOMEM;
	else
		item->needs[item->n_needs++] = id;
}

void hs_case_no_repair(struct hs_case *c, const char *fmt, ...)
{
	char why[512];
	va_list ap;

	if (c->items.why_none)
		return; /* the first reason stands */
	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	c->items.why_none = hs_finding_text(&c->f, "None: %s.", why);
}

struct hs_state_key hs_plan_key(enum hs_plan_field field, struct hs_at at, const void *name,
				size_t len)
{
	return (struct hs_state_key){field, at.t->id, at.ino, at.made, name, len};
}

bool hs_plan_state(struct hs_verdict *v, struct hs_at at, enum hs_plan_field field,
		   const void *name, size_t len, struct hs_state *out)
{
	struct hs_state_key key = hs_plan_key(field, at, name, len);

	return hs_states_get(&v->plan.states, &key, out);
}

void hs_plan_put(struct hs_verdict *v, struct hs_case *c, struct hs_at at, enum hs_plan_field field,
		 const void *name, size_t len, bool present, const void *value, size_t value_len)
{
	struct hs_state_key key = hs_plan_key(field, at, name, len);
	struct hs_state state = {present, value, value_len, hs_item_at(v, c)->id};

	if (!v->err)
		v->err = hs_states_put(&v->plan.states, &key, &state);
}

static struct hs_step *append(struct hs_verdict *v, struct hs_case *c, struct hs_steps *steps,
			      enum hs_step_kind kind, struct hs_at at, const void *name, size_t len)
{
	struct hs_step *s;

	if (v->err)
		return NULL;
	if (hs_array_grow(&steps->v, &steps->room, steps->n + 1)) {
		v->err = -ENOMEM;
		return NULL;
	}
	s = &steps->v[steps->n++];
	*s = (struct hs_step){
		.kind = kind,
		.target = at.t->id,
		.ino = at.ino,
		.made = at.made,
		.name = len ? (const uint8_t *)hs_finding_copy(&c->f, name, len) : NULL,
		.name_len = len,
	};
	if (c->f.err)
		v->err = c->f.err;
	return v->err ? NULL : s;
}

struct hs_step *hs_plan_fact(struct hs_verdict *v, struct hs_case *c, enum hs_step_kind kind,
			     struct hs_at at, const void *name, size_t len)
{
	return append(v, c, &hs_item_at(v, c)->expects, kind, at, name, len);
}

struct hs_step *hs_plan_edit(struct hs_verdict *v, struct hs_case *c, enum hs_step_kind kind,
			     struct hs_at at, const void *name, size_t len)
{
	hs_plan_need_made(v, c, at);
	return append(v, c, &hs_item_at(v, c)->edits, kind, at, name, len);
}

/* Rows of the steps; bytes of values that need an offset are kept in `rooms`. */
static errint_t encode_all(const struct hs_steps *steps, struct hs_step_room *rooms,
			   struct hs_run_step *rows)
{
	errint_t err = 0;

	for (size_t i = 0; !err && i < steps->n; i++)
		err = hs_step_encode(&steps->v[i], &rooms[i], &rows[i]);
	return err;
}

static errint_t record_item(struct hs_verdict *v, const struct hs_item *item, int64_t finding)
{
	size_t n = item->expects.n + item->edits.n;
	struct hs_step_room *rooms = calloc(n ? n : 1, sizeof(*rooms));
	struct hs_run_step *rows = calloc(n ? n : 1, sizeof(*rows));
	struct hs_run_item out = {
		.id = item->id,
		.finding = finding,
		.phase = item->phase,
		.gate = item->gate,
		.needs = item->needs,
		.n_needs = item->n_needs,
		.expects = rows,
		.n_expects = item->expects.n,
		.edits = rows + item->expects.n,
		.n_edits = item->edits.n,
	};
	errint_t err = rooms && rows ? 0 : -ENOMEM;

	if (!err)
		err = encode_all(&item->expects, rooms, rows);
	if (!err)
		err = encode_all(&item->edits, rooms + item->expects.n, rows + item->expects.n);
	if (!err)
		err = hs_run_add_item(v->run, &out);
	for (size_t i = 0; rooms && i < n; i++)
		hs_strbuf_free(&rooms[i].bytes);
	free(rooms);
	free(rows);
	return err;
}

/* An item comes in no earlier phase than what it needs. */
static errint_t settle_phase(struct hs_plan *p, struct hs_item *item)
{
	errint_t err = hs_array_grow(&p->phases, &p->phases_room, (size_t)item->id + 1);

	for (size_t i = 0; !err && i < item->n_needs; i++) {
		uint8_t phase = p->phases[item->needs[i]];

		if (phase > item->phase)
			item->phase = phase;
	}
	if (!err)
		p->phases[item->id] = (uint8_t)item->phase;
	return err;
}

void hs_plan_record(struct hs_verdict *v, struct hs_case *c, int64_t finding)
{
	/* link counts come behind the other edits of their item */
	for (size_t i = v->plan.n_nlinks, k = c->items.n; c->items.n && i--;) {
		struct hs_nlink_change *change = &v->plan.nlinks[i];

		while (k && c->items.v[k - 1].id > change->item)
			k--;
		if (!k || c->items.v[k - 1].id != change->item)
			break;
		change->ord += (uint32_t)c->items.v[k - 1].edits.n;
	}
	for (size_t i = 0; !v->err && i < c->items.n; i++) {
		struct hs_item *item = &c->items.v[i];

		v->err = settle_phase(&v->plan, item);
		/* an item that turned out to change nothing; nobody can need it */
		if (!v->err && (item->edits.n || item->n_nlinks))
			v->err = record_item(v, item, finding);
	}
}
