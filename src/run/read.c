/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "run/read.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "run/internal.h"
#include "run/place.h"

/* The index of a word in a list, or the list's length. */
static unsigned index_of(const char *word, const char *(*name)(unsigned), unsigned n)
{
	unsigned i = 0;

	while (i < n && strcmp(word, name(i)))
		i++;
	return i;
}

static const char *status_name(unsigned i)
{
	return hs_run_status_name((enum hs_run_status)i);
}

static const char *severity_name(unsigned i)
{
	return hs_severity_name((enum hs_severity)i);
}

static const char *state_name(unsigned i)
{
	return hs_finding_state_name((enum hs_finding_state)i);
}

void hs_run_info_free(struct hs_run_info *info)
{
	free(info->command);
	free(info->fsname);
	free(info->version);
	free(info->host);
	free(info->phase);
	*info = (struct hs_run_info){0};
}

static errint_t fill_info(const struct hs_run *run, sqlite3_stmt *stmt, struct hs_run_info *out)
{
	unsigned status = index_of(hs_db_word(stmt, 9), status_name, HS_RUN_STATUS_MAX);

	*out = (struct hs_run_info){
		.command = strdup(hs_db_word(stmt, 1)),
		.fsname = strdup(hs_db_word(stmt, 2)),
		.version = strdup(hs_db_word(stmt, 3)),
		.host = strdup(hs_db_word(stmt, 4)),
		.pid = sqlite3_column_int64(stmt, 5),
		.started = sqlite3_column_int64(stmt, 6),
		.updated = sqlite3_column_int64(stmt, 7),
		.finished = sqlite3_column_int64(stmt, 8),
		.exit_code = sqlite3_column_int(stmt, 10),
		.phase = strdup(hs_db_word(stmt, 11)),
		.status = status < HS_RUN_STATUS_MAX ? (enum hs_run_status)status : HS_RUN_FAILED,
	};
	if (!out->command || !out->fsname || !out->version || !out->host || !out->phase)
		return -ENOMEM;
	if (!hs_run_status_is_final(out->status) && run->lock < 0 && hs_run_is_durable(run) &&
	    !hs_place_is_locked(run->dir))
		out->status = HS_RUN_CRASHED;
	return 0;
}

errint_t hs_run_read_info(struct hs_run *run, struct hs_run_info *out)
{
	HS_RUN_LOCKED(run);
	sqlite3_stmt *stmt = hs_db_bind(&run->db, HS_SQL_RUN_GET, "");
	errint_t err;
	int more;

	*out = (struct hs_run_info){0};
	if (!stmt)
		return -EIO;
	more = hs_db_row(stmt);
	if (more <= 0)
		return more < 0 ? more : -ENODATA;
	err = fill_info(run, stmt, out);
	hs_db_done(stmt);
	if (err)
		hs_run_info_free(out);
	return err;
}

errint_t hs_run_read_tally(struct hs_run *run, struct hs_run_tally *out)
{
	HS_RUN_LOCKED(run);
	sqlite3_stmt *stmt = hs_db_bind(&run->db, HS_SQL_FINDING_TALLY, "");
	int more;

	*out = (struct hs_run_tally){0};
	if (!stmt)
		return -EIO;
	while ((more = hs_db_row(stmt)) > 0) {
		unsigned sev = index_of(hs_db_word(stmt, 1), severity_name, HS_SEV_MAX);
		unsigned state = index_of(hs_db_word(stmt, 2), state_name, HS_STATE_MAX);
		uint64_t n = (uint64_t)sqlite3_column_int64(stmt, 3);

		if (!strcmp(hs_db_word(stmt, 0), "suspect"))
			out->suspects += n;
		else if (sev < HS_SEV_MAX && state < HS_STATE_MAX)
			out->findings[sev][state] += n;
	}
	return more;
}

/* A copy of a text column in the record, NULL for NULL. */
static const char *keep(struct hs_finding *f, sqlite3_stmt *stmt, int column)
{
	const char *s = hs_db_text(stmt, column);

	return hs_finding_copy(f, s, s ? (size_t)sqlite3_column_bytes(stmt, column) : 0);
}

static errint_t read_facts(struct hs_db *db, int64_t id, struct hs_finding *f)
{
	sqlite3_stmt *stmt = hs_db_bind(db, HS_SQL_FACT_EACH, "i", id);
	int more;

	if (!stmt)
		return -EIO;
	while ((more = hs_db_row(stmt)) > 0)
		hs_finding_add_left(f, keep(f, stmt, 0), keep(f, stmt, 2),
				    sqlite3_column_int64(stmt, 3), "%s", hs_db_word(stmt, 1));
	return more;
}

