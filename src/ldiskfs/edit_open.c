/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Taking a target for oneself, or refusing to, and letting it go.
 *
 * Nothing is written before it is certain that the target is nobody else's and of a kind that is
 * known. An interrupted transaction is the exception to the second half: it is finished first, as
 * half a transaction may look like anything.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "io/device.h"
#include "io/stage.h"
#include "io/undo.h"
#include "ldiskfs/edit_priv.h"
#include "ldiskfs/extio.h"
#include "ldiskfs/mounted.h"

enum {
	SB_OFFSET = 1024,
	SB_BYTES = 1024,
	SB_BLOCK_SHIFT = 24,
	SB_MAGIC = 56,
	SB_INCOMPAT = 96,
	SB_UUID = 104,
	INCOMPAT_RECOVER = 4,
	ROCOMPAT_ORPHAN_PRESENT = 0x10000,
};

/* Read-only compatible features of which every change here takes care. */
static const uint32_t known_rocompat = 0x1 |   /* sparse_super */
				       0x2 |   /* large_file */
				       0x8 |   /* huge_file */
				       0x10 |  /* uninit_bg */
				       0x20 |  /* dir_nlink */
				       0x40 |  /* extra_isize */
				       0x100 | /* quota */
				       0x400 | /* metadata_csum */
				       0x2000; /* project */

/* Features and states that are read but not written. */
static errint_t check_writable(const struct hs_fs *fs, struct hs_strbuf *why)
{
	const struct hs_fs_geo *geo = &fs->geo;
	uint32_t unknown = geo->rocompat & ~known_rocompat;

	if (geo->rocompat & ROCOMPAT_ORPHAN_PRESENT || fs->n_orphans) {
		hs_strbuf_printf(why,
				 "%s: deleted files wait for the next mount (ext4 orphan list): "
				 "mount and unmount it first",
				 fs->io->name);
		return -EINVAL;
	}
	if (unknown) {
		hs_strbuf_printf(why, "%s: will not write with unknown feature bits 0x%" PRIx32,
				 fs->io->name, unknown);
		return -EINVAL;
	}
	if (!geo->clean) {
		hs_strbuf_printf(why,
				 "%s: ext4 says that it has errors: run e2fsck of the Lustre "
				 "e2fsprogs first",
				 fs->io->name);
		return -EINVAL;
	}
	return 0;
}

/* A look from outside, before anything is written. */
static errint_t inspect(const char *path, struct hs_log *log, struct hs_strbuf *why)
{
	struct hs_io *io;
	struct hs_fs *fs;
	errint_t err = hs_device_open(path, HS_DEVICE_READ, &io, why);

	if (!err)
		err = hs_fs_open(io, log, &fs, why);
	if (err)
		return err;
	err = check_writable(fs, why);
	hs_fs_close(fs);
	return err;
}

struct opening {
	struct hs_edit *e;
	const struct hs_edit_params *p;
	struct hs_io *top; /* what would have to be closed */
	uint8_t sb[SB_BYTES];
	uint32_t block_size;
	char *undo, *redo, *undoing;
	struct hs_strbuf *why;
};

static errint_t name_files(struct opening *o)
{
	const struct hs_edit_params *p = o->p;

	if (asprintf(&o->undo, "%s/%s.e2undo", p->dir, p->label) < 0)
		o->undo = NULL;
	if (asprintf(&o->redo, "%s/%s.redo", p->dir, p->label) < 0)
		o->redo = NULL;
	if (asprintf(&o->undoing, "%s/%s.undoing", p->dir, p->label) < 0)
		o->undoing = NULL;
	return o->undo && o->redo && o->undoing ? 0 : -ENOMEM;
}

static errint_t read_super(struct opening *o)
{
	struct hs_io *io = o->e->device;
	uint8_t *sb = o->sb;
	errint_t err = hs_io_pread(io, sb, SB_BYTES, SB_OFFSET);

	if (err) {
		hs_strbuf_printf(o->why, "%s: cannot read the superblock: %s", io->name,
				 strerror(-err));
		return err;
	}
	if (hs_get_le16(sb + SB_MAGIC) != 0xef53 || hs_get_le32(sb + SB_BLOCK_SHIFT) > 6) {
		hs_strbuf_printf(o->why, "%s: no ext4 superblock", io->name);
		return -EINVAL;
	}
	if (hs_get_le32(sb + SB_INCOMPAT) & INCOMPAT_RECOVER) {
		hs_strbuf_printf(o->why,
				 "%s: the journal needs recovery: mount and unmount the target, "
				 "or let e2fsck of the Lustre e2fsprogs replay it",
				 io->name);
		return -EINVAL;
	}
	o->block_size = 1024u << hs_get_le32(sb + SB_BLOCK_SHIFT);
	return 0;
}

