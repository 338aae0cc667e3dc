/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/ext4_features.h"

/* ext4(5); dirdata is Lustre's (format notes, 3.1) */
static const struct hs_bit_name compat[] = {
	{0x1, "dir_prealloc"},	{0x4, "has_journal"},	  {0x8, "ext_attr"},
	{0x10, "resize_inode"}, {0x20, "dir_index"},	  {0x200, "sparse_super2"},
	{0x400, "fast_commit"}, {0x800, "stable_inodes"}, {0x1000, "orphan_file"},
};
static const struct hs_bit_name incompat[] = {
	{0x2, "filetype"},
	{0x4, "needs_recovery"},
	{0x8, "journal_dev"},
	{0x10, "meta_bg"},
	{0x40, "extent"},
	{0x80, "64bit"},
	{0x100, "mmp"},
	{0x200, "flex_bg"},
	{0x400, "ea_inode"},
	{0x1000, "dirdata"},
	{0x2000, "metadata_csum_seed"},
	{0x4000, "large_dir"},
	{0x8000, "inline_data"},
	{0x10000, "encrypt"},
	{0x20000, "casefold"},
};
static const struct hs_bit_name rocompat[] = {
	{0x1, "sparse_super"}, {0x2, "large_file"},	    {0x8, "huge_file"},
	{0x10, "uninit_bg"},   {0x20, "dir_nlink"},	    {0x40, "extra_isize"},
	{0x100, "quota"},      {0x200, "bigalloc"},	    {0x400, "metadata_csum"},
	{0x1000, "read-only"}, {0x2000, "project"},	    {0x4000, "shared_blocks"},
	{0x8000, "verity"},    {0x10000, "orphan_present"},
};
#define COUNT(names) (sizeof(names) / sizeof((names)[0]))

void hs_put_ext4_features(struct hs_sheet *s, const struct hs_fs_geo *geo)
{
	hs_sheet_bits(s, "compat", geo->compat, compat, COUNT(compat));
	hs_sheet_bits(s, "incompat", geo->incompat, incompat, COUNT(incompat));
	hs_sheet_bits(s, "rocompat", geo->rocompat, rocompat, COUNT(rocompat));
}