static errint_t read_others(struct hs_db *db, int64_t id, struct hs_finding *f)
{
	sqlite3_stmt *stmt = hs_db_bind(db, HS_SQL_OTHER_EACH, "i", id);
	int more;

	if (!stmt)
		return -EIO;
	while ((more = hs_db_row(stmt)) > 0)
		hs_finding_add_other(f, "%s", hs_db_word(stmt, 0));
	return more;
}

static errint_t read_symptoms(struct hs_db *db, int64_t id, struct hs_finding *f)
{
	sqlite3_stmt *stmt = hs_db_bind(db, HS_SQL_SYMPTOM_EACH, "i", id);
	int more;

	if (!stmt)
		return -EIO;
	while ((more = hs_db_row(stmt)) > 0)
		hs_finding_add_symptom(f, keep(f, stmt, 0), keep(f, stmt, 1), "%s",
				       hs_db_word(stmt, 2));
	return more;
}

static errint_t read_finding(struct hs_db *db, sqlite3_stmt *stmt, struct hs_finding *f)
{
	int64_t id = sqlite3_column_int64(stmt, 0);
	unsigned sev = index_of(hs_db_word(stmt, 2), severity_name, HS_SEV_MAX);
	unsigned state = index_of(hs_db_word(stmt, 3), state_name, HS_STATE_MAX);
	errint_t err;

	f->kind = strcmp(hs_db_word(stmt, 1), "suspect") ? HS_RECORD_FINDING : HS_RECORD_SUSPECT;
	f->severity = sev < HS_SEV_MAX ? (enum hs_severity)sev : HS_SEV_ERROR;
	f->state = state < HS_STATE_MAX ? (enum hs_finding_state)state : HS_STATE_FOUND;
	f->rule = keep(f, stmt, 4);
	f->target = keep(f, stmt, 5);
	f->object = keep(f, stmt, 6);
	f->path = keep(f, stmt, 7);
	f->path_len = (size_t)sqlite3_column_bytes(stmt, 7);
	f->no_path = keep(f, stmt, 8);
	f->message = keep(f, stmt, 9);
	f->reason = keep(f, stmt, 10);
	f->repair = keep(f, stmt, 11);
	f->gate = keep(f, stmt, 12);
	if ((err = read_facts(db, id, f)) || (err = read_others(db, id, f)) ||
	    (err = read_symptoms(db, id, f)))
		return err;
	return f->err;
}

errint_t hs_run_each_finding(struct hs_run *run, errint_t (*fn)(const struct hs_finding *, void *),
			     void *arg)
{
	HS_RUN_LOCKED(run);
	sqlite3_stmt *stmt = hs_db_bind(&run->db, HS_SQL_FINDING_EACH, "");
	int more;

	if (!stmt)
		return -EIO;
	while ((more = hs_db_row(stmt)) > 0) {
		hs_cleanup(hs_finding_free) struct hs_finding f = HS_FINDING_INIT;
		errint_t err = read_finding(&run->db, stmt, &f);

		if (!err)
			err = fn(&f, arg);
		if (err) {
			hs_db_done(stmt);
			return err;
		}
	}
	return more;
}

errint_t hs_run_each_target(struct hs_run *run,
			    errint_t (*fn)(const struct hs_run_target *, void *), void *arg)
{
	HS_RUN_LOCKED(run);
	sqlite3_stmt *stmt = hs_db_bind(&run->db, HS_SQL_TARGET_EACH, "");
	errint_t err = 0;
	int more;

	if (!stmt)
		return -EIO;
	while (!err && (more = hs_db_row(stmt)) > 0) {
		struct hs_run_target t = {
			.label = hs_db_text(stmt, 0),
			.kind = hs_db_text(stmt, 1),
			.index = sqlite3_column_int64(stmt, 2),
			.uuid = hs_db_text(stmt, 3),
			.size = (uint64_t)sqlite3_column_int64(stmt, 4),
			.device = hs_db_text(stmt, 5),
			.mounted = sqlite3_column_int64(stmt, 6),
			.written = sqlite3_column_int64(stmt, 7),
		};

		err = fn(&t, arg);
	}
	hs_db_done(stmt);
	return err ? err : more;
}

errint_t hs_run_each_total(struct hs_run *run, errint_t (*fn)(const struct hs_run_total *, void *),
			   void *arg)
{
	HS_RUN_LOCKED(run);
	sqlite3_stmt *stmt = hs_db_bind(&run->db, HS_SQL_TOTAL_EACH, "");
	errint_t err = 0;
	int more;

	if (!stmt)
		return -EIO;
	while (!err && (more = hs_db_row(stmt)) > 0) {
		struct hs_run_total t = {
			.target = hs_db_text(stmt, 0),
			.key = hs_db_text(stmt, 1),
			.value = sqlite3_column_int64(stmt, 2),
		};

		if (t.target && !t.target[0])
			t.target = NULL;
		err = fn(&t, arg);
	}
	hs_db_done(stmt);
	return err ? err : more;
}

