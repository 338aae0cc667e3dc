/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The order that makes a pair of file and row safe: file written, file synced, directory synced,
 * row committed, older file removed. A kill between any two leaves a committed row whose file is
 * complete, and at worst files that no row names.
 */
#include "run/side.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include "base/cleanup.h"
#include "run/internal.h"
#include "run/place.h"

#define NAME_MAX_LEN 32
#define READ_CHUNK   (1u << 20)

struct hs_run_side {
	struct hs_run *run;
	char name[NAME_MAX_LEN + 1];
	int64_t generation;
	int fd; /* -1 for a run in memory */
	char *path;
	uint64_t size;
	XXH3_state_t *hash;
};

static bool is_name(const char *s, size_t len)
{
	if (len == 0 || len > NAME_MAX_LEN)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (!(s[i] >= 'a' && s[i] <= 'z') && !(s[i] >= '0' && s[i] <= '9') && s[i] != '-')
			return false;
	}
	return true;
}

static char *side_path(const struct hs_run *run, const char *name, int64_t generation)
{
	struct hs_strbuf path = HS_STRBUF_INIT;

	hs_strbuf_printf(&path, "%s/%s.%lld", run->dir, name, (long long)generation);
	if (hs_strbuf_error(&path)) {
		hs_strbuf_free(&path);
		return NULL;
	}
	return path.s;
}

struct side_row {
	int64_t generation;
	int64_t size;
	int64_t checksum;
};

/* -ENOENT when the run names no such file. */
static errint_t read_row(struct hs_run *run, const char *name, struct side_row *row)
{
	sqlite3_stmt *stmt = hs_db_bind(&run->db, HS_SQL_SIDE_GET, "s", name);
	int more = stmt ? hs_db_row(stmt) : -EIO;

	if (more <= 0)
		return more < 0 ? more : -ENOENT;
	row->generation = sqlite3_column_int64(stmt, 0);
	row->size = sqlite3_column_int64(stmt, 1);
	row->checksum = sqlite3_column_int64(stmt, 2);
	hs_db_done(stmt);
	return 0;
}

static void free_side(struct hs_run_side *side)
{
	if (side->fd >= 0)
		close(side->fd);
	XXH3_freeState(side->hash);
	free(side->path);
	free(side);
}

void hs_run_side_abandon(struct hs_run_side *side)
{
	if (!side)
		return;
	if (side->path)
		unlink(side->path);
	free_side(side);
}

