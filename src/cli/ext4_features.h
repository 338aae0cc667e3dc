/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The features of an ext4 superblock by the names that tune2fs(8) uses.
 */
#ifndef HS_CLI_EXT4_FEATURES_H
#define HS_CLI_EXT4_FEATURES_H

#include "cli/sheet.h"
#include "ldiskfs/fs.h"

/* Members compat, incompat, rocompat. */
void hs_put_ext4_features(struct hs_sheet *s, const struct hs_fs_geo *geo);

#endif
