/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Created in one transaction, so that a run.db either has all tables or none.
 *
 * Text columns hold the bytes as they were found, which need not be valid UTF-8.
 */
#include "run/schema.h"

const char hs_run_schema_sql[] =
	"CREATE TABLE run ("
	" id TEXT NOT NULL, command TEXT NOT NULL, fsname TEXT NOT NULL, version TEXT NOT NULL,"
	" host TEXT NOT NULL, pid INTEGER NOT NULL, started INTEGER NOT NULL,"
	" updated INTEGER NOT NULL, finished INTEGER NOT NULL DEFAULT 0,"
	" status TEXT NOT NULL, exit_code INTEGER NOT NULL DEFAULT -1,"
	" phase TEXT NOT NULL DEFAULT '') STRICT;"
	"CREATE TABLE arg (ord INTEGER PRIMARY KEY, value TEXT NOT NULL) STRICT;"
	"CREATE TABLE option (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;"
	"CREATE TABLE target ("
	" label TEXT PRIMARY KEY, kind TEXT NOT NULL, idx INTEGER NOT NULL, uuid TEXT,"
	" size INTEGER NOT NULL, device TEXT, mounted INTEGER NOT NULL,"
	" written INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
	"CREATE TABLE position ("
	" which TEXT NOT NULL, source TEXT NOT NULL, done INTEGER NOT NULL, cookie BLOB NOT NULL,"
	" PRIMARY KEY (which, source)) STRICT, WITHOUT ROWID;"
	"CREATE TABLE total ("
	" ord INTEGER PRIMARY KEY, target TEXT NOT NULL, key TEXT NOT NULL,"
	" value INTEGER NOT NULL, UNIQUE (target, key)) STRICT;"
	"CREATE TABLE phase ("
	" ord INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, started INTEGER NOT NULL,"
	" run_ns INTEGER NOT NULL DEFAULT 0) STRICT;"
	"CREATE TABLE flag (name TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;"
	"CREATE TABLE side ("
	" name TEXT PRIMARY KEY, generation INTEGER NOT NULL, size INTEGER NOT NULL,"
	" checksum INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
	"CREATE TABLE finding ("
	" id INTEGER PRIMARY KEY, kind TEXT NOT NULL, severity TEXT NOT NULL, state TEXT NOT NULL,"
	" rule TEXT, rule_order TEXT NOT NULL, target TEXT, object TEXT, path TEXT, no_path TEXT,"
	" message TEXT, reason TEXT, repair TEXT, gate TEXT) STRICT;"
	"CREATE TABLE finding_fact ("
	" finding INTEGER NOT NULL, ord INTEGER NOT NULL, witness TEXT, claim TEXT, equation TEXT,"
	" remaining INTEGER NOT NULL, PRIMARY KEY (finding, ord)) STRICT, WITHOUT ROWID;"
	"CREATE TABLE finding_other ("
	" finding INTEGER NOT NULL, ord INTEGER NOT NULL, object TEXT,"
	" PRIMARY KEY (finding, ord)) STRICT, WITHOUT ROWID;"
	"CREATE TABLE finding_symptom ("
	" finding INTEGER NOT NULL, ord INTEGER NOT NULL, rule TEXT, object TEXT, message TEXT,"
	" PRIMARY KEY (finding, ord)) STRICT, WITHOUT ROWID;";
