/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The parts of reading a target's preamble. For target.c.
 */
#ifndef HS_LFSCK_PREAMBLE_H
#define HS_LFSCK_PREAMBLE_H

#include "lfsck/target.h"

/* CONFIGS/mountdata and last_rcvd, as far as they can be read. */
errint_t hs_preamble_read_identity(struct hs_target *t, struct hs_strbuf *why);

/* All other tables. Error returns: -ENOMEM, or -EINVAL when the backend root cannot be read. */
errint_t hs_preamble_read(struct hs_target *t, struct hs_strbuf *why);

/* CATALOGS, update_log: fills t->ops. -ENOMEM only. */
errint_t hs_oplog_read(struct hs_target *t);

/* Inode of a path of n components below the backend root; 0 if there is none. */
uint32_t hs_preamble_lookup(const struct hs_target *t, const char *const *names, size_t n,
			    struct hs_inode *inode, uint8_t *raw);

/* Whole content of a small file, at most `limit` bytes; malloced. -ENOMEM or a read error. */
errint_t hs_preamble_slurp(const struct hs_target *t, const struct hs_inode *inode, size_t limit,
			   uint8_t **out, size_t *len);

/* Bytes an inode takes on this target. */
uint8_t *hs_preamble_raw(const struct hs_target *t);

#endif
