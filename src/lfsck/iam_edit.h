/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Records of index files of a target that is being changed: oi.16.N and others of the fixed-size
 * flavour. Errors as in ldiskfs/edit.h.
 */
#ifndef HS_LFSCK_IAM_EDIT_H
#define HS_LFSCK_IAM_EDIT_H

#include "ldiskfs/edit.h"

struct hs_iam_file {
	uint32_t ino;
	uint16_t key_size, rec_size;
};

/* 1 found and copied to `record`, 0 absent, -errno. */
int hs_iam_file_find(struct hs_edit *e, const struct hs_iam_file *x, const uint8_t *key,
		     uint8_t *record);
/* -EEXIST; leaves and nodes are split as need be, free blocks of the file used first. */
errint_t hs_iam_file_insert(struct hs_edit *e, const struct hs_iam_file *x, const uint8_t *key,
			    const uint8_t *record);
/* -ENOENT */
errint_t hs_iam_file_change(struct hs_edit *e, const struct hs_iam_file *x, const uint8_t *key,
			    const uint8_t *record);
errint_t hs_iam_file_remove(struct hs_edit *e, const struct hs_iam_file *x, const uint8_t *key);

#endif
