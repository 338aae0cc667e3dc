/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Cases: making one finding, with its witnesses, symptoms and path.
 */
#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>

#include "base/array.h"
#include "lfsck/verdict.h"

#define MAX_SYMPTOMS 64 /* shown; a directory's children may number millions */

static enum hs_severity severity(const struct hs_rule *rule)
{
	switch (rule->severity) {
	case HS_RULE_NOTE:
		return HS_SEV_NOTE;
	case HS_RULE_MINOR:
		return HS_SEV_WARNING;
	default:
		return HS_SEV_ERROR;
	}
}

static const char *gate(const struct hs_rule *rule)
{
	static const char *const gates[] = {"-o", "-c", "-C", "-d"};

	for (size_t i = 0; i < sizeof(gates) / sizeof(gates[0]); i++) {
		if (rule->gate && rule->gate == gates[i][1])
			return gates[i];
	}
	return NULL;
}

/*
 * A sentence as part of a line: no full stop, and no capital but that of a word like LAST_ID or
 * O/.
 */
static const char *as_clause(struct hs_case *c, const char *s)
{
	int len = (int)strlen(s);

	if (len && s[len - 1] == '.')
		len--;
	if (len > 1 && isupper((unsigned char)s[0]) &&
	    (islower((unsigned char)s[1]) || s[1] == ' '))
		return hs_finding_text(&c->f, "%c%.*s", tolower((unsigned char)s[0]), len - 1,
				       s + 1);
	return hs_finding_text(&c->f, "%.*s", len, s);
}

static void open_case(struct hs_case *c, const char *rule, const struct hs_target *t)
{
	char label[16];

	memset(c, 0, sizeof(*c));
	c->rule = hs_rule_find(rule);
	c->t = t;
	c->f.rule = rule;
	c->f.severity = c->rule ? severity(c->rule) : HS_SEV_ERROR;
	c->f.message = c->rule ? as_clause(c, c->rule->message) : rule;
	c->f.repair = c->rule ? c->rule->repair : NULL;
	c->f.gate = c->rule ? gate(c->rule) : NULL;
	if (t)
		c->f.target = hs_finding_text(&c->f, "%s", hs_tgt_text(t->id, label));
}

void hs_case_open(struct hs_case *c, const char *rule, struct hs_fid fid, const struct hs_target *t)
{
	open_case(c, rule, t);
	c->fid = fid;
	c->f.object = hs_case_fid(c, fid);
}

void hs_case_open_place(struct hs_case *c, const char *rule, const struct hs_target *t,
			uint32_t ino)
{
	open_case(c, rule, t);
	c->f.object = ino ? hs_finding_text(&c->f, "inode %u", ino) : c->f.target;
}

static void end_case(struct hs_case *c)
{
	hs_items_free(&c->items);
	hs_finding_free(&c->f);
	hs_delta_free(&c->delta);
}

void hs_case_drop(struct hs_case *c)
{
	if (c->plan)
		hs_plan_forget(c->plan, c);
	end_case(c);
}

/* One line of formatted text in the finding's memory. */
static const char *text(struct hs_case *c, const char *fmt, va_list ap)
{
	struct hs_strbuf b = HS_STRBUF_INIT;
	const char *s;

	hs_strbuf_vprintf(&b, fmt, ap);
	s = hs_finding_text(&c->f, "%s", hs_strbuf_str(&b));
	hs_strbuf_free(&b);
	return s;
}

void hs_case_message(struct hs_case *c, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	c->f.message = as_clause(c, text(c, fmt, ap));
	va_end(ap);
}

void hs_case_repair(struct hs_case *c, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	c->f.repair = text(c, fmt, ap);
	va_end(ap);
}

void hs_case_undecided(struct hs_case *c, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	c->f.reason = text(c, fmt, ap);
	va_end(ap);
	c->f.state = HS_STATE_UNDECIDED;
	c->f.repair = NULL;
	c->f.gate = NULL;
	c->undecided = true;
}

void hs_case_note(struct hs_case *c)
{
	c->f.severity = HS_SEV_NOTE;
}

void hs_case_fact(struct hs_case *c, const char *witness, const char *fmt, ...)
{
	va_list ap;
	const char *claim;

	va_start(ap, fmt);
	claim = text(c, fmt, ap);
	va_end(ap);
	hs_finding_add_fact(&c->f, hs_finding_text(&c->f, "%s", witness), "%s", claim);
}

