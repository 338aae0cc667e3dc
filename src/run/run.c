/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The life of a run: created or opened, committed, finished, closed.
 */
#include "run/run.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "run/internal.h"
#include "run/place.h"

static const char *const status_names[HS_RUN_STATUS_MAX] = {
	[HS_RUN_INIT] = "init",
	[HS_RUN_SCANNING_PHASE1] = "scanning-phase1",
	[HS_RUN_SCANNING_PHASE2] = "scanning-phase2",
	[HS_RUN_COMPLETED] = "completed",
	[HS_RUN_FAILED] = "failed",
	[HS_RUN_STOPPED] = "stopped",
	[HS_RUN_PAUSED] = "paused",
	[HS_RUN_CRASHED] = "crashed",
	[HS_RUN_PARTIAL] = "partial",
	[HS_RUN_CO_FAILED] = "co-failed",
	[HS_RUN_CO_STOPPED] = "co-stopped",
	[HS_RUN_CO_PAUSED] = "co-paused",
};

const char *hs_run_status_name(enum hs_run_status s)
{
	return s < HS_RUN_STATUS_MAX ? status_names[s] : "failed";
}

bool hs_run_status_is_final(enum hs_run_status s)
{
	return s != HS_RUN_INIT && s != HS_RUN_SCANNING_PHASE1 && s != HS_RUN_SCANNING_PHASE2;
}

static struct hs_run *new_run(void)
{
	struct hs_run *run = calloc(1, sizeof(*run));

	if (!run)
		return NULL;
	pthread_mutex_init(&run->mutex, NULL);
	run->lock = -1;
	return run;
}

void hs_run_close(struct hs_run *run)
{
	if (!run)
		return;
	hs_run_side_forget(run);
	hs_db_close(&run->db);
	if (run->lock >= 0)
		close(run->lock);
	pthread_mutex_destroy(&run->mutex);
	free(run->phase);
	free(run->dir);
	free(run->id);
	free(run);
}

static void scope_close(struct hs_run **run)
{
	hs_run_close(*run);
}

static void host_name(char *buf, size_t size)
{
	if (gethostname(buf, size))
		buf[0] = '\0';
	buf[size - 1] = '\0';
}

/* The tables exist and the transaction is open: the run's own rows. */
static errint_t record_params(struct hs_run *run, const struct hs_run_params *p)
{
	struct hs_db *db = &run->db;
	char host[256];
	errint_t err;

	host_name(host, sizeof(host));
	err = hs_db_write(db, HS_SQL_RUN_NEW, "sssssii", run->id, p->command,
			  p->fsname ? p->fsname : "", HS_VERSION, host, (int64_t)getpid(),
			  hs_wall_time());
	for (int i = 0; i < p->argc && !err; i++)
		err = hs_db_write(db, HS_SQL_ARG_NEW, "s", p->argv[i]);
	for (size_t i = 0; i < p->n_options && !err; i++)
		err = hs_db_write(db, HS_SQL_OPTION_SET, "ss", p->options[i].key,
				  p->options[i].value);
	return err;
}

static errint_t start_in_memory(struct hs_run *run, const struct hs_run_params *p)
{
	errint_t err = hs_db_open(&run->db, ":memory:", true, true);

	run->dir = strdup("");
	run->id = strdup("memory");
	if (!run->dir || !run->id)
		return -ENOMEM;
	if (!err)
		err = record_params(run, p);
	return err ? err : hs_db_commit(&run->db);
}

/* run->dir exists. */
static errint_t start_in_directory(struct hs_run *run, const struct hs_run_params *p,
				   struct hs_strbuf *why)
{
	hs_cleanup(hs_strbuf_free) struct hs_strbuf path = HS_STRBUF_INIT;
	struct stat st;
	errint_t err;

