/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * trusted.lmv (format notes 9.4) and the rules for names in striped directories (section 10).
 * Only the 56 bytes of the header are read: the stripe FIDs that clients see behind it are not
 * stored on disk.
 */
#include "lustre/lmv.h"

static bool hash_type_known(uint32_t hash)
{
	uint32_t type = hash & HS_LMV_HASH_MASK;

	return type >= HS_HASH_ALL_CHARS && type <= HS_HASH_CRUSH2;
}

static unsigned judge(const struct hs_lmv *l)
{
	unsigned flaws = 0;

	if (l->count == 0 || l->count > HS_LMV_MAX_COUNT)
		flaws |= HS_LMVF_COUNT;
	if (!hash_type_known(l->hash) &&
	    ((l->hash & HS_LMV_HASH_MASK) != HS_HASH_UNKNOWN || !(l->hash & HS_LMV_BAD_TYPE)))
		flaws |= HS_LMVF_HASH;
	if (l->kind == HS_LMV_SHARD && l->index >= l->count)
		flaws |= HS_LMVF_INDEX;
	return flaws;
}

void hs_lmv_decode(const uint8_t *buf, size_t len, struct hs_lmv *out)
{
	uint32_t magic;

	*out = (struct hs_lmv){.flaws = HS_LMVF_MAGIC};
	if (len < 4)
		return;
	magic = hs_get_le32(buf);
	/* A foreign value may be shorter than a header: the magic comes before the length. */
	if (magic == HS_LMV_MAGIC_FOREIGN) {
		out->kind = HS_LMV_FOREIGN;
		out->flaws = 0;
		return;
	}
	if (len < HS_LMV_SIZE || (magic != HS_LMV_MAGIC_MASTER && magic != HS_LMV_MAGIC_SHARD))
		return;
	out->kind = magic == HS_LMV_MAGIC_MASTER ? HS_LMV_MASTER : HS_LMV_SHARD;
	out->count = hs_get_le32(buf + 4);
	out->index = hs_get_le32(buf + 8);
	out->hash = hs_get_le32(buf + 12);
	out->version = hs_get_le32(buf + 16);
	out->migrate_offset = hs_get_le32(buf + 20);
	out->migrate_hash = hs_get_le32(buf + 24);
	memcpy(out->pool, buf + 40, 16);
	out->flaws = judge(out);
}

void hs_lmv_encode(const struct hs_lmv *lmv, uint8_t buf[static HS_LMV_SIZE])
{
	memset(buf, 0, HS_LMV_SIZE);
	hs_put_le32(buf, lmv->kind == HS_LMV_SHARD ? HS_LMV_MAGIC_SHARD : HS_LMV_MAGIC_MASTER);
	hs_put_le32(buf + 4, lmv->count);
	hs_put_le32(buf + 8, lmv->index);
	hs_put_le32(buf + 12, lmv->hash);
	hs_put_le32(buf + 16, lmv->version);
	hs_put_le32(buf + 20, lmv->migrate_offset);
	hs_put_le32(buf + 24, lmv->migrate_hash);
	memcpy(buf + 40, lmv->pool, 16);
}

struct name {
	const uint8_t *bytes;
	size_t len;
};

/* Stripes base..base+count-1 hashed with `hash`. A layout that makes no sense accepts any name. */
static bool layout_fits(uint32_t hash, uint32_t base, uint32_t count, uint32_t index, struct name n)
{
	uint32_t stripe = hs_name_stripe(hash & HS_LMV_HASH_MASK, count, n.bytes, n.len);

	return stripe == UINT32_MAX || base + stripe == index;
}

static bool migrating_fits(const struct hs_lmv *l, uint32_t index, struct name n)
{
	/* Target stripes come first, the stripes of the source from the offset on. */
	return l->migrate_offset >= l->count ||
	       layout_fits(l->hash, 0, l->migrate_offset, index, n) ||
	       layout_fits(l->migrate_hash, l->migrate_offset, l->count - l->migrate_offset, index,
			   n);
}

bool hs_lmv_name_fits(const struct hs_lmv *l, uint32_t index, const uint8_t *name, size_t len)
{
	struct name n = {name, len};

	if ((l->kind != HS_LMV_MASTER && l->kind != HS_LMV_SHARD) ||
	    (l->flaws & (HS_LMVF_COUNT | HS_LMVF_HASH)) || (l->hash & HS_LMV_BAD_TYPE))
		return true;
	/* Splitting and merging set MIGRATION too, so they are told apart first. */
	if (l->hash & (HS_LMV_SPLIT | HS_LMV_MERGE))
		return layout_fits(l->hash, 0, l->count, index, n) ||
		       layout_fits(l->migrate_hash, 0, l->migrate_offset, index, n);
	if (l->hash & HS_LMV_MIGRATION)
		return migrating_fits(l, index, n);
	return layout_fits(l->hash, 0, l->count, index, n);
}

bool hs_lmv_parse_shard_name(const uint8_t *name, size_t len, struct hs_fid *fid, uint32_t *index)
{
	const char *s = (const char *)name;
	const char *end = memchr(s, ']', len < HS_FID_TEXT ? len : HS_FID_TEXT);
	uint64_t v = 0;
	size_t fid_len, p;

	if (!end || s[0] != '[')
		return false;
	fid_len = (size_t)(end - s) + 1;
	p = fid_len + 1;
	if (p >= len || s[fid_len] != ':' || (s[p] == '0' && len != p + 1))
		return false;
	for (; p < len; p++) {
		if (s[p] < '0' || s[p] > '9')
			return false;
		v = v * 10 + (uint64_t)(s[p] - '0');
		if (v > UINT32_MAX)
			return false;
	}
	if (hs_fid_parse(s, fid_len, fid))
		return false;
	*index = (uint32_t)v;
	return true;
}
