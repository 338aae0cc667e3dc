/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Decoding the root and the nodes of a directory's hash index.
 */
#include "ldiskfs/htree.h"

#include "ldiskfs/dirblock.h"

#define DOT_REC_LEN   12u
#define ROOT_INFO     8u /* reserved, hash version, its own length, levels, flags */
#define NODE_HEADER   8u /* an empty record that spans the block */
#define DX_ENTRY      8u
#define DX_TAIL	      8u
#define HASH_VERSIONS 3u
#define MAX_LEVELS    2u

/* The entries start at `pos`: limit and count in place of the first hash. */
static bool decode_entries(const uint8_t *block, uint32_t len, uint32_t pos, bool csum,
			   struct hs_dx_node *out)
{
	uint32_t tail = csum ? DX_TAIL : 0;

	if (pos + DX_ENTRY + tail > len)
		return false;
	out->entries = block + pos;
	out->limit = hs_get_le16(block + pos);
	out->count = hs_get_le16(block + pos + 2);
	return out->limit == (len - pos - tail) / DX_ENTRY && out->count &&
	       out->count <= out->limit;
}

bool hs_dx_root_decode(const uint8_t *block, uint32_t len, bool dirdata, bool csum,
		       struct hs_dx_root *out)
{
	const uint8_t *dotdot = block + DOT_REC_LEN, *info;
	uint32_t used;

	if (len < 1024 || hs_dirent_rec_len(block, len) != DOT_REC_LEN ||
	    hs_dirent_rec_len(dotdot, len) != len - DOT_REC_LEN || dotdot[6] != 2)
		return false;
	used = hs_dirent_used(dotdot, len - DOT_REC_LEN, dirdata);
	if (!used || DOT_REC_LEN + used + ROOT_INFO > len)
		return false;
	info = dotdot + used;
	out->hash_version = info[4];
	out->levels = info[6];
	if (hs_get_le32(info) || out->hash_version >= HASH_VERSIONS || info[5] != ROOT_INFO ||
	    out->levels > MAX_LEVELS || info[7] & 1)
		return false;
	return decode_entries(block, len, DOT_REC_LEN + used + ROOT_INFO, csum, &out->node);
}

bool hs_dx_node_decode(const uint8_t *block, uint32_t len, bool csum, struct hs_dx_node *out)
{
	if (len < 1024 || hs_get_le32(block) || hs_dirent_rec_len(block, len) != len)
		return false;
	return decode_entries(block, len, NODE_HEADER, csum, out);
}
