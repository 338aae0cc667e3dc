/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Repairs and transactions of an edit handle.
 */
#include "ldiskfs/edit.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <et/com_err.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "io/stage.h"
#include "io/undo.h"
#include "ldiskfs/edit_priv.h"

enum { SB_WTIME = 48, SB_KBYTES_WRITTEN = 376, SB_CSUM = 1020 };

#define RUN_BYTES ((size_t)1 << 20) /* neighbouring blocks are written together up to here */

errint_t hs_edit_fail(struct hs_edit *e, errint_t err, const char *fmt, ...)
{
	va_list ap;

	hs_strbuf_reset(&e->why);
	hs_strbuf_printf(&e->why, "%s: ", e->device->name);
	va_start(ap, fmt);
	hs_strbuf_vprintf(&e->why, fmt, ap);
	va_end(ap);
	return err;
}

errint_t hs_edit_fail_ext2(struct hs_edit *e, errcode_t code, const char *what, uint32_t ino)
{
	errint_t err = -EUCLEAN;

	if (code == EXT2_ET_NO_MEMORY)
		err = -ENOMEM;
	else if (code == EXT2_ET_BLOCK_ALLOC_FAIL)
		err = -ENOSPC;
	else if (code > 0 && code < 256)
		err = -(errint_t)code;
	initialize_ext2_error_table();
	return hs_edit_fail(e, err, "inode %u: %s: %s", ino, what, error_message(code));
}

void hs_edit_begin(struct hs_edit *e)
{
	hs_stage_mark(e->stage);
	hs_strbuf_reset(&e->why);
	e->n_groups = 0;
}

void hs_edit_end(struct hs_edit *e)
{
	hs_stage_mark(e->stage);
	e->n_groups = 0;
}

void hs_edit_cancel(struct hs_edit *e)
{
	hs_stage_cancel(e->stage);
	for (size_t i = 0; i < e->n_groups; i++)
		hs_edit_group_changed(e, e->groups[i]);
	e->n_groups = 0;
}

int hs_edit_repair(struct hs_edit *e, const struct hs_edit_repair *r)
{
	int ret;

	hs_edit_begin(e);
	ret = r->holds ? r->holds(e, r->arg) : 1;
	if (ret > 0) {
		ret = r->apply(e, r->arg);
		ret = ret < 0 ? ret : 1;
	}
	if (ret > 0)
		hs_edit_end(e);
	else
		hs_edit_cancel(e);
	return ret;
}

errint_t hs_edit_blocks(struct hs_edit *e, bool repair_only, uint64_t **blocks, size_t *n)
{
	return hs_stage_list(e->stage, repair_only, blocks, n);
}

uint64_t hs_edit_staged(const struct hs_edit *e)
{
	return (uint64_t)hs_stage_count(e->stage) * e->fs->geo.block_size;
}

/* Blocks of a transaction, in the order in which they are written. */
struct writing {
	struct hs_edit *e;
	const uint64_t *blocks;
	size_t n;
	uint8_t *run;
};

static errint_t write_run(struct writing *w, size_t first, size_t count)
{
	uint32_t bs = w->e->fs->geo.block_size;

	for (size_t i = 0; i < count; i++)
		memcpy(w->run + i * bs, hs_stage_image(w->e->stage, w->blocks[first + i]), bs);
	return hs_io_pwrite(w->e->undo, w->run, count * bs, w->blocks[first] * bs);
}

/* The superblock goes last: the undo file's copy of it is ahead of it for as short as can be. */
static errint_t write_blocks(struct writing *w)
{
	uint32_t bs = w->e->fs->geo.block_size;
	uint64_t super = 1024 / bs;
	bool has_super = false;
	errint_t err = 0;

	for (size_t i = 0, n; i < w->n && !err; i += n) {
		n = 1;
		if (w->blocks[i] == super) {
			has_super = true;
			continue;
		}
		while (i + n < w->n && w->blocks[i + n] == w->blocks[i] + n &&
		       w->blocks[i + n] != super && (n + 1) * bs <= RUN_BYTES)
			n++;
		err = write_run(w, i, n);
	}
	for (size_t i = 0; i < w->n && has_super && !err; i++)
		if (w->blocks[i] == super)
			err = write_run(w, i, 1);
	return err ? err : hs_io_flush(w->e->undo);
}

static errint_t record(struct hs_edit *e, const uint64_t *blocks, size_t n)
{
	uint32_t bs = e->fs->geo.block_size;
	errint_t err = 0;

	for (size_t i = 0, run; i < n && !err; i += run) {
		run = 1;
		while (i + run < n && blocks[i + run] == blocks[i] + run)
			run++;
		err = hs_undo_record(e->undo, blocks[i] * bs, run * bs);
	}
	return err ? err : hs_undo_sync(e->undo);
}

/*
 * The first transaction of a run says in the superblock that it has written, as the kernel does:
 * undo files of earlier runs no longer fit, so that runs are taken back in order only.
 */
static errint_t sign(struct hs_edit *e)
{
	uint8_t sb[1024];
	uint64_t kbytes = (hs_edit_staged(e) + 1023) / 1024;
	errint_t err;

	if (hs_undo_has(e->undo, sizeof(sb)))
		return 0;
	err = hs_io_pread(e->stage, sb, sizeof(sb), sizeof(sb));
	if (err)
		return err;
	if (hs_get_le32(sb + SB_WTIME) < e->now)
		hs_put_le32(sb + SB_WTIME, e->now);
	hs_put_le64(sb + SB_KBYTES_WRITTEN, hs_get_le64(sb + SB_KBYTES_WRITTEN) + kbytes);
	if (e->fs->geo.has_metadata_csum)
		hs_put_le32(sb + SB_CSUM, e->fs->crc32c(~0u, sb, SB_CSUM));
	return hs_io_pwrite(e->stage, sb, sizeof(sb), sizeof(sb));
}

errint_t hs_edit_commit(struct hs_edit *e)
{
	hs_autofree uint64_t *blocks = NULL;
	hs_autofree uint8_t *run = NULL;
	struct writing w = {.e = e};
	errint_t err;

	if (e->plan)
		return hs_edit_fail(e, -EROFS, "opened for planning only");
	if (e->broken)
		return e->broken;
	hs_strbuf_reset(&e->why);
	err = hs_stage_list(e->stage, 0, &blocks, &w.n);
	if (!err && !w.n) {
		hs_stage_drop(e->stage);
		return 0;
	}
	if (!err)
		err = sign(e);
	if (!err) {
		free(hs_take(blocks));
		err = hs_stage_list(e->stage, 0, &blocks, &w.n);
	}
	if (err)
		return hs_edit_fail(e, err, "cannot prepare a transaction: %s", strerror(-err));
	run = malloc(RUN_BYTES);
	if (!run)
		return hs_edit_fail(e, -ENOMEM, "out of memory");
	err = hs_mmp_check(e->mmp, &e->why);
	if (err)
		return e->broken = err;
	err = record(e, blocks, w.n);
	if (err) {
		e->broken = err;
		return hs_edit_fail(e, err, "cannot write undo records: %s", strerror(-err));
	}
	err = hs_redo_write(e->redo, e->stage, blocks, w.n);
	if (err) {
		e->broken = err;
		return hs_edit_fail(e, err, "cannot write the redo file: %s", strerror(-err));
	}
	w.blocks = blocks;
	w.run = run;
	err = write_blocks(&w);
	if (!err)
		err = hs_redo_done(e->redo);
	if (err) {
		e->broken = err;
		return hs_edit_fail(e, err, "cannot write: %s", strerror(-err));
	}
	hs_stage_drop(e->stage);
	return 0;
}