	err = hs_place_lock(run->dir, &run->lock, why);
	if (err)
		return err;
	hs_strbuf_printf(&path, "%s/run.db", run->dir);
	if (hs_strbuf_error(&path))
		return -ENOMEM;
	if (lstat(path.s, &st) == 0) {
		hs_strbuf_printf(why, "%s holds a run already", run->dir);
		return -EEXIST;
	}
	err = hs_db_open(&run->db, path.s, true, true);
	if (!err)
		err = record_params(run, p);
	if (!err)
		err = hs_db_commit(&run->db);
	if (!err)
		err = hs_place_sync(run->dir);
	if (err)
		hs_strbuf_printf(why, "cannot start a run in %s: %s", run->dir,
				 run->db.why.len ? hs_strbuf_str(&run->db.why) : strerror(-err));
	return err;
}

/* Leaves nothing behind of a directory that was made for a run that could not begin. */
static void discard(const struct hs_run *run)
{
	static const char *const files[] = {"run.db", "run.db-wal", "run.db-shm", "lock"};

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		hs_cleanup(hs_strbuf_free) struct hs_strbuf path = HS_STRBUF_INIT;

		hs_strbuf_printf(&path, "%s/%s", run->dir, files[i]);
		unlink(hs_strbuf_str(&path));
	}
	rmdir(run->dir);
}

errint_t hs_run_make_directory(const struct hs_run_params *p, char **dir, struct hs_strbuf *why)
{
	hs_autofree char *id = NULL;

	return p->run_dir ? hs_place_given(p->run_dir, dir, &id, why)
			  : hs_place_choose(p->state_dir, p->fsname, dir, &id, why);
}

errint_t hs_run_create(const struct hs_run_params *p, struct hs_run **out, struct hs_strbuf *why)
{
	hs_cleanup(scope_close) struct hs_run *run = new_run();
	hs_cleanup(hs_strbuf_free) struct hs_strbuf cause = HS_STRBUF_INIT;
	errint_t err;

	if (!run)
		return -ENOMEM;
	if (p->run_dir) {
		err = hs_place_given(p->run_dir, &run->dir, &run->id, why);
		if (!err)
			err = start_in_directory(run, p, why);
		if (err)
			return err;
		*out = hs_take(run);
		return 0;
	}
	err = hs_place_choose(p->state_dir, p->fsname, &run->dir, &run->id, &cause);
	if (!err) {
		err = start_in_directory(run, p, &cause);
		if (err)
			discard(run);
	}
	if (err) {
		hs_log(p->log, HS_LOG_INFO, "the run is kept in memory only: %s",
		       hs_strbuf_str(&cause));
		hs_run_close(run);
		run = new_run();
		if (!run)
			return -ENOMEM;
		err = start_in_memory(run, p);
		if (err) {
			hs_strbuf_puts(why, hs_strbuf_str(&run->db.why));
			return err;
		}
	}
	*out = hs_take(run);
	return 0;
}

static errint_t read_id(struct hs_run *run)
{
	sqlite3_stmt *stmt = hs_db_bind(&run->db, HS_SQL_RUN_GET, "");
	int more;

	if (!stmt)
		return -EIO;
	more = hs_db_row(stmt);
	if (more <= 0)
		return more < 0 ? more : -ENODATA;
	run->id = strdup(hs_db_word(stmt, 0));
	hs_db_done(stmt);
	return run->id ? 0 : -ENOMEM;
}

static errint_t open_to_write(struct hs_run *run)
{
	char host[256];
	errint_t err;

	host_name(host, sizeof(host));
	err = hs_db_begin(&run->db);
	if (!err)
		err = hs_db_write(&run->db, HS_SQL_RUN_OWNER, "si", host, (int64_t)getpid());
	if (!err)
		err = hs_db_write(&run->db, HS_SQL_RUN_PHASE, "s", "");
	if (!err)
		err = hs_run_side_sweep(run);
	return err ? err : hs_db_commit(&run->db);
}

