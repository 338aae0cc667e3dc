/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of this room share: the checker with its ASCII tables, the forms under which a
 * name is compared, and the traits of a single name.
 */
#ifndef HS_NAMES_INTERNAL_H
#define HS_NAMES_INTERNAL_H

#include <unicode/unorm2.h>
#include <unicode/uspoof.h>

#include "names/names.h"

/* UTF-16 units in the skeleton of one ASCII character; ICU 72 needs three (for '%'). */
#define ASCII_SKEL_MAX 8

/* Bits of hs_names.byte_class. */
#define BYTE_CONTROL  0x01 /* 00..1f, 7f */
#define BYTE_NONASCII 0x80

/*
 * Hashes are polynomials over UTF-16 units, seeded per checker: a unit u takes h to h * base + u *
 * k. An ASCII character whose skeleton has several units is one such step with a precomputed
 * factor.
 */
struct hs_names {
	struct hs_names_options opts;
	USpoofChecker *spoof;	    /* NULL when not in a UTF-8 locale */
	const UNormalizer2 *nfc;    /* owned by ICU */
	const UNormalizer2 *nfkc;   /* owned by ICU */
	bool ascii_exact;	    /* the tables below say what ICU says of any ASCII name */
	uint64_t start, base, unit; /* odd numbers drawn at open */
	uint8_t byte_class[256];
	uint64_t skel_mul[128], skel_add[128], fold_add[128];
	uint8_t skel_len[128];
	UChar skel[128][ASCII_SKEL_MAX];
};

/* A growing UTF-16 string. */
struct names_ustring {
	UChar *u;
	size_t room;
	int32_t len;
};

/* Which forms hs_forms_make() makes; FORM_FOLD makes NFKC too. */
#define FORM_NFKC 0x1
#define FORM_FOLD 0x2 /* full case folding of the NFKC form: equal NFKC implies equal fold */
#define FORM_SKEL                                                                                  \
	0x4 /* UTS 39 skeleton of the name without code points that identifiers ignore             \
	     */

struct names_forms {
	struct names_ustring raw, nfkc, fold, skel, work;
};

errint_t names_forms_make(const struct hs_names *names, struct names_forms *f, const uint8_t *name,
			  size_t len, bool ascii, unsigned int which);
void names_forms_free(struct names_forms *f);
size_t names_forms_memory(const struct names_forms *f);
errint_t names_ustring_normalize(const UNormalizer2 *form, const struct names_ustring *in,
				 struct names_ustring *out);
errint_t names_ustring_skeleton(const USpoofChecker *spoof, const struct names_ustring *in,
				struct names_ustring *work, struct names_ustring *out);
bool names_ustring_equal(const struct names_ustring *a, const struct names_ustring *b);
uint32_t names_ustring_hash(const struct hs_names *names, const struct names_ustring *s);
void names_ustring_free(struct names_ustring *s);

/* The last step of every hash. */
static inline uint32_t hash_end(uint64_t h)
{
	h ^= h >> 32;
	h *= 0x9e3779b97f4a7c15u;
	return (uint32_t)(h >> 32);
}

/* Traits of one name, bits. */
#define TRAIT_OVERRIDE	0x01
#define TRAIT_PHONY	0x02
#define TRAIT_CONTROL	0x04
#define TRAIT_VARIATION 0x08
#define TRAIT_MIXED	0x10
#define TRAIT_BLANK	0x20
#define TRAIT_INVISIBLE 0x40 /* no complaint by itself */

/* xfs_scrub's list of code points that take no room; two are not ID_Ignorable to ICU. */
bool names_not_shown(UChar32 c);

/* Needs the raw and NFKC forms. */
errint_t names_traits(const struct hs_names *names, struct names_forms *f, enum hs_names_kind kind,
		      unsigned int *out);

const char *names_class_text(enum hs_name_class class);

#endif
