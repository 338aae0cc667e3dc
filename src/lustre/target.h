/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a target says of itself: volume label, CONFIGS/mountdata, header of last_rcvd
 * (format notes, section 6).
 */
#ifndef HS_LUSTRE_TARGET_H
#define HS_LUSTRE_TARGET_H

#include "lustre/fld.h"

#define HS_FSNAME_MAX 8

/*
 * Each decoder returns false when the bytes are no such thing; *out is undefined then. Text is
 * always terminated and may hold any other byte.
 */

/* Label "fsname-MDT0000", "fsname:OST000a", "fsname=...", or "MGS". */
struct hs_label {
	char fsname[HS_FSNAME_MAX + 1];
	struct hs_tgt target; /* kind HS_NO_TARGET for an MGS */
	char separator;	      /* '-' normal, ':' never registered, '=' writeconf pending */
};
bool hs_label_parse(const char *label, size_t len, struct hs_label *out);

#define HS_MOUNTDATA_SIZE 12288
enum hs_mountdata_flags {
	HS_LDD_MDT = 0x1,
	HS_LDD_OST = 0x2,
	HS_LDD_MGS = 0x4,
};
struct hs_mountdata {
	uint32_t flags;
	uint32_t index;
	uint32_t mount_type;
	char fsname[65];
	char service[65];
	char uuid[41];
};
bool hs_mountdata_decode(const uint8_t *buf, size_t len, struct hs_mountdata *out);

#define HS_LAST_RCVD_HEADER 512
struct hs_last_rcvd {
	char uuid[41];
	uint64_t last_transno;
	uint64_t mount_count;
	uint32_t compat, rocompat, incompat;
	uint32_t subdirs; /* object subdirectories, default 32; a power of two */
	uint32_t index;
	bool odd_subdirs; /* stored value was no power of two: the default is used */
};
bool hs_last_rcvd_decode(const uint8_t *buf, size_t len, struct hs_last_rcvd *out);

/* "MDT0000", "OST000a", or "MGS". */
const char *hs_tgt_text(struct hs_tgt t, char buf[static 16]);
/* The reverse, of what hs_tgt_text() writes for an MDT or OST; false for anything else. */
bool hs_tgt_parse(const char *text, struct hs_tgt *out);

#endif