errint_t hs_run_open(const char *dir, enum hs_run_access access, struct hs_run **out,
		     struct hs_strbuf *why)
{
	hs_cleanup(scope_close) struct hs_run *run = new_run();
	hs_cleanup(hs_strbuf_free) struct hs_strbuf path = HS_STRBUF_INIT;
	bool writable = access == HS_RUN_WRITE;
	struct stat st;
	errint_t err = 0;

	if (!run)
		return -ENOMEM;
	run->dir = strdup(dir);
	hs_strbuf_printf(&path, "%s/run.db", dir);
	if (!run->dir || hs_strbuf_error(&path))
		return -ENOMEM;
	if (stat(path.s, &st)) {
		err = -errno;
		hs_strbuf_printf(why, "no run in %s: %s", dir, strerror(errno));
		return err;
	}
	if (writable)
		err = hs_place_lock(dir, &run->lock, why);
	if (err)
		return err;
	err = hs_db_open(&run->db, path.s, writable, false);
	if (!err)
		err = read_id(run);
	if (!err && writable)
		err = open_to_write(run);
	if (err) {
		hs_strbuf_printf(why, "%s: %s", dir,
				 run->db.why.len ? hs_strbuf_str(&run->db.why) : strerror(-err));
		return err;
	}
	*out = hs_take(run);
	return 0;
}

const char *hs_run_dir(const struct hs_run *run)
{
	return run->dir;
}

const char *hs_run_id(const struct hs_run *run)
{
	return run->id;
}

bool hs_run_is_durable(const struct hs_run *run)
{
	return run->dir[0] != '\0';
}

const char *hs_run_why(struct hs_run *run)
{
	HS_RUN_LOCKED(run);
	return run->db.err ? hs_strbuf_str(&run->db.why) : "";
}

/* The time since the last call goes to the current phase. */
static errint_t add_phase_time(struct hs_run *run)
{
	uint64_t now = hs_now_ns();
	uint64_t more = now - run->phase_since;

	run->phase_since = now;
	if (!run->phase)
		return 0;
	return hs_db_write(&run->db, HS_SQL_PHASE_ADD, "si", run->phase, (int64_t)more);
}

errint_t hs_run_set_phase(struct hs_run *run, const char *phase)
{
	HS_RUN_LOCKED(run);
	char *name = NULL;
	errint_t err;

	if (phase && !(name = strdup(phase)))
		return -ENOMEM;
	err = add_phase_time(run);
	free(run->phase);
	run->phase = name;
	if (!err && phase)
		err = hs_db_write(&run->db, HS_SQL_PHASE_BEGIN, "si", phase, hs_wall_time());
	if (!err)
		err = hs_db_write(&run->db, HS_SQL_RUN_PHASE, "s", phase ? phase : "");
	return err;
}

static errint_t commit(struct hs_run *run, errint_t (*end)(struct hs_db *))
{
	errint_t err;

	err = hs_db_write(&run->db, HS_SQL_RUN_UPDATED, "i", hs_wall_time());
	if (!err)
		err = add_phase_time(run);
	if (!err)
		err = hs_run_side_before_commit(run);
	if (!err)
		err = end(&run->db);
	if (!err)
		hs_run_side_after_commit(run);
	return err;
}

errint_t hs_run_commit(struct hs_run *run)
{
	HS_RUN_LOCKED(run);
	return commit(run, hs_db_commit);
}

errint_t hs_run_finish(struct hs_run *run, enum hs_run_status status, int exit_code)
{
	HS_RUN_LOCKED(run);
	errint_t err = add_phase_time(run);

	free(run->phase);
	run->phase = NULL;
	if (!err)
		err = hs_db_write(&run->db, HS_SQL_RUN_PHASE, "s", "");
	if (!err)
		err = hs_db_write(&run->db, HS_SQL_RUN_FINISH, "sii", hs_run_status_name(status),
				  (int64_t)exit_code, hs_wall_time());
	return err ? err : commit(run, hs_db_commit_last);
}
