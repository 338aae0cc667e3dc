/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names that deceive: two names of one naming domain that a reader cannot tell apart, and single
 * names that do not show what they are. A domain is what the kernel looks names up in: the entries
 * of one directory (a striped directory is one domain over all its stripes), the extended
 * attributes of one object in one namespace, or a label by itself.
 *
 * The classes that xfs_scrub has keep its order, level and wording (format notes XFS 8.4); the
 * first that applies to a name is the one reported. The classes it has not are Info.
 *
 * What a name costs: printable ASCII costs one pass over its bytes and two table look-ups, no call
 * of ICU; the skeletons of the ASCII characters are taken from ICU once per checker, so that ASCII
 * names compare with all others whatever the order in which they come. Every name is kept until
 * the end of its domain: its bytes, a record of 16 bytes, and 21 to 43 bytes of hash slots, in
 * arrays that grow by doubling, within a limit.
 *
 * Threads: a checker (struct hs_names) is read-only after hs_names_open() and shared by any number
 * of threads; a domain object belongs to one thread at a time and is used again for domain after
 * domain. Nothing here prints.
 */
#ifndef HS_NAMES_NAMES_H
#define HS_NAMES_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/strbuf.h"

/* Longer names (bytes) are neither judged nor compared, but counted as not searched. */
#define HS_NAMES_LEN_MAX 1024

/*
 * Of names that are alike, this many are kept to compare the next ones with. A name beyond is still
 * reported, against one of those kept; only a closer likeness to a name not kept is missed.
 */
#define HS_NAMES_ALIKE_MAX 16

/* What the names of a domain keep in memory, in bytes, where the options do not say. */
#define HS_NAMES_MEMORY_DEFAULT ((size_t)512 << 20)

enum hs_names_kind {
	HS_NAMES_DIRECTORY, /* two names of one object are no deception */
	HS_NAMES_XATTR,	    /* one namespace, names with their prefix ("user.x") */
	HS_NAMES_LABEL,	    /* Info classes are withheld unless all_info is set */
};

enum hs_name_level {
	HS_NAME_INFO,
	HS_NAME_WARNING,
	HS_NAME_ERROR, /* no class has it; callers may raise a level to it */
};

/* In the order in which they are tried; HS_NAME_NOT_SEARCHED is about a domain, not a name. */
enum hs_name_class {
	HS_NAME_BIDI_OVERRIDE,	 /* U+202D, U+202E */
	HS_NAME_IDENTICAL,	 /* equal NFKC, which equal NFC or NFD implies */
	HS_NAME_INVISIBLE,	 /* equal skeleton, and `name` has characters that do not show */
	HS_NAME_PHONY_EXTENSION, /* directories: something that looks like a full stop, but is none
				  */
	HS_NAME_CONTROL,	 /* Cc, Cf, Zl, Zp but U+200D (joins emoji and Indic letters) */
	HS_NAME_VARIATION,	 /* variation selectors at the start or repeated */
	HS_NAME_BIDI_MIXED,	 /* left-to-right and right-to-left letters, but for an extension */
	HS_NAME_CONFUSABLE,	 /* equal skeleton, not both ASCII */
	HS_NAME_ASCII_ALIKE,	 /* equal skeleton, both ASCII: rn and m; 1, l and I */
	HS_NAME_CASE_TWIN,	 /* differ in case only */
	HS_NAME_BLANK,		 /* begins or ends with a blank of any kind */
	HS_NAME_INVALID_UTF8,	 /* overlong forms and surrogates too; not compared */
	HS_NAME_CONTROL_BYTE,	 /* not in a UTF-8 locale: bytes 01..1f and 7f */
	HS_NAME_EMPTY,		 /* no bytes (not for labels) */
	HS_NAME_NOT_SEARCHED,	 /* `count` names were not compared with each other */
	HS_NAME_CLASSES,
};

/* Valid during the callback only; the names are not NUL-terminated. */
struct hs_name_report {
	enum hs_name_class class;
	enum hs_name_level level;
	enum hs_names_kind kind;
	const uint8_t *name; /* the deceptive one; NULL for HS_NAME_NOT_SEARCHED */
	size_t len;
	uint64_t cookie;
	const uint8_t *other; /* the name it is mistaken for, or NULL */
	size_t other_len;
	uint64_t other_cookie;
	uint64_t count;
	const char *text; /* sentence with %n name, %o other name, %w kind, %c count */
};

typedef void (*hs_name_report_fn)(const struct hs_name_report *report, void *ctx);

struct hs_names_options {
	bool utf8;     /* the locale says UTF-8; otherwise only bytes are looked at, without ICU */
	bool all_info; /* Info also for short names (below 4 bytes), trusted objects and labels */
	size_t memory; /* limit for one domain, bytes; 0: the default; at most 4 GiB count */
};

struct hs_names;
struct hs_names_domain;

/* -ENOMEM, or -ENOTSUP if ICU's data cannot be loaded: names cannot be checked. */
errint_t hs_names_open(const struct hs_names_options *opts, struct hs_names **out);
void hs_names_close(struct hs_names *names);

/* `names` must outlive the domain object. Reports come from within add and end. */
errint_t hs_names_domain_new(const struct hs_names *names, hs_name_report_fn report, void *ctx,
			     struct hs_names_domain **out);
void hs_names_domain_free(struct hs_names_domain *d);

/*
 * Starts a domain; one that was not ended is dropped without a word. `trusted`: only root can make
 * names there (owned by 0:0, not world-writable), so Info is withheld unless all_info is set.
 * Invalid UTF-8 is Info that is never withheld.
 */
void hs_names_domain_begin(struct hs_names_domain *d, enum hs_names_kind kind, bool trusted);

/*
 * The name is copied. Equal cookies in a directory mean one object (an inode number, a hash of a
 * FID). Giving the same bytes again only replaces the cookie: a directory may change under a scan.
 * -ENOMEM when ICU had no memory for this name, -EIO when it refused it: then nothing was said.
 * Short memory for keeping names is no error: see HS_NAME_NOT_SEARCHED.
 */
errint_t hs_names_domain_add(struct hs_names_domain *d, const void *name, size_t len,
			     uint64_t cookie);

/* Reports how many names were not searched, if any, and forgets the names. */
void hs_names_domain_end(struct hs_names_domain *d);

/* Bytes that the domain object holds at this moment. */
size_t hs_names_domain_memory(const struct hs_names_domain *d);

/* A stable id for records and JSON, e.g. "confusable". */
const char *hs_name_class_id(enum hs_name_class class);
enum hs_name_level hs_name_class_level(enum hs_name_class class);

/* Appends the sentence; bytes that are not printable ASCII become \xNN. */
void hs_name_report_render(const struct hs_name_report *report, struct hs_strbuf *out);

#endif
