/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tables of a target as a source of work: OI files and directories below O/.
 */
#ifndef HS_LFSCK_TABLE_SOURCE_H
#define HS_LFSCK_TABLE_SOURCE_H

#include "lfsck/scan.h"

struct hs_table_item {
	bool is_oi;
	uint32_t index; /* number of the OI file, or position in target->odirs */
};

/* Its name is "tables"; units are items; the position is the next item. */
errint_t hs_table_source_new(const struct hs_target *t, struct hs_source **out);
void hs_table_source_free(struct hs_source *src);

/* Scans one item completely. */
void hs_table_scan(struct hs_worker *w, struct hs_target *t, const struct hs_table_item *item);

#endif