const char *hs_case_place(struct hs_case *c, const struct hs_verdict *v, const struct hs_prov *p)
{
	char label[16];

	hs_tgt_text(v->sys->targets[p->target]->id, label);
	if (p->block)
		return hs_finding_text(&c->f, "%s inode %u block %u", label, p->ino, p->block);
	return p->ino ? hs_finding_text(&c->f, "%s inode %u", label, p->ino)
		      : hs_finding_text(&c->f, "%s", label);
}

const char *hs_case_fid(struct hs_case *c, struct hs_fid fid)
{
	char buf[HS_FID_TEXT];

	return hs_finding_text(&c->f, "%s", hs_fid_text(fid, buf));
}

const char *hs_case_name(struct hs_case *c, const uint8_t *name, size_t len)
{
	struct hs_strbuf b = HS_STRBUF_INIT;
	const char *s;

	hs_strbuf_add_escaped(&b, name, len);
	s = hs_finding_text(&c->f, "%s", hs_strbuf_str(&b));
	hs_strbuf_free(&b);
	return s;
}

int64_t hs_case_gain(struct hs_verdict *v, struct hs_case *c)
{
	if (c->delta.err)
		v->err = c->delta.err;
	return hs_ledger_gain(&v->ledger, &c->delta);
}

/* What the correction settles, as symptoms. */
static void add_symptoms(struct hs_verdict *v, struct hs_case *c)
{
	size_t shown = 0;

	hs_delta_merge(&c->delta);
	for (size_t i = 0; i < c->delta.n && shown < MAX_SYMPTOMS; i++) {
		const struct hs_delta_item *item = &c->delta.v[i];
		int64_t net = hs_ledger_net(&v->ledger, &item->f);
		struct hs_strbuf b = HS_STRBUF_INIT;
		int64_t settled = (net > 0) == (item->k < 0) && net && item->k ? 1 : 0;

		if (!settled)
			continue;
		hs_fact_describe(item->f.b, item->f.len, &b);
		hs_finding_add_symptom(&c->f, NULL, hs_case_fid(c, hs_fid_get_le(item->f.b + 1)),
				       "%s: %s", hs_fact_left_over(item->f.b[0], net > 0),
				       hs_strbuf_str(&b));
		hs_strbuf_free(&b);
		shown++;
	}
}

void hs_verdict_marks(const struct hs_verdict *v, struct hs_fid fid, size_t *first, size_t *end)
{
	size_t lo = 0, hi = v->marks->n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (hs_fid_cmp(v->marks->v[mid].fid, fid) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	*first = lo;
	while (lo < v->marks->n && hs_fid_eq(v->marks->v[lo].fid, fid))
		lo++;
	*end = lo;
}

const struct hs_mark *hs_verdict_mark(const struct hs_verdict *v, struct hs_fid fid,
				      enum hs_mark_code code)
{
	size_t i, end;

	hs_verdict_marks(v, fid, &i, &end);
	for (; i < end; i++) {
		if (!v->mark_used[i] && v->marks->v[i].code == code)
			return &v->marks->v[i];
	}
	return NULL;
}

void hs_verdict_use(struct hs_verdict *v, struct hs_case *c, const struct hs_mark *m)
{
	const struct hs_mark_info *info = hs_mark_info(m->code);

	v->mark_used[m - v->marks->v] = true;
	if (!c)
		return;
	if (!c->undecided) {
		const char *unread = hs_unread_mark_reason(v, m);

		if (unread)
			hs_case_undecided(c, "%s", unread);
	}
	if (m->name_len)
		hs_finding_add_symptom(&c->f, info->rule, hs_case_place(c, v, &m->prov),
				       "%s: \"%s\"", info->text,
				       hs_case_name(c, m->name, m->name_len));
	else
		hs_finding_add_symptom(&c->f, info->rule, hs_case_place(c, v, &m->prov), "%s",
				       info->text);
}

void hs_verdict_use_all(struct hs_verdict *v, struct hs_case *c, struct hs_fid fid,
			enum hs_mark_code code)
{
	const struct hs_mark *m;

	while ((m = hs_verdict_mark(v, fid, code)))
		hs_verdict_use(v, c, m);
}

void hs_verdict_marks_at(const struct hs_verdict *v, uint16_t target, uint32_t ino, size_t *first,
			 size_t *end)
{
	size_t lo = 0, hi = v->marks->n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		const struct hs_prov *p = &v->marks->v[v->by_place[mid]].prov;

		if (p->target < target || (p->target == target && p->ino < ino))
			lo = mid + 1;
		else
			hi = mid;
	}
	*first = lo;
	while (lo < v->marks->n && v->marks->v[v->by_place[lo]].prov.target == target &&
	       v->marks->v[v->by_place[lo]].prov.ino == ino)
		lo++;
	*end = lo;
}

