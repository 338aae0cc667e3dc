/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * trusted.lma: an object's own FID and flags (format notes 9.1).
 */
#ifndef HS_LUSTRE_LMA_H
#define HS_LUSTRE_LMA_H

#include "lustre/fid.h"

#define HS_LMA_SIZE	 24
#define HS_LMA_LONG_SIZE 64

enum hs_lma_compat {
	HS_LMAC_HSM = 0x01,
	HS_LMAC_NOT_IN_OI = 0x04,
	HS_LMAC_FID_ON_OST = 0x08,
	HS_LMAC_STRIPE_INFO = 0x10,
	HS_LMAC_COMP_INFO = 0x20,
	HS_LMAC_IDX_BACKUP = 0x40,
};

enum hs_lma_incompat {
	HS_LMAI_RELEASED = 0x01,
	HS_LMAI_AGENT = 0x02,
	HS_LMAI_REMOTE_PARENT = 0x04,
	HS_LMAI_STRIPED = 0x08,
	HS_LMAI_ORPHAN = 0x10,
	HS_LMAI_ENCRYPT = 0x20,
	HS_LMAI_SUPPORTED = 0x3f, /* RELEASED is obsolete but harmless to a reader */
};

struct hs_lma {
	uint32_t compat;
	uint32_t incompat;
	struct hs_fid fid; /* as stored */

	/* The long form of OST objects, when STRIPE_INFO is set and the value is long enough. */
	bool has_stripe;
	bool has_comp;	      /* COMP_INFO as well */
	struct hs_fid parent; /* ver 0 */
	uint32_t stripe_index;
	uint32_t stripe_count;
	uint32_t stripe_size;
	uint32_t comp_id;
	uint64_t comp_start;
	uint64_t comp_end;
};

/* False when the value is too short to hold a FID: *out is zeroed. */
bool hs_lma_decode(const uint8_t *buf, size_t len, struct hs_lma *out);

/*
 * Writes the value: 24 bytes, or with has_stripe the long form of 64. Returns the length. Stripe
 * index and count must fit into 16 bits each, as the long form has no more.
 */
size_t hs_lma_encode(const struct hs_lma *lma, uint8_t buf[static HS_LMA_LONG_SIZE]);

#endif
