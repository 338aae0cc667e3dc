/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "run/db.h"

#include <stdarg.h>
#include <string.h>

#include "run/schema.h"

/* How long to wait for somebody who looks into run.db with another program. */
#define BUSY_MS 10000

static const char *const statements[HS_SQL_MAX] = {
	[HS_SQL_RUN_NEW] = "INSERT INTO run (id, command, fsname, version, host, pid, started, "
			   "updated, status) VALUES (?, ?, ?, ?, ?, ?, ?7, ?7, 'init')",
	[HS_SQL_RUN_GET] = "SELECT id, command, fsname, version, host, pid, started, updated, "
			   "finished, status, exit_code, phase FROM run",
	[HS_SQL_RUN_UPDATED] = "UPDATE run SET updated = ?",
	[HS_SQL_RUN_STATUS] = "UPDATE run SET status = ?",
	[HS_SQL_RUN_FINISH] = "UPDATE run SET status = ?, exit_code = ?, finished = ?",
	[HS_SQL_RUN_OWNER] = "UPDATE run SET host = ?, pid = ?, finished = 0, exit_code = -1",
	[HS_SQL_RUN_PHASE] = "UPDATE run SET phase = ?",
	[HS_SQL_ARG_NEW] = "INSERT INTO arg (value) VALUES (?)",
	[HS_SQL_ARG_EACH] = "SELECT value FROM arg ORDER BY ord",
	[HS_SQL_OPTION_SET] = "INSERT INTO option VALUES (?, ?) "
			      "ON CONFLICT DO UPDATE SET value = excluded.value",
	[HS_SQL_OPTION_GET] = "SELECT value FROM option WHERE key = ?",
	[HS_SQL_OPTION_EACH] = "SELECT key, value FROM option ORDER BY key",
	[HS_SQL_TARGET_SET] = "INSERT OR REPLACE INTO target VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
	[HS_SQL_TARGET_EACH] = "SELECT label, kind, idx, uuid, size, device, mounted, written "
			       "FROM target ORDER BY kind, idx, label",
	[HS_SQL_POSITION_SET] = "INSERT OR REPLACE INTO position VALUES (?, ?, ?, ?)",
	[HS_SQL_POSITION_SET_ONCE] = "INSERT OR IGNORE INTO position VALUES (?, ?, ?, ?)",
	[HS_SQL_POSITION_GET] = "SELECT done, cookie FROM position WHERE which = ? AND source = ?",
	[HS_SQL_TOTAL_SET] = "INSERT INTO total (target, key, value) VALUES (?, ?, ?) "
			     "ON CONFLICT DO UPDATE SET value = excluded.value",
	[HS_SQL_TOTAL_ADD] = "INSERT INTO total (target, key, value) VALUES (?, ?, ?) "
			     "ON CONFLICT DO UPDATE SET value = value + excluded.value",
	[HS_SQL_TOTAL_GET] = "SELECT value FROM total WHERE target = ? AND key = ?",
	[HS_SQL_TOTAL_EACH] = "SELECT target, key, value FROM total ORDER BY ord",
	[HS_SQL_PHASE_BEGIN] = "INSERT OR IGNORE INTO phase (name, started) VALUES (?, ?)",
	[HS_SQL_PHASE_ADD] = "UPDATE phase SET run_ns = run_ns + ?2 WHERE name = ?1",
	[HS_SQL_PHASE_EACH] = "SELECT name, started, run_ns, name = (SELECT phase FROM run) "
			      "FROM phase ORDER BY ord",
	[HS_SQL_FLAG_ON] = "INSERT OR IGNORE INTO flag VALUES (?)",
	[HS_SQL_FLAG_OFF] = "DELETE FROM flag WHERE name = ?",
	[HS_SQL_FLAG_EACH] = "SELECT name FROM flag ORDER BY name",
	[HS_SQL_SIDE_SET] = "INSERT OR REPLACE INTO side VALUES (?, ?, ?, ?)",
	[HS_SQL_SIDE_GET] = "SELECT generation, size, checksum FROM side WHERE name = ?",
	[HS_SQL_SIDE_DROP] = "DELETE FROM side WHERE name = ?",
	[HS_SQL_SIDE_IS_CURRENT] = "SELECT 1 FROM side WHERE name = ? AND generation = ?",
	[HS_SQL_FINDING_NEW] =
		"INSERT INTO finding (kind, severity, state, rule, rule_order, target, object, "
		"path, no_path, message, reason, repair, gate) "
		"VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	[HS_SQL_FINDING_EACH] =
		"SELECT id, kind, severity, state, rule, target, object, path, no_path, message, "
		"reason, repair, gate FROM finding ORDER BY kind, "
		"CASE severity WHEN 'error' THEN 0 WHEN 'warning' THEN 1 ELSE 2 END, "
		"rule_order, object, target, message, id",
	[HS_SQL_FINDING_TALLY] = "SELECT kind, severity, state, count(*) FROM finding "
				 "GROUP BY kind, severity, state",
	[HS_SQL_FACT_NEW] = "INSERT INTO finding_fact VALUES (?, ?, ?, ?, ?, ?)",
	[HS_SQL_FACT_EACH] = "SELECT witness, claim, equation, remaining FROM finding_fact "
			     "WHERE finding = ? ORDER BY ord",
	[HS_SQL_OTHER_NEW] = "INSERT INTO finding_other VALUES (?, ?, ?)",
	[HS_SQL_OTHER_EACH] = "SELECT object FROM finding_other WHERE finding = ? ORDER BY ord",
	[HS_SQL_SYMPTOM_NEW] = "INSERT INTO finding_symptom VALUES (?, ?, ?, ?, ?)",
	[HS_SQL_SYMPTOM_EACH] = "SELECT rule, object, message FROM finding_symptom "
				"WHERE finding = ? ORDER BY ord",
	[HS_SQL_ITEM_NEW] = "INSERT INTO repair_item (id, finding, phase, gate) "
			    "VALUES (?, ?, ?, ?)",
	[HS_SQL_ITEM_EACH] =
		"SELECT i.id, i.finding, i.phase, i.gate, i.state, i.reason, f.rule, f.target, "
		"f.object, f.path, f.message, f.repair FROM repair_item i "
		"LEFT JOIN finding f ON f.id = i.finding ORDER BY i.phase, i.id",
	[HS_SQL_ITEM_STATE] = "UPDATE repair_item SET state = ?2, reason = ?3 WHERE id = ?1",
	[HS_SQL_NEED_NEW] = "INSERT OR IGNORE INTO repair_need VALUES (?, ?)",
	[HS_SQL_NEED_EACH] = "SELECT needs FROM repair_need WHERE item = ? ORDER BY needs",
	[HS_SQL_EXPECT_NEW] = "INSERT INTO repair_expect VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
	[HS_SQL_EXPECT_EACH] = "SELECT kind, target, ino, made, name, value FROM repair_expect "
			       "WHERE item = ? ORDER BY ord",
	[HS_SQL_EDIT_NEW] = "INSERT INTO repair_edit VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
	[HS_SQL_ITEM_TRIM] =
		"DELETE FROM repair_item WHERE id NOT IN (SELECT item FROM repair_edit)",
	[HS_SQL_NEED_TRIM] =
		"DELETE FROM repair_need WHERE item NOT IN (SELECT item FROM repair_edit)",
	[HS_SQL_EXPECT_TRIM] =
		"DELETE FROM repair_expect WHERE item NOT IN (SELECT item FROM repair_edit)",
	[HS_SQL_EDIT_EACH] = "SELECT kind, target, ino, made, name, value FROM repair_edit "
			     "WHERE item = ? ORDER BY ord",
};