void hs_verdict_use_inode(struct hs_verdict *v, struct hs_case *c, const struct hs_target *t,
			  uint32_t ino)
{
	size_t first, end;

	hs_verdict_marks_at(v, t->pos, ino, &first, &end);
	for (; first < end; first++) {
		const struct hs_mark *m = &v->marks->v[v->by_place[first]];

		if (!v->mark_used[m - v->marks->v] && !m->prov.block &&
		    hs_mark_info(m->code)->weight == HS_MARK_DAMAGE)
			hs_verdict_use(v, c, m);
	}
}

/*
 * Whether the components asked for have this finding. What could not be read or explained concerns
 * them all.
 */
static bool is_wanted(const struct hs_verdict *v, const struct hs_case *c)
{
	return !v->components || !c->rule || !strncmp(c->rule->id, "META-", 5) ||
	       v->components & 1u << c->rule->component;
}

/*
 * Where LFSCK would count it: what concerns layouts at an MDT, also when it is an OST's object
 * (rule notes 9.1).
 */
static const struct hs_target *counted_at(const struct hs_verdict *v, const struct hs_case *c)
{
	if (c->t && (hs_target_is_mdt(c->t) || c->rule->component != HS_RULE_LAYOUT))
		return c->t;
	for (size_t i = 0; i < v->sys->n_targets; i++) {
		if (hs_target_is_mdt(v->sys->targets[i]))
			return v->sys->targets[i];
	}
	return c->t ? c->t : v->sys->targets[0];
}

/* What is undecided, or has no exact repair, has no items. */
static void settle_items(struct hs_verdict *v, struct hs_case *c)
{
	if (c->items.why_none && !c->undecided) {
		c->f.repair = c->items.why_none;
		c->f.gate = NULL;
	}
	if (c->undecided || c->items.why_none)
		hs_plan_forget(&v->plan, c);
}

static void record(struct hs_verdict *v, struct hs_case *c)
{
	int64_t id;

	settle_items(v, c);
	v->err = hs_run_add_finding_id(v->run, &c->f, &id);
	if (!v->err)
		hs_plan_record(v, c, id);
	if (c->undecided) {
		v->undecided++;
	} else if (c->f.severity == HS_SEV_NOTE) {
		v->findings[HS_RULE_NOTE]++;
	} else if (c->rule) {
		v->findings[c->rule->severity]++;
		hs_stats_count(&v->stats, counted_at(v, c), c->rule);
	}
}

void hs_case_close(struct hs_verdict *v, struct hs_case *c, ...)
{
	va_list ap;
	int code;

	const char *unread = c->undecided ? NULL : hs_unread_reason(v, c);

	if (unread)
		hs_case_undecided(c, "%s", unread);
	if (!c->f.path && !c->f.no_path)
		hs_case_find_path(v, c);
	add_symptoms(v, c);
	va_start(ap, c);
	while ((code = va_arg(ap, int)) >= 0)
		hs_verdict_use_all(v, c, c->fid, (enum hs_mark_code)code);
	va_end(ap);
	if (!v->err)
		v->err = hs_ledger_apply(&v->ledger, &c->delta);
	if (!v->err && is_wanted(v, c)) {
		record(v, c);
		end_case(c);
	} else {
		hs_case_drop(c);
	}
}

/* Position of a directory, or where it would go. */
static size_t find_subdirs(const struct hs_verdict *v, struct hs_fid dir, bool *found)
{
	size_t lo = 0, hi = v->n_subdirs;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (hs_fid_cmp(v->subdirs[mid].dir, dir) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	*found = lo < v->n_subdirs && hs_fid_eq(v->subdirs[lo].dir, dir);
	return lo;
}

void hs_verdict_subdirs(struct hs_verdict *v, struct hs_fid dir, int64_t change)
{
	bool found;
	size_t at = find_subdirs(v, dir, &found);

	if (found) {
		v->subdirs[at].change += change;
		return;
	}
	if (hs_array_grow(&v->subdirs, &v->subdirs_room, v->n_subdirs + 1)) {
		v->err = -ENOMEM;
		return;
	}
	memmove(v->subdirs + at + 1, v->subdirs + at, (v->n_subdirs - at) * sizeof(*v->subdirs));
	v->subdirs[at] = (struct hs_subdirs){dir, change};
	v->n_subdirs++;
}

int64_t hs_verdict_subdirs_of(const struct hs_verdict *v, struct hs_fid dir)
{
	bool found;
	size_t at = find_subdirs(v, dir, &found);

	return found ? v->subdirs[at].change : 0;
}
