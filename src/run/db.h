/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The SQLite connection of a run: private to this room.
 *
 * One connection, one open write transaction that hs_db_commit() ends and begins anew. SQLite rolls
 * a transaction back by itself after some errors (disk full, I/O); a statement executed after that
 * would commit alone. So the first error is remembered and nothing is executed after it.
 *
 * The caller serialises all calls (struct hs_run has the mutex).
 */
#ifndef HS_RUN_DB_H
#define HS_RUN_DB_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/strbuf.h"

enum hs_sql {
	HS_SQL_RUN_NEW,
	HS_SQL_RUN_GET,
	HS_SQL_RUN_UPDATED,
	HS_SQL_RUN_STATUS,
	HS_SQL_RUN_FINISH,
	HS_SQL_RUN_OWNER,
	HS_SQL_RUN_PHASE,
	HS_SQL_ARG_NEW,
	HS_SQL_ARG_EACH,
	HS_SQL_OPTION_SET,
	HS_SQL_OPTION_GET,
	HS_SQL_OPTION_EACH,
	HS_SQL_TARGET_SET,
	HS_SQL_TARGET_EACH,
	HS_SQL_POSITION_SET,
	HS_SQL_POSITION_SET_ONCE,
	HS_SQL_POSITION_GET,
	HS_SQL_TOTAL_SET,
	HS_SQL_TOTAL_ADD,
	HS_SQL_TOTAL_GET,
	HS_SQL_TOTAL_EACH,
	HS_SQL_PHASE_BEGIN,
	HS_SQL_PHASE_ADD,
	HS_SQL_PHASE_EACH,
	HS_SQL_FLAG_ON,
	HS_SQL_FLAG_OFF,
	HS_SQL_FLAG_EACH,
	HS_SQL_SIDE_SET,
	HS_SQL_SIDE_GET,
	HS_SQL_SIDE_DROP,
	HS_SQL_SIDE_IS_CURRENT,
	HS_SQL_FINDING_NEW,
	HS_SQL_FINDING_EACH,
	HS_SQL_FINDING_TALLY,
	HS_SQL_FACT_NEW,
	HS_SQL_FACT_EACH,
	HS_SQL_OTHER_NEW,
	HS_SQL_OTHER_EACH,
	HS_SQL_SYMPTOM_NEW,
	HS_SQL_SYMPTOM_EACH,
	HS_SQL_ITEM_NEW,
	HS_SQL_ITEM_EACH,
	HS_SQL_ITEM_STATE,
	HS_SQL_NEED_NEW,
	HS_SQL_NEED_EACH,
	HS_SQL_EXPECT_NEW,
	HS_SQL_EXPECT_EACH,
	HS_SQL_EDIT_NEW,
	HS_SQL_EDIT_EACH,
	HS_SQL_ITEM_TRIM,
	HS_SQL_NEED_TRIM,
	HS_SQL_EXPECT_TRIM,
	HS_SQL_MAX
};

struct hs_db {
	sqlite3 *handle;
	sqlite3_stmt *stmts[HS_SQL_MAX];
	bool writable;
	errint_t err;	      /* the first failed write */
	struct hs_strbuf why; /* in words */
};

/*
 * Opens `path` (":memory:" for none). create: makes the tables; otherwise they are checked:
 * -ENODATA no tables, -EMEDIUMTYPE not ours, -EPROTONOSUPPORT a newer schema. Errors are told in
 * db->why, and the caller calls hs_db_close() in any case.
 */
errint_t hs_db_open(struct hs_db *db, const char *path, bool writable, bool create);
void hs_db_close(struct hs_db *db);

/* Begins the write transaction; commits it and begins the next one. */
errint_t hs_db_begin(struct hs_db *db);
errint_t hs_db_commit(struct hs_db *db);
/* Commits, begins no other, and folds the write-ahead log back into one file. */
errint_t hs_db_commit_last(struct hs_db *db);

/* Remembers a failure that happened beside SQLite (a side file), like one of SQLite's own. */
errint_t hs_db_fail(struct hs_db *db, errint_t err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * A statement ready to bind, NULL with the error remembered. types: one letter a value,
 * s: const char * (NULL allowed), b: const void * and size_t as text, B: the same as a blob,
 * i: int64_t.
 */
sqlite3_stmt *hs_db_bind(struct hs_db *db, enum hs_sql sql, const char *types, ...);

/* Binds and executes a write; -EROFS on a database opened for reading. */
errint_t hs_db_write(struct hs_db *db, enum hs_sql sql, const char *types, ...);

/* 1 a row, 0 no more, or -errno (reading errors are not remembered). Resets at the end. */
int hs_db_row(sqlite3_stmt *stmt);
void hs_db_done(sqlite3_stmt *stmt);

/* A text column: NULL for SQL NULL. Lives until the next row. */
const char *hs_db_text(sqlite3_stmt *stmt, int column);
/* The same, never NULL. */
const char *hs_db_word(sqlite3_stmt *stmt, int column);

#endif
