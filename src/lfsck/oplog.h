/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which operations over several MDTs recovery still has to finish.
 */
#ifndef HS_LFSCK_OPLOG_H
#define HS_LFSCK_OPLOG_H

#include "lfsck/system.h"

/*
 * Fills ops.in_flux of each MDT from its update records and those of the others, and frees the
 * records. Once, when all targets are open and their sequences known. -ENOMEM only.
 */
errint_t hs_oplog_settle(struct hs_system *s);

#endif