/*
 * sys: errno after the failed call, which is what SQLite's I/O layer left there (its own
 * sqlite3_system_errno() is not set on all paths).
 */
static errint_t to_errno(int rc, int sys)
{
	switch (rc & 0xff) {
	case SQLITE_FULL:
		return -ENOSPC;
	case SQLITE_NOMEM:
		return -ENOMEM;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return -EBUSY;
	case SQLITE_READONLY:
		return -EROFS;
	case SQLITE_NOTADB:
		return -EMEDIUMTYPE;
	case SQLITE_CORRUPT:
		return -EUCLEAN;
	case SQLITE_IOERR:
	case SQLITE_CANTOPEN:
		return sys > 0 ? -sys : -EIO;
	default:
		return -EIO;
	}
}

/* Says what went wrong, in SQLite's words and the system's. */
static errint_t explain(struct hs_db *db, int rc)
{
	errint_t err = to_errno(rc, errno);

	if (db->err)
		return err;
	hs_strbuf_reset(&db->why);
	hs_strbuf_printf(&db->why, "run.db: %s (%s)", sqlite3_errstr(rc), strerror(-err));
	return err;
}

static errint_t remember(struct hs_db *db, int rc)
{
	db->err = explain(db, rc);
	/* Ends what SQLite has not rolled back by itself. */
	if (!sqlite3_get_autocommit(db->handle))
		sqlite3_exec(db->handle, "ROLLBACK", NULL, NULL, NULL);
	return db->err;
}

