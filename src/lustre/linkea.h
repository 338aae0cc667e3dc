/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * trusted.link: the names of an object, as (parent FID, name) pairs (format notes 9.2).
 */
#ifndef HS_LUSTRE_LINKEA_H
#define HS_LUSTRE_LINKEA_H

#include "lustre/fid.h"

#define HS_LINKEA_HEADER   24
#define HS_LINKEA_MAX	   4096
#define HS_LINKEA_NAME_MAX 255

enum hs_linkea_flaw {
	HS_LINKEA_OK = 0,
	HS_LINKEA_MAGIC = 1,  /* or shorter than a header: nothing can be used */
	HS_LINKEA_LENGTH = 2, /* total length differs from the value's or is impossible */
	HS_LINKEA_RECORD =
		4,	    /* a record length is impossible: this and all later entries are lost */
	HS_LINKEA_NAME = 8, /* an entry without a name, or longer than 255 */
	HS_LINKEA_PARENT = 16, /* an entry's parent FID is not sane */
	HS_LINKEA_COUNT = 32,  /* fewer or more records than the header says */
};

struct hs_linkea {
	const uint8_t *buf;
	size_t len; /* bytes that belong to entries, header included */
	uint32_t count;
	uint32_t overflow_time;
	uint32_t seen;	/* entries the walk has returned so far */
	unsigned flaws; /* of the header; hs_linkea_next() adds those of the entries */
};

struct hs_linkea_entry {
	struct hs_fid parent; /* as stored */
	const uint8_t *name;  /* not NUL-terminated, inside the value */
	size_t name_len;
	bool valid; /* sane parent, name of 1..255 bytes */
};

/*
 * False when nothing can be used: flaws is HS_LINKEA_MAGIC and a walk finds no entry. The value
 * must outlive *out.
 */
bool hs_linkea_open(const uint8_t *buf, size_t len, struct hs_linkea *out);

/*
 * Walks the entries: *pos starts at 0. False at the end; then l->flaws is complete.
 * Entries that are not valid are returned too, and so are those beyond the count of the header:
 * the bytes belong to the value, so either they or the count are wrong.
 */
bool hs_linkea_next(struct hs_linkea *l, size_t *pos, struct hs_linkea_entry *out);

/* A link to be written: name of 1..255 bytes. */
struct hs_linkea_link {
	struct hs_fid parent;
	const uint8_t *name;
	size_t name_len;
};

/*
 * Writes a value in little endian with as many of the links as fit, in their order; *stored tells
 * how many. The caller sets an overflow time other than 0 if they are not all. Returns its length.
 */
size_t hs_linkea_encode(const struct hs_linkea_link *links, size_t n, uint32_t overflow_time,
			uint8_t buf[static HS_LINKEA_MAX], size_t *stored);

#endif
