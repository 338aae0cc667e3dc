/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sequence ranges (format notes, section 13): decoding, and the merged table. The table is a sorted
 * array: it holds a handful of ranges per target and is asked several times for every object.
 */
#include "lustre/fld.h"

#include <stdlib.h>

#include "base/array.h"

#define INDEX_MAX  0xffffu /* four hex digits in every target's label */
#define KIND_MASK  0x3u
#define RANGE_MDT  0u
#define RANGE_OST  1u
#define RANGE_BOTH 3u

static bool set_target(uint32_t index, uint32_t flags, struct hs_seq_range *out)
{
	out->flags = flags;
	out->target.index = index;
	switch (flags & KIND_MASK) {
	case RANGE_MDT:
		out->target.kind = HS_MDT;
		break;
	case RANGE_OST:
		out->target.kind = HS_OST;
		break;
	case RANGE_BOTH:
		out->target.kind = HS_NO_TARGET;
		break;
	default:
		return false;
	}
	return index <= INDEX_MAX;
}

bool hs_fld_decode(const uint8_t *rec, size_t len, struct hs_seq_range *out)
{
	*out = (struct hs_seq_range){0};
	if (len < HS_FLD_REC_SIZE)
		return false;
	out->start = hs_get_be64(rec);
	out->end = hs_get_be64(rec + 8);
	return set_target(hs_get_be32(rec + 16), hs_get_be32(rec + 20), out) &&
	       out->start < out->end;
}

bool hs_seq_file_decode(const uint8_t *buf, size_t len, struct hs_seq_range *out)
{
	*out = (struct hs_seq_range){0};
	if (len < HS_FLD_REC_SIZE)
		return false;
	out->start = hs_get_le64(buf);
	out->end = hs_get_le64(buf + 8);
	return set_target(hs_get_le32(buf + 16), hs_get_le32(buf + 20), out) &&
	       out->start <= out->end;
}

void hs_fld_free(struct hs_fld *fld)
{
	free(fld->ranges);
	*fld = (struct hs_fld){0};
}

/* Number of ranges that start at or below seq. */
static size_t ranges_upto(const struct hs_fld *fld, uint64_t seq)
{
	size_t lo = 0, n = fld->count;

	while (n > 0) {
		size_t half = n / 2;

		if (fld->ranges[lo + half].start <= seq) {
			lo += half + 1;
			n -= half + 1;
		} else {
			n = half;
		}
	}
	return lo;
}

errint_t hs_fld_add(struct hs_fld *fld, const struct hs_seq_range *range, bool *conflict)
{
	size_t at = ranges_upto(fld, range->start);
	const struct hs_seq_range *before = at > 0 ? &fld->ranges[at - 1] : NULL;
	const struct hs_seq_range *after = at < fld->count ? &fld->ranges[at] : NULL;
	errint_t err;

	*conflict = false;
	if (range->start >= range->end)
		return 0;
	if (before && range->start < before->end) {
		*conflict = range->end > before->end || !hs_tgt_eq(range->target, before->target);
		return 0;
	}
	if (after && range->end > after->start) {
		*conflict = true;
		return 0;
	}
	err = hs_array_grow(&fld->ranges, &fld->room, fld->count + 1);
	if (err)
		return err;
	memmove(fld->ranges + at + 1, fld->ranges + at, (fld->count - at) * sizeof(*fld->ranges));
	fld->ranges[at] = *range;
	fld->count++;
	return 0;
}

struct hs_tgt hs_fld_owner(const struct hs_fld *fld, uint64_t seq)
{
	size_t at;

	if (hs_seq_is_igif(seq))
		return (struct hs_tgt){HS_MDT, 0};
	if (hs_seq_is_idif(seq))
		return (struct hs_tgt){HS_OST, hs_fid_idif_ost((struct hs_fid){.seq = seq})};
	at = ranges_upto(fld, seq);
	if (at > 0 && seq < fld->ranges[at - 1].end)
		return fld->ranges[at - 1].target;
	return (struct hs_tgt){HS_NO_TARGET, 0};
}
