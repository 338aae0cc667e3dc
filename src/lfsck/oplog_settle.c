/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A live update record is no proof of an unfinished operation. Each MDT writes the record in the
 * transaction that makes its own part, so a record in an MDT's log says that this part is
 * committed; the records go away lazily, also across a clean unmount. Recovery therefore repeats
 * an operation only on MDTs whose log lacks it, and so it is judged here. An operation is finished
 *
 *  - when its batch id is not above BATCHID of its master, which says up to where everything is
 *    committed everywhere (a record may be cancelled on one MDT and not yet on another), or
 *  - when its master and every MDT it changes an object of have the record.
 *
 * Found on images: cleanly unmounted servers hold records of the first and of the second kind
 * with consistent objects. After a power cut the records 118 and 119 of a master with BATCHID 119
 * and 120 on both MDTs were done; 121 was in the master's log alone, its shard half removed.
 */
#include <stdlib.h>

#include "base/array.h"
#include "lfsck/oplog.h"

static int cmp_fid(const void *a, const void *b)
{
	return hs_fid_cmp(*(const struct hs_fid *)a, *(const struct hs_fid *)b);
}

static int cmp_update(const void *a, const void *b)
{
	const struct hs_update_pending *x = a, *y = b;

	if (x->master != y->master)
		return x->master < y->master ? -1 : 1;
	return (x->batchid > y->batchid) - (x->batchid < y->batchid);
}

static bool has_record(const struct hs_target *t, const struct hs_update_pending *u)
{
	const struct hs_pending_ops *ops = &t->ops;

	return ops->n_updates &&
	       bsearch(u, ops->updates, ops->n_updates, sizeof(*u), cmp_update) != NULL;
}

/* Whether the MDT that owns a changed object is known to have committed its part. */
static bool done_at(const struct hs_system *s, const struct hs_update_pending *u, struct hs_fid fid)
{
	enum hs_presence presence;
	struct hs_target *t;
	struct hs_tgt owner;

	/* files of an MDT itself (last_rcvd, reply_data) go with its part, objects with the llogs
	 */
	if (!hs_seq_is_normal(fid.seq) && !hs_fid_is_root(fid))
		return true;
	owner = hs_system_owner(s, fid.seq, &presence);
	if (owner.kind == HS_OST)
		return true;
	t = hs_system_target(s, owner);
	return t && has_record(t, u);
}

static bool is_finished(const struct hs_system *s, const struct hs_target *t,
			const struct hs_update_pending *u)
{
	struct hs_target *master = hs_system_target(s, (struct hs_tgt){HS_MDT, u->master});
	const struct hs_update_fid *f = t->ops.update_fids + u->first_fid;

	if (!master)
		return false;
	if (u->batchid <= master->ops.batchid)
		return true;
	if (!has_record(master, u))
		return false;
	for (uint32_t i = 0; i < u->n_fids; i++) {
		if (f[i].operand && !done_at(s, u, f[i].fid))
			return false;
	}
	return true;
}

static errint_t add_in_flux(struct hs_pending_ops *ops, const struct hs_update_pending *u)
{
	errint_t err = hs_array_grow(&ops->in_flux, &ops->in_flux_room, ops->n_in_flux + u->n_fids);

	for (uint32_t i = 0; !err && i < u->n_fids; i++)
		ops->in_flux[ops->n_in_flux++] = ops->update_fids[u->first_fid + i].fid;
	return err;
}

static void forget_updates(struct hs_pending_ops *ops)
{
	free(ops->updates);
	free(ops->update_fids);
	ops->updates = NULL;
	ops->update_fids = NULL;
	ops->n_updates = ops->updates_room = 0;
	ops->n_update_fids = ops->update_fids_room = 0;
}

errint_t hs_oplog_settle(struct hs_system *s)
{
	errint_t err = 0;

	for (size_t i = 0; i < s->n_targets; i++) {
		struct hs_pending_ops *ops = &s->targets[i]->ops;

		if (ops->n_updates)
			qsort(ops->updates, ops->n_updates, sizeof(*ops->updates), cmp_update);
	}
	for (size_t i = 0; !err && i < s->n_targets; i++) {
		struct hs_pending_ops *ops = &s->targets[i]->ops;

		for (size_t k = 0; !err && k < ops->n_updates; k++) {
			if (!is_finished(s, s->targets[i], &ops->updates[k]))
				err = add_in_flux(ops, &ops->updates[k]);
		}
		if (ops->n_in_flux)
			qsort(ops->in_flux, ops->n_in_flux, sizeof(*ops->in_flux), cmp_fid);
	}
	for (size_t i = 0; i < s->n_targets; i++)
		forget_updates(&s->targets[i]->ops);
	return err;
}