/* Everything between the device and the stage. */
static errint_t claim(struct opening *o)
{
	const struct hs_edit_params *p = o->p;
	struct hs_edit *e = o->e;
	bool pending = access(o->redo, F_OK) == 0;
	int finished = 0;
	errint_t err;

	if (access(o->undoing, F_OK) == 0) {
		hs_strbuf_printf(o->why,
				 "%s: taking its changes back was interrupted: run "
				 "'holystone undo %s' again",
				 p->device, p->dir);
		return -EBUSY;
	}
	if (!pending) {
		err = inspect(p->device, p->log, o->why);
		if (err)
			return err;
	} else if (access(o->undo, F_OK)) {
		hs_strbuf_printf(o->why,
				 "%s is left over without %s: cannot tell what it belongs to",
				 o->redo, o->undo);
		return -ESTALE;
	}
	if (p->wrap) {
		err = p->wrap(p->arg, o->top, &o->top);
		if (err)
			return err;
	}
	err = hs_undo_open(o->top, o->undo, o->block_size, &o->top, o->why);
	if (err) {
		o->top = NULL;
		return err;
	}
	e->undo = o->top;
	err = hs_mmp_claim(&(struct hs_mmp_params){.device = e->device,
						   .io = e->undo,
						   .holder = p->holder,
						   .wait = p->wait,
						   .arg = p->arg},
			   o->sb, &e->mmp, o->why);
	if (!err)
		err = hs_redo_open(o->redo, e->undo, o->block_size, o->sb + SB_UUID, &e->redo,
				   &finished, o->why);
	e->finished_earlier = finished;
	return err;
}

static errint_t open_stack(struct opening *o)
{
	const struct hs_edit_params *p = o->p;
	struct hs_edit *e = o->e;
	errint_t err = 0;

	if (!p->plan) {
		err = name_files(o);
		if (!err)
			err = hs_mounted_check(p->device, o->why);
	}
	if (!err)
		err = hs_device_open(p->device, p->plan ? HS_DEVICE_READ : HS_DEVICE_WRITE,
				     &e->device, o->why);
	if (err)
		return err;
	o->top = e->device;
	err = read_super(o);
	if (err)
		return err;
	e->undo = e->device;
	if (!p->plan)
		err = claim(o);
	if (err)
		return err;
	err = hs_stage_open(o->top, o->block_size, &o->top);
	if (err) {
		o->top = NULL;
		return err;
	}
	e->stage = o->top;
	o->top = NULL;
	err = hs_fs_open(e->stage, p->log, &e->fs, o->why);
	if (err)
		return err;
	err = check_writable(e->fs, o->why);
	return err ? err : hs_edit_map_init(e);
}

errint_t hs_edit_open(const struct hs_edit_params *p, struct hs_edit **out, struct hs_strbuf *why)
{
	struct opening o = {.p = p, .why = why};
	errint_t err;

	*out = NULL;
	o.e = calloc(1, sizeof(*o.e));
	if (!o.e)
		return -ENOMEM;
	o.e->log = p->log;
	o.e->now = p->now;
	o.e->plan = p->plan;
	err = open_stack(&o);
	free(o.undo);
	free(o.redo);
	free(o.undoing);
	if (err) {
		if (err == -ENOMEM && !why->len)
			hs_strbuf_puts(why, "out of memory");
		if (!o.e->fs) {
			/* no stage owns them, or the reader that failed to open has closed them */
			if (o.top)
				hs_mmp_release(hs_take(o.e->mmp), 0);
			hs_io_close(o.top);
		}
		hs_edit_close(o.e);
		return err;
	}
	*out = o.e;
	return 0;
}

errint_t hs_edit_close(struct hs_edit *e)
{
	errint_t err = 0;

	if (!e)
		return 0;
	if (e->e2)
		ext2fs_free(e->e2);
	if (e->fs) {
		/* Half a transaction is finished by the next one that opens it: it stays ours. */
		err = hs_mmp_release(hs_take(e->mmp), e->broken != 0);
		if (!err && !e->plan)
			err = hs_io_flush(e->undo);
	}
	free(e->mmp);
	hs_redo_close(e->redo);
	hs_fs_close(e->fs);
	free(e->groups);
	free(e->super);
	hs_strbuf_free(&e->why);
	free(e);
	return err;
}

const struct hs_fs *hs_edit_fs(const struct hs_edit *e)
{
	return e->fs;
}

const char *hs_edit_why(const struct hs_edit *e)
{
	return hs_strbuf_str(&e->why);
}

bool hs_edit_finished_earlier(const struct hs_edit *e)
{
	return e->finished_earlier;
}

bool hs_edit_quota_stale(const struct hs_edit *e)
{
	return e->quota_stale;
}
