/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The operations that recovery will finish: destroys and owner changes not yet sent to the OSTs,
 * update records of operations over several MDTs (equations, section 11).
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "lfsck/preamble.h"
#include "lustre/llog.h"
#include "lustre/objname.h"

#define CHUNK_MAX   (1u << 20) /* the largest chunk size that is believed */
#define LOG_MAX	    (1ull << 30)
#define CATALOG_MAX 65536u

/* A log that is being read. */
struct log {
	struct hs_target *t;
	void (*record)(struct log *log, const struct hs_llog_rec *rec);
	unsigned depth;	 /* catalogs name plain logs, and nothing deeper */
	uint32_t master; /* of an update log; of another: its OST */
	errint_t err;
};

static void unreadable(struct hs_target *t, uint32_t ino)
{
	struct hs_prov prov = {t->pos, ino, 0};

	t->ops.unreadable++;
	hs_mark_add(&t->marks, HS_M_TABLE_UNREAD, (struct hs_fid){0}, &prov, 0, 0, NULL, 0);
}

static void read_log(struct log *log, const struct hs_inode *inode)
{
	struct hs_target *t = log->t;
	hs_autofree uint8_t *first = NULL, *chunk = NULL;
	struct hs_llog_header h;
	uint8_t head[64];
	size_t got, n;

	if (hs_file_pread(t->fs, inode, head, sizeof(head), 0, &got) || got < sizeof(head)) {
		if (inode->size)
			unreadable(t, inode->ino);
		return;
	}
	n = hs_get_le32(head); /* the header's own length is the chunk size */
	if (n < 1024 || n > CHUNK_MAX) {
		unreadable(t, inode->ino);
		return;
	}
	first = malloc(n);
	chunk = malloc(n);
	if (!first || !chunk) {
		log->err = -ENOMEM;
		return;
	}
	if (hs_file_pread(t->fs, inode, first, n, 0, &got) ||
	    !hs_llog_decode_header(first, got, &h)) {
		unreadable(t, inode->ino);
		return;
	}
	for (uint64_t off = 0; off < inode->size && off < LOG_MAX && !log->err; off += h.chunk) {
		struct hs_llog_rec rec;
		size_t pos = off ? 0 : h.chunk;
		bool bad = false;

		if (hs_file_pread(t->fs, inode, chunk, n, off, &got)) {
			unreadable(t, inode->ino);
			return;
		}
		while (!log->err && hs_llog_next(&h, first, chunk, got, &pos, &rec, &bad))
			log->record(log, &rec);
		if (bad) {
			unreadable(t, inode->ino);
			return;
		}
	}
}

/* O/1/d<n>/<id>, or for update logs the file in update_log_dir named by the FID. */
static void open_log(struct log *log, const struct hs_llog_logid *id)
{
	hs_autofree uint8_t *raw = hs_preamble_raw(log->t);
	char sub[16], name[HS_FID_TEXT];
	struct hs_inode inode;
	uint32_t ino;

	if (!raw) {
		log->err = -ENOMEM;
		return;
	}
	if (id->seq <= HS_SEQ_LLOG) {
		snprintf(sub, sizeof(sub), "d%u", (unsigned)(id->id & (log->t->subdirs - 1)));
		snprintf(name, sizeof(name), "%llu", (unsigned long long)id->id);
		ino = hs_preamble_lookup(log->t, (const char *const[]){"O", "1", sub, name}, 4,
					 &inode, raw);
	} else {
		struct hs_fid fid = {id->seq, (uint32_t)id->id, 0};

		hs_fid_text(fid, name);
		ino = hs_preamble_lookup(log->t, (const char *const[]){"update_log_dir", name}, 2,
					 &inode, raw);
	}
	/* a catalog may still name a log that was removed: nothing is pending in it */
	if (ino && hs_inode_is_reg(&inode))
		read_log(log, &inode);
}

static errint_t add_fid(struct hs_fid **v, size_t *n, size_t *room, struct hs_fid fid)
{
	errint_t err = hs_array_grow(v, room, *n + 1);

	if (!err)
		(*v)[(*n)++] = fid;
	return err;
}

static void add_update_fid(struct log *log, struct hs_fid fid, bool operand)
{
	struct hs_pending_ops *ops = &log->t->ops;

	if (!log->err)
		log->err = hs_array_grow(&ops->update_fids, &ops->update_fids_room,
					 ops->n_update_fids + 1);
	if (!log->err)
		ops->update_fids[ops->n_update_fids++] = (struct hs_update_fid){fid, operand};
}

static void add_mentioned(void *arg, struct hs_fid fid)
{
	add_update_fid(arg, fid, false);
}

/* A part of a record: where an operation begins in it is unknown, so any FID may be one's. */
static void add_any(void *arg, struct hs_fid fid)
{
	add_update_fid(arg, fid, true);
}

