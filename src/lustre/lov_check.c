/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a decoded layout must also satisfy: lmm_oi names the file, component ids are unique, the
 * extents of each mirror cover a range without gap or overlap, the kernel's own rules hold (format
 * notes 9.3.3; the first three the kernel does not check).
 *
 * A body that could not be decoded has no body_magic and its flaw already; only its extent and id
 * are judged.
 */
#include "lustre/lov.h"

#define COMP_ID_MAX	0x7fffffffu
#define STATE_READ_ONLY 1 /* mirrors in sync */
#define MIRROR_OF(id)	((id) >> 16 & 0x7fff)

static bool is_striped_body(const struct hs_lov_comp *c)
{
	return (c->body_magic == HS_LOV_MAGIC_V1 || c->body_magic == HS_LOV_MAGIC_V3) &&
	       !(c->flags & HS_LCF_PARITY);
}

/* lmm_oi is (oid, seq) of the file; before 2.0 it was (inode, 0), and an IGIF's seq is the inode.
 */
static bool oi_is(const struct hs_lov_comp *c, struct hs_fid self)
{
	if (c->oi_seq == self.seq && c->oi_id == self.oid)
		return true;
	return hs_seq_is_igif(self.seq) && c->oi_seq == 0 && c->oi_id == self.seq;
}

static unsigned check_records(const struct hs_lov *l, const struct hs_lov_comp *c)
{
	unsigned flaws = 0;

	if (c->n_records > 0 && c->stripe_size == 0)
		flaws |= HS_LOVF_COMP_RULE;
	if (c->pattern & HS_LOVP_HOLE)
		return flaws;
	for (uint32_t i = 0; i < c->n_records; i++) {
		struct hs_lov_stripe s;

		hs_lov_stripe(l, c, i, &s);
		if (s.dummy)
			return flaws | HS_LOVF_DUMMY;
	}
	return flaws;
}

static unsigned check_ids(const struct hs_lov *l)
{
	for (uint32_t i = 0; i < l->n_comps; i++) {
		uint32_t id = l->comps[i].id;

		if (id == 0 || id > COMP_ID_MAX)
			return HS_LOVF_COMP_ID;
		for (uint32_t j = 0; j < i; j++) {
			if (l->comps[j].id == id)
				return HS_LOVF_COMP_ID;
		}
	}
	return 0;
}

static bool is_dom(const struct hs_lov_comp *c)
{
	return (c->pattern & ~HS_LOVP_FLAGS) == HS_LOVP_MDT;
}

static bool is_extension(const struct hs_lov_comp *c)
{
	return c->flags & HS_LCF_EXTENSION;
}

/* The kernel's rules for one component; prev and next are its neighbours in its mirror or NULL. */
static unsigned check_rules(const struct hs_lov_comp *c, const struct hs_lov_comp *prev,
			    const struct hs_lov_comp *next)
{
	bool empty = c->start == c->end;

	if (is_dom(c) && c->start != 0)
		return HS_LOVF_DOM;
	if (is_extension(c)) {
		if (prev && is_dom(prev))
			return HS_LOVF_DOM;
		return (c->flags & HS_LCF_INIT) || empty ? HS_LOVF_COMP_RULE : 0;
	}
	if (empty && ((c->flags & HS_LCF_INIT) || !next || !is_extension(next)))
		return HS_LOVF_COMP_RULE;
	if (is_striped_body(c) && c->end != UINT64_MAX && c->stripe_size > 0 &&
	    c->end % c->stripe_size != 0)
		return HS_LOVF_COMP_RULE;
	return 0;
}

/* Components first..end-1 are one mirror. */
static unsigned check_mirror(const struct hs_lov *l, uint32_t first, uint32_t end)
{
	uint64_t expected = 0;
	unsigned flaws = 0;

	for (uint32_t i = first; i < end; i++) {
		const struct hs_lov_comp *c = &l->comps[i];

		if (c->start != expected || c->end < c->start)
			flaws |= HS_LOVF_EXTENT;
		expected = c->end;
		flaws |= check_rules(c, i > first ? c - 1 : NULL, i + 1 < end ? c + 1 : NULL);
	}
	return flaws;
}

static bool mirror_seen(const struct hs_lov *l, uint32_t upto, uint32_t mirror)
{
	for (uint32_t i = 0; i < upto; i++) {
		if (MIRROR_OF(l->comps[i].id) == mirror)
			return true;
	}
	return false;
}

static bool is_stale(const struct hs_lov *l, uint32_t first, uint32_t end)
{
	for (; first < end; first++) {
		if (l->comps[first].flags & HS_LCF_STALE)
			return true;
	}
	return false;
}

/*
 * The header counts the mirrors, one of them at least is in sync, and "read-only" says that all
 * are (format notes 9.3.3, 9.3.4).
 */
static unsigned check_state(const struct hs_lov *l, uint32_t mirrors, uint32_t stale)
{
	if (mirrors != l->mirrors || (mirrors && stale == mirrors) ||
	    (stale && (l->flags & 0xf) == STATE_READ_ONLY))
		return HS_LOVF_MIRRORS;
	return 0;
}

/* Mirrors are runs of entries with one mirror id; a second run of it is out of order. */
static unsigned check_mirrors(const struct hs_lov *l)
{
	uint32_t end, mirrors = 0, stale = 0;
	bool torn = false;
	unsigned flaws = 0;

	for (uint32_t first = 0; first < l->n_comps; first = end) {
		uint32_t mirror = MIRROR_OF(l->comps[first].id);

		for (end = first + 1; end < l->n_comps; end++) {
			if (MIRROR_OF(l->comps[end].id) != mirror)
				break;
		}
		torn |= mirror_seen(l, first, mirror);
		flaws |= check_mirror(l, first, end);
		mirrors++;
		stale += is_stale(l, first, end);
	}
	if (torn)
		flaws |= HS_LOVF_EXTENT;
	else if (!(l->flaws & (HS_LOVF_SIZE | HS_LOVF_COUNT)))
		flaws |= check_state(l, mirrors, stale);
	if (l->n_comps > 0 && l->comps[0].start == l->comps[0].end)
		flaws |= HS_LOVF_COMP_RULE;
	return flaws;
}

void hs_lov_check(struct hs_lov *l, struct hs_fid self)
{
	for (uint32_t i = 0; i < l->n_comps; i++) {
		const struct hs_lov_comp *c = &l->comps[i];

		if (is_striped_body(c) && !oi_is(c, self))
			l->flaws |= HS_LOVF_OI;
		l->flaws |= check_records(l, c);
	}
	if (l->composite)
		l->flaws |= check_ids(l) | check_mirrors(l);
}