errint_t hs_db_fail(struct hs_db *db, errint_t err, const char *fmt, ...)
{
	va_list ap;

	if (db->err)
		return db->err;
	db->err = err;
	hs_strbuf_reset(&db->why);
	va_start(ap, fmt);
	hs_strbuf_vprintf(&db->why, fmt, ap);
	va_end(ap);
	if (db->handle && !sqlite3_get_autocommit(db->handle))
		sqlite3_exec(db->handle, "ROLLBACK", NULL, NULL, NULL);
	return err;
}

static errint_t execute(struct hs_db *db, const char *sql)
{
	int rc;

	errno = 0;
	rc = sqlite3_exec(db->handle, sql, NULL, NULL, NULL);
	return rc == SQLITE_OK ? 0 : remember(db, rc);
}

static errint_t pragma_value(struct hs_db *db, const char *sql, int64_t *value)
{
	sqlite3_stmt *stmt = NULL;
	int rc;

	*value = 0;
	errno = 0;
	rc = sqlite3_prepare_v2(db->handle, sql, -1, &stmt, NULL);
	if (rc == SQLITE_OK) {
		rc = sqlite3_step(stmt);
		if (rc == SQLITE_ROW)
			*value = sqlite3_column_int64(stmt, 0);
	}
	if (rc != SQLITE_ROW && rc != SQLITE_DONE)
		db->err = explain(db, rc);
	sqlite3_finalize(stmt);
	return db->err;
}

static errint_t check_schema(struct hs_db *db)
{
	int64_t tables, app, version;
	errint_t err;

	err = pragma_value(db, "SELECT count(*) FROM sqlite_schema", &tables);
	if (!err)
		err = pragma_value(db, "PRAGMA application_id", &app);
	if (!err)
		err = pragma_value(db, "PRAGMA user_version", &version);
	if (err)
		return err;
	if (tables == 0)
		return hs_db_fail(db, -ENODATA,
				  "run.db is empty: the run ended before it had begun");
	if (app != HS_RUN_APPLICATION_ID)
		return hs_db_fail(db, -EMEDIUMTYPE, "run.db was not made by holystone");
	if (version != HS_RUN_SCHEMA)
		return hs_db_fail(db, -EPROTONOSUPPORT,
				  "run.db has format %lld; this program knows format %d",
				  (long long)version, HS_RUN_SCHEMA);
	return 0;
}

#define TEXT_OF(x)  TEXT_OF_(x)
#define TEXT_OF_(x) #x

errint_t hs_db_open(struct hs_db *db, const char *path, bool writable, bool create)
{
	int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE;
	errint_t err;
	int rc;

	db->writable = writable;
	flags |= writable ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY;
	if (create)
		flags |= SQLITE_OPEN_CREATE;
	errno = 0;
	rc = sqlite3_open_v2(path, &db->handle, flags, NULL);
	if (rc != SQLITE_OK)
		return db->err = explain(db, rc);
	sqlite3_extended_result_codes(db->handle, 1);
	sqlite3_busy_timeout(db->handle, BUSY_MS);
	if (!create && (err = check_schema(db)))
		return err;
	/* FULL: in WAL mode each commit is synced, so that it survives a power failure. */
	if (writable && (err = execute(db, "PRAGMA journal_mode = WAL;"
					   "PRAGMA synchronous = FULL;"
					   "PRAGMA cache_size = -4096;")))
		return err;
	if (!create)
		return 0;
	if ((err = execute(db, "BEGIN IMMEDIATE")) || (err = execute(db, hs_run_schema_sql)))
		return err;
	return execute(db, "PRAGMA application_id = " TEXT_OF(
				   HS_RUN_APPLICATION_ID) ";"
							  "PRAGMA user_version = " TEXT_OF(
								  HS_RUN_SCHEMA) ";");
}

void hs_db_close(struct hs_db *db)
{
	for (size_t i = 0; i < HS_SQL_MAX; i++)
		sqlite3_finalize(db->stmts[i]);
	if (db->handle && !sqlite3_get_autocommit(db->handle))
		sqlite3_exec(db->handle, "ROLLBACK", NULL, NULL, NULL);
	sqlite3_close(db->handle);
	hs_strbuf_free(&db->why);
	*db = (struct hs_db){0};
}

errint_t hs_db_begin(struct hs_db *db)
{
	if (db->err)
		return db->err;
	return execute(db, "BEGIN IMMEDIATE");
}

