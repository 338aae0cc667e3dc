/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * FLD records, seq_srv and seq_ctl: which target owns which sequences (format notes, section 13),
 * and the merged table that answers it.
 */
#ifndef HS_LUSTRE_FLD_H
#define HS_LUSTRE_FLD_H

#include "lustre/fid.h"

enum hs_target_kind { HS_MDT = 0, HS_OST = 1, HS_NO_TARGET = 0xff };

/* A target's identity within its file system. */
struct hs_tgt {
	uint8_t kind; /* enum hs_target_kind */
	uint32_t index;
};

static inline bool hs_tgt_eq(struct hs_tgt a, struct hs_tgt b)
{
	return a.kind == b.kind && a.index == b.index;
}

struct hs_seq_range {
	uint64_t start; /* inclusive */
	uint64_t end;	/* exclusive */
	struct hs_tgt target;
	uint32_t flags; /* as stored */
};

#define HS_FLD_KEY_SIZE 8
#define HS_FLD_REC_SIZE 24

/*
 * A record of `fld` (big endian). False when it is shorter than 24 bytes, or an impossible range:
 * empty or backwards, of a kind or an index that no target has. The zero entry is one of those.
 */
bool hs_fld_decode(const uint8_t *rec, size_t len, struct hs_seq_range *out);

/* seq_srv and seq_ctl (little endian, 24 bytes). Here an empty range is possible: all given out. */
bool hs_seq_file_decode(const uint8_t *buf, size_t len, struct hs_seq_range *out);

/* The merged table: sorted, disjoint ranges. */
struct hs_fld {
	struct hs_seq_range *ranges;
	size_t count, room;
};

void hs_fld_free(struct hs_fld *fld);

/*
 * Adds a range. One that lies inside a range of the same target tells nothing new and is dropped;
 * one that overlaps a range of another target, or overlaps partly, is not added. *conflict (never
 * NULL) becomes true for the latter, false otherwise. -ENOMEM.
 */
errint_t hs_fld_add(struct hs_fld *fld, const struct hs_seq_range *range, bool *conflict);

/*
 * Owner of a sequence: IGIF is MDT0, an IDIF is the OST in its index bits, else the table;
 * kind HS_NO_TARGET when nobody has it. Any number of threads may ask while nobody adds.
 */
struct hs_tgt hs_fld_owner(const struct hs_fld *fld, uint64_t seq);

#endif