static void take_update(struct log *log, const struct hs_llog_rec *rec)
{
	struct hs_pending_ops *ops = &log->t->ops;
	size_t first = ops->n_update_fids, pos = 0;
	struct hs_llog_update u;
	struct hs_fid fid;
	uint32_t n = 0;

	if (!hs_llog_decode_update(rec, &u))
		return;
	hs_llog_update_fids(rec, u.flags || u.index ? add_any : add_mentioned, log);
	while (!log->err && hs_llog_update_next(rec, &u, &pos, &n, &fid))
		add_update_fid(log, fid, true);
	if (!log->err)
		log->err = hs_array_grow(&ops->updates, &ops->updates_room, ops->n_updates + 1);
	if (!log->err)
		ops->updates[ops->n_updates++] = (struct hs_update_pending){
			u.batchid, log->master, (uint32_t)(ops->n_update_fids - first), first};
}

static void take_record(struct log *log, const struct hs_llog_rec *rec)
{
	struct hs_pending_ops *ops = &log->t->ops;
	struct hs_llog_setattr set;
	struct hs_llog_logid id;
	struct hs_fid fid;
	uint32_t count;

	switch (rec->type) {
	case HS_LLOG_REC_CATALOG:
		if (log->depth < 1 && hs_llog_decode_logid(rec, &id)) {
			log->depth++;
			open_log(log, &id);
			log->depth--;
		}
		break;
	case HS_LLOG_REC_UNLINK:
		if (!hs_llog_decode_unlink(rec, &fid, &count))
			break;
		/* one record may name a run of objects */
		for (uint32_t i = 0; i < (count ? count : 1) && i < 65536 && !log->err; i++) {
			struct hs_fid f = fid;

			f.oid += i;
			log->err =
				add_fid(&ops->destroys, &ops->n_destroys, &ops->destroys_room, f);
		}
		break;
	case HS_LLOG_REC_SETATTR:
		if (!hs_llog_decode_setattr(rec, &set))
			break;
		/* the legacy form leaves the OST to the place of the log in CATALOGS */
		if (hs_seq_is_idif(set.object.seq))
			set.object = hs_fid_from_idif(hs_fid_objid(set.object), log->master);
		log->err = hs_array_grow(&ops->setattrs, &ops->setattrs_room, ops->n_setattrs + 1);
		if (!log->err)
			ops->setattrs[ops->n_setattrs++] = (struct hs_setattr_pending){
				set.object, set.uid, set.gid, set.projid};
		break;
	default:
		if (rec->type == HS_LLOG_REC_UPDATE)
			take_update(log, rec);
		break;
	}
}

static errint_t read_catalogs(struct hs_target *t, const char *name)
{
	hs_autofree uint8_t *raw = hs_preamble_raw(t), *buf = NULL;
	struct log log = {.t = t, .record = take_record};
	struct hs_llog_logid id;
	struct hs_inode inode;
	size_t len;
	errint_t err;

	if (!raw)
		return -ENOMEM;
	if (!hs_preamble_lookup(t, &name, 1, &inode, raw) || !hs_inode_is_reg(&inode))
		return 0;
	err = hs_preamble_slurp(t, &inode, CATALOG_MAX * 32, &buf, &len);
	if (err == -ENOMEM)
		return err;
	if (err) {
		unreadable(t, inode.ino);
		return 0;
	}
	for (uint32_t i = 0; !log.err && (size_t)i * 32 + 32 <= len; i++) {
		log.master = i; /* of update_log; CATALOGS has an entry an OST */
		if (hs_llog_catalog_entry(buf, len, i, &id))
			open_log(&log, &id);
	}
	return log.err;
}

/* BATCHID: u64. Without it nothing is known to be committed everywhere. */
static errint_t read_batchid(struct hs_target *t)
{
	hs_autofree uint8_t *raw = hs_preamble_raw(t);
	const char *const name = "BATCHID";
	struct hs_inode inode;
	uint8_t buf[8];
	size_t got;

	if (!raw)
		return -ENOMEM;
	if (hs_preamble_lookup(t, &name, 1, &inode, raw) && hs_inode_is_reg(&inode) &&
	    !hs_file_pread(t->fs, &inode, buf, sizeof(buf), 0, &got) && got == sizeof(buf))
		t->ops.batchid = hs_get_le64(buf);
	return 0;
}

static int cmp_fid(const void *a, const void *b)
{
	return hs_fid_cmp(*(const struct hs_fid *)a, *(const struct hs_fid *)b);
}

static int cmp_setattr(const void *a, const void *b)
{
	return hs_fid_cmp(((const struct hs_setattr_pending *)a)->object,
			  ((const struct hs_setattr_pending *)b)->object);
}

errint_t hs_oplog_read(struct hs_target *t)
{
	struct hs_pending_ops *ops = &t->ops;
	errint_t err = 0;

	if (!hs_target_is_mdt(t))
		return 0;
	err = read_catalogs(t, "CATALOGS");
	if (!err)
		err = read_catalogs(t, "update_log");
	if (!err)
		err = read_batchid(t);
	if (ops->n_destroys)
		qsort(ops->destroys, ops->n_destroys, sizeof(*ops->destroys), cmp_fid);
	if (ops->n_setattrs)
		qsort(ops->setattrs, ops->n_setattrs, sizeof(*ops->setattrs), cmp_setattr);
	return err;
}