static errint_t end_transaction(struct hs_db *db)
{
	int moved = 0;

	if (db->err)
		return db->err;
	/* A commit into a deleted file would succeed and be lost. */
	sqlite3_file_control(db->handle, "main", SQLITE_FCNTL_HAS_MOVED, &moved);
	if (moved)
		return hs_db_fail(db, -ESTALE, "run.db was removed or replaced during the run");
	return execute(db, "COMMIT");
}

errint_t hs_db_commit(struct hs_db *db)
{
	errint_t err = end_transaction(db);

	return err ? err : hs_db_begin(db);
}

errint_t hs_db_commit_last(struct hs_db *db)
{
	errint_t err = end_transaction(db);

	if (err)
		return err;
	db->writable = false;
	/* Refused while others read: then the log stays beside the file, which is as good. */
	for (size_t i = 0; i < HS_SQL_MAX; i++)
		sqlite3_reset(db->stmts[i]);
	sqlite3_exec(db->handle, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL);
	return 0;
}

static int bind_values(sqlite3_stmt *stmt, const char *types, va_list ap)
{
	int rc = SQLITE_OK;

	for (int i = 1; *types && rc == SQLITE_OK; i++, types++) {
		if (*types == 'i') {
			rc = sqlite3_bind_int64(stmt, i, va_arg(ap, int64_t));
		} else if (*types == 's') {
			rc = sqlite3_bind_text(stmt, i, va_arg(ap, const char *), -1,
					       SQLITE_STATIC);
		} else {
			const void *p = va_arg(ap, const void *);
			size_t len = va_arg(ap, size_t);

			if (*types == 'B')
				rc = sqlite3_bind_blob64(stmt, i, p, len, SQLITE_STATIC);
			else
				rc = sqlite3_bind_text64(stmt, i, p, len, SQLITE_STATIC,
							 SQLITE_UTF8);
		}
	}
	return rc;
}

static sqlite3_stmt *prepare(struct hs_db *db, enum hs_sql sql, int *rc)
{
	sqlite3_stmt **slot = &db->stmts[sql];

	*rc = SQLITE_OK;
	if (!*slot)
		*rc = sqlite3_prepare_v3(db->handle, statements[sql], -1, SQLITE_PREPARE_PERSISTENT,
					 slot, NULL);
	else
		sqlite3_reset(*slot);
	return *slot;
}

sqlite3_stmt *hs_db_bind(struct hs_db *db, enum hs_sql sql, const char *types, ...)
{
	sqlite3_stmt *stmt;
	va_list ap;
	int rc;

	errno = 0;
	stmt = prepare(db, sql, &rc);
	if (rc == SQLITE_OK) {
		va_start(ap, types);
		rc = bind_values(stmt, types, ap);
		va_end(ap);
	}
	if (rc == SQLITE_OK)
		return stmt;
	explain(db, rc);
	return NULL;
}

errint_t hs_db_write(struct hs_db *db, enum hs_sql sql, const char *types, ...)
{
	sqlite3_stmt *stmt;
	va_list ap;
	int rc;

	if (db->err)
		return db->err;
	if (!db->writable)
		return -EROFS;
	errno = 0;
	stmt = prepare(db, sql, &rc);
	if (rc == SQLITE_OK) {
		va_start(ap, types);
		rc = bind_values(stmt, types, ap);
		va_end(ap);
	}
	if (rc == SQLITE_OK)
		rc = sqlite3_step(stmt);
	if (rc == SQLITE_DONE) {
		hs_db_done(stmt);
		return 0;
	}
	remember(db, rc);
	hs_db_done(stmt);
	return db->err;
}

int hs_db_row(sqlite3_stmt *stmt)
{
	errint_t err = 0;
	int rc;

	errno = 0;
	rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW)
		return 1;
	if (rc != SQLITE_DONE)
		err = to_errno(rc, errno);
	hs_db_done(stmt);
	return err;
}

void hs_db_done(sqlite3_stmt *stmt)
{
	if (!stmt)
		return;
	sqlite3_reset(stmt);
	/* The bound strings are the caller's and end with the call. */
	sqlite3_clear_bindings(stmt);
}

const char *hs_db_text(sqlite3_stmt *stmt, int column)
{
	return (const char *)sqlite3_column_text(stmt, column);
}

const char *hs_db_word(sqlite3_stmt *stmt, int column)
{
	const char *s = hs_db_text(stmt, column);

	return s ? s : "";
}