errint_t hs_run_each_phase(struct hs_run *run, errint_t (*fn)(const struct hs_run_phase *, void *),
			   void *arg)
{
	HS_RUN_LOCKED(run);
	sqlite3_stmt *stmt = hs_db_bind(&run->db, HS_SQL_PHASE_EACH, "");
	errint_t err = 0;
	int more;

	if (!stmt)
		return -EIO;
	while (!err && (more = hs_db_row(stmt)) > 0) {
		struct hs_run_phase p = {
			.name = hs_db_text(stmt, 0),
			.started = sqlite3_column_int64(stmt, 1),
			.run_ns = (uint64_t)sqlite3_column_int64(stmt, 2),
			.current = sqlite3_column_int(stmt, 3) != 0,
		};

		err = fn(&p, arg);
	}
	hs_db_done(stmt);
	return err ? err : more;
}

static errint_t each_word(struct hs_run *run, enum hs_sql sql, errint_t (*fn)(const char *, void *),
			  void *arg)
{
	HS_RUN_LOCKED(run);
	sqlite3_stmt *stmt = hs_db_bind(&run->db, sql, "");
	errint_t err = 0;
	int more;

	if (!stmt)
		return -EIO;
	while (!err && (more = hs_db_row(stmt)) > 0)
		err = fn(hs_db_word(stmt, 0), arg);
	hs_db_done(stmt);
	return err ? err : more;
}

errint_t hs_run_each_flag(struct hs_run *run, errint_t (*fn)(const char *, void *), void *arg)
{
	return each_word(run, HS_SQL_FLAG_EACH, fn, arg);
}

errint_t hs_run_each_arg(struct hs_run *run, errint_t (*fn)(const char *, void *), void *arg)
{
	return each_word(run, HS_SQL_ARG_EACH, fn, arg);
}

errint_t hs_run_each_option(struct hs_run *run,
			    errint_t (*fn)(const struct hs_run_option *, void *), void *arg)
{
	HS_RUN_LOCKED(run);
	sqlite3_stmt *stmt = hs_db_bind(&run->db, HS_SQL_OPTION_EACH, "");
	errint_t err = 0;
	int more;

	if (!stmt)
		return -EIO;
	while (!err && (more = hs_db_row(stmt)) > 0) {
		struct hs_run_option o = {hs_db_word(stmt, 0), hs_db_word(stmt, 1)};

		err = fn(&o, arg);
	}
	hs_db_done(stmt);
	return err ? err : more;
}

/* The one row of a query, ready to be read; -ENOENT when there is none. */
static errint_t one_row(sqlite3_stmt *stmt)
{
	int more = stmt ? hs_db_row(stmt) : -EIO;

	if (more == 0)
		return -ENOENT;
	return more < 0 ? more : 0;
}

errint_t hs_run_get_position(struct hs_run *run, enum hs_run_position which, const char *source,
			     struct hs_position *pos)
{
	HS_RUN_LOCKED(run);
	sqlite3_stmt *stmt = hs_db_bind(&run->db, HS_SQL_POSITION_GET, "ss",
					hs_run_position_name(which), source);
	errint_t err = one_row(stmt);

	if (err)
		return err;
	if (sqlite3_column_bytes(stmt, 1) == sizeof(pos->cookie)) {
		pos->done = (uint64_t)sqlite3_column_int64(stmt, 0);
		memcpy(pos->cookie, sqlite3_column_blob(stmt, 1), sizeof(pos->cookie));
	} else {
		err = -EUCLEAN;
	}
	hs_db_done(stmt);
	return err;
}

errint_t hs_run_get_total(struct hs_run *run, const char *target, const char *key, int64_t *value)
{
	HS_RUN_LOCKED(run);
	sqlite3_stmt *stmt =
		hs_db_bind(&run->db, HS_SQL_TOTAL_GET, "ss", target ? target : "", key);
	errint_t err = one_row(stmt);

	if (err)
		return err;
	*value = sqlite3_column_int64(stmt, 0);
	hs_db_done(stmt);
	return 0;
}

errint_t hs_run_get_option(struct hs_run *run, const char *key, struct hs_strbuf *value)
{
	HS_RUN_LOCKED(run);
	sqlite3_stmt *stmt = hs_db_bind(&run->db, HS_SQL_OPTION_GET, "s", key);
	errint_t err = one_row(stmt);

	if (err)
		return err;
	hs_strbuf_reset(value);
	hs_strbuf_puts(value, hs_db_word(stmt, 0));
	hs_db_done(stmt);
	return hs_strbuf_error(value);
}