static errint_t open_next(struct hs_run *run, struct hs_run_side *side)
{
	struct side_row row = {0};
	errint_t err;

	if (run->db.err)
		return run->db.err;
	if (!run->db.writable)
		return -EROFS;
	err = read_row(run, side->name, &row);
	if (err && err != -ENOENT)
		return err;
	side->generation = row.generation + 1;
	if (!hs_run_is_durable(run))
		return 0;
	side->path = side_path(run, side->name, side->generation);
	if (!side->path)
		return -ENOMEM;
	/* An abandoned or replaced generation of this very process may be there. */
	side->fd = open(side->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (side->fd < 0)
		return hs_db_fail(&run->db, -errno, "%s: %s", side->path, strerror(errno));
	return 0;
}

errint_t hs_run_side_create(struct hs_run *run, const char *name, struct hs_run_side **out)
{
	struct hs_run_side *side;
	errint_t err;

	if (!is_name(name, strlen(name)))
		return -EINVAL;
	side = calloc(1, sizeof(*side));
	if (!side)
		return -ENOMEM;
	side->run = run;
	side->fd = -1;
	memcpy(side->name, name, strlen(name));
	side->hash = XXH3_createState();
	if (!side->hash) {
		free_side(side);
		return -ENOMEM;
	}
	XXH3_64bits_reset(side->hash);

	HS_RUN_LOCKED(run);
	err = open_next(run, side);
	if (err) {
		free_side(side);
		return err;
	}
	*out = side;
	return 0;
}

static errint_t fail(struct hs_run_side *side, int err)
{
	HS_RUN_LOCKED(side->run);
	return hs_db_fail(&side->run->db, -err, "%s: %s", side->path, strerror(err));
}

errint_t hs_run_side_write(struct hs_run_side *side, const void *buf, size_t len)
{
	const uint8_t *p = buf;

	XXH3_64bits_update(side->hash, buf, len);
	side->size += len;
	while (side->fd >= 0 && len > 0) {
		ssize_t n = write(side->fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return fail(side, n < 0 ? errno : EIO);
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

/* The file becomes garbage once the next commit is through. */
static errint_t retire(struct hs_run *run, const char *name, int64_t generation)
{
	hs_autofree char *path = side_path(run, name, generation);
	struct hs_run_old *old;

	if (!path)
		return -ENOMEM;
	old = malloc(sizeof(*old) + strlen(path) + 1);
	if (!old)
		return -ENOMEM;
	strcpy(old->file, path);
	old->next = run->old;
	run->old = old;
	return 0;
}

static errint_t stage(struct hs_run *run, const struct hs_run_side *side)
{
	struct side_row row;
	errint_t err;

	if (run->db.err)
		return run->db.err;
	err = read_row(run, side->name, &row);
	if (!err)
		err = retire(run, side->name, row.generation);
	if (err && err != -ENOENT)
		return err;
	run->sync_dir = true;
	return hs_db_write(&run->db, HS_SQL_SIDE_SET, "siii", side->name, side->generation,
			   (int64_t)side->size, (int64_t)XXH3_64bits_digest(side->hash));
}

errint_t hs_run_side_seal(struct hs_run_side *side)
{
	struct hs_run *run = side->run;
	errint_t err = 0;

	if (side->fd >= 0) {
		if (fsync(side->fd))
			err = fail(side, errno);
		if (!err) {
			HS_RUN_LOCKED(run);
			err = stage(run, side);
		}
	}
	if (err)
		hs_run_side_abandon(side);
	else
		free_side(side);
	return err;
}

errint_t hs_run_side_drop(struct hs_run *run, const char *name)
{
	HS_RUN_LOCKED(run);
	struct side_row row;
	errint_t err = read_row(run, name, &row);

	if (err)
		return err == -ENOENT ? 0 : err;
	err = retire(run, name, row.generation);
	return err ? err : hs_db_write(&run->db, HS_SQL_SIDE_DROP, "s", name);
}

errint_t hs_run_side_before_commit(struct hs_run *run)
{
	errint_t err;

	if (!run->sync_dir)
		return 0;
	err = hs_place_sync(run->dir);
	if (err)
		return hs_db_fail(&run->db, err, "%s: %s", run->dir, strerror(-err));
	run->sync_dir = false;
	return 0;
}

void hs_run_side_after_commit(struct hs_run *run)
{
	for (struct hs_run_old *o = run->old; o; o = o->next)
		unlink(o->file);
	hs_run_side_forget(run);
}

void hs_run_side_forget(struct hs_run *run)
{
	while (run->old) {
		struct hs_run_old *next = run->old->next;

		free(run->old);
		run->old = next;
	}
}

/* Splits "NAME.<digits>"; false for every other file. */
static bool split_name(const char *file, char *name, int64_t *generation)
{
	const char *dot = strrchr(file, '.');
	char *end;

	if (!dot || !is_name(file, (size_t)(dot - file)) || !isdigit((unsigned char)dot[1]))
		return false;
	errno = 0;
	*generation = strtoll(dot + 1, &end, 10);
	if (*end || errno)
		return false;
	memcpy(name, file, (size_t)(dot - file));
	name[dot - file] = '\0';
	return true;
}

static errint_t sweep_file(struct hs_run *run, int dirfd, const char *file)
{
	char name[NAME_MAX_LEN + 1];
	int64_t generation;
	sqlite3_stmt *stmt;
	int more;

	if (!split_name(file, name, &generation))
		return 0;
	stmt = hs_db_bind(&run->db, HS_SQL_SIDE_IS_CURRENT, "si", name, generation);
	more = stmt ? hs_db_row(stmt) : -EIO;
	hs_db_done(stmt);
	if (more < 0)
		return more;
	if (more == 0)
		unlinkat(dirfd, file, 0);
	return 0;
}

errint_t hs_run_side_sweep(struct hs_run *run)
{
	DIR *dir = opendir(run->dir);
	struct dirent *d;
	errint_t err = 0;

	if (!dir)
		return -errno;
	while (!err && (d = readdir(dir)))
		err = sweep_file(run, dirfd(dir), d->d_name);
	closedir(dir);
	return err;
}

static errint_t verify(int fd, const struct side_row *row)
{
	hs_autofree uint8_t *buf = malloc(READ_CHUNK);
	XXH3_state_t *hash = XXH3_createState();
	int64_t size = 0;
	errint_t err = 0;
	ssize_t n;

	if (!buf || !hash)
		err = -ENOMEM;
	else
		XXH3_64bits_reset(hash);
	while (!err && (n = read(fd, buf, READ_CHUNK)) != 0) {
		if (n < 0) {
			err = errno == EINTR ? 0 : -errno;
			continue;
		}
		XXH3_64bits_update(hash, buf, (size_t)n);
		size += n;
	}
	if (!err && (size != row->size || (int64_t)XXH3_64bits_digest(hash) != row->checksum))
		err = -EILSEQ;
	if (!err && lseek(fd, 0, SEEK_SET) < 0)
		err = -errno;
	XXH3_freeState(hash);
	return err;
}

errint_t hs_run_side_open(struct hs_run *run, const char *name, int *out, uint64_t *size)
{
	hs_autofree char *path = NULL;
	hs_autoclose int fd = -1;
	struct side_row row;
	errint_t err;

	{
		HS_RUN_LOCKED(run);
		err = hs_run_is_durable(run) ? read_row(run, name, &row) : -ENOENT;
	}
	if (err)
		return err;
	path = side_path(run, name, row.generation);
	if (!path)
		return -ENOMEM;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? -EILSEQ : -errno;
	err = verify(fd, &row);
	if (err)
		return err;
	*size = (uint64_t)row.size;
	*out = fd;
	fd = -1;
	return 0;
}
