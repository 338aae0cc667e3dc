/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The undo of a target: verify everything, take it, write back, let go.
 *
 * While it runs a mark lies beside the undo file: a target that is half taken back must not be
 * edited, nor an interrupted transaction be finished on it.
 */
#include "ldiskfs/revert.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "io/device.h"
#include "io/undofile.h"
#include "ldiskfs/mmp.h"
#include "ldiskfs/mounted.h"

struct reverting {
	const struct hs_revert_params *p;
	struct hs_io *file;
	struct hs_io *device; /* the bottom, for MMP */
	struct hs_io *io;     /* what is written; owns the device */
	struct hs_undo_file undo;
	struct hs_mmp *mmp;
	uint8_t super[HS_UNDO_SUPER];
	struct hs_strbuf *why;
};

static errint_t name_file(const struct hs_revert_params *p, const char *suffix, char **path)
{
	if (asprintf(path, "%s/%s.%s", p->dir, p->label, suffix) >= 0)
		return 0;
	*path = NULL;
	return -ENOMEM;
}

static errint_t load(struct reverting *r)
{
	hs_autofree char *path = NULL;
	errint_t err = name_file(r->p, "e2undo", &path);

	if (err)
		return err;
	if (access(path, F_OK) && errno == ENOENT) {
		hs_strbuf_printf(r->why, "%s: nothing was changed on %s", r->p->dir, r->p->label);
		return -ENOENT;
	}
	err = hs_device_open(path, HS_DEVICE_READ, &r->file, r->why);
	return err ? err : hs_undo_file_load(r->file, true, &r->undo, r->why);
}

static errint_t take(struct reverting *r)
{
	const char *differs;
	errint_t err = r->p->dry ? 0 : hs_mounted_check(r->p->device, r->why);

	if (!err)
		err = hs_device_open(r->p->device, r->p->dry ? HS_DEVICE_READ : HS_DEVICE_WRITE,
				     &r->device, r->why);
	if (err)
		return err;
	r->io = r->device;
	err = hs_io_pread(r->io, r->super, sizeof(r->super), HS_UNDO_SUPER);
	if (err) {
		hs_strbuf_printf(r->why, "%s: cannot read the superblock: %s", r->io->name,
				 strerror(-err));
		return err;
	}
	differs = hs_undo_file_fits(&r->undo, r->super);
	if (differs) {
		hs_strbuf_printf(r->why, "%s does not belong to %s: %s", r->file->name, r->io->name,
				 differs);
		return -ESTALE;
	}
	if (r->p->dry)
		return 0;
	if (r->p->wrap)
		err = r->p->wrap(r->p->arg, r->io, &r->io);
	if (err)
		return err;
	return hs_mmp_claim(&(struct hs_mmp_params){.device = r->device,
						    .io = r->io,
						    .holder = r->p->holder,
						    .wait = r->p->wait,
						    .arg = r->p->arg},
			    r->super, &r->mmp, r->why);
}

static errint_t sync_directory(const char *dir)
{
	hs_autoclose int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 || fsync(fd) ? -errno : 0;
}

/* Sets the mark; the transaction that an edit has not finished is never finished then. */
static errint_t begin(struct reverting *r, const char *mark)
{
	hs_autofree char *redo = NULL;
	hs_autoclose int fd = open(mark, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	errint_t err = fd < 0 ? -errno : sync_directory(r->p->dir);

	if (!err)
		err = name_file(r->p, "redo", &redo);
	if (!err && unlink(redo) && errno != ENOENT)
		err = -errno;
	if (!err)
		err = sync_directory(r->p->dir);
	if (err)
		hs_strbuf_printf(r->why, "cannot write to %s: %s", r->p->dir, strerror(-err));
	return err;
}

static errint_t write_back(struct reverting *r)
{
	hs_autofree char *mark = NULL;
	uint64_t protection = hs_mmp_block(r->mmp);
	bool saved = protection && hs_undo_file_has(&r->undo, protection);
	errint_t err = name_file(r->p, "undoing", &mark), later;

	if (!err)
		err = begin(r, mark);
	if (!err)
		err = hs_mmp_check(r->mmp, r->why);
	if (!err)
		err = hs_undo_file_restore(&r->undo, r->file, r->io, protection, r->why);
	/* the block is restored already, or we stay its holder until this is repeated */
	later = hs_mmp_release(r->mmp, err || saved);
	r->mmp = NULL;
	if (!err && later) {
		hs_strbuf_printf(r->why, "%s: cannot release the multiple mount protection: %s",
				 r->io->name, strerror(-later));
		err = later;
	}
	if (!err && (unlink(mark) || sync_directory(r->p->dir))) {
		err = -errno;
		hs_strbuf_printf(r->why, "cannot remove %s: %s", mark, strerror(-err));
	}
	return err;
}

errint_t hs_revert(const struct hs_revert_params *p, struct hs_reverted *out, struct hs_strbuf *why)
{
	struct reverting r = {.p = p, .why = why};
	errint_t err = load(&r);

	*out = (struct hs_reverted){0};
	if (!err)
		err = take(&r);
	for (size_t i = 0; i < r.undo.n && !err; i++) {
		out->blocks += r.undo.keys[i].len / r.undo.header.fs_block_size;
		out->bytes += r.undo.keys[i].len;
	}
	if (!err && !p->dry)
		err = write_back(&r);
	if (err == -ENOMEM && !why->len)
		hs_strbuf_puts(why, "out of memory");
	hs_mmp_release(r.mmp, 0);
	hs_undo_file_free(&r.undo);
	hs_io_close(r.file);
	hs_io_close(r.io);
	return err;
}
