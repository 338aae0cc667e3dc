/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The parts of "holystone lustre stat" that show layouts: of files, of striped directories, and
 * the place of an OST object in one.
 */
#ifndef HS_CLI_LUSTRE_STAT_H
#define HS_CLI_LUSTRE_STAT_H

#include "cli/lustre_query.h"

/* trusted.lov: components, stripes, and the objects behind them. `self` is the file. */
void hs_stat_put_lov(struct hs_sheet *s, struct hs_query *q, const struct hs_loaded *l,
		     struct hs_fid self);

/* trusted.lmv, with the shards of a master; trusted.dmv. */
void hs_stat_put_lmv(struct hs_sheet *s, struct hs_query *q, const struct hs_loaded *l);
void hs_stat_put_dmv(struct hs_sheet *s, const struct hs_loaded *l);

/* The parent record of an OST object. */
void hs_stat_put_parent(struct hs_sheet *s, const struct hs_parent *p);

/* The value of trusted.NAME; NULL without one that could be read. */
const struct hs_xattr *hs_stat_value(const struct hs_loaded *l, const char *name);

#endif
