/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * trusted.hsm: archive state of a file (format notes 9.7).
 */
#ifndef HS_LUSTRE_HSM_H
#define HS_LUSTRE_HSM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HS_HSM_SIZE 24

enum hs_hsm_flags {
	HS_HSM_EXISTS = 0x1,
	HS_HSM_DIRTY = 0x2,
	HS_HSM_RELEASED = 0x4,
	HS_HSM_ARCHIVED = 0x8,
	HS_HSM_NORELEASE = 0x10,
	HS_HSM_NOARCHIVE = 0x20,
	HS_HSM_LOST = 0x40,
	HS_HSM_PCCRW = 0x80,
	HS_HSM_PCCRO = 0x100,
};

struct hs_hsm {
	uint32_t compat;
	uint32_t flags;
	uint64_t archive_id;
	uint64_t archive_version;
};

/* False when the value is too short: *out is zeroed. */
bool hs_hsm_decode(const uint8_t *buf, size_t len, struct hs_hsm *out);

#endif
