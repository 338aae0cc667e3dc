/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tables of run.db; docs/run-db.md describes them. A change that an older program would
 * misread raises HS_RUN_SCHEMA.
 */
#ifndef HS_RUN_SCHEMA_H
#define HS_RUN_SCHEMA_H

#define HS_RUN_APPLICATION_ID 0x686f6c79 /* "holy", the SQLite header's application id */
#define HS_RUN_SCHEMA	      2		 /* its user version */

extern const char hs_run_schema_sql[];

#endif
