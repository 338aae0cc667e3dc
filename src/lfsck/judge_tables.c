/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Marks about places and tables of a target, and marks of objects that no correction explained:
 * each is a finding by the rule that made it.
 */
#include <inttypes.h>

#include "lfsck/plan_marks.h"

/* What the two numbers of a mark mean, for those where it helps. */
static void say_numbers(struct hs_case *c, const struct hs_verdict *v, const struct hs_mark *m)
{
	const char *place = hs_case_place(c, v, &m->prov);

	switch ((enum hs_mark_code)m->code) {
	case HS_M_LASTID_LOW:
	case HS_M_LASTID_HIGH:
	case HS_M_LOCAL_LASTID:
		hs_case_fact(c, place, "LAST_ID says %" PRIu64, m->a);
		hs_case_fact(c, place, "highest id in use is %" PRIu64, m->b);
		break;
	case HS_M_LASTID_NONE:
	case HS_M_LASTID_EMPTY:
	case HS_M_LASTID_SHORT:
		hs_case_fact(c, place, "sequence 0x%" PRIx64 ", highest id in use %" PRIu64, m->a,
			     m->b);
		break;
	case HS_M_OBJID_HIGH:
		hs_case_fact(c, place, "lov_objid of the MDT says %" PRIu64, m->a);
		hs_case_fact(c, place, "LAST_ID says %" PRIu64, m->b);
		break;
	case HS_M_OI_LOST:
		hs_case_fact(c, place, "oi.16.%" PRIu64 " of %" PRIu64 " is missing", m->a, m->b);
		break;
	case HS_M_OI_COUNT:
		hs_case_fact(c, place, "%" PRIu64 " files, %" PRIu64 " expected", m->a, m->b);
		break;
	case HS_M_FLD_CONFLICT:
		hs_case_fact(c, place, "sequences 0x%" PRIx64 " to 0x%" PRIx64, m->a, m->b);
		break;
	case HS_M_IDENTITY:
		hs_case_fact(c, place, "index %" PRIu64 " against %" PRIu64, m->a, m->b);
		break;
	default:
		if (m->name_len)
			hs_case_fact(c, place, "%s: \"%s\"", hs_mark_info(m->code)->text,
				     hs_case_name(c, m->name, m->name_len));
		else
			hs_case_fact(c, place, "%s", hs_mark_info(m->code)->text);
		break;
	}
}

static void report(struct hs_verdict *v, const struct hs_mark *m)
{
	const struct hs_mark_info *info = hs_mark_info(m->code);
	const struct hs_target *t = v->sys->targets[m->prov.target];
	const char *unread;
	struct hs_case c;

	if (hs_fid_is_zero(m->fid))
		hs_case_open_place(&c, info->rule, t, m->prov.ino);
	else
		hs_case_open(&c, info->rule, m->fid, t);
	say_numbers(&c, v, m);
	if (info->weight == HS_MARK_UNREAD)
		hs_case_undecided(&c, "%s: nothing is concluded from what is missing there",
				  info->text);
	unread = hs_unread_mark_reason(v, m);
	if (unread && !c.undecided)
		hs_case_undecided(&c, "%s", unread);
	hs_verdict_use(v, NULL, m);
	if (!c.undecided)
		hs_plan_mark(v, &c, m);
	hs_case_close(v, &c, -1);
}

static bool is_oi_files(const struct hs_mark *m)
{
	return m->code == HS_M_OI_LOST || m->code == HS_M_OI_COUNT;
}

/* What is wrong with the set of OI files of a target is one finding, however many are missing. */
static void report_oi_files(struct hs_verdict *v, size_t first, size_t end)
{
	const struct hs_mark *m = &v->marks->v[first];
	struct hs_case c;

	hs_case_open_place(&c, "OI-14", v->sys->targets[m->prov.target], 0);
	for (size_t i = first; i < end; i++) {
		const struct hs_mark *other = &v->marks->v[i];

		if (v->mark_used[i] || !is_oi_files(other) || other->prov.target != m->prov.target)
			continue;
		say_numbers(&c, v, other);
		v->mark_used[i] = true;
	}
	if (hs_plan_scrub_is_due(c.t))
		hs_case_undecided(&c, "the server rebuilds the OI at the next mount, as OI_scrub "
				      "asks for");
	else
		hs_plan_mark(v, &c, m);
	hs_case_close(v, &c, -1);
}

/* Worth a line, although nothing is wrong with the object. */
static bool is_told(const struct hs_mark *m)
{
	return hs_mark_info(m->code)->weight == HS_MARK_DAMAGE ||
	       hs_mark_info(m->code)->weight == HS_MARK_UNREAD || m->code == HS_M_PENDING_NAME ||
	       m->code == HS_M_PENDING_FID;
}

/* A missing container: once, not for each object that named it. */
static bool same_place(const struct hs_mark *a, const struct hs_mark *b)
{
	return a->code == b->code && a->prov.target == b->prov.target && a->a == b->a &&
	       a->b == b->b;
}

void hs_judge_tables(struct hs_verdict *v)
{
	size_t first, end;

	hs_verdict_marks(v, (struct hs_fid){0}, &first, &end);
	for (size_t i = first; !v->err && i < end; i++) {
		const struct hs_mark *m = &v->marks->v[i];

		if (v->mark_used[i] || hs_mark_info(m->code)->weight == HS_MARK_NOTE)
			continue;
		if (is_oi_files(m)) {
			report_oi_files(v, i, end);
			continue;
		}
		report(v, m);
		if (m->code != HS_M_ODIR_LOST)
			continue;
		for (size_t k = i + 1; k < end; k++) {
			if (same_place(m, &v->marks->v[k]))
				v->mark_used[k] = true;
		}
	}
	for (size_t i = end; !v->err && i < v->marks->n; i++) {
		const struct hs_mark *m = &v->marks->v[i];

		if (!v->mark_used[i] && is_told(m))
			report(v, m);
	}
}
