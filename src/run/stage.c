/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Staging: rows into the open transaction. A record that consists of several rows is staged as a
 * whole under the mutex; if one row fails, the run has failed and none is ever committed.
 */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "run/internal.h"

static const char *const position_names[HS_POSITION_MAX] = {
	[HS_POSITION_CHECKPOINT] = "checkpoint",
	[HS_POSITION_LATEST_START] = "latest-start",
	[HS_POSITION_FIRST_INCONSISTENT] = "first-inconsistent",
};

const char *hs_run_position_name(enum hs_run_position which)
{
	return which < HS_POSITION_MAX ? position_names[which] : "checkpoint";
}

static const char *or_empty(const char *s)
{
	return s ? s : "";
}

errint_t hs_run_add_target(struct hs_run *run, const struct hs_run_target *t)
{
	HS_RUN_LOCKED(run);
	return hs_db_write(&run->db, HS_SQL_TARGET_SET, "ssisisii", t->label, or_empty(t->kind),
			   t->index, t->uuid, (int64_t)t->size, t->device, t->mounted, t->written);
}

errint_t hs_run_set_position(struct hs_run *run, enum hs_run_position which, const char *source,
			     const struct hs_position *pos)
{
	HS_RUN_LOCKED(run);
	enum hs_sql sql = which == HS_POSITION_FIRST_INCONSISTENT ? HS_SQL_POSITION_SET_ONCE
								  : HS_SQL_POSITION_SET;

	return hs_db_write(&run->db, sql, "ssiB", hs_run_position_name(which), source,
			   (int64_t)pos->done, pos->cookie, sizeof(pos->cookie));
}

errint_t hs_run_set_total(struct hs_run *run, const char *target, const char *key, int64_t value)
{
	HS_RUN_LOCKED(run);
	return hs_db_write(&run->db, HS_SQL_TOTAL_SET, "ssi", or_empty(target), key, value);
}

errint_t hs_run_add_total(struct hs_run *run, const char *target, const char *key, int64_t more)
{
	HS_RUN_LOCKED(run);
	return hs_db_write(&run->db, HS_SQL_TOTAL_ADD, "ssi", or_empty(target), key, more);
}

errint_t hs_run_set_status(struct hs_run *run, enum hs_run_status status)
{
	HS_RUN_LOCKED(run);
	return hs_db_write(&run->db, HS_SQL_RUN_STATUS, "s", hs_run_status_name(status));
}

errint_t hs_run_set_flag(struct hs_run *run, const char *flag, bool on)
{
	HS_RUN_LOCKED(run);
	return hs_db_write(&run->db, on ? HS_SQL_FLAG_ON : HS_SQL_FLAG_OFF, "s", flag);
}

errint_t hs_run_set_option(struct hs_run *run, const char *key, const char *value)
{
	HS_RUN_LOCKED(run);
	return hs_db_write(&run->db, HS_SQL_OPTION_SET, "ss", key, value);
}

/*
 * The number of a rule as a word that sorts: "LAY-2" becomes "LAY-000002". Rules without a number
 * stay as they are.
 */
static void rule_order(const char *rule, char *out, size_t size)
{
	size_t len = strlen(rule);
	size_t digits = len;

	while (digits > 0 && rule[digits - 1] >= '0' && rule[digits - 1] <= '9')
		digits--;
	snprintf(out, size, "%.*s%.*s%s", (int)digits, rule,
		 len - digits < 6 ? (int)(6 - (len - digits)) : 0, digits < len ? "000000" : "",
		 rule + digits);
}

static errint_t add_lists(struct hs_db *db, int64_t id, const struct hs_finding *f)
{
	errint_t err = 0;

	for (size_t i = 0; i < f->n_facts && !err; i++) {
		const struct hs_fact *x = &f->facts[i];

		err = hs_db_write(db, HS_SQL_FACT_NEW, "iisssi", id, (int64_t)i, x->witness,
				  x->claim, x->equation, x->left);
	}
	for (size_t i = 0; i < f->n_others && !err; i++)
		err = hs_db_write(db, HS_SQL_OTHER_NEW, "iis", id, (int64_t)i, f->others[i]);
	for (size_t i = 0; i < f->n_symptoms && !err; i++) {
		const struct hs_symptom *s = &f->symptoms[i];

		err = hs_db_write(db, HS_SQL_SYMPTOM_NEW, "iisss", id, (int64_t)i, s->rule,
				  s->object, s->message);
	}
	return err;
}

errint_t hs_run_add_finding(struct hs_run *run, const struct hs_finding *f)
{
	int64_t id;

	return hs_run_add_finding_id(run, f, &id);
}

errint_t hs_run_add_finding_id(struct hs_run *run, const struct hs_finding *f, int64_t *id)
{
	char order[64] = "";
	errint_t err;

	if (f->err)
		return f->err;
	if (f->rule)
		rule_order(f->rule, order, sizeof(order));

	HS_RUN_LOCKED(run);
	err = hs_db_write(&run->db, HS_SQL_FINDING_NEW, "sssssssbsssss",
			  hs_record_kind_name(f->kind), hs_severity_name(f->severity),
			  hs_finding_state_name(f->state), f->rule, order, f->target, f->object,
			  f->path, f->path_len, f->no_path, f->message, f->reason, f->repair,
			  f->gate);
	if (err)
		return err;
	*id = sqlite3_last_insert_rowid(run->db.handle);
	return add_lists(&run->db, *id, f);
}
